"""Judges other languages than English: only what can hardly be an end is known, and a question mark.

The lists hold words after which more must come.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

from engines.hearing.endings.sentence import Sentence

UNFINISHED: Final = 0.15
ASKED: Final = 0.8

OPEN_WORDS: Final = {
    language: frozenset(words.split())
    for language, words in tomllib.loads((Path(__file__).parent / "others.toml").read_text(encoding="utf-8")).items()
}


def likely(s: Sentence, language: str) -> float:
    """Return the likelihood that the turn is over in a language like "de" or "fr"; 0.5 where nothing is known."""
    if s.mark == "…":
        return UNFINISHED
    if s.last in OPEN_WORDS.get(language, frozenset()):
        return UNFINISHED if s.mark not in ("?", "!") else 0.5
    if s.mark == ",":
        return 0.3
    return ASKED if s.mark == "?" and s.words else 0.5
