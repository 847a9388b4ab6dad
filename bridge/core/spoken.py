"""Keeps what the user has said in the turn that is theirs, and which words of it are still to come."""

from __future__ import annotations

from collections.abc import Mapping

from engines.text.joining import joined


class Spoken:
    """The words of one turn by utterance; 0 is what was answered already, without being heard."""

    def __init__(self) -> None:
        self.words: dict[int, str] = {}
        self.awaited: set[int] = set()  # utterances of this turn whose words are not known yet
        self.murmurs: dict[int, float] = {}  # stopped over a reply, and when they began: their words tell what they are
        self.again = False  # words[0] was answered already

    def text(self, words: Mapping[int, str] | None = None) -> str:
        """Join `words`, or all, in the order in which they were said, whichever were recognised first."""
        return joined(text for _, text in sorted((self.words if words is None else words).items()))

    def reopen(self, prompt: str) -> None:
        """Begin anew with `prompt`, the answer to which was not heard."""
        self.words = {0: prompt}
        self.again = True

    def forget(self) -> None:
        """Begin anew with nothing."""
        self.words = {}
        self.again = False
        self.awaited.clear()
        self.murmurs.clear()
