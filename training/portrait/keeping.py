"""Keeps a training run in a folder: what it is, its state, its measurements, previews. A kill leaves whole files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from training.portrait.loop import Painter

STATE: Final = "state.pt"
MARGIN: Final = 3  # times a state's size that has to be free


class RoomError(Exception):
    """The disk has no room for the state of a run."""


def keep(painter: Painter, folder: Path) -> None:
    """Write the state beside the last one, then put it in its place; RoomError where the disk is full."""
    folder.mkdir(parents=True, exist_ok=True)
    held = folder / f"{STATE}.part"
    try:
        torch.save(painter.state(), held)
        held.replace(folder / STATE)
    except (OSError, RuntimeError) as error:
        held.unlink(missing_ok=True)
        free = shutil.disk_usage(folder).free
        raise RoomError(
            f"the state could not be written to {folder} ({free // 1_000_000} MB free): {error}; the last one is whole"
        ) from error


def take_up(painter: Painter, folder: Path) -> bool:
    """Go on from a folder's state; False where there is none."""
    path = folder / STATE
    if not path.exists():
        return False
    painter.take_up(torch.load(path, weights_only=True, map_location=painter.course.device))
    return True


def record(folder: Path, row: Mapping[str, object]) -> None:
    """Add one line to the run's measurements."""
    with (folder / "measured.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")


def sheet(pictures: NDArray[np.uint8], columns: int, scale: int = 1) -> Image.Image:
    """Lay pictures (n, size, size, 3) out in rows."""
    count, size = len(pictures), pictures.shape[1]
    rows = -(-count // columns)
    whole = np.zeros((rows * columns, size, size, 3), np.uint8)
    whole[:count] = pictures
    laid = whole.reshape(rows, columns, size, size, 3).transpose(0, 2, 1, 3, 4).reshape(rows * size, columns * size, 3)
    return Image.fromarray(laid).resize((columns * size * scale, rows * size * scale), Image.Resampling.NEAREST)


def to_bytes(pictures: torch.Tensor) -> NDArray[np.uint8]:
    """Turn pictures (n, 3, size, size) in -1..1 into bytes (n, size, size, 3)."""
    scaled = ((pictures.detach().float() + 1) * 127.5).round().clamp(0, 255).byte()
    return np.ascontiguousarray(scaled.permute(0, 2, 3, 1).cpu().numpy())
