"""Keeps the voices of each session apart, and calls them by numbers."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from engines.hearing.apart.described import Sample, Space
from engines.hearing.apart.grouping import Voices

MOST: Final = 1024  # sessions; the voices of the one that was silent for longest are forgotten


class Sessions:
    """The voices of all sessions, at most `most` in each; nothing of them leaves the process or outlives it."""

    def __init__(self, space: Space, *, most: int) -> None:
        self._space = space
        self._most = most
        self._voices: OrderedDict[str, Voices] = OrderedDict()

    def __len__(self) -> int:
        """Count the sessions of which voices are known."""
        return len(self._voices)

    def who(self, session: str, sample: Sample | None) -> str:
        """Return what to call whoever spoke, "" where that cannot be told."""
        if sample is None:
            return ""
        voices = self._voices.setdefault(session, Voices(self._space, most=self._most))
        self._voices.move_to_end(session)
        while len(self._voices) > MOST:
            self._voices.popitem(last=False)
        number = voices.who(sample)
        return f"voice {number}" if number else ""

    def forget(self, session: str) -> None:
        """Forget the voices of a session."""
        self._voices.pop(session, None)
