"""What a device has done, counted by stage: the measures behind `/metrics`. The caller holds the lock."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from engines.measures import QUEUE_BOUNDS, Work

RECENT: Final = 256  # runs over which the gauges are taken


@dataclass(slots=True)
class Tally:
    """The running counts of one stage."""

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
        """An item was begun `seconds` after it was asked for."""
        seconds = max(0.0, seconds)
        self.queue[bisect_left(QUEUE_BOUNDS, seconds)] += 1
        self.queue_sum += seconds

    def ran(self, items: int, seconds: float) -> None:
        """A batch of `items` took `seconds`; what `credit` counted since the last one is what it made."""
        self.items += items
        self.batches += 1
        self.busy += seconds
        self._recent.append((seconds, self.tokens - self._tokens_then, self.audio - self._audio_then))
        self._tokens_then, self._audio_then = self.tokens, self.audio

    def value(self, *, waiting: int, limit: int) -> Work:
        """The counts as they stand."""
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
