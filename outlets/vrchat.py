"""VRChat over OSC: the parameters of VRCFaceTracking's Unified Expressions, and subtitles in the chat box.

An avatar must own a parameter to react to it; what it does not own costs nothing. Yaw of the eyes is positive to the
right there. The chat box takes 144 characters, and no more than a message each second or so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import pi
from typing import Final

from outlets.frame import Frame
from outlets.osc import bundles, message

PORT: Final = 9_000
CHATBOX: Final = 144  # characters
CHATBOX_S: Final = 1.3

# Shapes of ARKit that stand for several of theirs, and how these are called.
_SHARED: Final[Mapping[str, str]] = {
    "mouthClose": "MouthClosed", "jawOpen": "JawOpen", "jawForward": "JawZ", "mouthFunnel": "LipFunnel",
    "mouthPucker": "LipPucker", "mouthRollLower": "LipSuckLower", "mouthRollUpper": "LipSuckUpper",
    "mouthShrugLower": "MouthRaiserLower", "mouthShrugUpper": "MouthRaiserUpper", "tongueOut": "TongueOut",
    "cheekPuff": "CheekPuffSuck", "browInnerUp": "BrowInnerUp",
}  # fmt: skip
_SIDED: Final[Mapping[str, str]] = {
    "mouthFrown": "MouthFrown", "mouthDimple": "MouthDimple", "mouthStretch": "MouthStretch",
    "mouthPress": "MouthPress", "mouthLowerDown": "MouthLowerDown", "mouthUpperUp": "MouthUpperUp",
    "mouthSmile": "MouthSmile", "browOuterUp": "BrowOuterUp", "browDown": "BrowDown", "cheekSquint": "CheekSquint",
    "eyeSquint": "EyeSquint", "noseSneer": "NoseSneer",
}  # fmt: skip


def _lid(side: str) -> Callable[[Frame], float]:
    # 0.75 is an eye at ease, 1 a wide one.
    return lambda frame: 0.75 * (1 - frame[f"eyeBlink{side}"]) + 0.25 * frame[f"eyeWide{side}"]


def _shape(name: str) -> Callable[[Frame], float]:
    return lambda frame: frame[name]


PARAMETERS: Final[Mapping[str, Callable[[Frame], float]]] = {
    **{theirs: _shape(ours) for ours, theirs in _SHARED.items()},
    **{f"{theirs}{side}": _shape(f"{ours}{side}") for ours, theirs in _SIDED.items() for side in ("Left", "Right")},
    **{f"EyeLid{side}": _lid(side) for side in ("Left", "Right")},
    "JawX": lambda frame: frame["jawRight"] - frame["jawLeft"],
    "MouthX": lambda frame: frame["mouthRight"] - frame["mouthLeft"],
    "EyeLeftX": lambda frame: -frame.eye("Left")[0] * 2 / pi,
    "EyeRightX": lambda frame: -frame.eye("Right")[0] * 2 / pi,
    "EyeLeftY": lambda frame: frame.eye("Left")[1] * 2 / pi,
    "EyeRightY": lambda frame: frame.eye("Right")[1] * 2 / pi,
}


@dataclass(frozen=True, slots=True)
class VrChat:
    """`prefix` is what stands before "v2/" in the avatar's parameters; "FT" is usual."""

    prefix: str = "FT"

    def packets(self, frame: Frame) -> list[bytes]:
        """Return the datagrams of one frame."""
        path = "/avatar/parameters/" + (f"{self.prefix}/" if self.prefix else "") + "v2/"
        return bundles([message(path + name, float(value(frame))) for name, value in PARAMETERS.items()])

    def subtitle(self, text: str) -> bytes:
        """Return what puts a text into the chat box, its end where it is too long, without a sound."""
        shown = text if len(text) <= CHATBOX else "\u2026" + text[1 - CHATBOX :]
        return message("/chatbox/input", shown, True, False)
