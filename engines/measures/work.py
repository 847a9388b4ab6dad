"""What engines tell of their work: counts and times of each stage, behind `/metrics`."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from typing import Final, Protocol, runtime_checkable

# Upper bounds in seconds of the counts in `Work.queue`; one more count stands for all that waited longer.
QUEUE_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
RECENT: Final = 256  # runs over which the gauges are taken


@dataclass(frozen=True, slots=True)
class Work:
    """What one stage of the models on one device has done since it began; counts only grow, seconds are of device time.

    `waiting` and `batch_limit` are as of now; `queue` counts items by how long they waited (QUEUE_BOUNDS);
    `tokens_per_second` and `real_time_factor` (device seconds for a second of audio, below 1 is faster than life)
    are those of the last runs, 0 where they mean nothing. `restarts` counts processes that took a dead one's place.
    """

    device: str
    stage: str
    waiting: int
    batch_limit: int
    items: int
    batches: int
    failed: int
    cancelled: int
    out_of_memory: int
    hung: int
    busy: float
    queue_sum: float
    queue: tuple[int, ...]
    tokens: int
    audio: float
    tokens_per_second: float
    real_time_factor: float
    restarts: int = 0


@runtime_checkable
class Measured(Protocol):
    """An engine that says what it does; those that share a device may each tell of all that the device did."""

    def work(self) -> tuple[Work, ...]:
        """Measure each stage. Must not block."""
        ...


@dataclass(slots=True)
class Tally:
    """The running counts of one stage; where threads share it the caller holds a lock."""

    device: str
    stage: str
    items: int = 0
    batches: int = 0
    failed: int = 0
    cancelled: int = 0
    out_of_memory: int = 0
    hung: int = 0
    restarts: int = 0
    busy: float = 0.0
    queue_sum: float = 0.0
    queue: list[int] = field(default_factory=lambda: [0] * (len(QUEUE_BOUNDS) + 1))
    tokens: int = 0
    audio: float = 0.0
    _recent: deque[tuple[float, int, float]] = field(default_factory=lambda: deque(maxlen=RECENT))
    _tokens_then: int = 0
    _audio_then: float = 0.0

    def waited(self, seconds: float) -> None:
        """Count an item that was begun `seconds` after it was asked for."""
        seconds = max(0.0, seconds)
        self.queue[bisect_left(QUEUE_BOUNDS, seconds)] += 1
        self.queue_sum += seconds

    def ran(self, items: int, seconds: float) -> None:
        """Count a batch of `items` that took `seconds`; what `credit` counted since the last one is what it made."""
        self.items += items
        self.batches += 1
        self.busy += seconds
        self._recent.append((seconds, self.tokens - self._tokens_then, self.audio - self._audio_then))
        self._tokens_then, self._audio_then = self.tokens, self.audio

    def value(self, *, waiting: int, limit: int) -> Work:
        """Return the counts as they stand."""
        busy = sum(seconds for seconds, _, _ in self._recent)
        tokens = sum(tokens for _, tokens, _ in self._recent)
        audio = sum(audio for _, _, audio in self._recent)
        return Work(
            device=self.device,
            stage=self.stage,
            waiting=waiting,
            batch_limit=limit,
            items=self.items,
            batches=self.batches,
            failed=self.failed,
            cancelled=self.cancelled,
            out_of_memory=self.out_of_memory,
            hung=self.hung,
            restarts=self.restarts,
            busy=self.busy,
            queue_sum=self.queue_sum,
            queue=tuple(self.queue),
            tokens=self.tokens,
            audio=self.audio,
            tokens_per_second=tokens / busy if busy else 0.0,
            real_time_factor=busy / audio if audio else 0.0,
        )
