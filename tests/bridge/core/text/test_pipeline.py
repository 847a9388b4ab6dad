"""From a model's stream to the line that a client shows, in ten scripts, cut at every place."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.text.pipeline import END, Pipeline
from engines.api import Phrase, Word
from engines.voices.reading.text import UNSPACED, script
from tests.bridge.core.cuts import STEADY, cut, cuts
from tests.bridge.core.text.bits import MIXED, MOODS, PLAIN, SCRIPTS, TEXTS, words


def said(phrase: Phrase) -> list[Word]:
    """The words of a voice: between blanks, and each ideograph alone; what has no letters is not said."""
    found = []
    for match in re.finditer(r"\S+", phrase.text):
        pieces = [match.span()]
        if any(script(char) in UNSPACED for char in match.group()):
            pieces = [(at, at + 1) for at in range(*match.span())]
        found += [Word(phrase.text[a:b], 0, 1, a) for a, b in pieces if any(map(str.isalnum, phrase.text[a:b]))]
    return found


def shown(chunks: list[str], language: str = "en") -> tuple[str, list[str]]:
    """The line of a client, and what was said."""
    pipeline = Pipeline(MOODS, language)
    phrases = [phrase for chunk in chunks for phrase in pipeline.push(chunk)] + pipeline.close()
    for phrase in phrases:
        pipeline.written.add(phrase)
    heard = [word for phrase in phrases for word in pipeline.written.words(said(phrase))]
    line = "".join(word.gap + word.text for word in [*heard, *pipeline.written.rest(1)])
    return line, [phrase.text for phrase in phrases]


def tidy(text: str) -> str:
    """The text as it may be shown: blanks and line breaks made few."""
    return re.sub(r" *\n *", "\n", re.sub("[ \t]+", " ", text)).strip()


@STEADY
@given(st.data(), PLAIN | MIXED | TEXTS, st.sampled_from(["en", "de", "zh", "ja", "th", "hi"]))
def test_what_is_shown_is_what_was_written(data: st.DataObject, text: str, language: str) -> None:
    line, phrases = shown([text], language)
    plain = words(text, "skip")
    if any(map(str.isalnum, plain)):
        assert tidy(line) == tidy(plain)
    assert [c for phrase in phrases for c in phrase if c.isalnum()] == [c for c in plain if c.isalnum()]
    for chunks in (list(text), cut(text, data.draw(cuts(len(text))))):
        assert shown(chunks, language) == (line, phrases)


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_every_script_comes_through_letter_by_letter(name: str) -> None:
    text = "".join(SCRIPTS[name] * 3).strip()
    line, _ = shown(list(f"**{text}**" if name not in ("japanese", "chinese") else text))
    assert tidy(line) == tidy(words(text))
    assert [c for c in line if c.isalnum()] == [c for c in words(text) if c.isalnum()]


@pytest.mark.parametrize(
    "text",
    [
        "안녕하세요 저는 노라입니다.",
        "灯塔建于一九零二年。",
        "it 😀 so",
        "Well — yes, “so” it is…",
        "昨日 は 雨。",
        "नमस्ते, यह है।",
    ],
)
def test_lines_are_shown_to_the_letter(text: str) -> None:
    assert shown([text])[0] == text


def test_what_was_left_open_ends_where_the_stream_breaks_off() -> None:
    pipeline = Pipeline(MOODS, "en")
    phrases = pipeline.push("One two. [never closed ") + pipeline.push("*nor this ") + pipeline.push(END)
    phrases += pipeline.push("Sorry.") + pipeline.close()
    assert [phrase.text for phrase in phrases] == ["One two.", "[never closed *nor this", "Sorry."]
