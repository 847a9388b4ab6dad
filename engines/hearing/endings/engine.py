"""Judges whether the user has finished by how their words end: no model, no training, a few microseconds.

English is read by rules (trailing conjunctions, articles, prepositions, hesitation, dictated numbers, complete
questions); German, French, Spanish, Italian, Portuguese and Dutch by lists of words that cannot end a sentence; of
other languages only punctuation is understood. What is not known is 0.5.
"""

from __future__ import annotations

from engines.hearing.endings import english, others
from engines.hearing.endings.sentence import read


class WordsEnding:
    """The rules as an engine."""

    name = "words"

    async def start(self) -> None:
        """Do nothing: there is no model."""

    async def close(self) -> None:
        """Do nothing: there is no model."""

    async def likely(self, text: str, language: str) -> float:
        """Return the likelihood 0..1 that the user's turn is over after `text`."""
        return judge(text, language)


def judge(text: str, language: str) -> float:
    """Judge without waiting."""
    sentence = read(text)
    primary = language.lower().replace("_", "-").partition("-")[0]
    return english.likely(sentence) if primary in ("en", "") else others.likely(sentence, primary)
