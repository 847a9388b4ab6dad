"""Words in one plain form, whatever people do to them, and where each stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.guard.folding import STOP, read, unmasked, words_of
from tests.bridge.core.cuts import STEADY


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Don't STOP now", "dont stop now"),
        ("Straße, naïve café", "strasse naive cafe"),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "full width"),
        ("ki\u200bll \u202eme", "kill me"),
        ("z\u0337a\u0321lg\u0336o", "zalgo"),
        ("殺す", "杀 す"),
        ("臺灣", "台 湾"),
        ("か\u3099", "が"),
        ("3.14 and 10:30", "3 14 and 10 30"),
        ("", ""),
        ("?!", ""),
        ("مرحبا بك", "مرحبا بك"),
    ],
)
def test_a_text_is_read_in_plain_words(text: str, plain: str) -> None:
    assert " ".join(words_of(text)) == plain


def test_sentences_end_with_a_stop() -> None:
    assert read("Hi there... Who? Me").text == " . hi there . who . me . "


@pytest.mark.parametrize(
    "text",
    [
        "k1ll y0urs3lf",
        "k i l l yourself",
        "K.I.L.L. yourself",
        "k-i-l-l yourself",
        "kіll уоurself",  # Cyrillic
        "ĸill yourself".replace("ĸ", "k\u0301"),
        "kiiill yourselffff",
        "k|ll yourse1f",
        "ki\u00adll your\u200dself",
    ],
)
def test_masked_words_are_unmasked(text: str) -> None:
    readings = (read(text), *unmasked(text))
    assert any(" kill yourself " in reading.text for reading in readings), [each.text for each in readings]


def test_stars_stand_for_letters_of_known_words() -> None:
    assert any(" fuck " in reading.text for reading in unmasked("f*ck this", {"fuck"}))
    assert not any(" fuck " in reading.text for reading in unmasked("f*ck this"))


def test_signs_that_were_put_apart_come_together() -> None:
    assert " 自 杀 " in unmasked("自*殺")[0].text
    assert " 自 杀 " in read("自 殺").text


@pytest.mark.parametrize(
    "text", ["A plain sentence, with 3 words and more.", "Привет, как дела?", "今日は晴れです。", "It costs $30."]
)
def test_what_is_written_plainly_needs_no_second_reading(text: str) -> None:
    assert unmasked(text) == ()


@STEADY
@given(st.text(max_size=80))
def test_each_word_knows_where_it_stands(text: str) -> None:
    for reading in (read(text), *unmasked(text)):
        assert reading.words[0] == reading.words[-1] == STOP
        spans = reading._spans()
        assert len(spans) == len(reading.words)
        for (start, end), word in zip(spans, reading.words, strict=True):
            assert 0 <= start <= end <= len(text)
            assert word == STOP or end > start
    plain = read(text)
    at = 1
    for word, (start, _) in zip(plain.words, plain._spans(), strict=True):
        assert plain.span(at - 1, at + len(word) + 1)[0] <= start
        at += len(word) + 1
