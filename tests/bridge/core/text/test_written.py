"""The gaps of words: what is written and not said is never lost, and nothing is joined that was apart."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from bridge.core.text.written import LONGEST, Written
from engines.api import Phrase, Word
from tests.bridge.core.cuts import STEADY


def said(phrase: Phrase) -> list[Word]:
    """The words of a voice that says only what has letters or digits."""
    found = [match for match in re.finditer(r"\S+", phrase.text) if any(c.isalnum() for c in match.group())]
    return [Word(match.group(), 0, 10, match.start()) for match in found]


def joined(phrases: list[Phrase], *, late: bool = False) -> str:
    """The line that a client shows; `late`: the phrases are known before the first word is said."""
    written = Written()
    words: list[Word] = []
    if late:
        for phrase in phrases:
            written.add(phrase)
    for phrase in phrases:
        if not late:
            written.add(phrase)
        words += written.words(said(phrase))
    words += written.rest(10)
    assert all(len(word.gap) <= LONGEST for word in words)
    return "".join(word.gap + word.text for word in words)


def test_gaps_are_those_of_the_text() -> None:
    written = Written()
    written.add(Phrase("Well — yes.", gap=""))
    written.add(Phrase("안녕하세요 저는", gap="\n"))
    words = written.words([Word("Well", 0, 5, 0), Word("yes.", 5, 9, 7)])
    words += written.words([Word("안녕하세요", 0, 5, 0), Word("저는", 5, 9, 6)])
    assert [word.gap for word in words] == ["", " — ", "\n", " "]


def test_what_no_word_covers_comes_at_the_end() -> None:
    written = Written()
    written.add(Phrase("Yes 😀", gap=""))
    assert [word.gap for word in written.words([Word("Yes", 0, 5, 0)])] == [""]
    assert written.rest(7) == (Word("😀", 7, 7, 0, " "),)
    assert written.rest(7) == ()


def test_a_phrase_that_is_not_said_stands_before_the_next() -> None:
    assert joined([Phrase("One.", gap=""), Phrase("…", gap=" "), Phrase("Two.", gap=" ")]) == "One. … Two."


def test_a_word_that_nobody_wrote_stands_apart() -> None:
    written = Written()
    written.add(Phrase("One two.", gap=""))
    assert [word.gap for word in written.words([Word("eins", 0, 1, 0), Word("two.", 1, 2, 4)])] == ["", "One "]


def test_a_long_gap_is_a_word_of_its_own() -> None:
    written = Written()
    written.add(Phrase(f"One {'- ' * 60}two.", gap=""))
    one, dashes, two = written.words([Word("One", 0, 5, 0), Word("two.", 5, 9, 124)])
    assert (one.gap, dashes.gap, two.gap) == ("", " ", " ")
    assert dashes == Word(("- " * 60).strip(), 5, 5, 0, " ")


PARTS = st.lists(
    st.sampled_from(["a", "word", "昨日", "は", "😀", "—", "안녕", " ", " ", "\n", "(", ")", "5", "...", "é"]),
    max_size=12,
).map("".join)


@STEADY
@given(st.lists(st.tuples(st.sampled_from(["", " ", "\n", " — "]), PARTS), max_size=8), st.booleans())
def test_nothing_is_lost_and_nothing_joined(parts: list[tuple[str, str]], late: bool) -> None:
    phrases = [Phrase(text.strip(), gap=gap) for gap, text in parts]
    line = "".join(phrase.gap + phrase.text for phrase in phrases).strip()
    expected = re.sub("[ \t]+", " ", line) if any(map(str.isalnum, line)) else ""
    assert joined(phrases, late=late) == expected
