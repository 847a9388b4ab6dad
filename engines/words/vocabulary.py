"""What is known of the words of a language: little words, stems, negations, number words. Data, not code.

A language ships as `tables/CODE.toml`; whoever reads a whole language (the card engine does) puts its own tables beside
these.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Final, cast

from engines.identity.bundle import primary
from engines.identity.fields import Fields, Json
from engines.words.grams import grams
from engines.words.numerals import numbers
from engines.words.text import LETTERS, MOST, Folding, Place, fold, fold_chinese, is_sign, places, stem, tokens

WRITTEN: Final = 400  # words of one sentence of a text that are read

# Tables of words, written as one text or as a list.
LISTS: Final = (
    *("stop", "weak", "ask", "open", "who", "when", "where", "why", "how", "after_how", "reasons", "places", "times"),
    *("people", "persons", "from", "pronouns", "negations"),
)


class Vocabulary:
    """The words of one language, ready to use; `more` are names of further lists in the tables."""

    def __init__(self, tables: Mapping[str, Json], where: str = "words", *, more: Iterable[str] = ()) -> None:
        fields = Fields(tables, where, code="bad_phrases")
        self.code = fields.text("language", "en", longest=35)
        self.fold: Folding = fold_chinese if primary(self.code) == "zh" else fold
        self.apart = fields.flag("apart")  # an apostrophe parts words
        self.least = int(fields.number("least", LETTERS, low=1, high=9))  # letters that a stem keeps
        self.beginnings = tuple(self.fold(item) for item in fields.texts("beginnings"))
        self.point = fields.text("point", "point", longest=40)
        self.contractions = read_texts(fields.at("contractions"), self.fold)
        self.lemmas = read_texts(fields.at("lemmas"), self.fold)
        lists = {name: frozenset(tokens_of(fields, name, self.fold)) for name in (*LISTS, *more)}
        self.lists: Mapping[str, frozenset[str]] = lists
        measures = fields.at("measures")
        self.measures = {key: frozenset(tokens_of(measures, key, self.fold)) for key in measures.values}
        units = [word for named in self.measures.values() for word in named]
        listed = [*units, *(word for words in lists.values() for word in words)]
        words = {word for word in listed if len(word) > 1 and all(map(is_sign, word))}
        self._compounds = frozenset(words)
        self._longest = max(map(len, words), default=1)
        asking = (lists[name] for name in ("ask", "open", "who", "when", "where", "why", "how"))
        self.stop, self.weak = lists["stop"].union(*asking), lists["weak"]
        self.endings = tuple(_ending(item, self.fold) for item in fields.texts("endings"))
        self.units = _ints(fields.at("units"), self.fold)
        self.scales = _ints(fields.at("scales"), self.fold)
        beside = fields.at("figures")  # what stands by a number
        self.figures = {
            key: tuple(tokens(text, apart=self.apart, folding=self.fold) for text in beside.texts(key))
            for key in beside.values
        }
        self.weak_stems = frozenset(self.stem(word) for word in self.weak)

    @property
    def joined(self) -> bool:
        """Say whether the language writes words of several signs without spaces."""
        return bool(self._compounds)

    def stem(self, word: str) -> str:
        """Return the word without its beginning and ending."""
        return stem(self.lemmas.get(word, word), self.endings, self.beginnings, self.least)

    def tokens(self, text: str, *, most: int = MOST) -> tuple[str, ...]:
        """Part a text into words, contractions taken apart, signs that make a word of the language's lists together."""
        words = tokens(text, self.contractions, apart=self.apart, most=most, folding=self.fold)
        return self._merged(words) if self._compounds else words

    def places(self, text: str, *, most: int = MOST) -> list[Place]:
        """Part a text into words, signs one by one, and say where each stands."""
        return places(text, self.contractions, apart=self.apart, most=most, folding=self.fold)

    def terms(self, text: str, *, singles: bool = False) -> list[str]:
        """Return what retrieval counts of a text: stems of the words that are no little ones, and pairs of signs."""
        return [self.stem(word) for word in grams(self.tokens(text, most=WRITTEN), self.stop, singles=singles)]

    def numbers(self, words: Iterable[str]) -> list[float]:
        """Find every number in the words, digits or spelt."""
        return numbers(tuple(words), self.units, self.scales, self.point)

    def content(self, words: Iterable[str]) -> list[str]:
        """Return the words that carry a meaning of their own."""
        return [word for word in words if word not in self.stop and word not in self.weak]

    def number_word(self, number: int) -> str:
        """Return a small number spelt out, digits for others."""
        return next((word for word, value in self.units.items() if value == number), str(number))

    def _merged(self, words: tuple[str, ...]) -> tuple[str, ...]:
        found: list[str] = []
        i = 0
        while i < len(words):
            for length in range(min(self._longest, len(words) - i), 1, -1):
                if (joined := "".join(words[i : i + length])) in self._compounds:
                    found.append(joined)
                    i += length
                    break
            else:
                found.append(words[i])
                i += 1
        return tuple(found)


@cache
def vocabulary_of(code: str) -> Vocabulary:
    """Return the words of the language of a BCP-47 code, read once; of one without tables nothing is known."""
    return Vocabulary(read_words(primary(code)) or {"language": primary(code)})


@cache
def read_words(name: str) -> Mapping[str, Json]:
    """Read the shipped tables of a language by its primary code, {} when there are none."""
    source = files("engines.words") / "tables" / f"{name}.toml"
    if not (name.isascii() and name.isalpha() and source.is_file()):
        return {}
    return cast("dict[str, Json]", tomllib.loads(source.read_text(encoding="utf-8")))


def tokens_of(fields: Fields, key: str, folding: Folding = fold) -> list[str]:
    """Return the words of a table that is one text or a list of texts, as utterances are folded."""
    return folding(" ".join(fields.texts(key))).split()


def read_texts(fields: Fields, folding: Folding = fold) -> dict[str, str]:
    """Return a table of words by words, both folded."""
    return {folding(key): folding(fields.text(key, longest=200)) for key in fields.values}


def _ending(item: str, folding: Folding) -> tuple[str, str]:
    ending, _, other = folding(item).partition("=")
    return ending, other


def _ints(fields: Fields, folding: Folding) -> dict[str, int]:
    return {folding(key): int(fields.number(key, 0)) for key in fields.values}
