"""How often the right thing is answered, measured over every entry of both cards, and how often nothing is invented.

`card_questions.json` holds paraphrased questions by entry, and questions outside either card; `card_heard.json` holds
what PocketSphinx understood of them when three voices of flite read them aloud.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from random import Random

import pytest

from engines.dialogue.card.engine import CardDialogue
from engines.words.text import plain
from tests.engines.dialogue.screenplay import Scene, identity

DATA = Path(__file__).parent / "data"
NAMES = ("guide", "teacher")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@cache
def questions() -> dict[str, dict[str, list[str]]]:
    return json.loads((DATA / "card_questions.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def heard() -> dict[str, dict[str, str]]:
    return json.loads((DATA / "card_heard.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def dialogue(name: str) -> CardDialogue:
    return CardDialogue(identity(name))


@cache
def contents(name: str) -> dict[str, str]:
    return {entry.name: plain(entry.content) for entry in identity(name).card.book.entries}


def is_answered(name: str, title: str, asked: str) -> bool:
    """Whether the first sentence said is one of the entry's own."""
    reply = plain(Scene(dialogue(name), session=f"{title}:{asked}").say(asked))
    first = reply.split(". ")[0].rstrip(".")
    return len(first) > 10 and first in contents(name)[title]


def rate(name: str, change: Callable[[str], str | None]) -> float:
    """The share of questions that are answered from their entry; those that `change` gives up are left out."""
    results = [
        is_answered(name, title, asked)
        for title, lines in questions()[name].items()
        for line in lines
        if (asked := change(line)) is not None
    ]
    assert len(results) > 90
    return sum(results) / len(results)


def misspelt(line: str) -> str:
    """One typing error in one longer word, the same for the same line."""
    rng, words = Random(line), line.split()
    long = [i for i, word in enumerate(words) if len(word) >= 5]
    if not long:
        return line
    at = rng.choice(long)
    word, k = words[at], rng.randrange(1, len(words[at]) - 1)
    words[at] = rng.choice(
        [
            word[:k] + word[k + 1 :],
            word[:k] + word[k] + word[k:],
            word[:k] + word[k + 1] + word[k] + word[k + 2 :],
            word[:k] + rng.choice(LETTERS) + word[k + 1 :],
        ]
    )
    return " ".join(words)


def test_there_are_questions_for_every_entry() -> None:
    for name in NAMES:
        assert set(questions()[name]) == set(contents(name))
        assert all(len(lines) >= 2 for lines in questions()[name].values())


@pytest.mark.parametrize("name", NAMES)
def test_paraphrased_questions_are_answered(name: str) -> None:
    assert rate(name, lambda line: line) >= 0.97


@pytest.mark.parametrize("name", NAMES)
def test_questions_by_title_are_answered(name: str) -> None:
    for template in ("tell me about {}", "what do you know about {}", "i would like to hear about {}", "{}"):
        missed = [title for title in contents(name) if not is_answered(name, title, template.format(title.lower()))]
        assert len(missed) <= 2, (template, missed)


@pytest.mark.parametrize("name", NAMES)
def test_misspelt_questions_are_answered(name: str) -> None:
    assert rate(name, misspelt) >= 0.9


@pytest.mark.parametrize("name", NAMES)
def test_what_the_recogniser_heard_is_answered_where_it_heard_enough(name: str) -> None:
    """Two in five were recognised word for word; of some nothing of the question was left."""
    same = sum(line == text for line, text in heard()[name].items())
    assert same < 0.5 * len(heard()[name])
    assert rate(name, heard()[name].get) >= 0.62


def declined(name: str, asked: Iterable[str]) -> list[str]:
    """The questions that were not declined."""
    known = " ".join(contents(name).values())
    bad = []
    for line in asked:
        reply = plain(Scene(dialogue(name), session=f"out:{line}").say(line))
        if any(sentence.rstrip(".") in known for sentence in reply.split(". ") if len(sentence) > 20):
            bad.append(f"{line}: {reply}")
    return bad


@pytest.mark.parametrize("name", NAMES)
def test_what_the_card_does_not_know_is_declined(name: str) -> None:
    outside: list[str] = list(questions()["out_of_scope"])
    assert len(outside) >= 20
    assert declined(name, outside) == []


def test_one_card_does_not_know_what_the_other_knows() -> None:
    foreign = [lines[0] for lines in questions()["teacher"].values()]
    wrong = declined("guide", foreign)
    assert len(wrong) <= 0.2 * len(foreign), wrong
