"""Numbers what a resume must replay, and keeps it until the client has it.

The ring is bounded in bytes: a client that acknowledges keeps it small, one that never does loses the oldest, and can
then not resume from there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Final, Generic, NamedTuple, TypeVar

M = TypeVar("M")

MAX_BYTES: Final = 2 * 1024 * 1024


class ReplayGap(Exception):
    """What the client lacks is no longer kept."""


class Kept(NamedTuple, Generic[M]):
    """One message that a resume may need."""

    seq: int
    turn: int  # 0: of no turn
    size: int
    message: M


class Outbox(Generic[M]):
    """The replayable messages of one session, oldest first."""

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self._max = max_bytes
        self._kept: deque[Kept[M]] = deque()
        self._bytes = 0
        self._lost = 0  # the newest seq that was dropped unacknowledged
        self._acked = 0
        self.seq = 0  # the newest given

    def __len__(self) -> int:
        return len(self._kept)

    def next_seq(self) -> int:
        """Return the number of the next message."""
        self.seq += 1
        return self.seq

    def keep(self, seq: int, message: M, *, turn: int, size: int) -> None:
        """Keep message `seq`, of about `size` bytes, until it is acknowledged or its turn is cut."""
        self._kept.append(Kept(seq, turn, size, message))
        self._bytes += size
        while self._bytes > self._max:
            self._lost = self._drop_oldest()

    def ack(self, seq: int) -> None:
        """Drop everything up to `seq`, which the client has; numbers never given count as the newest."""
        self._acked = max(self._acked, min(seq, self.seq))
        while self._kept and self._kept[0].seq <= self._acked:
            self._drop_oldest()

    def cut(self, turn: int) -> None:
        """Drop what belongs to turns up to `turn`."""
        self._kept = deque([kept for kept in self._kept if kept.turn == 0 or kept.turn > turn])
        self._bytes = sum([kept.size for kept in self._kept])

    def since(self, seq: int) -> list[M]:
        """Return what follows `seq`; ReplayGap if some of it is no longer kept or `seq` was never given."""
        if seq > self.seq or seq < self._acked or seq < self._lost:
            raise ReplayGap
        return [kept.message for kept in self._kept if kept.seq > seq]

    @property
    def standing(self) -> tuple[int, int, tuple[Kept[M], ...]]:
        """Return up to where the client has acknowledged, the newest that was lost, and what is kept."""
        return self._acked, self._lost, tuple(self._kept)

    def restore(self, seq: int, acked: int, lost: int, kept: Iterable[Kept[M]]) -> None:
        """Go on where another one stood."""
        self.seq, self._acked, self._lost = seq, acked, lost
        self._kept = deque(kept)
        self._bytes = sum([each.size for each in self._kept])

    def _drop_oldest(self) -> int:
        kept = self._kept.popleft()
        self._bytes -= kept.size
        return kept.seq
