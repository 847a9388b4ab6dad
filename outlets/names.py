"""The names that other tools have for the same shapes, and the few shapes that they have of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engines.face.rigs import NAMES
from outlets.frame import Frame

PERFECT_SYNC: Final[Mapping[str, str]] = {name: name[0].upper() + name[1:] for name in NAMES}
# iFacialMocap writes the side as a suffix, where the name ends with one.
SUFFIXED: Final[Mapping[str, str]] = {
    name: f"{name.removesuffix(side)}_{side[0]}"
    if (side := "Left" if name.endswith("Left") else "Right" if name.endswith("Right") else "")
    and name not in ("jawLeft", "jawRight", "mouthLeft", "mouthRight")
    else name
    for name in NAMES
}
# The clips of VRM 0, and what VRM 1 calls them.
VRM1: Final[Mapping[str, str]] = {
    "A": "aa", "I": "ih", "U": "ou", "E": "ee", "O": "oh", "Blink": "blink", "Blink_L": "blinkLeft",
    "Blink_R": "blinkRight", "Joy": "happy", "Angry": "angry", "Sorrow": "sad", "Fun": "relaxed",
    "LookUp": "lookUp", "LookDown": "lookDown", "LookLeft": "lookLeft", "LookRight": "lookRight",
}  # fmt: skip


def clips(frame: Frame) -> dict[str, float]:
    """Return the weights of VRM 0's clips for a face that speaks: five vowels, lids, mood and gaze.

    The vowels share what the mouth is open: by how round (U, O) or wide (I, E) it is, the rest is A. Moods stay below
    0.6, since models may still the mouth for a mood.
    """

    def both(name: str) -> float:
        return (frame[f"{name}Left"] + frame[f"{name}Right"]) / 2

    opening = _unit((frame["jawOpen"] - frame["mouthClose"]) * 1.6)
    round_ = _unit(frame["mouthPucker"] * 0.9 + frame["mouthFunnel"] * 0.6)
    wide = _unit(both("mouthStretch") * 1.2 + both("mouthSmile") * 0.5) * (1 - round_)
    lips = max(opening, 0.8 * round_ * (1 - _unit(both("mouthPress") * 2)))
    narrow = 1 - opening
    left, up = frame.eye("Left"), frame.eye("Right")
    yaw, pitch = (left[0] + up[0]) / 2 / 0.52, (left[1] + up[1]) / 2 / 0.44
    smile, frown, anger = both("mouthSmile"), both("mouthFrown"), both("browDown")
    return {
        "A": lips * (1 - round_) * (1 - wide),
        "I": lips * wide * narrow,
        "U": lips * round_ * narrow,
        "E": lips * wide * opening,
        "O": lips * round_ * opening,
        "Blink_L": _unit(frame["eyeBlinkLeft"]),
        "Blink_R": _unit(frame["eyeBlinkRight"]),
        "Joy": 0.6 * _unit(smile * 1.2 - anger),
        "Angry": 0.6 * _unit(anger * 1.2 - smile),
        "Sorrow": 0.6 * _unit(frown * 1.2 + frame["browInnerUp"] * 0.4 - smile - 0.2),
        "LookLeft": _unit(yaw),
        "LookRight": _unit(-yaw),
        "LookUp": _unit(pitch),
        "LookDown": _unit(-pitch),
    }


def _unit(value: float) -> float:
    return min(1.0, max(0.0, value))
