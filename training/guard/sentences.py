"""Makes labelled sentences from the grammars: three parts that share neither templates nor words; the same for a seed.

`train` teaches, `check` sets thresholds and was looked at while lists and features were made, `held` only measures.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from random import Random
from typing import Any, Final, Literal, TypeAlias

from engines.guard.classifier import CATEGORIES

Part: TypeAlias = Literal["train", "check", "held"]

LANGUAGES: Final = ("en", "zh", "de", "fr", "es", "ja")
ORDINARY: Final = ("neutral", "hard")
_CHOICE: Final = re.compile(r"\(([^()]*)\)")
_SLOT: Final = re.compile(r"\{(\w+)\}")
_UNSPACED: Final = ("zh", "ja")


@dataclass(frozen=True, slots=True)
class Example:
    """A text, the category it belongs to ("neutral" and "hard" are ordinary talk), and its language."""

    text: str
    category: str
    language: str

    @property
    def label(self) -> str:
        """Return the category, "" for ordinary talk."""
        return "" if self.category in ORDINARY else self.category


class Grammar:
    """The sentences of one language."""

    def __init__(self, language: str) -> None:
        source = (files("training.guard") / "grammar" / f"{language}.toml").read_text("utf-8")
        listed: dict[str, Any] = tomllib.loads(source)
        self.language = language
        self._templates: Mapping[str, Mapping[str, Sequence[str]]] = {
            part: listed[part] for part in ("train", "check", "held") if part in listed
        }
        self._words: Mapping[str, Mapping[str, Sequence[str]]] = listed["words"]

    def templates(self, part: Part, category: str) -> Sequence[str]:
        """Return the templates of a category."""
        return self._templates[part][category]

    def sentence(self, part: Part, category: str, random: Random) -> str:
        """Make one sentence of a category."""
        words = self._words[part]
        text = random.choice(self.templates(part, category))
        while _CHOICE.search(text):
            text = _CHOICE.sub(lambda match: random.choice(match[1].split("|")), text, count=1)
        return " ".join(_SLOT.sub(lambda match: random.choice(words[match[1]]), text).split())


def examples(part: Part, each: int, seed: int) -> list[Example]:
    """Make `each` different texts of every category in every language, as far as the grammar has so many.

    Ordinary talk is four times as much. A sentence stands alone, or between ordinary ones as in a conversation.
    """
    found: list[Example] = []
    for language in LANGUAGES:
        grammar = Grammar(language)
        for category in (*CATEGORIES, *ORDINARY):
            random = Random(f"{seed}:{part}:{language}:{category}")
            wanted = each * (4 if category in ORDINARY else 1)
            texts: dict[str, None] = {}
            for _ in range(6 * wanted):
                texts[_placed(grammar, part, category, random)] = None
                if len(texts) == wanted:
                    break
            found += [Example(text, category, language) for text in texts]
    return found


def _placed(grammar: Grammar, part: Part, category: str, random: Random) -> str:
    text = _punctuated(grammar.sentence(part, category, random), random, grammar.language)
    gap = "" if grammar.language in _UNSPACED else " "
    if random.random() < 0.4:
        before = random.choice(("neutral", "hard")) if category in ORDINARY else "neutral"
        text = f"{_punctuated(grammar.sentence(part, before, random), random, grammar.language)}{gap}{text}"
    if random.random() < 0.2:
        text = f"{text}{gap}{_punctuated(grammar.sentence(part, 'neutral', random), random, grammar.language)}"
    return text


def _punctuated(text: str, random: Random, language: str) -> str:
    """End a sentence as people do, or not at all as recognisers do."""
    ends = ("。", "！", "？", "") if language in _UNSPACED else (".", "!", "?", "", ".")
    end = random.choice(ends)
    return (text[:1].upper() + text[1:] if random.random() < 0.7 else text.lower()) + (end or random.choice((".", ",")))
