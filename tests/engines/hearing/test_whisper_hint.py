"""What Whisper is told before it listens: names and topics, in a sentence, within bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.hearing.whisper.hint import CHARS, TOPICS, hint


def test_names_and_topics_stand_in_a_sentence() -> None:
    told = hint(["Nora Bell", "Ada"], ["sound", "the speed of light", "Doppler effect", "Nora"], "en")
    assert told == "Hello, Nora! This is a conversation with Nora Bell and Ada about sound, Doppler effect."


@pytest.mark.parametrize(
    ("names", "topics", "told"),
    [
        ([], [], ""),
        (["", "  "], ["...", "🎉"], ""),
        (["Nora"], [], "Hello, Nora! This is a conversation with Nora."),
        ([], ["sound"], "This is a conversation about sound."),
        (["Nora", "Nora"], ["Nora", "sound", "sound"], "Hello, Nora! This is a conversation with Nora about sound."),
    ],
)
def test_what_is_empty_or_said_already_is_left_out(names: list[str], topics: list[str], told: str) -> None:
    assert hint(names, topics, "en") == told


def test_another_language_gets_no_english() -> None:
    assert hint(["林老师"], ["灯塔", "回声"], "zh") == "林老师. 灯塔, 回声."


TEXTS = st.text(max_size=60)


@given(st.lists(TEXTS, max_size=8), st.lists(TEXTS, max_size=300), st.sampled_from(["en", "de", "zh"]))
def test_it_is_bounded_whatever_a_card_holds(names: list[str], topics: list[str], language: str) -> None:
    told = hint(names, topics, language)
    assert len(told) <= 2 * CHARS + sum(map(len, names))
    assert told.count(",") <= TOPICS + len(names) + sum(text.count(",") for text in (*names, *topics))
