"""Makes nets to ship of a run: the averaged painter, the encoder as reader, and a card that says what they are."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from training.portrait.export import export
from training.portrait.likeness import Reader
from training.portrait.loop import Painter


def ship(painter: Painter, folder: Path, card: Mapping[str, object], *, reader: bool = True) -> None:
    """Write painter.onnx, reader.onnx and card.json."""
    told = {
        "loss": painter.course.loss,
        "steps": painter.step,
        "batch": painter.course.batch,
        "seed": painter.course.seed,
        "cpu_seconds": round(painter.cpu_seconds, 1),
        "parameters": sum(each.numel() for each in painter.average.parameters()),
        "torch": torch.__version__.partition("+")[0],
    }
    net = copy.deepcopy(painter.average).to("cpu")
    encoder = Reader(copy.deepcopy(painter.encoder).to("cpu")) if reader else None
    export(folder, painter.shape, net, encoder, {**told, **card})


def painted(painter: Painter, told: Tensor, seed: int = 1) -> Tensor:
    """Paint descriptions (n, told) by the averaged nets, (n, 3, size, size) in -1..1."""
    random = torch.Generator().manual_seed(seed)
    chance = torch.randn(len(told), painter.shape.chance, generator=random)
    with torch.no_grad():
        found: Tensor = painter.average(chance.to(painter.course.device), told.to(painter.course.device))
    return found.cpu()
