"""Text into words: tokens, stems, sound codes and numbers. It knows no vocabulary; languages bring their own data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final, TypeAlias

from engines.text.han import alike
from engines.text.joining import glued

Folding: TypeAlias = Callable[[str], str]  # a text in the form in which words are compared

LETTERS: Final = 3  # that a stem keeps at least
_DOUBLED: Final = "bcdfghjkmnpqrtvwxyz"
MOST: Final = 60  # words of one utterance that are read

# Signs that are written on, under or after a letter and belong to its word: Latin accents, Hebrew and Arabic points,
# the vowel signs of Indic scripts, Thai vowels and tones.
_MARKS: Final = (
    "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    "\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a4d"
    "\u0a81-\u0a83\u0abc-\u0acd\u0b82\u0bbe-\u0bcd\u0c00-\u0c04\u0c3e-\u0c4d\u0c81-\u0c83\u0cbc-\u0ccd"
    "\u0d00-\u0d03\u0d3b-\u0d4d\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
# Scripts without spaces: Han and Hiragana are read a sign at a time, Katakana a run at a time.
_SIGNS: Final = "\u3005-\u3007\u3041-\u3096\u309d\u309e\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_KATAKANA: Final = "\u30a1-\u30fa\u30fc-\u30ff"

_WORD: Final = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*")
_ANY_WORD: Final = re.compile(
    rf"\d+(?:[.,]\d+)*|[{_SIGNS}]|[{_KATAKANA}]+"
    rf"|(?:[^\W\d_{_SIGNS}{_KATAKANA}][{_MARKS}]*)+(?:'(?:[^\W\d_{_SIGNS}{_KATAKANA}][{_MARKS}]*)+)*"
)
_SIGN: Final = re.compile(f"[{_SIGNS}]")
_QUOTES: Final = " \"'“”‘’()*"
_SENTENCE: Final = re.compile(r"[^\n]+?(?:[.!?…؟۔।॥]+[\"”’')\]»*]*(?=\s|\Z)|[。！？．｡]+[」』”’）\"*]*|(?=\n)|\Z)")
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


# What tells no words apart: accents, tatweel, Arabic vowel points and the hamza on its seats, the nukta.
_DROPPED: Final = dict.fromkeys([*range(0x300, 0x370), *range(0x64B, 0x656), 0x640, 0x670, 0x93C])
_ALIKE: Final = str.maketrans({"ى": "ي", "ة": "ه", "ـ": "", "ँ": "ं", "ß": "ss", "œ": "oe", "æ": "ae", "ø": "o"})


def fold(text: str) -> str:
    """Write a text in lower case without accents, in the plain forms of its letters and apostrophes."""
    text = text.replace("\u2019", "'").replace("\u2018", "'").lower()
    if text.isascii():
        return text
    bare = unicodedata.normalize("NFKD", text).translate(_DROPPED)
    return unicodedata.normalize("NFC", bare).translate(_ALIKE)


def fold_chinese(text: str) -> str:
    """Fold a Chinese text, with Traditional signs as Simplified ones."""
    return alike(fold(text))


def tokens(
    text: str,
    contractions: Mapping[str, str] | None = None,
    *,
    apart: bool = False,
    most: int = MOST,
    folding: Folding = fold,
) -> tuple[str, ...]:
    """Part a text into words, at most `most`; "what's" becomes two words when `contractions` says so.

    With `apart` an apostrophe parts words ("l'heure"), else it is left out. Han and Hiragana give a word a sign.
    """
    found: list[str] = []
    folded = folding(text)
    for match in (_WORD if folded.isascii() else _ANY_WORD).finditer(folded):
        word = match[0]
        if contractions and word in contractions:
            found += contractions[word].split()
        elif apart and "'" in word:
            found += word.split("'")
        elif word.endswith("'s"):
            found.append(word[:-2])
        else:
            found.append(word.replace("'", ""))
        if len(found) >= most:
            break
    return tuple(_spelt(found[:most]))


@dataclass(frozen=True, slots=True)
class Place:
    """A word of a text, folded, and the characters that it stands in."""

    word: str
    start: int
    end: int


def places(
    text: str,
    contractions: Mapping[str, str],
    *,
    apart: bool = False,
    most: int = MOST,
    folding: Folding = fold,
) -> list[Place]:
    """Part a text into words as `tokens` does, and say where each stands; words of one contraction share a place."""
    found: list[Place] = []
    for match in _ANY_WORD.finditer(text.replace("\u2019", "'").replace("\u2018", "'")):
        words = tokens(match[0], contractions, apart=apart, folding=folding)
        found += [Place(word, match.start(), match.end()) for word in words]
        if len(found) >= most:
            break
    return found[:most]


def _spelt(words: Sequence[str]) -> list[str]:
    """Make one word of three or more single letters in a row: "s o s" is "sos"."""
    found: list[str] = []
    for single, run in groupby(words, key=lambda word: len(word) == 1 and word.isascii() and word.isalpha()):
        letters = list(run)
        found += ["".join(letters)] if single and len(letters) > 2 else letters
    return found


def as_written(word: str, text: str, folding: Folding = fold) -> str:
    """Return a folded word as it stands in the text, with its accents and marks."""
    return next((match[0] for match in _ANY_WORD.finditer(text) if folding(match[0]) == word), word)


def is_sign(word: str) -> bool:
    """Say whether a word is one sign of a script that is written without spaces."""
    return len(word) == 1 and not word.isascii() and _SIGN.match(word) is not None


def sentences(text: str) -> list[str]:
    """Part a text into its sentences, each stripped, closing marks kept; a full stop of an abbreviation ends none."""
    whole: list[str] = []
    for match in _SENTENCE.finditer(text):
        part = match[0].strip()
        if whole and _ABBREVIATION.search(whole[-1]):
            whole[-1] += f" {part}"
        elif part:
            whole.append(part)
    return whole


def join(parts: Iterable[str]) -> str:
    """Join sentences as their script does: with a space, without one between signs that are written without."""
    text = ""
    for part in parts:
        if text and part:
            before = _MARKUP.sub("", text[-40:]).rstrip(_QUOTES)[-1:]
            after = _MARKUP.sub("", part).lstrip(_QUOTES)[:1]
            text += "" if glued(before, after) else " "
        text += part
    return text


def plain(text: str) -> str:
    """Return what is heard of a text: it without tags, stage directions and emphasis."""
    return re.sub(r"\s+", " ", _STAGE.sub(r"\1", _MARKUP.sub("", text)).replace("*", "")).strip()


def harmless(text: str) -> str:
    """Make words of others safe to say: nothing in them can be a tag or a macro."""
    return re.sub(r"\s+", " ", re.sub(r"[\[\]{}<>*|\x00-\x1f]", " ", text)).strip()


@lru_cache(maxsize=8192)
def stem(
    word: str, endings: tuple[tuple[str, str], ...], beginnings: tuple[str, ...] = (), least: int = LETTERS
) -> str:
    """Return the word without its beginning and ending; the first of each that leaves `least` letters applies."""
    if word.isdecimal():
        return word
    for beginning in beginnings:
        if word.startswith(beginning) and len(word) - len(beginning) >= least:
            word = word[len(beginning) :]
            break
    for ending, other in endings:
        if word.endswith(ending) and len(word) - len(ending) + len(other) >= least:
            word = word[: len(word) - len(ending)] + other
            if len(word) > 3 and word[-1] == word[-2] and word[-1] in _DOUBLED and not other:
                word = word[:-1]
            break
    return word[:-1] if word.endswith("e") and len(word) > 3 and ("e", "") in endings else word


@lru_cache(maxsize=8192)
def sound(word: str) -> str:
    """Code a word by its sound, after the idea of Metaphone (Philips 1990): consonant classes in order."""
    text = fold(word)
    for letters, code in _SOUNDS:
        text = text.replace(letters, code)
    first = "a" if text[:1] in "aeiou" else text[:1]
    rest = re.sub(r"[aeiouhwy]", "", text[1:])
    return re.sub(r"(.)\1+", r"\1", first + rest)


def distance(a: str, b: str, most: int) -> int:
    """Count the edits between two words (insert, delete, replace, swap neighbours), or most + 1 when there are more.

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
    return min(row[-1], most + 1)
