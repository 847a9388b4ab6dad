"""Writes a take as the Live Link Face app does: one row a frame, 52 shapes, then angles of head and eyes.

Unreal's importers and Blender's add-ons read it. Angles are parts of half a turn, signed as the live outlet's: yaw to
the face's own left, pitch up, roll to its own right.
"""

from __future__ import annotations

import csv
import io
from typing import Final

import numpy as np

from engines.face.rigs import NAMES
from studio.video.export.motion import Motion

ANGLES: Final = (
    "HeadYaw", "HeadPitch", "HeadRoll", "LeftEyeYaw", "LeftEyePitch", "LeftEyeRoll", "RightEyeYaw", "RightEyePitch",
    "RightEyeRoll",
)  # fmt: skip
EYE: Final = (np.float32(np.radians(30)), np.float32(np.radians(25)))  # an eye's turn at weight 1: across, up
COUNT: Final = len(NAMES) + len(ANGLES)


def write(motion: Motion) -> bytes:
    """Return the bytes of a .csv file."""
    file = io.StringIO(newline="")
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["Timecode", "BlendshapeCount", *(f"{name[:1].upper()}{name[1:]}" for name in NAMES), *ANGLES])
    columns = [motion.of(name) for name in NAMES]
    angles = [motion.of("headYaw"), motion.of("headPitch"), motion.of("headRoll")]
    for side, out in (("Left", 1.0), ("Right", -1.0)):
        across = out * (motion.of(f"eyeLookOut{side}") - motion.of(f"eyeLookIn{side}"))
        up = motion.of(f"eyeLookUp{side}") - motion.of(f"eyeLookDown{side}")
        angles += [EYE[0] * across, EYE[1] * up, np.zeros(len(motion.frames), np.float32)]
    columns += [angle / np.float32(np.pi) for angle in angles]
    for number, row in enumerate(np.stack(columns, axis=1).tolist()):
        rows.writerow([timecode(number, motion.fps), COUNT, *(f"{value:.6f}" for value in row)])
    return file.getvalue().encode()


def timecode(frame: int, fps: int) -> str:
    """Return HH:MM:SS:FF.fff of a frame."""
    whole, rest = divmod(frame, fps)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}:{rest:02}.000"
