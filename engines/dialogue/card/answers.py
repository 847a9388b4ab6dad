"""Chooses, from the sentences of an entry, those that answer a question. It knows the entry, not the conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from engines.dialogue.card.entry import Entry
from engines.dialogue.card.language import Language
from engines.dialogue.card.reader import Term
from engines.dialogue.card.retrieval import Retrieval
from engines.words.text import fold, plain

Wanted: TypeAlias = Literal["who", "when", "where", "why", "amount", "general", "other"]

OPENING: Final = 4  # words within which a question shows itself
SPOKEN: Final = 340  # characters of an answer, about twenty seconds of speech
SHORT: Final = 110  # an answer this short is followed by the next sentence
TYPE: Final = 2.0  # what it is worth, in units of word information, that a sentence has the form of the answer
USUAL: Final = 4.0  # what a rare word tells in a book of usual size; in smaller ones forms are worth less
SPECIFIC: Final = 0.5  # by which words beyond the keys a sentence shows that it is meant
MEASURE: Final = 1.5  # what its unit is worth, when an amount was asked for

_YEAR: Final = re.compile(r"\b(1[0-9]{3}|20[0-9]{2})\b|centur|o'clock|\b(mon|tues|wednes|thurs|fri|satur|sun)day")
_NAME: Final = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+")


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: its informative words, the form an answer should have, and whether it points back ("it")."""

    words: tuple[str, ...]
    terms: tuple[Term, ...]
    wanted: Wanted
    measures: frozenset[str]  # words of the unit that an amount is given in
    pointing: bool
    asking: bool  # it is put as a question or a request to tell
    open: bool  # it begins as only a question does ("what", "tell"), not as an answer might ("is it")


def read_question(words: Sequence[str], retrieval: Retrieval, language: Language, *, mark: bool = False) -> Question:
    """Return a question from the user's words; `mark` says that a question mark was typed."""
    lists = language.lists
    start = next((i for i, word in enumerate(words) if word not in lists["fillers_before"]), 0)
    opening = [i for i in range(start, len(words)) if words[i] in lists["open"]]
    ask = opening[0] if opening else start
    asking = mark or (bool(opening) and ask < start + OPENING) or (start < len(words) and words[start] in lists["ask"])
    requested = language.requested(words[start:])
    asking = asking or len(requested) < len(words) - start
    return Question(
        words=tuple(words),
        terms=tuple(retrieval.reader.terms(requested)),
        wanted=_wanted(words[ask:], language),
        measures=frozenset().union(*(language.measures.get(word, ()) for word in _measured(words, ask, language))),
        pointing=any(word in lists["pronouns"] for word in words),
        asking=asking,
        open=bool(opening) and ask < start + 2,
    )


def _measured(words: Sequence[str], ask: int, language: Language) -> list[str]:
    """Return the words that say what is to be measured: "far" in "how far"."""
    how = {ask, *(i for i, word in enumerate(words) if word in language.lists["how"])}
    return [words[i + 1] for i in sorted(how) if i + 1 < len(words)]


def _wanted(words: Sequence[str], language: Language) -> Wanted:
    lists = language.lists
    for i, word in enumerate(words):
        if word in lists["why"]:
            return "why"
        if word in lists["where"] and not lists["from"].isdisjoint(words):
            return "other"
        if word in lists["how"]:
            return "amount" if i + 1 < len(words) and words[i + 1] in lists["after_how"] else "other"
        for name in ("who", "when", "where"):
            if word in lists[name]:
                return name
    return "general" if len([word for word in words if word not in language.stop]) <= 3 else "other"


def choose(entry: Entry, question: Question, retrieval: Retrieval, language: Language, *, known: bool) -> list[int]:
    """List the numbers of the sentences to say, in order, at most four; `known` when the entry is the topic already."""
    scores = [score(entry, i, question, retrieval, language) for i in range(len(entry.sentences))]
    best = max(range(len(scores)), key=lambda i: (scores[i], -i))
    if scores[best] <= 0.5:
        return from_start(entry, 0)
    chosen = [best]
    if best > 0 and points_back(entry.sentences[best], language) and not (known and best > 1):
        chosen.insert(0, best - 1)
        if best > 1 and not known and points_back(entry.sentences[best - 1], language):
            chosen[0] = 0
    end = chosen[-1] + 1
    if end < len(scores) and _length(entry, chosen) + len(entry.sentences[end]) <= SPOKEN:
        follows = points_back(entry.sentences[end], language) or scores[end] >= 0.6 * scores[best]
        if follows or _length(entry, chosen) < SHORT:
            chosen.append(end)
    return chosen


