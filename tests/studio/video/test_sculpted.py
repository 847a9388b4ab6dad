"""A sculpted head, frame by frame: shapes and turns move what they should, and what is still is not drawn anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.head.model import BLEND, MASK, Bone, Material, Part, Sculpture, Shape
from studio.video.looks.appearance import CHANNELS
from studio.video.looks.sculpted import HeadPainter, Sculpted

SIZE = 64
EYE = (0.03, 1.6, 0.1)  # metres


def frame(**pose: float) -> Any:
    values = np.zeros(len(CHANNELS), np.float32)
    for name, value in pose.items():
        values[CHANNELS.index(name)] = value
    return values


def square(name: str, box: tuple[float, float, float, float], depth: float, **more: Any) -> Part:
    left, low, right, high = box
    points = np.array([[left, low, depth], [right, low, depth], [left, high, depth], [right, high, depth]], np.float32)
    return Part(
        name=name,
        positions=points,
        normals=np.tile(np.array([0, 0, 1], np.float32), (4, 1)),
        uvs=np.array([[0, 1], [1, 1], [0, 0], [1, 0]], np.float32),
        triangles=np.array([[0, 1, 2], [1, 3, 2]], np.int32),
        material=name,
        **more,
    )


@pytest.fixture(scope="module")
def made() -> Sculpture:
    skin = square(
        "skin", (-0.05, 1.5, 0.05, 1.66), 0.08,
        shapes={"jawOpen": Shape(np.array([0, 1], np.int32), np.full((2, 3), (0, -0.03, 0), np.float32))},
        joints=np.tile(np.array([1, 0, 0, 0], np.int32), (4, 1)),
        weights=np.tile(np.array([1, 0, 0, 0], np.float32), (4, 1)),
        colours=np.ones((4, 4), np.float32),
    )  # fmt: skip
    strands = np.full((8, 8, 4), 90, np.uint8)
    strands[:, :4, 3] = 0
    strands[:, 4:, 3] = 255
    bumps = np.full((8, 8, 3), (128, 128, 255), np.uint8)
    return Sculpture(
        parts=(
            skin,
            square("hair", (-0.07, 1.62, 0.07, 1.68), 0.09, bone="head"),
            square("lens", (-0.05, 1.58, 0.05, 1.6), 0.1, bone="head"),
            square("shirt", (-0.15, 1.36, 0.15, 1.42), 0.08, bone="chest"),
        ),
        materials={
            "skin": Material("skin", colour=(0.8, 0.5, 0.4, 1), soft=0.6),
            "hair": Material("hair", picture="strands", normals="bumps", alpha=MASK, two_sided=True),
            "lens": Material("lens", alpha=BLEND),
            "shirt": Material("shirt", colour=(0.1, 0.2, 0.7, 1)),
        },
        pictures={"strands": strands, "bumps": bumps},
        bones=(
            Bone("neck", "", (0, 1.45, 0)),
            Bone("head", "neck", (0, 1.5, 0)),
            Bone("leftEye", "head", EYE),
            Bone("chest", "", (0, 1.3, 0)),
        ),
    )


@pytest.fixture(scope="module")
def painter(made: Sculpture) -> HeadPainter:
    return Sculpted(made).made(SIZE)


def middle(picture: Any) -> Any:
    """Return where the skin's colour is (x, y), in pixels."""
    skin = (picture[..., 3] > 128) & (picture[..., 0] > picture[..., 2].astype(int) + 20)
    return np.argwhere(skin).mean(axis=0)[::-1]


def test_it_is_drawn_with_what_is_transparent(painter: HeadPainter) -> None:
    picture = painter.draw(frame(), 0.0)
    assert picture.shape == (SIZE, SIZE, 4)
    assert picture[2, 2, 3] == 0
    assert picture[SIZE // 2, SIZE // 2, 3] == 255
    assert np.array_equal(picture, painter.draw(frame(), 1.0))


def test_a_jaw_drops_and_the_shirt_stays(painter: HeadPainter) -> None:
    rest, open_ = (painter.draw(frame(jawOpen=each), 0.0) for each in (0.0, 1.0))
    assert middle(open_)[1] > middle(rest)[1] + 1
    blue = (rest[..., 2] > rest[..., 0].astype(int) + 40) & (rest[..., 3] == 255)
    assert blue.sum() > 50
    assert np.array_equal(rest[blue], open_[blue])


def test_a_head_turns_nods_and_tilts(painter: HeadPainter) -> None:
    rest = middle(painter.draw(frame(), 0.0))
    assert middle(painter.draw(frame(headYaw=0.4), 0.0))[0] > rest[0] + 1
    assert middle(painter.draw(frame(headPitch=0.4), 0.0))[1] < rest[1] - 0.5
    assert middle(painter.draw(frame(headRoll=0.4), 0.0))[0] < rest[0] - 1


def test_fewer_samples_draw_about_the_same(made: Sculpture, painter: HeadPainter) -> None:
    coarse = Sculpted(made, 1).made(SIZE).draw(frame(), 0.0)
    fine = painter.draw(frame(), 0.0)
    assert np.abs(coarse.astype(int) - fine).mean() < 4


def test_strands_let_through_what_is_behind(painter: HeadPainter) -> None:
    picture = painter.draw(frame(), 0.0)
    row = picture[:, :, 3] > 0
    top = int(np.flatnonzero(row.any(axis=1))[0]) + 1
    columns = np.flatnonzero(row[top])
    assert columns.min() >= SIZE // 2 - 1
