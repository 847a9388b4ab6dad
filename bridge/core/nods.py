"""Finds nods and shakes of the head in its angles. Time is an argument.

A nod is what people do who say yes without a word: the head goes down and up, two or three times in a second and a
half, far more than it turns; a shake likewise from side to side. Turning points are found with a threshold, so that
neither the noise of a tracker nor a look at the keyboard counts.
"""

from __future__ import annotations

from collections import deque
from typing import Final, Literal, TypeAlias

Sign: TypeAlias = Literal["nod", "shake"]

WINDOW: Final = 1.6  # seconds in which the whole sign lies
NOD: Final = 4.0  # degrees of each way down or up
SHAKE: Final = 6.0  # degrees of each way to a side
WAYS: Final = 3  # from one turning point to the next
SLOWEST: Final = 0.7  # seconds that one way may take
STRAIGHT: Final = 1.5  # how many times as far along as across
REST: Final = 1.2  # seconds after a sign before the next can be


class Nods:
    """The head of one person."""

    def __init__(self) -> None:
        self._angles: deque[tuple[float, float, float]] = deque(maxlen=120)  # when, yaw, pitch
        self._rested = float("-inf")

    def see(self, yaw: float, pitch: float, now: float) -> Sign | None:
        """Take the head's angles in degrees at `now`; return the sign that they complete."""
        if now < self._rested:
            return None
        self._angles.append((now, yaw, pitch))
        while self._angles[0][0] < now - WINDOW:
            self._angles.popleft()
        across = [(at, yaw) for at, yaw, _ in self._angles]
        along = [(at, pitch) for at, _, pitch in self._angles]
        sign: Sign | None = None
        if _ways(along, NOD) >= WAYS and _span(along) >= STRAIGHT * _span(across):
            sign = "nod"
        elif _ways(across, SHAKE) >= WAYS and _span(across) >= STRAIGHT * _span(along):
            sign = "shake"
        if sign is not None:
            self._angles.clear()
            self._rested = now + REST
        return sign

    def forget(self) -> None:
        """Begin anew: somebody else is seen, or the same after a gap."""
        self._angles.clear()


def _span(angles: list[tuple[float, float]]) -> float:
    values = [angle for _, angle in angles]
    return max(values) - min(values)


def _ways(angles: list[tuple[float, float]], least: float) -> int:
    """Count how often the angle went at least `least` degrees one way, then the other, each in time."""
    start_at, start = angles[0]
    turn_at, turn = start_at, start  # the furthest point of the way that is being gone
    direction, ways = 0, 0
    for at, angle in angles[1:]:
        if direction == 0:
            if abs(angle - start) >= least:
                direction, ways = (1 if angle > start else -1), 1
                turn_at, turn = at, angle
            elif at - start_at > SLOWEST:
                start_at, start = at, angle
        elif (angle - turn) * direction > 0:
            turn_at, turn = at, angle
        elif (turn - angle) * direction >= least:
            ways = ways + 1 if at - turn_at <= SLOWEST else 1
            direction, turn_at, turn = -direction, at, angle
    return ways
