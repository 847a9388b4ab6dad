"""A turn of the reference model, and what the traces choose where SPEC leaves a range."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Choices:
    """What SPEC gives bounds or round numbers for; seconds but for the shares."""

    prime: float = 0.08  # buffered before a turn starts
    prime_most: float = 2 / 3  # of the lead
    stall: float = 0.25  # after so long without media whatever is buffered starts
    fade: float = 0.06  # of an interrupted voice
    ramp: float = 0.02  # to and from the ducked voice
    ducked: float = 0.3
    settle: float = 0.1  # a face may take so long to pass from what it showed to a turn's frames
    rest: float = 0.25  # and so long from a turn's last frame to rest, a screen frame included
    rest_cut: float = 0.15
    idle_late: float = 0.4  # idle life is shown at most so long after it came
    idle_gone: float = 0.34  # it may be over so long after the last of it came
    rest_idle: float = 0.6  # and is at rest so long after that


CHOICES: Final = Choices()


@dataclass(slots=True)
class Turn:
    """A turn that is heard or waits: samples `heard` to `known` have come, those in `gaps` never will."""

    number: int
    heard: int = 0
    known: int = 0
    placed: bool = False  # where it begins is settled
    gaps: list[tuple[int, int]] = field(default_factory=list)
    frames: set[int] = field(default_factory=set)
    marks: list[tuple[int, str, str]] = field(default_factory=list)  # pts, kind, what is shown
    reason: str = ""  # of its end, once everything has come
    begun: bool = False
    starved: bool = False

    @property
    def waiting(self) -> int:
        return self.known - self.heard