def from_start(entry: Entry, start: int) -> list[int]:
    """Return as many sentences from `start` on as are spoken at once, three at most."""
    chosen = [start]
    while len(chosen) < 3 and chosen[-1] + 1 < len(entry.sentences):
        if _length(entry, chosen) + len(entry.sentences[chosen[-1] + 1]) > SPOKEN:
            break
        chosen.append(chosen[-1] + 1)
    return chosen


def reasons(entry: Entry, told: Sequence[int], language: Language) -> list[int]:
    """Return sentences not told yet that give a reason."""
    found = [i for i, line in enumerate(entry.sentences) if i not in told and _has_form(line, "why", language)]
    return found[:2]


def fits_topic(entry: Entry, question: Question, language: Language) -> Literal["", "form", "words"]:
    """Say whether the entry talked of answers a question that points at it: by its words, or by its form."""
    content = [term for term in question.terms if term.info]
    held = sum(term.info for term in content if any(stem in entry.counts for stem in term.near))
    if content and held >= 0.5 * sum(term.info for term in content):
        return "words"
    weak = all(term.word in language.weak or term.word in language.lists["after_how"] for term in content)
    formed = question.wanted not in ("other", "general") and any_form(entry, question.wanted, language)
    return "form" if weak and formed else ""


def any_form(entry: Entry, wanted: Wanted, language: Language) -> bool:
    """Say whether a sentence of an entry has the form of an answer to such a question."""
    return any(_has_form(line, wanted, language) for line in entry.sentences)


def score(entry: Entry, i: int, question: Question, retrieval: Retrieval, language: Language) -> float:
    """Say how much sentence i answers: words beyond the entry's own keys count in full, those of the keys little.

    A question of nothing but the keys' words ("how fast is sound") is about the whole entry: they count nothing, or a
    later sentence that happens to repeat one would be told before the first.
    """
    total = 0.0
    whole = all(_is_own(entry, term) for term in question.terms if term.info)
    worth = min(1.0, retrieval.most_info / USUAL)
    for term in question.terms:
        held = [stem for stem in term.near if stem in entry.stems[i]]
        if held:
            own = _is_own(entry, term)
            if own and whole:
                continue
            weight = max(term.near[stem] for stem in held)
            total += weight * max(retrieval.reader.told_by(stem) for stem in held) * (0.12 if own else 1.0)
    if question.wanted == "where":
        places = sum(word in language.lists["places"] for word in language.tokens(entry.sentences[i]))
        total += TYPE * worth * min(places, 2) / 2
    elif question.wanted == "why" and _has_form(entry.sentences[i], "why", language):
        total += TYPE * worth if total >= SPECIFIC else TYPE * worth * max(0.0, 1 - i / 4)
    elif question.wanted not in ("general", "other") and _has_form(entry.sentences[i], question.wanted, language):
        total += TYPE * worth
        total += MEASURE * worth if not question.measures.isdisjoint(language.tokens(entry.sentences[i])) else 0
    return total


def _is_own(entry: Entry, term: Term) -> bool:
    return any(stem in entry.key_stems for stem in term.near)


def _has_form(line: str, wanted: Wanted, language: Language) -> bool:
    text, words = fold(line), language.tokens(line)
    match wanted:
        case "who":
            return bool(_NAME.search(line))
        case "when":
            timed = any(word in language.lists["times"] for word in words)
            return timed or bool(_YEAR.search(text)) or any(word in language.lists["when"] for word in words[:1])
        case "where":
            return any(word in language.lists["places"] for word in words)
        case "why":
            return any(word in language.lists["reasons"] for word in words if word not in ("to", "in", "order"))
        case "amount":
            return any(w.isdecimal() or language.units.get(w, 0) > 1 or w in language.scales for w in words)
        case _:
            return False


def points_back(line: str, language: Language) -> bool:
    """Say whether a sentence leans on the one before it."""
    first = language.tokens(plain(line))[:1]
    return bool(first) and first[0] in language.lists["pronouns"]


def _length(entry: Entry, chosen: Sequence[int]) -> int:
    return sum(len(entry.sentences[i]) for i in chosen)
