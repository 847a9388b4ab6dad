"""Chooses what of all that is remembered a turn is told: what fits the words, then what matters and is fresh.

It takes what a store has found and ranks it; how much may be told is a budget of tokens.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, TypeAlias

from engines.memory.facts import Episode, Stored, current
from engines.words.text import fold_chinese, is_sign, tokens

Measure: TypeAlias = Callable[[str], int]

HALF_S: Final = 30 * 86_400.0  # after so long a memory counts half as fresh
MATCH: Final = 3.0  # what it is worth, in units of importance, that all words of a question fit
MEANS: Final = 2.5  # what it is worth, in the same units, to mean the most nearly the same
EPISODES: Final = 3
STEM: Final = 7  # letters by which words are compared
SHORT: Final = 3  # letters of a Latin word that is looked for
WORDS: Final = 24  # of an utterance that are looked for
ALWAYS: Final = frozenset({"name", "promise"})  # is told whatever was said

# Words of questions that tell nothing of what is asked about.
_LITTLE: Final = frozenset(
    re.findall(
        r"\w+",
        "the and you your are was were what who how when where why which that this with for from have has had does did "
        "not can could would should will about remember know tell told said say like love want please und der die das "
        "ich mein meine wer wie wann ist bin wir les des que est pas mon une los las una por che non per com uma",
    )
)


def words_of(text: str) -> tuple[str, ...]:
    """Return what a text is found by: stems of its words, and pairs of its signs where no spaces are written."""
    found: list[str] = []
    before = ""
    for word in tokens(text, folding=fold_chinese):
        if is_sign(word):
            found.append(word)
            if before:
                found.append(before + word)
            before = word
            continue
        before = ""
        if (len(word) >= SHORT or not word.isascii() or word.isdecimal()) and word not in _LITTLE:
            found.append(_stem(word))
    return tuple(dict.fromkeys(found))


def sought(text: str) -> tuple[str, ...]:
    """Return the words of an utterance that are looked for: the longest, for single signs are in everything."""
    found = words_of(text)
    strong = [word for word in found if len(word) > 1]
    return tuple((strong or list(found))[:WORDS])


def matched(asked: Collection[str], text: str) -> float:
    """Return 0..1: what share of the words of a question a text has."""
    if not asked:
        return 0.0
    held = set(words_of(text))
    return sum(
        any(word == own or (len(word) > SHORT and own.startswith(word)) for own in held) for word in asked
    ) / len(asked)


def indexed(stored_kind: str, about: str, value: str, said: str) -> str:
    """Return the words under which a fact is found in a store's index."""
    return " ".join(words_of(f"{stored_kind} {about} {value} {said}"))


def ranked(found: Iterable[Stored], text: str, now: float, near: Sequence[int] = ()) -> list[Stored]:
    """Return what holds now, best first: by the words of `text`, by importance, by how fresh it is.

    `near` are the numbers of those that mean much the same as `text`, the nearest first: they count by their rank.
    """
    asked = sought(text)
    place = {number: rank for rank, number in enumerate(near)}

    def worth(each: Stored) -> float:
        fact = each.fact
        fresh = math.pow(0.5, max(0.0, now - each.seen) / HALF_S)
        fits = matched(asked, f"{fact.kind} {fact.about} {fact.value} {fact.said}")
        means = 1.0 / (1 + place[each.number]) if each.number in place else 0.0
        always = 2.0 if fact.kind in ALWAYS else 0.0
        return MATCH * fits + MEANS * means + fact.importance * fact.confidence + 0.5 * fresh + always

    return sorted(current(found, now), key=lambda each: (-worth(each), -each.seen, each.number))


def within(
    found: Sequence[Stored],
    episodes: Sequence[Episode],
    budget: int,
    measure: Measure,
    line: Callable[[Stored], str],
) -> tuple[list[Stored], list[Episode]]:
    """Keep the best as far as the budget goes; the episodes, newest first, get what is left of it."""
    kept: list[Stored] = []
    room = budget
    for each in found:
        cost = measure(line(each)) + 1
        if cost <= room:
            room -= cost
            kept.append(each)
    told: list[Episode] = []
    for episode in sorted(episodes, key=lambda each: -each.at)[:EPISODES]:
        cost = measure(episode.text) + 1
        if cost <= room:
            room -= cost
            told.append(episode)
    return kept, told


def tokens_in(text: str) -> int:
    """Estimate the tokens of a text, rather too many."""
    return math.ceil(len(text.encode("utf-8", "replace")) / 3.5)


def _stem(word: str) -> str:
    if word.isascii() and word.isalpha():
        for ending in ("ies", "es", "s"):
            if word.endswith(ending) and len(word) - len(ending) >= SHORT:
                word = word[: -len(ending)]
                break
    return word[:STEM]
