"""The puppet with the real Face Landmarker: made by the command of a picture, and read back by the same model."""

from __future__ import annotations

import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.identity import load_identity, shipped
from testkit.real.packages import FACE_LANDMARKER, folder
from tests.real.conftest import or_skip

pytestmark = pytest.mark.real


@cache
def model() -> Path:
    for package in ("mediapipe", "PIL", "numba", "scipy", "cv2", "av", "skia", "anny"):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    return or_skip(lambda: folder(FACE_LANDMARKER)) / "face_landmarker.task"


def frame(**pose: float) -> Any:
    from studio.video.looks.appearance import CHANNELS

    values = np.zeros(len(CHANNELS), np.float32)
    for name, value in pose.items():
        values[CHANNELS.index(name)] = value
    return values


def test_a_portrait_of_a_head_is_moved_and_read_back(tmp_path: Path) -> None:
    """The head's picture becomes a puppet; what the puppet shows is what MediaPipe sees."""
    from PIL import Image

    from studio.command import cli
    from studio.video.looks.choosing import recipe
    from studio.video.puppet.landmarks import Finder

    path = model()
    folder_ = tmp_path / "ada"
    shutil.copytree(shipped()["guide"], folder_)
    head = recipe(load_identity(folder_), "head", fine=1).made(512).draw(frame(), 0.0)
    assert head[256, 256, 3] == 255
    Image.fromarray(head).save(tmp_path / "face.png")
    assert cli.main(["puppet", str(folder_), "--picture", str(tmp_path / "face.png"), "--landmarker", str(path)]) == 0
    puppet = recipe(load_identity(folder_), "portrait").made(512)
    finder = Finder(path)

    def read(**pose: float) -> tuple[Any, dict[str, float]]:
        shown = puppet.draw(frame(**pose), 0.0).astype(np.float32)
        on_grey = shown[..., :3] * (shown[..., 3:] / 255) + 180 * (1 - shown[..., 3:] / 255)
        ((marks, weights),) = finder.read(on_grey.astype(np.uint8))
        return marks, weights

    (rest, still), (open_, _), (_, shut) = read(), read(jawOpen=0.7), read(eyeBlinkLeft=1.0, eyeBlinkRight=1.0)
    unit = np.linalg.norm(rest[33, :2] - rest[263, :2])
    assert open_[14, 1] - open_[13, 1] > rest[14, 1] - rest[13, 1] + 0.08 * unit
    assert shut["eyeBlinkLeft"] > still["eyeBlinkLeft"] + 0.2
    aside, _ = read(headYaw=0.25)
    assert aside[1, 0] > rest[1, 0] + 0.1 * unit
    assert finder.find(np.full((256, 256, 3), 128, np.uint8)) == []
    finder.close()
