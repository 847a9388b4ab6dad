"""Finds the questions that a person can answer from its card, and says whether an answer is the right one. Pure.

A question is about an entry of the lorebook or is one that the card lists with its replies. An answer is right when
hardly anything of all that the card could answer is more like it than what belongs to the question: by the cosine of
their words, rare words counting more (tf-idf). Cards say the same in several places, so NEARLY the most alike will do.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Final

from engines.identity.fields import Fields
from engines.words.vocabulary import Vocabulary
from studio.evaluate.noise.hearing import joined
from studio.evaluate.subject import Subject

LEAST: Final = 0.15  # cosine of a right answer
NEARLY: Final = 0.85  # of the cosine of the most alike
MOST: Final = 400  # pieces of knowledge that are told apart
WORDS: Final = 400  # of one that are compared
PATTERN: Final = 12  # words of a question made from a pattern


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, the number of the piece of knowledge that answers it, and what the card calls that."""

    text: str
    answer: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """All that a card could answer, as weights of words, and the language that reads them."""

    weights: tuple[Mapping[str, float], ...]
    rarity: Mapping[str, float]
    language: Vocabulary

    def right(self, question: Question, reply: str) -> bool:
        """Say whether a reply is what belongs to a question; the question's own words, said again, tell nothing."""
        asked = _counted(self.language, question.text)
        counts = _counted(self.language, reply)
        said = _weighted(Counter({stem: count for stem, count in counts.items() if stem not in asked}), self.rarity)
        alike = [_cosine(said, held) for held in self.weights]
        best = alike[question.answer]
        return best >= LEAST and best >= NEARLY * max(alike)


def questions(subject: Subject, *, seed: int = 0) -> tuple[tuple[Question, ...], Answers]:
    """Return every question that the card can answer, in the card's order, and the judge of the answers."""
    chance = Random(seed)  # noqa: S311 (a choice of words)
    held, asked = _entries(subject, chance)
    for ask, say in _listed(subject):
        if len(held) >= MOST:
            break
        asked.append(Question(ask, len(held)))
        held.append(say)
    counts = [_counted(subject.words, text) for text in held]
    documents = Counter(stem for counted in counts for stem in counted)
    rarity = {stem: math.log(1 + len(held) / number) for stem, number in documents.items()}
    return tuple(asked), Answers(tuple(_weighted(each, rarity) for each in counts), rarity, subject.words)


def _entries(subject: Subject, chance: Random) -> tuple[list[str], list[Question]]:
    forms = _forms().get(subject.language) or _forms()["other"]
    held: list[str] = []
    asked: list[Question] = []
    for entry in subject.identity.card.book.entries:
        title = entry.name or next(iter(entry.keys.plain), "")
        if entry.enabled and title.strip() and entry.content.strip() and len(held) < MOST:
            title = title.strip()[:80]
            asked.append(
                Question(chance.choice(forms).replace("{title}", _spoken_of(title, subject.language)), len(held), title)
            )
            held.append(f"{title} {entry.content}")
    return held, asked


def _listed(subject: Subject) -> list[tuple[str, str]]:
    """Return the card's own questions and replies, as far as a pattern makes a question."""
    found: list[tuple[str, str]] = []
    for answer in Fields(subject.identity.extension, "companion_bridge", code="bad_card").each("answers"):
        made = [asked for pattern in answer.texts("ask") if (asked := _asked(pattern))]
        replies = " ".join(answer.texts("say"))
        if made and replies:
            found.append((max(made, key=lambda text: (len(text.split()), text)), replies))
    return found


def _asked(pattern: str) -> str:
    """Return what a pattern of the card engine stands for when its gaps are empty, "" where it has slots."""
    parts = [part.split("|")[0] for part in pattern.split() if part != "*" and not part.endswith("?")]
    usable = 0 < len(parts) <= PATTERN and not any(part.startswith("<") for part in parts)
    return joined(parts) if usable else ""


def _spoken_of(title: str, language: str) -> str:
    """Return an English title as the user says it: what is "mine" to the companion is "yours" to them."""
    if language != "en":
        return title
    return " ".join({"my": "your", "i": "you", "me": "you"}.get(word.lower(), word) for word in title.split())


def _counted(language: Vocabulary, text: str) -> Counter[str]:
    return Counter(language.terms(text, singles=True)[:WORDS])


def _weighted(counts: Counter[str], rarity: Mapping[str, float]) -> dict[str, float]:
    weights = {stem: (1 + math.log(count)) * rarity[stem] for stem, count in counts.items() if stem in rarity}
    size = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {stem: weight / size for stem, weight in weights.items()} if size else {}


def _cosine(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    return sum(weight * b.get(stem, 0.0) for stem, weight in a.items())


@cache
def _forms() -> Mapping[str, Sequence[str]]:
    source = files("studio.evaluate.noise") / "tables" / "questions.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))
