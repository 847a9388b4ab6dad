"""Blends two faces into one: a performer's while the companion is silent, the companion's own while it speaks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import radians
from typing import Final

from engines.api import SeenFace

BLEND_S: Final = 0.15  # seconds from one face to the other
FRESH_S: Final = 0.4  # seconds after which a performer who is not seen any more performs no more
HEAD: Final = ("headYaw", "headPitch", "headRoll")


class Blend:
    """How much of the performer is seen, from 0 to 1."""

    def __init__(self) -> None:
        self.share = 0.0
        self._at: float | None = None

    def step(self, now: float, *, performs: bool) -> float:
        """Go towards the performer, or back, as far as the time since the last step allows; return the share."""
        passed = 0.0 if self._at is None else max(0.0, now - self._at)
        self._at = now
        change = passed / BLEND_S
        self.share = min(1.0, self.share + change) if performs else max(0.0, self.share - change)
        return self.share

    def mixed(self, own: Sequence[float], other: Sequence[float]) -> tuple[float, ...]:
        """Return the companion's `own` values with the performer's in their share, eased at both ends."""
        eased = self.share * self.share * (3 - 2 * self.share)
        return tuple(a + (b - a) * eased for a, b in zip(own, other, strict=True))


def channels(names: Sequence[str]) -> Callable[[SeenFace], tuple[float, ...]]:
    """Return what gives the values of channels with these names (weights 0..1, the head in radians) for a face."""
    names = tuple(names)

    def values(face: SeenFace) -> tuple[float, ...]:
        head = dict(zip(HEAD, map(radians, (face.yaw, face.pitch, face.roll)), strict=True))
        return tuple(head[name] if name in head else face.weights.get(name, 0.0) for name in names)

    return values
