"""Text on its way to espeak-ng: nothing is lost between the stretches, and every character knows where it came from."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.voices.reading.text import HARD, pause_after, stretches, voice_names

LANGUAGES = st.sampled_from(("en-us", "ru", "ja", "zh", "th", "xx", ""))


@settings(deadline=None)
@given(text=st.text(max_size=600) | st.text("ab, .。你ф*_\u0301\u200d😀", max_size=600), language=LANGUAGES)
def test_stretches_join_and_every_character_knows_its_place(text: str, language: str) -> None:
    found = stretches(text, language)
    assert found[0].start == 0
    assert found[-1].end == len(text)
    assert all(a.end == b.start for a, b in pairwise(found))
    for stretch in found:
        assert len(stretch.text) == len(stretch.origin)
        assert all(stretch.start <= index < stretch.end for index in stretch.origin)
        assert all(a <= b for a, b in pairwise(stretch.origin))
        if not language or language == "xx":
            kept = zip(stretch.origin, stretch.text, strict=True)
            assert all(char in text[index] + unicodedata.normalize("NFKC", text[index]) + " " for index, char in kept)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("**bold** and `code`, a_b", "  bold   and  code , a b"),
        ("K# costs * 3, # 1, a#", "K# costs   3,   1, a#"),
        ("co\u00adoperate", "cooperate"),
        ("x\U0001f600y \U0001f44d\U0001f3fd", "x y   "),
        ("°C ©", "°C ©"),
        ("a\x00b\ud800c", "a b c"),
        ("می\u200cخواهم \u200d!", "می\u200cخواهم !"),
    ],
)
def test_what_is_for_the_eye_is_not_read(text: str, read: str) -> None:
    assert "".join(stretch.text for stretch in stretches(text, "fa" if "م" in text else "en-us")) == read


@pytest.mark.parametrize(
    ("text", "language", "spoken"),
    [
        ("Say «Привет» now", "en", [("Say ", ""), ("«Привет» ", "ru"), ("now", "")]),
        ("Скажи hello", "ru", [("Скажи hello", "")]),
        ("Скажи hello", "uk-UA", [("Скажи hello", "")]),
        ("你好 Bob", "zh-CN", [("你好 Bob", "")]),
        ("你好 Bob", "en-us", [("你好 ", "cmn"), ("Bob", "")]),
        ("the angle α and π", "en", [("the angle α and π", "")]),
        ("… (λόγος)", "de", [("… (λόγος)", "el")]),
    ],
)
def test_a_foreign_script_is_a_stretch_of_its_own(text: str, language: str, spoken: list[tuple[str, str]]) -> None:
    assert [(stretch.text, stretch.language) for stretch in stretches(text, language)] == spoken


def test_a_long_phrase_ends_its_stretches_where_the_writer_paused() -> None:
    text = "That is a good question, and I will answer it with a story. " + "It has no marks at all " * 20
    found = [stretch.text for stretch in stretches(text, "en-us")]
    assert found[:2] == ["That is a good question, ", "and I will answer it with a story. "]
    assert all(part.endswith(" ") and len(part) <= HARD for part in found[:-1])


@pytest.mark.parametrize(
    ("tag", "names"),
    [
        ("en-GB", ["en-gb-x-rp", "en-gb", "en"]),
        ("de_AT", ["de-at", "de"]),
        ("zh-Hans-CN", ["zh-hans-cn", "zh-hans", "cmn", "zh"]),
        ("no", ["nb", "no"]),
        ("../x", []),
        ("", []),
    ],
)
def test_the_voices_that_may_stand_for_a_tag(tag: str, names: list[str]) -> None:
    assert voice_names(tag) == names


def test_a_comma_pauses_less_than_a_full_stop() -> None:
    assert (
        0 < pause_after("and") < pause_after("and,") < pause_after("and;") < pause_after("and.”") == pause_after("啊。")
    )
