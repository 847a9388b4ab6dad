"""Makes the errors that people make when they type: neighbouring keys, letters left out, doubled or swapped, case.

Pure: the same random numbers give the same errors. Chinese is typed by sound, so that its errors are other signs of the
same sound; scripts without a keyboard in the table lose, double and swap letters.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise
from random import Random
from typing import Final

from engines.identity.bundle import primary
from engines.words.text import is_sign
from studio.evaluate.noise.hearing import alike_in

DEFAULT: Final = "qwerty"
SHIFT: Final = 0.4  # of a key's width, from row to row
REACH: Final = 1.3  # keys' widths within which another key is hit by mistake

_PIECE: Final = re.compile(
    r"\s+|[\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff]|[^\s\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff]+"
)

Slip = Callable[[str, Random, Mapping[str, str]], str]


def mistyped(text: str, level: float, chance: Random, language: str = "en") -> str:
    """Return the text with an error in about the share `level` of its words (of its signs, where signs are words)."""
    keys, sounds = neighbours(primary(language)), alike_in(primary(language))
    pieces = _PIECE.findall(text)
    for i, piece in enumerate(pieces):
        if not any(c.isalnum() for c in piece) or chance.random() >= level:
            continue
        if is_sign(piece):
            pieces[i] = _by_sound(piece, chance, sounds)
        elif i + 1 < len(pieces) and chance.random() < 0.1:
            pieces[i + 1] = "" if pieces[i + 1].isspace() else pieces[i + 1]  # two words run together
        else:
            pieces[i] = _slipped(piece, chance, keys)
    return "".join(pieces)


@cache
def neighbours(language: str) -> Mapping[str, str]:
    """Return the keys that lie beside each key, of the keyboard that is usual for a language."""
    source = files("studio.evaluate.noise") / "tables" / "typing.toml"
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    rows = tables["keyboards"][tables["languages"].get(language, DEFAULT)]
    places = {key: (x + SHIFT * y, float(y)) for y, row in enumerate(rows) for x, key in enumerate(row)}
    return {
        key: "".join(
            other
            for other, (u, v) in places.items()
            if other != key and other.isalpha() == key.isalpha() and (u - x) ** 2 + (v - y) ** 2 <= REACH**2
        )
        for key, (x, y) in places.items()
    }


# ------------------------------------------------------------------------------------------------ slips


def _slipped(word: str, chance: Random, keys: Mapping[str, str]) -> str:
    """Return the word with one error; one that leaves it as it was is tried again with the next kind."""
    kinds: list[Slip] = [_beside, _beside, _beside, _left_out, _left_out, _swapped, _swapped, _doubled, _cased]
    chance.shuffle(kinds)
    return next((other for kind in kinds if (other := kind(word, chance, keys)) not in (word, "")), word)


def _letters(word: str) -> list[int]:
    """Return where the letters and figures stand, each with the marks that belong to it."""
    return [i for i, c in enumerate(word) if c.isalnum()]


def _end(word: str, at: int) -> int:
    """Return where the letter at a place ends, its marks included."""
    end = at + 1
    while end < len(word) and unicodedata.category(word[end]).startswith("M"):
        end += 1
    return end


def _beside(word: str, chance: Random, keys: Mapping[str, str]) -> str:
    places = [i for i in _letters(word) if keys.get(word[i].lower())]
    if not places:
        return word
    at = chance.choice(places)
    other = chance.choice(keys[word[at].lower()])
    return word[:at] + (other.upper() if word[at].isupper() else other) + word[at + 1 :]


def _left_out(word: str, chance: Random, keys: Mapping[str, str]) -> str:
    places = _letters(word)
    if len(places) < 3:
        return word
    at = chance.choice(places[1:])  # hardly anybody leaves out the first
    return word[:at] + word[_end(word, at) :]


def _swapped(word: str, chance: Random, keys: Mapping[str, str]) -> str:
    places = _letters(word)
    pairs = [(a, b) for a, b in pairwise(places) if _end(word, a) == b]
    if not pairs:
        return word
    a, b = chance.choice(pairs)
    end = _end(word, b)
    return word[:a] + word[b:end] + word[a:b] + word[end:]


def _doubled(word: str, chance: Random, keys: Mapping[str, str]) -> str:
    places = _letters(word)
    if not places:
        return word
    at = chance.choice(places)
    end = _end(word, at)
    return word[:end] + word[at:end] + word[end:]


def _cased(word: str, chance: Random, keys: Mapping[str, str]) -> str:
    return word.upper() if word.islower() else word.lower()


def _by_sound(sign: str, chance: Random, sounds: Mapping[str, tuple[str, ...]]) -> str:
    others = sounds.get(sign, ())
    if others and chance.random() < 0.75:
        return chance.choice(others)
    return "" if chance.random() < 0.5 else sign * 2
