"""Pictures that people bring: every kind that may come, and each that must not, with a clear sentence."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from studio.errors import StudioError
from studio.portrait import opening
from tests.studio.portrait.pictures import encoded, scene


def refused(data: bytes) -> StudioError:
    with pytest.raises(StudioError) as caught:
        opening.decoded(data, "me.png")
    return caught.value


def large_png(side: int) -> bytes:
    """Return the head of a PNG that says that it is large, without its pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_usual_kinds_are_read(kind: str) -> None:
    picture = opening.decoded(encoded(Image.new("RGB", (80, 96), (200, 100, 50)), kind), "me")
    assert picture.shape == (96, 80, 3)
    assert np.abs(picture[5, 5].astype(int) - (200, 100, 50)).max() < 8


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "LA", "I;16", "F", "YCbCr"])
def test_every_mode_becomes_rgb(mode: str) -> None:
    kind = "TIFF" if mode in ("CMYK", "I;16", "F", "YCbCr") else "PNG"
    picture = opening.decoded(encoded(Image.new("L", (70, 70), 90).convert(mode), kind), "me")
    assert picture.shape == (70, 70, 3)
    assert picture.dtype == np.uint8


def test_a_photo_of_a_press_keeps_its_colours() -> None:
    press = Image.new("RGB", (80, 80), (220, 40, 40)).convert("CMYK")
    red = opening.decoded(encoded(press, "JPEG"), "me.jpg")[40, 40]
    assert red[0] > 180
    assert red[1] < 90


def test_a_photo_that_a_telephone_turned_stands_upright() -> None:
    picture = Image.new("RGB", (120, 80), (255, 255, 255))
    picture.paste((0, 0, 0), (0, 0, 120, 20))
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter to the right when shown
    upright = opening.decoded(encoded(picture, "JPEG", exif=exif), "me.jpg")
    assert upright.shape == (120, 80, 3)
    assert upright[60, 75].max() < 40
    assert upright[60, 5].min() > 200


def test_what_is_transparent_shows_a_light_ground() -> None:
    picture = opening.decoded(encoded(Image.new("RGBA", (70, 70), (255, 0, 0, 0)), "PNG"), "me.png")
    assert tuple(picture[0, 0]) == opening.GROUND


@pytest.mark.parametrize(("data", "code"), [
    (b"", "not_a_picture"),
    (b"hello", "not_a_picture"),
    (b"\x89PNG\r\n\x1a\n", "not_a_picture"),
    (b"GIF89a" + b"\x00" * 40, "not_a_picture"),
    (large_png(12_000), "too_large"),
    (large_png(60_000), "too_large"),
    (encoded(Image.new("RGB", (20, 20)), "PNG"), "too_small"),
    (encoded(Image.new("RGB", (900, 30)), "PNG"), "too_small"),
])  # fmt: skip
def test_what_cannot_be_used_is_refused_with_a_sentence(data: bytes, code: str) -> None:
    error = refused(data)
    assert error.code == code
    assert "me.png" in error.message


def test_a_file_that_was_cut_off_is_refused() -> None:
    whole = encoded(Image.fromarray(np.random.default_rng(1).integers(0, 255, (90, 90, 3), dtype=np.uint8)), "PNG")
    assert refused(whole[: len(whole) // 2]).code == "not_a_picture"


def test_files_are_looked_at_before_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StudioError) as missing:
        opening.opened(tmp_path / "none.png")
    assert missing.value.code == "not_found"
    (tmp_path / "me.png").write_bytes(encoded(Image.new("RGB", (80, 80)), "PNG"))
    assert opening.opened(tmp_path / "me.png").shape == (80, 80, 3)
    monkeypatch.setattr(opening, "BYTES", 10)
    with pytest.raises(StudioError) as large:
        opening.opened(tmp_path / "me.png")
    assert large.value.code == "too_large"


def test_one_face_is_cut_out_as_the_painter_frames_it() -> None:
    pytest.importorskip("cv2")
    near = opening.cut(scene((120, 60, 140)), 64)
    assert near.shape == (64, 64, 3)
    # The two dark eyes lie where the painter has them.
    row = near[24:33].mean(axis=(0, 2))
    assert row[20:28].min() < row[30:34].mean() - 20
    assert row[36:44].min() < row[30:34].mean() - 20


def test_a_face_at_the_edge_is_cut_out_too() -> None:
    pytest.importorskip("cv2")
    assert opening.cut(scene((2, 40, 140)), 64).shape == (64, 64, 3)


@pytest.mark.parametrize(("faces", "code", "says"), [
    ((), "no_face", "--crop whole"),
    (((30, 60, 120), (230, 70, 120)), "many_faces", "2 faces"),
    (((10, 60, 100), (150, 70, 100), (280, 60, 100)), "many_faces", "3 faces"),
])  # fmt: skip
def test_no_face_or_several_are_refused(faces: tuple[tuple[int, int, int], ...], code: str, says: str) -> None:
    pytest.importorskip("cv2")
    with pytest.raises(StudioError, match=says) as caught:
        opening.cut(scene(*faces), 64, name="us.jpg")
    assert caught.value.code == code


def test_somebody_far_behind_does_not_count() -> None:
    pytest.importorskip("cv2")
    assert len(opening.faces(scene((120, 60, 150), (320, 30, 50)))) == 1


def test_the_whole_picture_needs_no_face() -> None:
    picture = scene(size=(300, 200))
    assert opening.cut(picture, 64, crop=opening.WHOLE).shape == (64, 64, 3)


@pytest.mark.parametrize(("package", "call"), [
    ("PIL", lambda: opening.decoded(b"", "me")),
    ("cv2", lambda: opening.faces(np.zeros((80, 80, 3), np.uint8))),
])  # fmt: skip
def test_without_a_package_it_says_what_to_install(package: str, call, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(StudioError, match=r"companion-bridge\[portrait\]") as caught:
        call()
    assert caught.value.code == "missing_package"


def test_an_opencv_without_its_detector_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    cv2 = pytest.importorskip("cv2")
    monkeypatch.setattr(cv2, "__file__", "/nowhere/cv2/__init__.py")
    with pytest.raises(StudioError, match="--crop whole"):
        opening.faces(scene((120, 60, 140)))


def test_a_picture_file_is_what_pillow_reads(tmp_path: Path) -> None:
    from studio.portrait.png import encoded as written

    data = written(np.full((8, 16, 3), 77, np.uint8), 64)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.size == (64, 32)
        assert picture.getpixel((5, 5)) == (77, 77, 77)
    with Image.open(io.BytesIO(written(np.zeros((8, 16, 3), np.uint8)))) as picture:
        assert picture.size == (16, 8)
