"""Text into words: tokens, stems, sound codes and numbers. It knows no vocabulary; languages bring their own data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Final

MOST: Final = 60  # words of one utterance that are read

_WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_SENTENCE: Final = re.compile(r"(?<=[.!?…。！？])[\"”’)]*\s+|\n+")
_ABBREVIATION: Final = re.compile(r"(?:\b(?:mr|mrs|ms|dr|prof|st|no|e\.g|i\.e|vs)|\b[A-Z])\.$", re.IGNORECASE)
_MARKUP: Final = re.compile(r"\[[a-zA-Z][a-zA-Z0-9_:.-]*\]")
_STAGE: Final = re.compile(r"(^|[.!?…\"”)\]]\s*)\*[^*\s][^*\n]{0,79}\*")
# Letters to sounds, longest first; voiced and unvoiced fall together, as they do for a recogniser.
_SOUNDS: Final = (
    ("tion", "xn"), ("sion", "xn"), ("tch", "x"), ("sch", "x"),
    ("dge", "x"), ("sh", "x"), ("ch", "x"), ("ph", "f"), ("gh", ""), ("kn", "n"),
    ("wr", "r"), ("ck", "k"), ("qu", "k"), ("th", "t"), ("ce", "s"), ("ci", "s"), ("cy", "s"), ("ge", "x"),
    ("x", "ks"), ("j", "x"), ("c", "k"), ("q", "k"), ("g", "k"), ("z", "s"), ("d", "t"), ("b", "p"), ("v", "f"),
)  # fmt: skip


def fold(text: str) -> str:
    """Lower case without accents, typographic apostrophes made plain."""
    text = text.replace("\u2019", "'").replace("\u2018", "'").lower()
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def tokens(text: str, contractions: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The words of a text, at most MOST; "what's" becomes two words when `contractions` says so."""
    found: list[str] = []
    for match in _WORD.finditer(fold(text)):
        word = match[0]
        if contractions and word in contractions:
            found += contractions[word].split()
        elif word.endswith("'s"):
            found.append(word[:-2])
        else:
            found.append(word.replace("'", ""))
        if len(found) >= MOST:
            break
    return tuple(_spelt(found[:MOST]))


def _spelt(words: Sequence[str]) -> list[str]:
    """Three or more single letters in a row made one word: "s o s" is "sos"."""
    found: list[str] = []
    for single, run in groupby(words, key=lambda word: len(word) == 1 and word.isalpha()):
        letters = list(run)
        found += ["".join(letters)] if single and len(letters) > 2 else letters
    return found


def sentences(text: str) -> list[str]:
    """The sentences of a text, each stripped; a full stop of an abbreviation ends none."""
    whole: list[str] = []
    for part in _SENTENCE.split(text):
        if whole and _ABBREVIATION.search(whole[-1]):
            whole[-1] += f" {part.strip()}"
        elif part.strip():
            whole.append(part.strip())
    return whole


def plain(text: str) -> str:
    """What is heard of a text: without tags, stage directions and emphasis."""
    return re.sub(r"\s+", " ", _STAGE.sub(r"\1", _MARKUP.sub("", text)).replace("*", "")).strip()


def harmless(text: str) -> str:
    """Words of others made safe to say: nothing in them can be a tag or a macro."""
    return re.sub(r"\s+", " ", re.sub(r"[\[\]{}<>*|\x00-\x1f]", " ", text)).strip()


@lru_cache(maxsize=8192)
def stem(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    """The word without its ending; the first of `endings` that leaves three letters applies."""
    if word.isdecimal():
        return word
    for ending, other in endings:
        if word.endswith(ending) and len(word) - len(ending) + len(other) >= 3:
            word = word[: len(word) - len(ending)] + other
            if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls" and not other:
                word = word[:-1]
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 and ("e", "") in endings else word


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """A code that words of like sound share, after the idea of Metaphone (Philips 1990): consonant classes in order."""
    text = fold(word)
    for letters, code in _SOUNDS:
        text = text.replace(letters, code)
    first = "a" if text[:1] in "aeiou" else text[:1]
    rest = re.sub(r"[aeiouhwy]", "", text[1:])
    return re.sub(r"(.)\1+", r"\1", first + rest)


def distance(a: str, b: str, most: int) -> int:
    """Edits between two words (insert, delete, replace, swap neighbours), or most + 1 when there are more.

    The restricted edit distance of Damerau, a row at a time.
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        older, before, row = before, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]


def numbers(words: Sequence[str], units: Mapping[str, int], scales: Mapping[str, int], point: str) -> list[float]:
    """Every number in the words, digits or spelt ("three hundred and forty" is 340, "one point five" 1.5)."""
    found: list[float] = []
    total, part, open_, decimals = 0.0, 0.0, False, 0

    def close() -> None:
        nonlocal total, part, open_, decimals
        if open_:
            found.append(round(total + part, 9))
        total, part, open_, decimals = 0.0, 0.0, False, 0

    for i, word in enumerate(words):
        if word[0].isdecimal():
            digits = _digits(word)
            if open_ and not decimals:
                close()
            part, open_ = (part + digits / 10**decimals, True) if decimals else (digits, True)
        elif word in units:
            value = units[word]
            if decimals:
                part += value / 10**decimals
                decimals += 1
                continue
            if open_ and not (_joins(part, value) or (total and not part)):
                close()
            part, open_ = part + value, True
        elif word in scales:
            scale = scales[word]
            if scale == 100:
                part = (part or 1) * 100
            else:
                total, part = total + (part or 1) * scale, 0.0
            open_, decimals = True, 0
        elif word == point and open_ and not decimals:
            decimals = 1
        elif not (open_ and i + 1 < len(words) and word == "and" and words[i + 1] in units):
            close()
    close()
    return found


def _digits(word: str) -> float:
    """A number in digits; commas part thousands, and a lone one is a decimal point."""
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", word):
        return float(word.replace(",", ""))
    found = re.match(r"\d+(?:[.,]\d+)?", word)
    return float(found[0].replace(",", ".")) if found else 0.0


def _joins(part: float, value: int) -> bool:
    """Whether "twenty" and "one", "hundred" and "forty" make one number; "one" and "two" do not."""
    return (part % 100 == 0 and value < 100 and part > 0) or (part % 10 == 0 and part % 100 >= 20 and value < 10)
