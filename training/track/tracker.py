"""Where the scalars of a run go: a JSON line a step always, TensorBoard, W&B or trackio besides, if they are there.

Nothing leaves the machine: W&B writes offline, trackio into its own folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from training.errors import TrainingError

FILE: Final = "log.jsonl"
KINDS: Final = ("tensorboard", "wandb", "trackio")


class Tracker(Protocol):
    """Takes scalars and pictures of a run."""

    def log(self, step: int, scalars: Mapping[str, float]) -> None:
        """Take what a step came to."""
        ...

    def picture(self, name: str, png: bytes) -> None:
        """Take a picture."""
        ...

    def close(self) -> None:
        """Write what is not written yet."""
        ...


class Lines:
    """Writes a JSON object a step; a run that goes on writes behind what is there, from its step on."""

    def __init__(self, folder: Path, *, after: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        file = folder / FILE
        kept = [row for row in read(folder) if row["step"] <= after] if after and file.is_file() else []
        file.write_text("".join(f"{json.dumps(row)}\n" for row in kept), encoding="utf-8")
        self._out = file.open("a", encoding="utf-8", buffering=1)

    def log(self, step: int, scalars: Mapping[str, float]) -> None:
        """Write a line."""
        self._out.write(f"{json.dumps({'step': step, **scalars})}\n")

    def picture(self, name: str, png: bytes) -> None:
        """Write a file."""
        (self._folder / f"{name}.png").write_bytes(png)

    def close(self) -> None:
        """Close the file."""
        self._out.close()


class TensorBoard:
    """Writes TensorBoard's event files into `folder`/tensorboard."""

    def __init__(self, folder: Path) -> None:
        writer: Any = _imported("torch.utils.tensorboard", "tensorboard")
        self._writer = writer.SummaryWriter(str(folder / "tensorboard"))

    def log(self, step: int, scalars: Mapping[str, float]) -> None:
        """Write each scalar under its name."""
        for name, value in scalars.items():
            self._writer.add_scalar(name, value, step)

    def picture(self, name: str, png: bytes) -> None:
        """Write a picture (height, width, 3)."""
        from io import BytesIO

        import numpy as np
        from PIL import Image

        self._writer.add_image(name, np.asarray(Image.open(BytesIO(png)).convert("RGB")), dataformats="HWC")

    def close(self) -> None:
        """Flush and close."""
        self._writer.close()


class WandbLike:
    """Writes with `wandb`, offline, or with `trackio`, which takes the same calls."""

    def __init__(self, package: str, folder: Path, config: Mapping[str, Any]) -> None:
        if package == "wandb":
            os.environ.setdefault("WANDB_MODE", "offline")
        else:
            os.environ.setdefault("TRACKIO_DIR", str(folder / "trackio"))
        self._tool: Any = _imported(package, package)
        more: dict[str, Any] = {"dir": str(folder)} if package == "wandb" else {}
        self._tool.init(project="companion", name=folder.name, config=dict(config), **more)

    def log(self, step: int, scalars: Mapping[str, float]) -> None:
        """Hand the scalars over."""
        self._tool.log(dict(scalars), step=step)

    def picture(self, name: str, png: bytes) -> None:
        """Leave pictures to the run's folder."""

    def close(self) -> None:
        """End the run."""
        self._tool.finish()


class Several:
    """Hands everything to several trackers."""

    def __init__(self, trackers: Sequence[Tracker]) -> None:
        self._trackers = tuple(trackers)

    def log(self, step: int, scalars: Mapping[str, float]) -> None:
        """Hand the scalars on."""
        for each in self._trackers:
            each.log(step, scalars)

    def picture(self, name: str, png: bytes) -> None:
        """Hand the picture on."""
        for each in self._trackers:
            each.picture(name, png)

    def close(self) -> None:
        """Close all of them."""
        for each in self._trackers:
            each.close()


def open_tracker(
    folder: Path, kinds: Sequence[str] = (), *, after: int = 0, config: Mapping[str, Any] | None = None
) -> Tracker:
    """Return the tracker of a run: JSON lines, and those of KINDS that are named; `missing_package` for one not here.

    `after` is the step that a resumed run goes on from.
    """
    trackers: list[Tracker] = []
    for kind in kinds:
        match kind:
            case "tensorboard":
                trackers.append(TensorBoard(folder))
            case "wandb" | "trackio":
                trackers.append(WandbLike(kind, folder, config or {}))
            case _:
                raise TrainingError("bad_recipe", f"there is no tracker {kind}; there are: {', '.join(KINDS)}")
    return Several([Lines(folder, after=after), *trackers])


def read(folder: Path) -> list[dict[str, float]]:
    """Return the lines of a run; one that a crash cut off is left out."""
    rows = []
    for text in (folder / FILE).read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(text)
        except ValueError:
            continue
        if isinstance(row, dict) and isinstance(row.get("step"), int):
            rows.append(row)
    return rows


def _imported(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise TrainingError("missing_package", f"this tracker needs the package: pip install {package}") from error
