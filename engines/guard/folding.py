"""Reads a text as the lists are written: words in one plain form, each knowing the characters that it stands in.

`read` folds what never matters (case, accents, width, invisible characters, Traditional signs). `unmasked` also undoes
what people do to words so that a filter does not see them: letters of other scripts that look alike, digits for
letters, letters apart, letters repeated, words that are each a sentence. It finds no other spelling than that: words
backwards, or in code, pass.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from engines.text.han import alike

STOP: Final = "."  # the word that stands where a sentence ends

# Letters of Cyrillic and Greek that look like Latin ones, in lower case.
_ALIKE: Final = dict(
    zip("абвгеёзикмнорстухьѕіјһԁԛԝαβγεηικνορτυχω", "abbreeeukmhopctyxbsijhdqwabyenikvoptuxw", strict=True)
)
_LEET: Final = str.maketrans("034578@$+€£¡", "oeastbasteli")
_EITHER: Final = "1!|"  # are an i or an l
_SPELT: Final = {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i"}
_APOSTROPHES: Final = "'’‘ʼ`´"
_VOICED: Final = "\u3099\u309a"  # marks that make another kana
_SIGN: Final = "\u3005-\u3007\u3041-\u309e\u30a1-\u30fe\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_STOPS: Final = ".!?;:…。．！？；：\n"
_STOPPED: Final = re.compile(rf"[{re.escape(_STOPS)}]")
_WORDS: Final = re.compile(rf"[{_SIGN}]|[^\W_{_SIGN}]+|[{re.escape(_STOPS)}]+")
_NUMBER: Final = re.compile(r"(?<=\d)[.,:](?=\d)")
# What a masked word may hold beside letters, and where one begins to look masked.
_MASKS: Final = r"0-9@$!|+€£¡*"
_MASKED: Final = re.compile(rf"(?:[^\W\d_][{_MASKS}]+[^\W\d_]|[$@€][^\W\d_]{{2}}|[^\W\d_]{{2}}[013457$]+(?![\w]))")
_PART: Final = rf"[^\W_{_SIGN}]"
_WORD: Final = re.compile(rf"(?:{_PART}+|[@$€]{_PART}+)(?:[{_MASKS}]+{_PART}*)*")
_APART: Final = re.compile(r"(?<![^\W_])[^\W_](?:[\s.\-_*/|,]{1,3}[^\W_](?![^\W_])){2,}")
_MANY: Final = re.compile(r"([a-z])\1{2,}")
_BROKEN_SIGNS: Final = re.compile(rf"(?<=[{_SIGN}])[^\w{_SIGN}]{{1,3}}(?=[{_SIGN}])")
_FRAGMENT: Final = re.compile(r"[.!?…。！？]\s*[^\W\d_]{2,}(?:[.!?…。！？]|$)")  # a sentence of one word
_MASK: Final = re.compile(rf"[{_MASKS}]")
_SIGNS_OF_MASKING: Final = (_APART, _MANY, _FRAGMENT)


@dataclass(frozen=True, slots=True)
class Reading:
    """A text in words: `text` is " . w1 w2 . w3 . " with STOP around sentences.

    `folded` and `places` are the letters that it was read from, and the character of the original of each.
    """

    text: str
    words: tuple[str, ...]
    folded: str
    places: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the characters of the original that `text[start:end]` was read from."""
        spans = self._spans()
        first = self.text.count(" ", 0, start + 1) - 1
        last = max(first, self.text.count(" ", 0, max(start + 1, end - 1)) - 1)
        return spans[min(first, len(spans) - 1)][0], spans[min(last, len(spans) - 1)][1]

    def _spans(self) -> list[tuple[int, int]]:
        """Return where each word stands; most texts are never asked."""
        found = [(0, 0)]
        stopped = True
        for match in _WORDS.finditer(self.folded):
            stop = match[0][0] in _STOPS
            if not (stop and stopped):
                found.append((self.places[match.start()], self.places[match.end() - 1] + 1))
            stopped = stop
        # The last word is a stop that may not be written.
        return found if stopped and len(found) > 1 else [*found, (found[-1][1], found[-1][1])]


@lru_cache(maxsize=64)
def read(text: str) -> Reading:
    """Read a text as it is written."""
    folded, places = _folded(text)
    return _reading(folded, places)


