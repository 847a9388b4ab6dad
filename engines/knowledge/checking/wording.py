"""How a language holds a claim together, and how it puts one right. Data, not code.

Languages ship as `tables/CODE.toml`. Of one without a table only plain claims are judged, and facts are said as they
stand.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Final

from engines.identity.bundle import primary
from engines.words.text import is_sign, tokens
from engines.words.vocabulary import Vocabulary, vocabulary_of

FACT: Final = "{subject} {relation} {object}."
NOT: Final = "{subject} {relation}: not {object}."


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language that a claim is read by; each set holds stems, or runs of signs.

    `aspects` gives the measure that a word means ("tall": height); `known` is False for a language without a table.
    """

    vocabulary: Vocabulary
    aspects: Mapping[str, str] = field(default_factory=dict)
    conditions: frozenset[str] = frozenset()
    doubt: frozenset[str] = frozenset()
    but: frozenset[str] = frozenset()
    be: frozenset[str] = frozenset()
    asks: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    by: frozenset[str] = frozenset()
    of: frozenset[str] = frozenset()
    than: frozenset[str] = frozenset()
    true: frozenset[str] = frozenset()
    tails: frozenset[str] = frozenset()  # signs that may end a relation and say nothing of it
    fact: str = FACT
    not_: str = NOT
    right: tuple[str, ...] = ("{fact}",)
    never: tuple[str, ...] = ("...",)
    article: str = ""
    known: bool = False

    @property
    def signs(self) -> bool:
        """Say whether words are runs of signs, found by looking for them in the text."""
        return self.vocabulary.joined

    def stem(self, word: str) -> str:
        """Return what words are compared by."""
        return self.vocabulary.stem(word)


@cache
def wording_of(code: str) -> Wording:
    """Return the wording of the language of a BCP-47 code."""
    vocabulary = vocabulary_of(code)
    source = files("engines.knowledge.checking") / "tables" / f"{primary(code)}.toml"
    if not (primary(code).isascii() and primary(code).isalpha() and source.is_file()):
        return Wording(vocabulary)
    tables = tomllib.loads(source.read_text(encoding="utf-8"))
    words, says = tables["words"], tables["says"]

    def listed(name: str) -> frozenset[str]:
        return frozenset(_words(words.get(name, "").split(), vocabulary))

    return Wording(
        vocabulary,
        aspects={
            word: aspect for aspect, text in tables["aspects"].items() for word in _words(text.split(), vocabulary)
        },
        conditions=listed("conditions"),
        doubt=listed("doubt"),
        but=listed("but"),
        be=listed("be"),
        asks=listed("asks"),
        names=listed("names"),
        by=listed("by"),
        of=listed("of"),
        than=listed("than"),
        true=listed("true"),
        tails=listed("tails"),
        fact=says["fact"],
        not_=says["not"],
        right=tuple(says["right"]),
        never=tuple(says["never"]),
        article=says.get("article", ""),
        known=True,
    )


def _words(texts: Iterable[str], vocabulary: Vocabulary) -> list[str]:
    """Return words as they are compared: runs of signs as they stand, others by their stem."""
    found: list[str] = []
    for text in texts:
        parts = tokens(text, vocabulary.contractions, apart=vocabulary.apart)
        if parts and all(is_sign(part) for part in parts):
            found.append("".join(parts))
        else:
            found += [vocabulary.stem(part) for part in parts]
    return found
