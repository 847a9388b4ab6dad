"""Words, stems and numbers: what is known of a language without a card."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.dialogue.card.language import shipped_language
from engines.words.text import distance, sentences
from engines.words.vocabulary import Vocabulary, read_words, vocabulary_of

CODES = sorted(path.stem for path in (Path(__file__).parents[3] / "engines" / "words" / "tables").glob("*.toml"))


def english() -> Vocabulary:
    return vocabulary_of("en-GB")


@pytest.mark.parametrize("code", CODES)
def test_a_language_has_its_words_and_its_phrases_apart(code: str) -> None:
    words, language = vocabulary_of(code), shipped_language(code)
    assert words.code == language.code == code
    assert words.stop == language.stop
    assert words.lists["negations"] == language.lists["negations"] != frozenset()
    assert language.intents


def test_of_a_language_without_tables_nothing_is_known() -> None:
    assert read_words("../en") == {}
    words = vocabulary_of("sw")
    assert (words.code, words.stop) == ("sw", frozenset())
    assert words.tokens("Habari ya asubuhi 12") == ("habari", "ya", "asubuhi", "12")


@pytest.mark.parametrize(
    ("code", "text", "wanted"),
    [
        ("zh", "光速约为每秒三十万公里", [300_000]),
        ("zh", "建于一九零二年，高12.5米", [1902, 12.5]),
        ("de", "vierzig Meter", [40]),
        ("fr", "trois cent quarante mille", [340_000]),
    ],
)
def test_numbers_of_other_languages(code: str, text: str, wanted: list[float]) -> None:
    words = vocabulary_of(code)
    assert words.numbers(words.tokens(text)) == pytest.approx(wanted)


def test_what_counts_for_retrieval() -> None:
    assert english().terms("The lenses are bending the light.") == ["lens", "bend", "light"]
    assert "青铜" in vocabulary_of("zh").terms("这件青铜器")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("two", [2]),
        ("twenty one", [21]),
        ("three hundred and forty three metres", [343]),
        ("one hundred seventy", [170]),
        ("a hundred", [100]),
        ("three hundred thousand", [300_000]),
        ("one million two hundred thousand and five", [1_200_005]),
        ("one point five", [1.5]),
        ("three point one four", [3.14]),
        ("1,234", [1234]),
        ("3.5 or 4", [3.5, 4]),
        ("one two three", [1, 2, 3]),
        ("between ten and twenty", [10, 20]),
        ("299,792,458", [299_792_458]),
        ("no number", []),
    ],
)
def test_numbers(text: str, wanted: list[float]) -> None:
    words = english()
    assert words.numbers(words.tokens(text)) == pytest.approx(wanted)


WORDS = st.text("abcdehks", min_size=1, max_size=9)


@given(WORDS, WORDS)
def test_distance_is_symmetric_and_bounded(a: str, b: str) -> None:
    assert distance(a, b, 9) == distance(b, a, 9) <= max(len(a), len(b))
    assert (distance(a, b, 9) == 0) == (a == b)
    assert distance(a, b, 1) == min(distance(a, b, 9), 2)


def test_sentences_end_where_they_end() -> None:
    text = "Dr. Reed came at 3.5 knots. He said: no! J. S. Bach agreed? Yes."
    assert sentences(text) == ["Dr. Reed came at 3.5 knots.", "He said: no!", "J. S. Bach agreed?", "Yes."]
