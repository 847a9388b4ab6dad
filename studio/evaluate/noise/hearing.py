"""Makes the errors that speech recognisers make: words that sound alike, small words lost, words parted or joined.

Pure: the same random numbers give the same errors. What is heard has neither case nor punctuation. A word is taken for
one of the same sound by the table, else for one of `known` words that is near to it in letters or sound.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from random import Random
from typing import Final

from engines.identity.bundle import primary
from engines.words.text import distance, is_sign, sound
from engines.words.vocabulary import vocabulary_of

KNOWN: Final = 4000  # words that others may be taken for
NEAR: Final = 2  # edits within which one word is taken for another

_PIECE: Final = re.compile(r"[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff]|[^\s\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff]+")


class Ears:
    """What may be taken for what in one language, among `known` words, such as those of the card."""

    def __init__(self, language: str, known: Iterable[str] = ()) -> None:
        self.language = primary(language)
        self._alike = alike_in(self.language)
        vocabulary = vocabulary_of(self.language)
        self._small = vocabulary.stop | _function(self.language)
        words = sorted({word for word in known if len(word) > 2 and not any(map(is_sign, word))})[:KNOWN]
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        self._by_length: dict[tuple[int, str], list[str]] = defaultdict(list)
        for word in words:
            self._by_sound[sound(word)].append(word)
            self._by_length[len(word), word[:1]].append(word)

    def taken_for(self, word: str) -> tuple[str, ...]:
        """Return the words that one may be taken for, sorted; it itself is not among them."""
        found = set(self._alike.get(word, ()))
        if not found and word.isalpha() and len(word) > 2:
            found |= set(self._by_sound.get(sound(word), ())) if len(sound(word)) > 1 else set()
            lengths = range(len(word) - NEAR, len(word) + NEAR + 1)
            near = (other for size in lengths for other in self._by_length.get((size, word[:1]), ()))
            found |= {other for other in near if distance(word, other, NEAR) <= NEAR}
        return tuple(sorted(found - {word}))

    def small(self, word: str) -> bool:
        """Say whether it is a word that is easily lost."""
        return word in self._small


def misheard(text: str, level: float, chance: Random, ears: Ears) -> str:
    """Return the text as a recogniser may write it, with about the share `level` of its words wrong."""
    words = [word for piece in _PIECE.findall(text) if (word := _bare(piece))]
    said: list[str] = []
    for i, word in enumerate(words):
        said += _heard(word, words[i + 1 : i + 2], chance, ears) if chance.random() < level else [word]
    if not said:
        said = words[:1]
    return joined(said)


def joined(words: Iterable[str]) -> str:
    """Write words as they are written: signs without spaces between them."""
    text = ""
    for word in words:
        text += ("" if not text or (is_sign(word[:1]) and is_sign(text[-1])) else " ") + word
    return text


@cache
def alike_in(language: str) -> Mapping[str, tuple[str, ...]]:
    """Return the words of the same sound for each word of the language's table."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in _tables().get(language, {}).get("groups", "").splitlines():
        group = line.split()
        for word in group:
            found[word] += [other for other in group if other != word]
    return {word: tuple(dict.fromkeys(others)) for word, others in found.items()}


# ------------------------------------------------------------------------------------------------ parts


def _bare(piece: str) -> str:
    """Return what is heard of a word: no capitals, and no punctuation around it."""
    word = piece.lower().replace("\u2019", "'")
    held = [i for i, c in enumerate(word) if unicodedata.category(c)[0] in "LNM"]
    return word[held[0] : held[-1] + 1] if held else ""


def _heard(word: str, following: list[str], chance: Random, ears: Ears) -> list[str]:
    """Return what is written for one word."""
    if ears.small(word) and chance.random() < 0.5:
        return []
    if others := ears.taken_for(word):
        return [chance.choice(others)]
    if is_sign(word):
        return [] if chance.random() < 0.5 else [word, word]
    if len(word) > 5 and chance.random() < 0.4:
        at = chance.randrange(2, len(word) - 2)
        return [word[:at], word[at:]]
    if len(word) > 3:
        at = chance.randrange(1, len(word) - 1)  # a sound is lost
        return [word[:at] + word[at + 1 :]]
    return []


@cache
def _function(language: str) -> frozenset[str]:
    return frozenset(_tables().get(language, {}).get("function", "").split())


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    source = files("studio.evaluate.noise") / "tables" / "hearing.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))
