"""What engines tell of their work: counts and times of each stage, behind `/metrics`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

# Upper bounds in seconds of the counts in `Work.queue`; one more count stands for all that waited longer.
QUEUE_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


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
        """The measures of each stage. Must not block."""
        ...
