"""The channels of every face profile: their names in wire order, their ranges, and how values become bytes.

It knows names and numbers only, not what moves a face. ARKit's 52 blendshape names stand in the order that Live Link
Face sends them (Unreal's EARFaceBlendShape). A signed channel's range is such that 0 is exactly one of its 256 steps.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from engines.api import EngineError, Rig

if TYPE_CHECKING:
    from engines.sound.arrays import Floats

MEDIA_RATE: Final = 48_000

NAMES: Final[tuple[str, ...]] = (
    "eyeBlinkLeft", "eyeLookDownLeft", "eyeLookInLeft", "eyeLookOutLeft", "eyeLookUpLeft", "eyeSquintLeft",
    "eyeWideLeft", "eyeBlinkRight", "eyeLookDownRight", "eyeLookInRight", "eyeLookOutRight", "eyeLookUpRight",
    "eyeSquintRight", "eyeWideRight", "jawForward", "jawLeft", "jawRight", "jawOpen", "mouthClose", "mouthFunnel",
    "mouthPucker", "mouthLeft", "mouthRight", "mouthSmileLeft", "mouthSmileRight", "mouthFrownLeft", "mouthFrownRight",
    "mouthDimpleLeft", "mouthDimpleRight", "mouthStretchLeft", "mouthStretchRight", "mouthRollLower", "mouthRollUpper",
    "mouthShrugLower", "mouthShrugUpper", "mouthPressLeft", "mouthPressRight", "mouthLowerDownLeft",
    "mouthLowerDownRight", "mouthUpperUpLeft", "mouthUpperUpRight", "browDownLeft", "browDownRight", "browInnerUp",
    "browOuterUpLeft", "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft",
    "noseSneerRight", "tongueOut",
)  # fmt: skip
HEAD: Final[tuple[str, ...]] = ("headYaw", "headPitch", "headRoll")
OCULUS: Final[tuple[str, ...]] = (
    "sil",
    "PP",
    "FF",
    "TH",
    "DD",
    "kk",
    "CH",
    "SS",
    "nn",
    "RR",
    "aa",
    "E",
    "ih",
    "oh",
    "ou",
)
VRM: Final[tuple[str, ...]] = (
    "aa", "ih", "ou", "ee", "oh", "blink", "blinkLeft", "blinkRight", "happy", "angry", "sad", "relaxed", "surprised",
    "neutral", "lookUp", "lookDown", "lookLeft", "lookRight",
)  # fmt: skip

UNIT: Final = (0.0, 1.0)
# Radians: yaw to the face's own left, pitch up and roll to its own right are positive. Byte 128 is exactly 0.
ANGLE: Final = (-0.5, 127 / 256)

PROFILES: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "arkit52": (NAMES, HEAD),
    "oculus15": (OCULUS, HEAD),
    "vrm": (VRM, HEAD),
    "none": ((), ()),
}


@lru_cache
def rig(profile: str, fps: int) -> Rig:
    """Make the rig of `profile` at `fps` frames per second.

    Raises EngineError("face_failed") for an unknown profile, and for a rate outside 10..120 or not dividing 48000.
    """
    if profile not in PROFILES:
        known = ", ".join(PROFILES)
        raise EngineError("face_failed", f"There is no face profile {profile!r}; there are {known}.")
    if not 10 <= fps <= 120 or MEDIA_RATE % fps:
        raise EngineError("face_failed", f"A face cannot be drawn at {fps} frames per second; ask for 30 or 60.")
    shapes, angles = PROFILES[profile]
    return Rig(profile, shapes + angles, (UNIT,) * len(shapes) + (ANGLE,) * len(angles))


def widths() -> dict[str, int]:
    """Count the channels of each profile."""
    return {profile: len(shapes) + len(angles) for profile, (shapes, angles) in PROFILES.items()}


def quantise(values: Floats, signed: int) -> bytes:
    """Turn channels x frames into row-major uint8, frames x channels; the last `signed` channels span ANGLE.

    Rounds to the nearest step and clips to the range, so that 0 stays exactly 0 in either kind of channel.
    """
    import numpy as np  # clients and outlets want the names alone

    plain = len(values) - signed
    scaled = np.empty(values.shape, np.float32)
    np.multiply(values[:plain], 255.0, out=scaled[:plain])
    np.multiply(values[plain:], 256.0, out=scaled[plain:])
    scaled[plain:] += 128.0
    scaled += 0.5
    np.clip(scaled, 0.0, 255.0, out=scaled)
    return scaled.T.astype(np.uint8).tobytes()
