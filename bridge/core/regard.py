"""Lets a companion's face take notice of the user's: its eyes meet theirs, and a smile is returned after a while.

Works on face frames as they leave, whoever drew them: a little is added to eyes, head and the corners of the mouth.
Lips stay as speech wants them. Pure: it steps from frame to frame.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, radians
from typing import Final

from engines.api import Rig

ACROSS: Final = 22.0  # degrees from the middle to who stands at the picture's edge
UP: Final = 14.0
EYES: Final = 0.65  # of the turn that the eyes take, the head the rest
EYE_ACROSS: Final = 30.0  # degrees that an eye turns at a weight of 1
EYE_UP: Final = 25.0
TURN: Final = 0.18  # seconds in which eyes and head mostly get there
DELAY: Final = 0.7  # seconds until a smile is returned
WARM: Final = 0.5  # seconds in which it mostly grows
MOST: Final = 0.35  # of a smile that is returned
LEAST: Final = 0.12  # of the user's smile: below it is no smile
REST: Final = 1e-3  # below which nothing is added

# What turns to the companion's own left, what turns back, and at how many degrees it is 1.
_LEFT: Final = (
    (("eyeLookOutLeft", "eyeLookInRight", "lookLeft"), ("eyeLookInLeft", "eyeLookOutRight", "lookRight"), EYE_ACROSS),
)
_UP: Final = (
    (("eyeLookUpLeft", "eyeLookUpRight", "lookUp"), ("eyeLookDownLeft", "eyeLookDownRight", "lookDown"), EYE_UP),
)
_SMILE: Final = ("mouthSmileLeft", "mouthSmileRight", "happy")


@dataclass(slots=True)
class _Pair:
    """Two channels that pull opposite ways."""

    there: int
    back: int
    full: float  # degrees of a weight of 1


class Regard:
    """One face's regard of one user, at `fps` frames a second; `mirror` is the share of a smile that it returns."""

    def __init__(self, rig: Rig, fps: int, *, mirror: float, meet: bool = True) -> None:
        names = list(rig.names)
        self._width = len(names)
        self._across = _pairs(names, _LEFT)
        self._up = _pairs(names, _UP)
        self._head = [
            (names.index(name), rig.ranges[names.index(name)]) for name in ("headYaw", "headPitch") if name in names
        ]
        self._smiles = [names.index(name) for name in _SMILE if name in names]
        self._step = 1.0 / max(1, fps)
        self._mirror = min(MOST, mirror)
        self._meet = meet
        self._yaw = self._pitch = self._warm = 0.0
        self._to = (0.0, 0.0)
        self._smile = 0.0
        self._before: deque[float] = deque([0.0] * max(1, round(DELAY * fps)))

    def take(self, place: tuple[float, float] | None, smile: float) -> None:
        """Take where the user is (right as in a mirror, up; None: not known) and how much they smile, 0..1."""
        x, y = place if place is not None and self._meet else (0.0, 0.0)
        # Who stands at the right of a mirror stands at the companion's own left.
        self._to = (ACROSS * x, UP * y)
        self._smile = smile if smile >= LEAST else 0.0

    def wear(self, rows: bytes) -> bytes:
        """Return frames, one after the other, with what the regard adds to each."""
        if not self._width or not rows:
            return rows
        if not any(
            (*self._to, self._smile, self._warm > REST, abs(self._yaw) > REST, abs(self._pitch) > REST)
        ) and not any(self._before):
            return rows
        worn = bytearray(rows)
        for at in range(0, len(worn), self._width):
            self._advance()
            self._add(worn, at)
        return bytes(worn)

    def _advance(self) -> None:
        share = 1 - exp(-self._step / TURN)
        self._yaw += (self._to[0] - self._yaw) * share
        self._pitch += (self._to[1] - self._pitch) * share
        self._before.append(self._smile)
        self._warm += (self._mirror * self._before.popleft() - self._warm) * (1 - exp(-self._step / WARM))

    def _add(self, worn: bytearray, at: int) -> None:
        for pairs, angle in ((self._across, self._yaw), (self._up, self._pitch)):
            for pair in pairs:
                there, back = at + pair.there, at + pair.back
                net = (worn[there] - worn[back]) / 255 + EYES * angle / pair.full
                worn[there], worn[back] = _byte(net), _byte(-net)
        for (channel, (low, high)), angle in zip(self._head, (self._yaw, self._pitch), strict=False):
            unit = (high - low) / 255
            worn[at + channel] = min(255, max(0, worn[at + channel] + round((1 - EYES) * radians(angle) / unit)))
        for channel in self._smiles:
            worn[at + channel] = min(255, worn[at + channel] + round(255 * self._warm))


def _pairs(names: Sequence[str], table: Sequence[tuple[tuple[str, ...], tuple[str, ...], float]]) -> list[_Pair]:
    return [
        _Pair(names.index(there), names.index(back), full)
        for ones, others, full in table
        for there, back in zip(ones, others, strict=True)
        if there in names and back in names
    ]


def _byte(weight: float) -> int:
    return min(255, max(0, round(255 * weight)))
