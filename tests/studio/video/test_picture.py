"""Pictures of faces as people have them: turned, in other colours, too small, too large, damaged."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from studio.errors import StudioError
from studio.video.puppet import picture as pictures
from studio.video.puppet.picture import Source, behind, person, read
from tests.studio.video.faces import GROUND, SIZE, encoded, marks, picture


def test_a_photograph_is_turned_upright() -> None:
    pixels = np.zeros((80, 120, 3), np.uint8)
    pixels[:20] = (250, 30, 30)
    exif = Image.Exif()
    exif[0x0112] = 6  # its right side is up
    turned = np.rot90(pixels).copy()
    source = read(encoded(turned, "JPEG", exif=exif, quality=95))
    assert source.colours.shape == (80, 120, 3)
    assert source.colours[5, 60, 0] > 200
    assert source.colours[60, 60, 0] < 60


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "1", "I;16"])
def test_every_kind_of_colour_is_read(mode: str) -> None:
    form = {"CMYK": "TIFF", "I;16": "TIFF"}.get(mode, "PNG")
    image = Image.fromarray(picture(marks()))
    pixels: Any = image.convert("I;16") if mode == "I;16" else image.convert(mode)
    import io

    file = io.BytesIO()
    pixels.save(file, form)
    source = read(file.getvalue())
    assert source.colours.shape == (SIZE, SIZE, 3)


def test_a_profile_is_heeded_and_a_broken_one_ignored() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pixels = picture(marks())
    assert np.abs(read(encoded(pixels, icc_profile=profile)).colours.astype(int) - pixels).max() <= 3
    assert np.array_equal(read(encoded(pixels, icc_profile=b"no profile")).colours, pixels)


def test_a_large_one_is_made_smaller() -> None:
    source = read(encoded(np.full((1500, 3000, 3), 90, np.uint8), "JPEG"))
    assert max(source.colours.shape) <= pictures.MOST


def test_a_photograph_of_twelve_thousand_pixels_is_read() -> None:
    source = read(encoded(np.full((8000, 12_000), 90, np.uint8), "JPEG"))
    assert max(source.colours.shape) <= pictures.MOST


def header(width: int, height: int) -> bytes:
    """Return the beginning of a PNG of that size."""
    body = b"IHDR" + width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    head = b"\x89PNG\r\n\x1a\n\0\0\0\x0d" + body + zlib.crc32(body).to_bytes(4, "big")
    return head + b"\0\0\0\0IDAT" + zlib.crc32(b"IDAT").to_bytes(4, "big")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (encoded(np.zeros((20, 20, 3), np.uint8)), "too_small"),
        (encoded(np.zeros((60, 21_000, 3), np.uint8)), "too_large"),
        (header(12_000, 12_000), "too_large"),
        (header(19_000, 19_000), "too_large"),
        (b"", "bad_picture"),
        (b"\x89PNG\r\n\x1a\nnothing", "bad_picture"),
        (encoded(picture(marks()))[:2000], "bad_picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "bad_picture"),
    ],
)
def test_what_is_no_use_is_told(data: bytes, code: str) -> None:
    with pytest.raises(StudioError) as caught:
        read(data)
    assert caught.value.code == code


def test_a_file_that_is_too_large_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "FILE_BYTES", 10)
    with pytest.raises(StudioError, match="more than"):
        read(bytes(11))


def box(points: Any) -> tuple[float, float, float, float]:
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def test_the_person_is_cut_out_and_the_hole_is_filled() -> None:
    points = marks()
    source = Source(picture(points))
    kept = person(source, box(points))
    assert kept.shape == (SIZE, SIZE)
    truth = np.abs(source.colours.astype(int) - GROUND).max(axis=2) > 30
    assert ((kept > 0.5) == truth).mean() > 0.96
    filled = behind(source, kept)
    assert np.abs(filled.astype(int) - GROUND).max(axis=2)[: SIZE // 2].max() < 45


def test_transparency_says_who_it_is() -> None:
    pixels = np.dstack([picture(marks()), np.zeros((SIZE, SIZE), np.uint8)])
    pixels[50:200, 100:200, 3] = 255
    source = read(encoded(pixels))
    assert source.alpha is not None
    kept = person(source, (100, 50, 200, 200))
    assert kept[100, 150] == 1
    assert kept[10, 10] == 0


def test_a_picture_that_is_all_face_is_all_person() -> None:
    source = Source(np.full((100, 100, 3), 128, np.uint8))
    kept = person(source, (-60.0, -60.0, 160.0, 160.0))
    assert kept.min() == 1
    assert np.array_equal(behind(source, kept), source.colours)
