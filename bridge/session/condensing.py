"""Keeps a summary of what was said so long ago in a session that a language model is not told it word for word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engines.api import Message
from engines.memory.telling import summary

KEPT: Final = 24  # contributions that are told word for word
AT_ONCE: Final = 16  # older ones that are summarised together
LONGEST: Final = 1200  # characters of the summary
SHOWN: Final = 400  # characters of one contribution that a model is shown


class Condensing:
    """The summary of one session so far, and up to which contribution it goes."""

    def __init__(self) -> None:
        self.text = ""
        self.free = True  # nothing is being summarised
        self._upto: Message | None = None

    def of(self, history: Sequence[Message]) -> tuple[str, int]:
        """Return the summary, and how many of the messages of `history` it covers."""
        return self.text, self._covered(history)

    def due(self, history: Sequence[Message]) -> tuple[Message, ...]:
        """Return the contributions that are to be summarised now, () when it is not time yet."""
        first = self._covered(history)
        last = len(history) - KEPT
        return tuple(history[first:last]) if last - first >= AT_ONCE else ()

    def asked(self, old: Sequence[Message]) -> str:
        """Write what a language model is to summarise."""
        lines = [f"{message.role}: {message.text[:SHOWN]}" for message in old]
        before = f"What went before: {self.text}\n" if self.text else ""
        return before + "\n".join(lines)

    def take(self, old: Sequence[Message], text: str = "") -> None:
        """Take a summary of `old` and all before it; without one it is made of the user's own words."""
        self.free = True
        if text.strip():
            made = text
        else:
            made = f"{self.text} {summary([message.text for message in old if message.role == 'user'])}"
        made = " ".join(made.split())
        # What is longest ago goes first.
        self.text = made if len(made) <= LONGEST else f"... {made[4 - LONGEST :]}"
        self._upto = old[-1]

    def restore(self, text: str, history: Sequence[Message], covers: int) -> None:
        """Go on with a summary that was made elsewhere of the first `covers` messages of `history`."""
        self.text = text
        self._upto = history[covers - 1] if 0 < covers <= len(history) else None

    def _covered(self, history: Sequence[Message]) -> int:
        if self._upto is None:
            return 0
        return next((at + 1 for at in range(len(history) - 1, -1, -1) if history[at] is self._upto), 0)
