"""Makes pictures for tests: files of many kinds, and a face that a detector finds, drawn by hand."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SKIN, DARK = (224, 178, 150), (60, 40, 32)


def face(picture: Image.Image, x: int, y: int, side: int) -> None:
    """Draw a face as a detector expects one: light, with dark eyes, brows, a nose's shade and a mouth."""
    pen = ImageDraw.Draw(picture)

    def spot(u: float, v: float, wide: float, tall: float, colour: tuple[int, int, int]) -> None:
        pen.ellipse(
            (x + (u - wide) * side, y + (v - tall) * side, x + (u + wide) * side, y + (v + tall) * side), colour
        )

    spot(0.5, 0.45, 0.50, 0.66, DARK)
    spot(0.5, 0.55, 0.40, 0.56, SKIN)
    for eye in (0.32, 0.68):
        spot(eye, 0.28, 0.13, 0.03, DARK)
        spot(eye, 0.38, 0.10, 0.055, (150, 105, 85))
        spot(eye, 0.385, 0.045, 0.042, (30, 20, 18))
    spot(0.5, 0.66, 0.10, 0.03, (170, 120, 100))
    spot(0.5, 0.84, 0.17, 0.045, (150, 70, 70))


def scene(
    *faces: tuple[int, int, int], size: tuple[int, int] = (400, 300)
) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """Return a picture with faces at (left, top, side)."""
    picture = Image.new("RGB", size, (150, 160, 170))
    for x, y, side in faces:
        face(picture, x, y, side)
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(1.5)), np.uint8)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    """Return a picture as a file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
