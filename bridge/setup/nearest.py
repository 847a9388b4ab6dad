"""Finds what somebody probably meant by a name that is none."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Final

LONGEST: Final = 100  # characters of a name that are compared


def nearest(word: str, known: Iterable[str], *, count: int = 3) -> list[str]:
    """List up to `count` of the known names that resemble the word, the most similar first; case does not matter."""
    names = {name.lower(): name for name in known}
    return [names[match] for match in get_close_matches(word[:LONGEST].lower(), names, n=count, cutoff=0.6)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Ask whether a similar name was meant, as the end of a sentence; "" when there is none."""
    found = nearest(word, known, count=2)
    return f"; did you mean {' or '.join(found)}?" if found else ""
