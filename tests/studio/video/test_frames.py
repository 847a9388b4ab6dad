"""Frames come in order, the same from one process and from several; people lie where they belong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.video import frames
from studio.video.cut import Cut
from studio.video.frames import Scenery, drawn, moments
from studio.video.framing import Ground, ground, size_of
from studio.video.looks.appearance import CHANNELS
from tests.studio.video.acting import JAW, Square, SquarePainter, silent

SIZE = (64, 64)


def rising(count: int) -> Cut:
    made = silent(count)
    made.frames["A"][:, JAW] = np.linspace(0, 1, count)
    return made


def test_several_processes_draw_what_one_draws() -> None:
    cut = rising(20)
    scenery = Scenery({"A": Square()}, ground("#102030", SIZE), SIZE)
    one = list(drawn(scenery, moments(cut, cut.shots), 1))
    two = list(drawn(scenery, moments(cut, cut.shots), 2))
    assert len(one) == len(two) == 20
    assert all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))
    middle = [int(picture[32, 32, 0]) for picture in one]
    assert middle == sorted(middle)
    assert middle[-1] == 255


def test_a_script_without_a_guard_may_draw_with_several(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from studio.video.frames import Scenery, drawn, moments\n"
        "from studio.video.framing import ground\n"
        "from tests.studio.video.acting import Square, silent\n"
        "cut = silent(8)\n"
        "scenery = Scenery({'A': Square()}, ground('grey', (64, 64)), (64, 64))\n"
        "print(len(list(drawn(scenery, moments(cut, cut.shots), 2))))\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    assert done.stdout.strip() == "8"


def test_a_process_that_dies_is_told() -> None:
    scenery = Scenery({"A": Fatal()}, ground("grey", SIZE), SIZE)
    with pytest.raises(StudioError, match="--jobs 1"):
        list(drawn(scenery, moments(rising(20), rising(20).shots), 2))


class Fatal:
    """An appearance that ends its process."""

    def made(self, size: int) -> SquarePainter:
        """End it."""
        raise RuntimeError("no")


def test_stopping_early_leaves_no_process() -> None:
    cut = rising(40)
    scenery = Scenery({"A": Square()}, ground("grey", SIZE), SIZE)
    stream = drawn(scenery, moments(cut, cut.shots), 2)
    next(stream)
    stream.close()


def test_two_stand_side_by_side() -> None:
    frame = np.zeros(len(CHANNELS), np.float32)
    frame[JAW] = 1
    painter = frames.Painter(Scenery({"A": Square(), "B": Square()}, ground("black", (112, 64)), (112, 64)))
    picture = painter.draw((0.0, (("A", frame), ("B", frame * 0))))
    assert tuple(picture[32, 28]) == (255, 0, 0)
    assert tuple(picture[32, 84]) == (0, 0, 0)
    assert picture.shape == (64, 112, 3)


def test_a_film_can_stay_transparent() -> None:
    frame = np.zeros(len(CHANNELS), np.float32)
    frame[JAW] = 1
    painter = frames.Painter(Scenery({"A": Square()}, Ground(None), SIZE))
    picture = painter.draw((0.0, (("A", frame),)))
    assert picture.shape == (64, 64, 4)
    assert tuple(picture[32, 32]) == (255, 0, 0, 255)
    assert picture[2, 2, 3] == 0
    assert picture[16, 32, 3] == 128
    assert picture[16, 32, 0] == 255


def test_half_transparent_lets_the_ground_through() -> None:
    person = np.zeros((4, 4, 4), np.uint8)
    person[...] = (200, 0, 0, 128)
    out = Ground(np.full((4, 4, 3), 100, np.uint8)).under([person], (4, 4))
    assert abs(int(out[0, 0, 0]) - 150) <= 1
    assert abs(int(out[0, 0, 1]) - 50) <= 1


def test_one_in_a_wide_picture_has_no_cut_shoulders() -> None:
    person = np.full((4, 40, 4), 255, np.uint8)
    out = Ground(np.zeros((4, 80, 3), np.uint8)).under([person], (80, 4))
    assert out[0, 20, 0] < 40
    assert out[0, 40, 0] == 255
    assert (np.diff(out[0, 20:30, 0].astype(int)) >= 0).all()


def test_grounds(tmp_path: Path) -> None:
    Image.new("CMYK", (200, 100), (0, 255, 255, 0)).save(tmp_path / "red.jpg")
    picture = ground(str(tmp_path / "red.jpg"), (64, 48)).picture
    assert picture is not None
    assert picture.shape == (48, 64, 3)
    assert picture[..., 0].min() > 180
    assert picture[..., 1].max() < 90
    assert ground("none", SIZE).picture is None
    sand = ground("sand", SIZE).picture
    assert sand is not None
    assert tuple(sand[0, 0]) == (222, 207, 184)
    (tmp_path / "text.png").write_text("no picture")
    for wrong in ("#12345g", "nowhere.png", str(tmp_path / "text.png")):
        with pytest.raises(StudioError) as caught:
            ground(wrong, SIZE)
        assert caught.value.code == "bad_background"


def test_a_huge_ground_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.video.framing.SOURCE_BYTES", 10)
    Image.new("RGB", (20, 20)).save(tmp_path / "a.png")
    with pytest.raises(StudioError, match="more than"):
        ground(str(tmp_path / "a.png"), SIZE)


def test_sizes() -> None:
    assert size_of(720, 1) == (720, 720)
    assert size_of(1080, 2) == (1920, 1080)
    for wrong in (500, 1082, 721):
        with pytest.raises(StudioError, match="even number"):
            size_of(wrong, 1)