def unmasked(text: str, known: Collection[str] = ()) -> tuple[Reading, ...]:
    """Read a text as it may be meant, sentences run together; nothing where it is written plainly.

    `known` are the words that one with stars for letters may be.
    """
    folded, places = _folded(text)
    latin, mixed = _latin(folded)
    apart = not latin.isascii() and _BROKEN_SIGNS.search(latin)
    masked = _MASK.search(latin) and _MASKED.search(latin)
    if not (mixed or apart or masked or any(sign.search(latin) for sign in _SIGNS_OF_MASKING)):
        return ()
    either = [char for char in _EITHER if char in latin]
    tables = [
        _LEET | dict(zip(map(ord, either), letters, strict=True)) for letters in product("il", repeat=len(either))
    ]
    keeps = (1, 2) if _MANY.search(latin) else (1,)
    found = [_reading(*_bare(latin, places, table, keep, known), stops=False) for table in tables for keep in keeps]
    return tuple({reading.text: reading for reading in found}.values())


def _folded(text: str) -> tuple[str, Sequence[int]]:
    """Return the text in plain letters, and the character that each of them was read from."""
    if text.isascii():
        plain = text.lower()
        if "'" not in plain and "`" not in plain:
            return plain, range(len(plain))
        places = [at for at, char in enumerate(plain) if char not in "'`"]
        return plain.replace("'", "").replace("`", ""), places
    letters: list[str] = []
    places = []
    for at, char in enumerate(text):
        if char in _VOICED and letters:
            letters[-1] = unicodedata.normalize("NFC", letters[-1] + char)
            continue
        for plain in _plain(char):
            letters.append(plain)
            places.append(at)
    return "".join(letters), places


@lru_cache(maxsize=8192)
def _plain(char: str) -> str:
    """Return a character in its plain form; "" for one that is not seen, or only marks another."""
    if char in _APOSTROPHES:
        return ""
    wide = unicodedata.normalize("NFKC", char).casefold()
    found = []
    for each in wide:
        if unicodedata.category(each) in ("Cf", "Mn", "Me", "Cc", "Cs", "Co") and each not in "\n\t":
            continue
        # Kana keep their marks: another mark is another sound.
        bare = each if "\u3041" <= each <= "\u30ff" else unicodedata.normalize("NFKD", each)[:1] or each
        found.append(_SPELT.get(bare) or alike(bare))
    return "".join(found)


def _latin(text: str) -> tuple[str, bool]:
    """Write the words that mix scripts, or stand alone in another among Latin ones, in Latin letters."""
    if text.isascii():
        return text, False
    mixed = False
    out = []
    last = 0
    latin = sum("a" <= char <= "z" for char in text)
    for match in re.finditer(r"[^\W\d_]+", text):
        word = match[0]
        foreign = sum(char in _ALIKE for char in word)
        own = sum("a" <= char <= "z" for char in word)
        if foreign and (own or (foreign == len(word) and 2 * latin > len(text))):
            mixed = True
            out += [text[last : match.start()], "".join(_ALIKE.get(char, char) for char in word)]
            last = match.end()
    return "".join([*out, text[last:]]), mixed


def _bare(
    text: str, places: Sequence[int], table: Mapping[int, int | str], keep: int, known: Collection[str]
) -> tuple[str, Sequence[int]]:
    """Undo digits and stars for letters, letters apart, and letters repeated, of which `keep` are kept."""
    pieces: list[tuple[str, int]] = []
    dropped = {at for match in _APART.finditer(text) for at in range(*match.span()) if not text[at].isalnum()}
    dropped |= {at for match in _BROKEN_SIGNS.finditer(text) for at in range(*match.span())}
    for match in _MANY.finditer(text):
        dropped |= set(range(match.start() + keep, match.end()))
    letters = list(text)
    for match in _WORD.finditer(text):
        word = match[0]
        if any(char.isalpha() for char in word) and not word.isalpha():
            plain = word.translate(table)
            letters[match.start() : match.end()] = _starred(plain, known) if "*" in plain else plain
    for at, char in enumerate(letters):
        if at not in dropped:
            pieces.append((char, places[at]))
    return "".join(char for char, _ in pieces), [place for _, place in pieces]


def _reading(text: str, places: Sequence[int], *, stops: bool = True) -> Reading:
    folded = _NUMBER.sub("_", text)
    if not stops:
        folded = _STOPPED.sub("_", folded)
    words = [STOP]
    for word in _WORDS.findall(folded):
        if word[0] not in _STOPS:
            words.append(word)
        elif words[-1] != STOP:
            words.append(STOP)
    if len(words) == 1 or words[-1] != STOP:
        words.append(STOP)
    return Reading(f" {' '.join(words)} ", tuple(words), folded, places)


def _starred(word: str, known: Collection[str]) -> str:
    """Return the known word of this length whose letters fit around the stars; the word itself if there is none."""
    shape = re.compile(re.escape(word).replace(r"\*", "[a-z]"))
    return next((each for each in known if len(each) == len(word) and shape.fullmatch(each)), word)


def words_of(text: str) -> tuple[str, ...]:
    """Part a text into plain words, without what ends its sentences."""
    return tuple(word for word in read(text).words if word != STOP)
