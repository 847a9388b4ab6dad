"""The VMC protocol: OSC over UDP, to and from VSeeFace, Warudo, VNyan, VirtualMotionCapture, Unity and Blender.

Sent as by an assistant, which knows a face and a head: clips of VRM 0 (and 1), ARKit's shapes by their "perfect sync"
names, and the bones of head, neck and eyes, in Unity's left-handed space (x to the avatar's right as it looks along z).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, atan2, cos, hypot, sin
from typing import Final

from engines.face.rigs import NAMES
from outlets.frame import Frame
from outlets.names import PERFECT_SYNC, VRM1, clips
from outlets.osc import BadPacket, Message, bundles, message, read

PORT: Final = 39_539  # of a program that shows an avatar; one that tracks a performer listens on the next
NECK: Final = 0.4  # of the head's turn that the neck takes
_SHAPES: Final = {name.lower(): place for place, name in enumerate(NAMES)}


@dataclass(frozen=True, slots=True)
class Vmc:
    """What is sent: `perfect_sync` ARKit's 52 shapes, `clips` VRM's own, both by default; `bones` head, neck, eyes."""

    perfect_sync: bool = True
    clips: bool = True
    bones: bool = True

    def packets(self, frame: Frame, seconds: float) -> list[bytes]:
        """Return the datagrams of one frame, `seconds` after the beginning."""
        every = [message("/VMC/Ext/OK", 1), message("/VMC/Ext/T", float(seconds))]
        if self.bones:
            every += _bones(frame)
        if self.clips:
            for name, weight in clips(frame).items():
                every.append(message("/VMC/Ext/Blend/Val", name, float(weight)))
                every.append(message("/VMC/Ext/Blend/Val", VRM1[name], float(weight)))
        if self.perfect_sync:
            every += [
                message("/VMC/Ext/Blend/Val", PERFECT_SYNC[name], float(weight))
                for name, weight in zip(NAMES, frame.weights, strict=True)
            ]
        every.append(message("/VMC/Ext/Blend/Apply"))
        return bundles(every)


class Performer:
    """Reads the face of a tracked performer: the shapes that came since the last `Apply`, and the head."""

    def __init__(self) -> None:
        self._weights = [0.0] * len(NAMES)
        self._turns = {"Head": (0.0, 0.0, 0.0), "Neck": (0.0, 0.0, 0.0)}

    def take(self, packet: bytes) -> list[Frame]:
        """Return the frames that a packet completes; a packet that is not OSC completes none."""
        try:
            messages = read(packet)
        except BadPacket:
            return []
        frames = []
        for each in messages:
            match each:
                case Message("/VMC/Ext/Blend/Val", (str(name), float() | int() as weight)):
                    place = _SHAPES.get(name.lower())
                    if place is not None and weight == weight:
                        self._weights[place] = min(1.0, max(0.0, float(weight)))
                case Message("/VMC/Ext/Bone/Pos", (("Head" | "Neck") as bone, _, _, _, *turn)):
                    self._turns[bone] = _angles(turn, self._turns[bone])
                case Message("/VMC/Ext/Blend/Apply", ()):
                    head, neck = self._turns["Head"], self._turns["Neck"]
                    frames.append(Frame(tuple(self._weights), *(a + b for a, b in zip(head, neck, strict=True))))
                case _:
                    pass
        return frames


def _bones(frame: Frame) -> list[bytes]:
    yaw, pitch, roll = frame.yaw, frame.pitch, frame.roll
    turns = {
        "Neck": (NECK * yaw, NECK * pitch, NECK * roll),
        "Head": ((1 - NECK) * yaw, (1 - NECK) * pitch, (1 - NECK) * roll),
        "LeftEye": (*frame.eye("Left"), 0.0),
        "RightEye": (*frame.eye("Right"), 0.0),
    }
    return [message("/VMC/Ext/Bone/Pos", name, 0.0, 0.0, 0.0, *quaternion(*angles)) for name, angles in turns.items()]


def quaternion(yaw: float, pitch: float, roll: float) -> tuple[float, float, float, float]:
    """Return x, y, z, w of a turn in Unity's space: about y by -yaw, then x by -pitch, then z by -roll.

    Unity turns clockwise about an axis that points at the viewer, so a turn to the own left is about y by less than 0.
    """
    (sy, cy), (sx, cx), (sz, cz) = ((sin(-angle / 2), cos(-angle / 2)) for angle in (yaw, pitch, roll))
    return (
        cy * sx * cz + sy * cx * sz,
        sy * cx * cz - cy * sx * sz,
        cy * cx * sz - sy * sx * cz,
        cy * cx * cz + sy * sx * sz,
    )


def _angles(turn: Sequence[object], before: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return yaw, pitch and roll of a turn that `quaternion` made; what was before where it is none."""
    numbers = [value for value in turn if isinstance(value, float)]
    if len(numbers) != 4 or len(turn) != 4:
        return before
    x, y, z, w = numbers
    size = hypot(x, y, z, w)
    if not 0.5 < size < 2.0:
        return before
    x, y, z, w = (value / size for value in (x, y, z, w))
    return (
        -atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y)),
        -asin(min(1.0, max(-1.0, 2 * (w * x - y * z)))),
        -atan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z)),
    )
