"""iFacialMocap's text over UDP, as its iPhone app sends it: weights in hundredths, angles in degrees.

A receiver asks the "phone" on port 49983 with a fixed word, and gets frames on the same port; so does this outlet,
which also sends unasked to the address that it was given. Version 2 (Facemotion3D's) differs in its separator.
"""

from __future__ import annotations

from math import degrees
from typing import Final

from engines.face.rigs import NAMES
from outlets.frame import Frame
from outlets.names import SUFFIXED

PORT: Final = 49_983
ASKS: Final = b"iFacialMocap_sahuasouryya9218sauhuiayeta91555dy3719"
SEPARATORS: Final = {1: "-", 2: "&"}


def text(frame: Frame, *, version: int = 1) -> bytes:
    """Return one frame; ValueError for a version that is neither 1 nor 2."""
    if version not in SEPARATORS:
        raise ValueError("iFacialMocap's text has the versions 1 and 2")
    between = SEPARATORS[version]
    parts = [
        f"{SUFFIXED[name]}{between}{round(100 * weight)}" for name, weight in zip(NAMES, frame.weights, strict=True)
    ]
    head = ",".join(f"{degrees(angle):.5f}" for angle in (-frame.pitch, frame.yaw, frame.roll))
    parts.append(f"=head#{head},0.00000,0.00000,0.00000")
    for bone, side in (("rightEye", "Right"), ("leftEye", "Left")):
        yaw, pitch = frame.eye(side)
        parts.append(f"{bone}#{degrees(-pitch):.5f},{degrees(yaw):.5f},0.00000")
    return ("|".join(parts) + "|").encode("ascii")
