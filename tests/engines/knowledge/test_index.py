"""Passages found by BM25: those that speak of a question, in any script, and none for what they do not know."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.api import Message
from engines.identity.errors import IdentityError
from engines.knowledge.cutting import passages
from engines.knowledge.facts import read_table
from engines.knowledge.index import Index
from engines.knowledge.knowledge import Knowledge
from engines.knowledge.library import Library
from engines.knowledge.reading.markdown import read_markdown
from engines.words.vocabulary import vocabulary_of
from testkit.effort import effort

NOON = datetime(2030, 1, 1, tzinfo=UTC)
COURSE = """# Optics
## Speed
Light makes about 300,000 kilometres in a second, seven times around the Earth.
## Refraction
Refraction is the bending of light as it passes from one medium to another. A straw in water looks broken.
## Lenses
A convex lens is thicker in the middle and gathers parallel rays in its focal point.
## Prisms
A prism parts white light into the colours of the rainbow.
"""
MUSEUM = """# 馆藏
## 青铜鼎
青铜鼎铸于商代，高133厘米，重832公斤，是祭祀用的礼器。
## 青花瓷瓶
这件青花瓷瓶烧制于景德镇，瓶身绘有缠枝莲纹。
## 参观须知
博物馆每周一闭馆，周二至周日九点开放。
"""


def known(text: str, language: str, facts: str = "", **more: bool) -> Knowledge:
    sections = read_markdown(text, "a.md")
    return Knowledge(Library(passages(sections), tuple(read_table(facts, "facts.csv"))), language, **more)


def asked(knowledge: Knowledge, *said: str) -> list[str]:
    """The passages for the last of the user's words; what the companion said stands at the odd places."""
    history = [Message("companion" if i % 2 else "user", text) for i, text in enumerate(said)]
    return [each.text for each in knowledge.passages_for(history)]


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("What is refraction?", "Refraction is"),
        ("why does a straw look broken", "Refraction is"),
        ("How fast is light?", "Light makes"),
        ("what do convex lenses do", "A convex lens"),
        ("Which colours are in white light?", "A prism"),
    ],
)
def test_the_passage_that_answers_comes_first(question: str, start: str) -> None:
    assert asked(known(COURSE, "en"), question)[0].startswith(start)


@pytest.mark.parametrize(
    ("question", "start"),
    [
        ("青铜鼎有多重？", "青铜鼎铸于"),
        ("青銅鼎有多重？", "青铜鼎铸于"),  # asked in Traditional signs
        ("瓷瓶是在哪里烧的", "这件青花瓷瓶"),
        ("周一开门吗", "博物馆每周一"),
    ],
)
def test_chinese_is_found_by_pairs_of_signs(question: str, start: str) -> None:
    assert asked(known(MUSEUM, "zh"), question)[0].startswith(start)


@pytest.mark.parametrize("question", ["How are you?", "Who won the world cup?", "", "???", "Tell me a joke."])
def test_nothing_is_found_for_what_nobody_wrote(question: str) -> None:
    assert asked(known(COURSE, "en"), question) == []
    assert (
        asked(
            known(MUSEUM, "zh"),
            "今天天气怎么样",
        )
        == []
    )


def test_a_question_that_points_back_is_found_by_what_was_said_before() -> None:
    knowledge = known(COURSE, "en")
    assert asked(knowledge, "What is a prism?", "A piece of glass.", "What does it do?")[0].startswith("A prism")
    assert asked(knowledge, "What is a prism?", "A piece of glass.") == []  # not the user's turn


def test_given_facts_come_before_passages() -> None:
    facts = "speed of light,is,299792 km/s\nspeed of sound,is,343 m/s\n"
    found = asked(known(COURSE, "en", facts), "What is the speed of light?")
    assert found[0] == "The speed of light is 299792 km/s."
    assert "The speed of sound is 343 m/s." not in found


def test_no_passages_are_given_where_none_are_wanted() -> None:
    knowledge = Knowledge(Library(passages(read_markdown(COURSE, "a.md"))), "en", most=0)
    assert asked(knowledge, "What is refraction?") == []


# ------------------------------------------------------------------------------------------------ what a reply rests on


def rests(knowledge: Knowledge, reply: str) -> list[str]:
    return [each.title for each in knowledge.rests_on(reply)]


def test_a_reply_rests_on_the_passages_that_say_the_same() -> None:
    knowledge = known(COURSE, "en")
    reply = "Well, a prism parts white light into the colours of the rainbow. A convex lens gathers parallel rays."
    found = {each.title: each.quote for each in knowledge.rests_on(reply)}
    assert sorted(found) == ["Optics › Lenses", "Optics › Prisms"]
    assert found["Optics › Prisms"] == "A prism parts white light into the colours of the rainbow."
    assert rests(known(MUSEUM, "zh"), "青铜鼎铸于商代，是祭祀用的礼器。") == ["馆藏 › 青铜鼎"]


@pytest.mark.parametrize(
    "reply",
    [
        "That is right!",
        "Shall I tell you about lenses, prisms or refraction?",
        "I had pancakes with maple syrup for breakfast, and they were very good.",
        "",
    ],
)
def test_a_reply_that_says_nothing_of_them_rests_on_none(reply: str) -> None:
    assert rests(known(COURSE, "en"), reply) == []


def test_sources_are_not_told_where_nobody_wants_them() -> None:
    knowledge = known(COURSE, "en", sources=False)
    assert rests(knowledge, "A prism parts white light into the colours of the rainbow.") == []


# ------------------------------------------------------------------------------------------------ what goes wrong


def test_without_fts5_it_says_so() -> None:
    class Poor(sqlite3.Connection):
        def execute(self, sql: str, *more: object) -> sqlite3.Cursor:
            if "fts5" in sql:
                raise sqlite3.OperationalError("no such module: fts5")
            return super().execute(sql)

    make = sqlite3.connect
    with (
        mock.patch("sqlite3.connect", lambda *a, **k: make(*a, factory=Poor, **k)),
        pytest.raises(IdentityError, match="built without FTS5"),
    ):
        Index((), vocabulary_of("en"))


@settings(deadline=None)
@given(st.text(max_size=100))
def test_any_question_may_be_asked(text: str) -> None:
    for knowledge in (KNOWN, CHINESE):
        knowledge.passages_for([Message("user", text)])
        knowledge.rests_on(text)


KNOWN = known(COURSE, "en")
CHINESE = known(MUSEUM, "zh")


def test_a_large_library_is_searched_in_a_few_milliseconds() -> None:
    words = [f"word{i}" for i in range(3000)]
    text = "\n\n".join(" ".join(words[(7 * i + 13 * j) % 3000] for j in range(70)) + " light." for i in range(5000))
    index = Index(passages(read_markdown(text, "a.md")), vocabulary_of("en"))

    def ask() -> None:
        for i in range(20):
            index.search(f"what does light do with word{i} and word{i + 7} in word{i + 400}?")

    assert effort(ask, enough=20 * 10) <= 20 * 10
    index.close()
