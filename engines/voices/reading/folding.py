"""Full-width letters, half-width kana, ligatures and letters in dress become plain ones, and know where they stood."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

# Left alone are signs that are said otherwise than what they fold to: fractions, powers, degrees, marks of sentences.
_FOLDED: Final = re.compile(
    "[\uff01-\uff60\uff65-\uff9f\uffe0-\uffe6\ufb00-\ufb06\u2460-\u24ff\u3300-\u33ff\U0001d400-\U0001d7ff\u2116\u2103\u2109]"
)
_KEPT: Final = "！？，：；（）．。、～"
_VOICING: Final = "\uff9e\uff9f"  # half-width marks that change the kana before them


def folded(text: Sequence[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return the same text in plain letters, by Unicode's NFKC."""
    if not _FOLDED.search("".join(char for _, char in text)):
        return list(text)
    found: list[tuple[int, str]] = []
    at = 0
    while at < len(text):
        index, char = text[at]
        at += 1
        between_digits = (
            char in "．：" and at < len(text) and text[at][1].isdigit() and bool(found) and found[-1][1].isdigit()
        )
        if (char in _KEPT and not between_digits) or not _FOLDED.match(char):
            found.append((index, char))
            continue
        if at < len(text) and text[at][1] in _VOICING:
            char += text[at][1]
            at += 1
        found += [(index, plain) for plain in unicodedata.normalize("NFKC", char)]
    return found
