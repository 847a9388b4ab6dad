"""Text as a voice is given it: `$5.99` becomes "5 dollars and 99 cents", and every letter knows where it is written.

Only what is written otherwise than it is said is touched: espeak-ng reads numbers, and much else, well by itself. The
shown text stays as it is; `origin` leads back to it. What a library would return is a text without that way back, which
is why the rules are ours: `amounts`, `moments`, `signs`, with the words of `spoken.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from engines.voices.reading import amounts, moments, signs
from engines.voices.reading.said import Said, said

# Each character with the index that it is written at.
Marked: TypeAlias = Sequence[tuple[int, str]]

# Without one of these nothing is written otherwise than it is said.
_WORTH: Final = re.compile(r"[0-9½¼¾⅓⅔⅕-⅞²³#&/+=×÷~≈±$£€¥₹₩₽№]|\.(?:NET|js|py)")


@lru_cache(maxsize=64)
def _rules(language: str) -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Said], str | None]], ...]:
    words = said(language)
    if words is None:
        return ()
    found = [*signs.rules(words), *moments.rules(words), *amounts.rules(words)]
    # Where words are not parted by spaces, ideographs stand right beside what is read.
    flags = re.NOFLAG if words.spaced else re.ASCII
    return tuple((re.compile(pattern, flags), say) for pattern, say in found)


def as_said(text: Marked, language: str) -> list[tuple[int, str]]:
    """Return a text as it is said in a language, every character with the index of what it stands for."""
    plain = "".join(char for _, char in text)
    words = said(language)
    if words is None or not _WORTH.search(plain):
        return list(text)
    taken: list[tuple[int, int, str]] = []
    for pattern, say in _rules(language):
        for match in pattern.finditer(plain):
            start, end = match.span()
            if start == end or any(start < b and a < end for a, b, _ in taken):
                continue
            instead = say(match, words)
            if instead is not None and instead != match[0]:
                taken.append((start, end, instead))
    found: list[tuple[int, str]] = []
    at = 0
    for start, end, instead in sorted(taken):
        found += text[at:start]
        found += _placed(text[start:end], instead)
        at = end
    return found + list(text[at:])


def _placed(written: Marked, instead: str) -> list[tuple[int, str]]:
    """Give what is said instead its places: a word that is written too its own, others that of the word before."""
    plain = "".join(char for _, char in written)
    found: list[tuple[int, str]] = []
    at = last = 0
    for part in re.findall(r"\s+|\S+", instead):
        there = plain.find(part, at) if not part.isspace() else -1
        if there >= 0:
            found += [(written[there + i][0], char) for i, char in enumerate(part)]
            at, last = there + len(part), there + len(part) - 1
        else:
            found += [(written[last][0], char) for char in part]
    return found
