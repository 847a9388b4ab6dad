"""The small parts: patterns, forgiving look-up, the clock and the date in words."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.dialogue.card.asks import match, parse
from engines.dialogue.card.calendar import clock, date
from engines.dialogue.card.language import Language
from engines.dialogue.card.lexicon import Lexicon
from engines.words.text import harmless, plain, sentences, sound
from tests.engines.dialogue.screenplay import book


def english() -> Language:
    return book("guide").language


@pytest.mark.parametrize(
    ("pattern", "said", "fits"),
    [
        ("how are you *", "how are you today my friend", True),
        ("how are you", "how are you today", False),
        ("my name is <name>", "my name is anna maria", True),
        ("my name is <name>", "my name is", False),
        ("tell|show me a? joke", "tell me joke", True),
        ("tell|show me a? joke", "tell a joke", False),
        ("* joke *", "one more joke please", True),
    ],
)
def test_patterns(pattern: str, said: str, fits: bool) -> None:
    assert (match(parse(pattern), [frozenset((word,)) for word in said.split()]) is not None) == fits


def test_a_pattern_names_its_slot() -> None:
    found = match(parse("call me <name> please?"), [frozenset((word,)) for word in ("call", "me", "ann", "lee")])
    assert found is not None
    assert found.slots == {"name": (2, 4)}


@pytest.mark.parametrize("pattern", ["", "*", "* <x> *", "a " * 17])
def test_patterns_that_mean_nothing_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match="not a pattern"):
        parse(pattern)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("lighthose", "lighthouse"),
        ("ligthhouse", "lighthouse"),
        ("wahle", "whale"),
        ("fysics", "physics"),
        ("sekstant", "sextant"),
        ("doppller", "doppler"),
    ],
)
def test_errors_are_forgiven(word: str, meant: str) -> None:
    assert meant in Lexicon(["lighthouse", "whale", "physics", "sextant", "doppler", "ghost"]).near(word)


@pytest.mark.parametrize("word", ["shoe", "bread", "politics", "x", "xylophone", "1234", ""])
def test_other_words_are_not_taken_for_errors(word: str) -> None:
    assert Lexicon(["shop", "thread", "physics", "telephone", "ghost"]).near(word) == {}


WORDS = st.text("abcdehks", min_size=1, max_size=9)


@given(WORDS, st.integers(0, 8))
def test_one_lost_letter_is_always_found(word: str, at: int) -> None:
    slip = word[:at] + word[at + 1 :]
    if len(word) >= 5 and len(slip) >= 4 and slip.isalpha() and slip[0] == word[0]:
        assert word in Lexicon([word]).near(slip)


@settings(deadline=None)  # the first one reads the language
@given(st.text(max_size=200))
def test_reading_never_fails(text: str) -> None:
    assert len(english().tokens(text)) <= 60
    english().heard(english().tokens(text))
    assert "[" not in harmless(text)
    assert sound(text[:20]) is not None
    assert all(sentences(text))
    plain(text)


@pytest.mark.parametrize(
    ("hour", "minute", "wanted"),
    [
        (0, 0, "twelve o'clock at night"),
        (9, 58, "ten o'clock in the morning"),
        (15, 12, "ten past three in the afternoon"),
        (18, 45, "a quarter to seven in the evening"),
        (23, 31, "half past eleven at night"),
        (12, 29, "half past twelve in the afternoon"),
    ],
)
def test_the_clock_is_read_in_words(hour: int, minute: int, wanted: str) -> None:
    assert clock(datetime(2025, 1, 31, hour, minute), english()) == wanted  # noqa: DTZ001 (only read)


def test_the_date_is_read_in_words() -> None:
    now = datetime(2025, 1, 31)  # noqa: DTZ001 (only read)
    assert date(now, english()) == "Friday, the thirty-first of January"
