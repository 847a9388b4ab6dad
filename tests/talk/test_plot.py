"""The picture is drawn from what the face did: its curves, and where it is sealed."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from talk import plot


def size(path: Path) -> tuple[int, int]:
    head = path.read_bytes()[:24]
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", head[16:])
    return width, height


def tone(seconds: float) -> bytes:
    samples = np.arange(int(seconds * 24_000))
    return (8000 * np.sin(samples / 20)).astype("<i2").tobytes()


ARKIT = ("jawOpen", "mouthClose", "mouthPressLeft", "mouthPressRight", "eyeBlinkLeft")


def test_aperture_is_the_jaw_less_the_closing_lips() -> None:
    frames = np.array([[0.6, 0.0, 0.0, 0.0, 1.0], [0.3, 0.29, 0.2, 0.4, 0.0]])
    curves = plot.mouth(ARKIT, frames)
    assert set(curves) == {"aperture", "jawOpen", "mouthClose", "mouthPress"}
    assert curves["aperture"] == pytest.approx([0.6, 0.01])
    assert curves["mouthPress"] == pytest.approx([0.0, 0.4])
    assert plot.sealed(curves).tolist() == [False, True]


def test_each_profile_has_its_own_sign_of_a_closed_mouth() -> None:
    oculus = plot.mouth(("sil", "PP", "aa", "TH", "DD", "kk", "CH", "nn", "RR"), np.eye(9))
    assert plot.sealed(oculus).tolist() == [False, True, *[False] * 7]
    assert oculus["other consonants"].tolist() == [0, 0, 0, 1, 1, 1, 1, 1, 1]
    vrm = plot.mouth(("aa", "ih", "blink"), np.array([[0.5, 0.0, 0.0], [0.01, 0.0, 1.0]]))
    assert set(vrm) == {"aa", "ih"}
    assert plot.sealed(vrm).tolist() == [False, True]
    assert plot.sealed(plot.mouth(("blink",), np.ones((3, 1)))).tolist() == []


@pytest.mark.parametrize("seconds", [0.0, 13.0])
def test_a_picture_grows_with_the_recording(tmp_path: Path, seconds: float) -> None:
    frames = np.full((int(np.ceil(seconds * 60)), len(ARKIT)), 0.3)
    plot.draw(
        tmp_path / "plot.png",
        pcm=tone(seconds),
        rate=24_000,
        fps=60,
        names=ARKIT,
        frames=frames,
        phones=[("p", 0.0, 0.1), ("", 0.1, 0.3), ("aɪ", 0.3, 2.0)],
        words=[("pie", 0.0, 2.0)],
    )
    width, height = size(tmp_path / "plot.png")
    assert width == 1500
    assert height > (1200 if seconds > 12 else 400)


def test_a_voice_without_face_or_words_is_drawn_too(tmp_path: Path) -> None:
    plot.draw(tmp_path / "plot.png", pcm=tone(1), rate=24_000, fps=60, names=(), frames=np.zeros((0, 1)))
    assert size(tmp_path / "plot.png")[0] == 1500
