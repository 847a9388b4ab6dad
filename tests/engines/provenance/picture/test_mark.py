"""The mark in pictures: in copies, in a mirror, not where none was put, and not to be seen."""

from __future__ import annotations

import io

import numpy as np
import pytest

from engines.provenance.picture.mark import NoRoom, Pixels, detect, embed

PIL = pytest.importorskip("PIL.Image")
PAYLOAD = 0xFACE


def scene(seed: int, size: tuple[int, int] = (600, 512), *, grey: bool = False) -> Pixels:
    """Shapes, shades and texture, as drawn faces have them."""
    rng = np.random.default_rng(seed)
    row, column = np.mgrid[0 : size[0], 0 : size[1]] / max(size)
    light = 150 + 60 * column + 25 * np.sin(9 * row + seed)
    for _ in range(9):
        y, x, r = rng.uniform(0.1, 0.9, 3)
        inside = np.hypot(row - y, column - x) < 0.25 * r
        light = np.where(inside, rng.uniform(20, 240) + 14 * np.sin(90 * row * r + 70 * column), light)
    light += rng.normal(scale=1.5, size=size)
    pixels = np.clip(np.stack([light, 0.9 * light + 10, 0.8 * light], 2), 0, 255).astype(np.uint8)
    made: Pixels = pixels[..., 0] if grey else pixels
    return made


def jpeg(pixels: Pixels, quality: int) -> Pixels:
    out = io.BytesIO()
    PIL.fromarray(pixels).save(out, "JPEG", quality=quality)
    return np.asarray(PIL.open(out))


def scaled(pixels: Pixels, factor: float) -> Pixels:
    image = PIL.fromarray(pixels)
    return np.asarray(image.resize((round(image.width * factor), round(image.height * factor))))


@pytest.mark.parametrize("seed", range(6))
def test_copies_are_found(seed: int) -> None:
    plain = scene(seed)
    made = embed(plain, PAYLOAD)
    for copy in (made, jpeg(made, 75), scaled(made, 0.5), jpeg(scaled(made, 0.5), 75), scaled(made, 1.7)):
        seen = detect(copy)
        assert (seen.marked, seen.payload) == (True, PAYLOAD), seen
    assert detect(made[:, ::-1]).mirrored
    assert not detect(plain).marked
    assert not detect(made, key=b"another key").marked
    ratio = 10 * np.log10(255**2 / np.mean((made.astype(float) - plain) ** 2))
    assert ratio > 39.5


def test_grey_and_transparent_pictures_are_marked_and_transparency_stays() -> None:
    grey = embed(scene(1, grey=True), PAYLOAD)
    assert grey.ndim == 2
    assert detect(grey).payload == PAYLOAD
    clear = np.dstack([scene(2), np.full((600, 512), 77, np.uint8)])
    made = embed(clear, PAYLOAD)
    assert (made[..., 3] == 77).all()
    assert detect(made).payload == PAYLOAD


def test_nothing_is_put_into_nothing() -> None:
    plain = np.full((200, 200, 3), 128, np.uint8)
    assert embed(plain, PAYLOAD) is plain
    assert not detect(plain).marked


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((40, 400, 3), np.uint8),
        np.zeros((200, 200), np.float32),
        np.zeros((200, 200, 2), np.uint8),
        np.zeros((9000, 9000), np.uint8),
    ],
    ids=["small", "floats", "two channels", "huge"],
)
def test_what_has_no_room_says_so(pixels: Pixels) -> None:
    for act in (lambda: embed(pixels, 1), lambda: detect(pixels)):
        with pytest.raises(NoRoom):
            act()


@pytest.mark.parametrize("seed", range(20, 32))
def test_pictures_without_a_mark_are_not_taken_for_marked(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (200, 260, 3)).astype(np.uint8)
    assert not detect(noise).marked
    assert not any(detect(scene(seed), key=b"key %d" % k).marked for k in range(10))
