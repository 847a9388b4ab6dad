"""The one place where a model's words become phrases to be spoken, a text to be shown, and cues.

markup -> phrases: what comes out is plain, and what is shown is what was written, to the letter. How numbers and signs
are said is the voice's business (`engines.voices.reading`), which maps what it says back to the words that are shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bridge.core.text.code import Code
from bridge.core.text.markup import Markup
from bridge.core.text.phrases import Phrases
from bridge.core.text.written import Written
from engines.api import Phrase

STEP: Final = 4096  # characters that are read at once, so that no text holds up the others for long


class End(str):
    """Stands in a stream of text where what was left open ends, and what follows begins anew.

    It is told by its type, so that nothing a model writes can be taken for it.
    """

    __slots__ = ()


END: Final = End()


class Pipeline:
    """Reads one reply; `emotions` are the moods that its tags may name, `language` a BCP-47 tag.

    Whoever takes its phrases tells `written` of those that are to be shown.
    """

    def __init__(self, emotions: frozenset[str], language: str = "", code: Code | None = None) -> None:
        self.written = Written()
        self._emotions = emotions
        self._code = code
        self._markup = Markup(emotions, code)
        self._phrases = Phrases(language)

    def push(self, text: str) -> list[Phrase]:
        """Return the phrases that are complete by now."""
        if isinstance(text, End):
            return self.close()
        return [phrase for piece in self._markup.push(text) for phrase in self._phrases.push(piece)]

    def likely(self) -> Phrase | None:
        """Return the first phrase of all if it seems complete, though what follows may yet belong to it."""
        return self._phrases.likely()

    def close(self) -> list[Phrase]:
        """Return the rest; what is pushed afterwards begins anew."""
        phrases = [phrase for piece in self._markup.flush() for phrase in self._phrases.push(piece)]
        self._markup = Markup(self._emotions, self._code, begun=True)
        return phrases + self._phrases.flush()


def steps(text: str) -> Iterator[str]:
    """Yield a text in parts that are quickly read."""
    if isinstance(text, End):
        yield text
    for at in range(0, len(text), STEP):
        yield text[at : at + STEP]
