"""Holds one answer of a duplex model as it comes: its sound, its words, its calls, and how it ended."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Final

from bridge.core.timeline import MEDIA_RATE, Ticks
from engines.api import EngineError, Failure
from engines.duplex.exchange import ReplyCall

TEXT: Final = 65_536  # characters of one answer
CALLS: Final = 8  # of one answer; further ones are not made


@dataclass(frozen=True, slots=True)
class _Gone:
    """Sound that has gone out: `ticks` of ours, which are the model's from sample `start` on (None: our own voice)."""

    ticks: int
    start: int | None


class TheirReply:
    """One answer to one turn; `longest` seconds of its sound are taken. It may be made of several of the model's."""

    def __init__(self, rate: int, longest: float) -> None:
        self.rate = rate
        self.names: list[str] = []  # the model's, in order
        self.sound = 0  # samples that have come
        self.wrote = False
        self.ended = False  # the model has said all that it says before its calls are answered
        self.cut = False  # by a limit
        self.stopped = False  # nothing more of it is wanted
        self.failure: EngineError | None = None
        self.changed = asyncio.Event()
        self._most = round(longest * rate)
        self._lengths: list[int] = []  # samples of each of the model's answers
        self._sound: deque[bytes] = deque()
        self._text: deque[str] = deque()
        self._characters = 0
        self._calls: deque[ReplyCall] = deque()
        self._called = 0
        self._gone: list[_Gone] = []

    # ------------------------------------------------------------------------------------------ from the model

    def begin(self, name: str) -> None:
        """Note that the model begins to answer, or goes on after calls, as `name`."""
        self.names.append(name)
        self._lengths.append(0)
        self.ended = False
        self.changed.set()

    def hear(self, pcm: bytes) -> None:
        """Take sound; beyond the longest it is dropped, and the answer counts as cut."""
        room = max(0, self._most - self.sound)
        self.cut = self.cut or len(pcm) // 2 > room
        pcm = pcm[: 2 * room]
        if pcm:
            self.sound += len(pcm) // 2
            self._lengths[-1] += len(pcm) // 2
            self._sound.append(pcm)
        self.changed.set()

    def write(self, text: str) -> None:
        """Take words."""
        text = text[: TEXT - self._characters]
        self._characters += len(text)
        self.wrote = self.wrote or any(map(str.isalnum, text))
        self._text.append(text)
        self.changed.set()

    def call(self, call: ReplyCall) -> bool:
        """Take a call; False for one too many."""
        self._called += 1
        if self._called <= CALLS:
            self._calls.append(call)
            self.changed.set()
        return self._called <= CALLS

    def end(self, *, cut: bool = False) -> None:
        """Note that the model has said all of it."""
        self.ended, self.cut = True, self.cut or cut
        self.changed.set()

    def fail(self, error: EngineError) -> None:
        """Note that the rest of it will not come."""
        self.failure = self.failure or error
        self.ended = True
        self.changed.set()

    # --------------------------------------------------------------------------------------- to whoever speaks it

    def taken_sound(self) -> bytes:
        """Take the sound that has come."""
        pcm = b"".join(self._sound)
        self._sound.clear()
        return pcm

    def taken_text(self) -> str:
        """Take the words that have come."""
        text = "".join(self._text)
        self._text.clear()
        return text

    def taken_calls(self) -> list[ReplyCall]:
        """Take the calls that have come."""
        calls = list(self._calls)
        self._calls.clear()
        return calls

    def goes_on(self) -> None:
        """Wait for more: its calls were answered."""
        self.ended = False

    def let_go(self, samples: int, rate: int, start: int | None) -> None:
        """Note that sound goes out: `samples` at `rate`, the model's own from `start` on."""
        self._gone.append(_Gone(samples * MEDIA_RATE // rate, start))

    def heard(self, ticks: Ticks) -> list[tuple[str, int]]:
        """Return how many samples of each of the model's answers were heard, when it was heard for so many ticks."""
        left, heard = int(ticks), 0
        for gone in self._gone:
            if left <= 0:
                break
            if gone.start is not None:
                heard = gone.start + min(gone.ticks, left) * self.rate // MEDIA_RATE
            left -= gone.ticks
        found: list[tuple[str, int]] = []
        for name, length in zip(self.names, self._lengths, strict=True):
            found.append((name, min(heard, length)))
            heard = max(0, heard - length)
        return found


def late(seconds: float) -> EngineError:
    """Make the error of a model that does not go on."""
    sentence = f"the duplex model said nothing for {seconds:g} s"
    return EngineError("dialogue_failed", sentence, retryable=True, kind=Failure.LATE)


def unwritten() -> EngineError:
    """Make the error of a model whose words nobody can judge."""
    sentence = (
        "the duplex model does not write what it says, so that no gate can judge it, and it is withheld: "
        "have it write (its transcript), or set realtime.unwritten to have it heard all the same"
    )
    return EngineError("dialogue_failed", sentence, kind=Failure.WITHHELD, setting="realtime.unwritten")
