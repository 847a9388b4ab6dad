"""A painted face whose landmarks are known, for tests of the puppet without a model that finds them."""

from __future__ import annotations

import io
from typing import Any

import cv2
import numpy as np
from PIL import Image

from studio.video.puppet import landmarks as at
from studio.video.puppet.motions import motions

SIZE = 320
UNIT = 110.0  # pixels between the outer corners of the eyes
SKIN = (214, 170, 140)
GROUND = (60, 110, 170)


def marks(gap: float = 0.0, size: int = SIZE, unit: float = UNIT, shift: float = 0.0) -> Any:
    """Return landmarks (478, 3) of a face that looks at the camera, its lips `gap` pixels apart."""
    found = motions().points.astype(np.float32) * unit
    found[:, 0] += size / 2
    found[:, 1] += size * 0.42
    for upper, lower in zip(at.LIP_UPPER[1:-1], at.LIP_LOWER[1:-1], strict=True):
        middle = (found[upper, 1] + found[lower, 1]) / 2
        found[upper, 1], found[lower, 1] = middle - gap / 2, middle + gap / 2
    found[at.NOSE, 0] += shift * unit
    return found


def picture(points: Any, *, glasses: bool = False, size: int = SIZE) -> Any:
    """Return (size, size, 3): the face of these landmarks, a neck, a shirt, a plain ground."""
    out = np.full((size, size, 3), GROUND, np.uint8)
    flat = points[:, :2]
    middle, chin = flat[at.CHIN, 0], flat[at.CHIN, 1]
    cv2.rectangle(out, (int(middle - 30), int(chin - 30)), (int(middle + 30), size), (190, 145, 118), -1)
    cv2.ellipse(out, (int(middle), size + 20), (130, 80), 0, 0, 360, (150, 40, 60), -1)
    cv2.fillPoly(out, [np.round(flat[list(at.OVAL)]).astype(np.int32)], SKIN)
    for side, (upper, lower) in at.LIDS.items():
        outline = np.round(np.concatenate([flat[list(upper)], flat[list(lower)][::-1]])).astype(np.int32)
        cv2.fillPoly(out, [outline], (245, 245, 245))
        cv2.circle(out, tuple(int(v) for v in flat[at.IRIS[side]]), 5, (70, 45, 30), -1)
        if glasses:
            cv2.circle(out, tuple(int(v) for v in flat[at.IRIS[side]]), 26, (15, 15, 15), 3)
    if glasses:
        cv2.line(out, (int(middle - 16), int(size * 0.42)), (int(middle + 16), int(size * 0.42)), (15, 15, 15), 4)
    upper, lower = (flat[list(row)] + np.array([0, by]) for row, by in ((at.LIP_UPPER, -7), (at.LIP_LOWER, 8)))
    lips = np.concatenate([upper, lower[::-1]])
    cv2.fillPoly(out, [np.round(lips).astype(np.int32)], (180, 70, 75))
    return out


def encoded(pixels: Any, form: str = "PNG", **more: Any) -> bytes:
    """Return the bytes of a picture's file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **more)
    return file.getvalue()
