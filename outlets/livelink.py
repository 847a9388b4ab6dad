"""Live Link Face as an iPhone sends it to Unreal: UDP, port 11111, packet version 6, big-endian.

After the version come the device's id and the subject's name, each with its length; the time as frames since midnight,
a part of a frame and the rate; then 61 floats: 52 shapes in Unreal's order, yaw, pitch and roll of the head and of both
eyes, as parts of half a turn (Unreal maps -180..180 degrees to -1..1).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import pi
from typing import Final

from outlets.frame import Frame

PORT: Final = 11_111
VERSION: Final = 6
NAME_BYTES: Final = 64
_TIME: Final = struct.Struct(">ifiiB61f")


@dataclass(frozen=True, slots=True)
class LiveLink:
    """One subject: `name` is what Unreal lists, `device` tells senders apart, `fps` is the rate of the frames."""

    name: str
    device: str
    fps: int

    def packet(self, frame: Frame, number: int) -> bytes:
        """Return frame `number`, counted from midnight."""
        angles = [frame.yaw, frame.pitch, frame.roll]
        for side in ("Left", "Right"):
            angles += (*frame.eye(side), 0.0)
        values = (*frame.weights, *(angle / pi for angle in angles))
        device, name = (_bounded(text) for text in (self.device, self.name))
        head = struct.pack(">Bi", VERSION, len(device)) + device + struct.pack(">i", len(name)) + name
        return head + _TIME.pack(number % (86_400 * self.fps), 0.0, self.fps, 1, len(values), *values)


def _bounded(text: str) -> bytes:
    """Return a name as ASCII, as Unreal's names are safest; never empty, never too long."""
    return (text.encode("ascii", "replace")[:NAME_BYTES]) or b"Companion"
