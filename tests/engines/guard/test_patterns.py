"""What the lists are written in."""

from __future__ import annotations

import pytest

from engines.guard.folding import read
from engines.guard.patterns import Index, PatternError, compiled
from engines.guard.rules import plain
from engines.guard.rules import read as read_list

LISTS = {"weapon": ["bomb", "pipe bomb"], "zh": ["炸弹"]}


@pytest.mark.parametrize(
    ("pattern", "found", "missed"),
    [
        ("make a {weapon}", "Make a pipe bomb", "make the bomb"),
        ("make (a|an)? {weapon}", "make bomb", "make one bomb"),
        ("(how|build) ...2 ({weapon}|gun)", "build me a gun", "build me one or two guns"),
        ("poison*", "poisoning", "soporific"),
        ("vote for", "Vote for it", "vote. For it"),
        ("kill you .", "I kill you", "I kill you now"),
        (". go home", "Well? Go home", "we go home"),
        ("制造{zh}", "他们在制造炸弹", "制造了炸弹"),
        ("I don't", "i dont", "i do not"),
    ],
)
def test_a_pattern_finds_what_it_says(pattern: str, found: str, missed: str) -> None:
    made = compiled(pattern, LISTS)
    for text, expected in ((found, True), (missed, False)):
        reading = read(text)
        match = made.expression.search(reading.text)
        assert (match is not None) == expected
        if expected:
            assert Index([made]).candidates(reading.words) == {0}


@pytest.mark.parametrize("pattern", ["{nothing} here", "(a|--) b", "...3", "x?", "(a)?"])
def test_a_pattern_that_cannot_be_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compiled(pattern, LISTS)


def test_a_list_with_an_unknown_key_is_refused() -> None:
    with pytest.raises(PatternError, match="no sides"):
        read_list("en", '[[rule]]\nid = "x"\ncategory = "hate"\nsides = "user"\nfind = ["a b"]')


def test_a_phrase_without_words_makes_no_rule() -> None:
    assert plain("?!") is None
    assert plain("Blue cheese!") is not None
