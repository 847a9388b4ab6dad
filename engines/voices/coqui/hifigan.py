"""What the vocoder of VITS and XTTS, a HiFi-GAN generator, must see to make a sample, and how to put it off."""

from __future__ import annotations

import math
from typing import Any, Final

import torch

BUCKET: Final = 16  # frames; windows are widened to multiples of it, so that those of several sessions share a batch


class Later(torch.nn.Module):
    """In a vocoder's place: hands back what it was to decode."""

    def forward(self, z: torch.Tensor, g: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor | None]:
        """Pass latents and speaker on as they came."""
        return z, g


def reach(vocoder: Any) -> int:
    """Count the frames on either side that a HiFi-GAN generator (Kong et al. 2020) reads for one output sample."""

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


def span(begin: int, end: int, frames: int, reach: int, bucket: int = BUCKET) -> tuple[int, int]:
    """Choose the frames to decode for begin..end: with what they depend on, in buckets where there are more."""
    left, right = max(0, begin - reach), min(frames, end + reach)
    more = -(right - left) % bucket
    right_more = min(more, frames - right)
    return max(0, left - (more - right_more)), right + right_more
