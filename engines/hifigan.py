"""What the vocoder of VITS and XTTS, a HiFi-GAN generator, must see to make a sample, and how to put it off."""

from __future__ import annotations

import math
from typing import Any

import torch


class Later(torch.nn.Module):
    """In a vocoder's place: hands back what it was to decode."""

    def forward(self, z: torch.Tensor, g: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Latents and speaker as they came."""
        return z, g


def reach(vocoder: Any) -> int:
    """Frames on either side that a HiFi-GAN generator (Kong et al. 2020) looks at for one sample of its output."""

    def half(conv: Any) -> float:
        return float(conv.dilation[0] * (conv.kernel_size[0] - 1) / 2)

    frames, scale = half(vocoder.conv_pre), 1.0
    for number, up in enumerate(vocoder.ups):
        frames += up.kernel_size[0] / up.stride[0] / scale
        scale *= up.stride[0]
        blocks = list(vocoder.resblocks)[number * vocoder.num_kernels : (number + 1) * vocoder.num_kernels]
        widest = max(sum(half(m) for m in block.modules() if isinstance(m, torch.nn.Conv1d)) for block in blocks)
        frames += widest / scale
    frames += half(vocoder.conv_post) / scale
    return math.ceil(frames) + 1
