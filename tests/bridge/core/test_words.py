"""What has words and what only looks as if it had."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.words import has_words, key

WORDS = ("a", "7", "é", "हाँ", "你好", "🎉", "👍🏽", "1️⃣", "❤️", "…so", "C++", "€", "e\u0301", "\u200bhi")
MARKS = ("", " ", "\n\t", "...", "?!", "—", "«»", "。、", "\u0301", "\u0301\u0302", "\u0e47", "\U0001f3fd")
UNSEEN = ("\u200b", "\u2060\ufeff", "\u00ad", "\u034f", "\ufe0f", "\U000e0041", "\u202e", "\x00\x07", "\u180e")
FILLERS = ("\u3164", "\uffa0", "\u115f\u1160", "\u2800", "\ufffc")


@pytest.mark.parametrize("text", WORDS)
def test_what_has_words(text: str) -> None:
    assert has_words(text)


@pytest.mark.parametrize("text", [*MARKS, *UNSEEN, *FILLERS])
def test_what_has_none(text: str) -> None:
    assert not has_words(text)


@given(st.text(st.characters(categories=["P", "M", "Z", "C"])))
def test_marks_and_what_cannot_be_seen_are_no_words(text: str) -> None:
    assert not has_words(text)


@given(st.text())
def test_what_is_compared_has_words_or_is_nothing(text: str) -> None:
    plain = key(text)
    assert plain == key(plain.upper()) or any(c.upper().casefold() != c.casefold() for c in plain)
    assert all(unicodedata.category(c)[0] not in "PZC" or c == " " for c in plain)


def test_a_recogniser_may_change_the_signs_of_chinese() -> None:
    assert key("燈塔是什麼時候建的？") == key("灯塔是什么时候建的")
    assert key("灯塔") != key("灯笼")
