"""The face between turns: it eases to rest after a reply, and shows idle life, on the clock of the samples read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from talk.heard import Shown, Weights

TICKS = 48_000  # per second of the media clock
EASE_S = 0.2  # to rest after a turn, or when idle life is over
EASE_CUT_S = 0.1  # to rest when interrupted
GONE_S = 0.25  # idle life that has stopped may have stopped in a blink: its last frame is not held for longer


@dataclass(slots=True)
class _Ease:
    """A face on its way to rest, on the clock of the turn that is over."""

    turn: int
    at: int  # samples of that turn
    first: int  # frames
    steps: int
    weights: Weights
    step: int = 0


class Resting:
    """What the face does while no turn is on air; at `rate` samples and `fps` frames a second."""

    def __init__(self, rate: int, fps: int) -> None:
        self._rate, self._fps = rate, fps
        self._ease: _Ease | None = None
        self._idle: deque[Weights] = deque(maxlen=fps)  # a second, the oldest go
        self._alive: Weights | None = None  # the frame of idle life on the face
        self._clock = 0  # samples x fps since the last frame
        self._without = 0  # samples since idle life ran out

    def live(self, frames: Iterable[Weights]) -> None:
        """Take frames of idle life."""
        self._idle.extend(frames)

    def stop(self) -> None:
        """Drop what waits: a turn takes over."""
        self._ease = self._alive = None
        self._idle.clear()

    def ease(self, turn: int, at: int, shown: int, weights: Weights, *, cut: bool) -> None:
        """Go from `weights` to rest, after sample `at` and frame `shown` of a turn."""
        steps = round((EASE_CUT_S if cut else EASE_S) * self._fps)
        self._ease = _Ease(turn, at, shown, max(1, steps), weights)

    def go_on(self, samples: int) -> Iterator[Shown]:
        """Let time pass; the frames that fall due."""
        if self._ease:
            yield from self._easing(self._ease, samples)
        elif self._idle:
            yield from self._living(samples)
        elif self._alive:
            self._without += samples
            if self._without >= GONE_S * self._rate:
                self.ease(0, 0, 0, self._alive, cut=False)
                self._alive = None

    def _easing(self, ease: _Ease, samples: int) -> Iterator[Shown]:
        ease.at += samples
        while ease.step < ease.steps and (ease.first + ease.step) * self._rate < ease.at * self._fps:
            pts = (ease.first + ease.step) * TICKS // self._fps if ease.turn else 0
            ease.step += 1
            left = 1 - ease.step / ease.steps
            yield Shown(ease.turn, pts, tuple(left * weight for weight in ease.weights), "")
        if ease.step == ease.steps:
            self._ease = None

    def _living(self, samples: int) -> Iterator[Shown]:
        self._without = 0
        self._clock += samples * self._fps
        while self._idle and self._clock >= self._rate:
            self._clock -= self._rate
            self._alive = self._idle.popleft()
            yield Shown(0, 0, self._alive, "")
