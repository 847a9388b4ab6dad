"""Tags and phrases: what comes out, and that it never depends on how the stream was cut."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.phrases import FIRST_LONGEST, LONGEST, Phrases, width
from bridge.core.tags import Piece, Tag, Tags
from engines.api import Cue, Phrase
from tests.core.cuts import STEADY, cut, cuts

MOODS = frozenset({"happy", "sad"})
# Bits that markup, numbers, abbreviations and scripts are made of, so that random texts hit the rules.
BITS = st.sampled_from(
    [
        *("[", "]", "[happy]", "[sad:0.5]", "[gesture:wave]", "[1]", "*", "**", "*waves*", "*waves slowly* "),
        *("*looks up at the stars for a while, and then down at the ground again*", f"[emotion:{'a' * 32}:0.125]"),
        *(":", ",", " ", ". ", ".", "! ", "?", "…", "\n", '"', "“", "”", ") ", "(", "- ", "\u2014", "'", "。", "、"),
        *("word", "Another ", "a", "Dr. ", "e.g. ", "3.14", "1,000 ", "昨日", "x" * 30, " and so on" * 4, "i. ", "A. "),
    ]
)
TEXTS = st.lists(BITS, max_size=25).map("".join) | st.text(max_size=60)


def tagged(chunks: list[str]) -> list[Piece]:
    tags = Tags(MOODS)
    pieces = [piece for chunk in chunks for piece in tags.push(chunk)] + tags.flush()
    joined: list[Piece] = []
    for plain, group in groupby(pieces, key=lambda piece: isinstance(piece, str)):
        some = list(group)
        joined += ["".join(map(str, some))] if plain else some
    return joined


def phrased(pieces: list[Piece]) -> list[Phrase]:
    phrases = Phrases()
    return [phrase for piece in pieces for phrase in phrases.push(piece)] + phrases.flush()


def spoken(chunks: list[str]) -> list[Phrase]:
    tags, phrases = Tags(MOODS), Phrases()
    out = [phrase for chunk in chunks for piece in tags.push(chunk) for phrase in phrases.push(piece)]
    return out + [phrase for piece in tags.flush() for phrase in phrases.push(piece)] + phrases.flush()


# ------------------------------------------------------------------------------------------------------ tags


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("Hello.", ["Hello."]),
        ("[happy] Hello.", [Tag("emotion", "happy", 1.0), " Hello."]),
        ("[Happy:0.6]", [Tag("emotion", "happy", 0.6)]),
        ("[wave]", [Tag("gesture", "wave", 1.0)]),
        ("[gesture:happy]", [Tag("gesture", "happy", 1.0)]),
        ("[emotion:odd:1]", [Tag("emotion", "odd", 1.0)]),
        ("[emotion:odd:1.5]", [Tag("emotion", "odd", 1.0)]),
        ("[emotion:odd:7]", ["[emotion:odd:7]"]),
        ("See [1] and [a b].", ["See [1] and [a b]."]),
        ("[[happy]]", ["[", Tag("emotion", "happy", 1.0), "]"]),
        ("[happy", ["[happy"]),
        ("*waves* Hello.", [Tag("gesture", "waves", 1.0), " Hello."]),
        ("Hello. *Waves slowly!* Yes.", ["Hello. ", Tag("gesture", "waves_slowly", 1.0), " Yes."]),
        ("That is *very* good.", ["That is very good."]),
        ("That is **very** good.", ["That is very good."]),
        ("*happy*", [Tag("emotion", "happy", 1.0)]),
        ("2 * 3 is 6.", ["2  3 is 6."]),
        ("*not\nclosed", ["not\nclosed"]),
    ],
)
def test_tags_are_taken_out(text: str, pieces: list[Piece]) -> None:
    assert tagged([text]) == pieces


@STEADY
@given(st.data(), TEXTS)
def test_cutting_never_changes_tags(data: st.DataObject, text: str) -> None:
    assert tagged(cut(text, data.draw(cuts(len(text))))) == tagged([text])


@STEADY
@given(TEXTS)
def test_letter_by_letter_is_the_same(text: str) -> None:
    assert tagged(list(text)) == tagged([text])
    assert spoken(list(text)) == spoken([text])


@STEADY
@given(st.text(alphabet=st.characters(exclude_characters="[*"), max_size=200))
def test_text_without_markup_is_left_alone(text: str) -> None:
    assert "".join(str(piece) for piece in tagged([text])) == text


@STEADY
@given(TEXTS)
def test_an_open_bracket_is_not_waited_for_for_ever(text: str) -> None:
    tags = Tags(MOODS)
    tags.push("[" + text)
    assert len(tags._held) < 100


# --------------------------------------------------------------------------------------------------- phrases


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("", []),
        ("Hello", ["Hello"]),
        ("Hello. How are you? Fine.", ["Hello.", "How are you?", "Fine."]),
        ("Well, that is a long story, my dear friend.", ["Well, that is a long story,", "my dear friend."]),
        ("Oh, yes. Well, that is a long story, my dear.", ["Oh, yes.", "Well, that is a long story, my dear."]),
        ("Dr. Smith is here. He waits.", ["Dr. Smith is here.", "He waits."]),
        ("Pi is 3.14 or so. Yes.", ["Pi is 3.14 or so.", "Yes."]),
        (
            "It costs 1,000 coins and not a single one more, friend.",
            ["It costs 1,000 coins and not a single one more,", "friend."],
        ),
        ('He said "Go." Then he went.', ['He said "Go.', "Then he went."]),
        ('One. He said "Go." Then he went.', ["One.", 'He said "Go."', "Then he went."]),
        ("これは。とても長い話です。", ["これは。", "とても長い話です。"]),
        ("... Well.", ["Well."]),
        ("- first\n- second\n", ["first", "second"]),
        ("Plan A. B is worse.", ["Plan A. B is worse."]),
    ],
)
def test_phrases_are_cut(text: str, phrases: list[str]) -> None:
    assert [phrase.text for phrase in phrased([text])] == phrases


def test_the_first_phrase_does_not_wait_for_what_follows() -> None:
    phrases = Phrases()
    assert phrases.push("Hello there.") == [Phrase("Hello there.")]
    assert phrases.push(" Come in.") == []
    assert phrases.push(" ") == [Phrase("Come in.")]


def test_cues_stand_where_they_stood() -> None:
    wave, smile = Tag("gesture", "wave", 1.0), Tag("emotion", "happy", 0.5)
    assert phrased([smile, " Hello ", wave, "there. ", "Bye", wave]) == [
        Phrase("Hello there.", (Cue("emotion", "happy", 0.5, 0), Cue("gesture", "wave", 1.0, 6))),
        Phrase("Bye", (Cue("gesture", "wave", 1.0, 3),)),
    ]


def test_a_cue_between_sentences_belongs_to_the_next_however_late_that_comes() -> None:
    wave = Tag("gesture", "wave", 1.0)
    for rest in ([" Three."], [" ", "Three."], [" Th", "ree."]):
        found = phrased(["One. Two.", wave, *rest])
        assert [(p.text, len(p.cues)) for p in found] == [("One.", 0), ("Two.", 0), ("Three.", 1)]


def test_a_cue_alone_is_not_lost() -> None:
    assert phrased([Tag("gesture", "wave", 1.0)]) == [Phrase("", (Cue("gesture", "wave", 1.0, 0),))]


@STEADY
@given(st.data(), st.lists(TEXTS | st.just(Tag("gesture", "wave", 1.0)), max_size=6))
def test_cutting_never_changes_phrases(data: st.DataObject, pieces: list[Piece]) -> None:
    smaller: list[Piece] = []
    for piece in pieces:
        smaller += cut(piece, data.draw(cuts(len(piece)))) if isinstance(piece, str) else [piece]
    assert phrased(smaller) == phrased(pieces)


@STEADY
@given(st.data(), TEXTS)
def test_cutting_never_changes_what_is_spoken(data: st.DataObject, text: str) -> None:
    assert spoken(cut(text, data.draw(cuts(len(text))))) == spoken([text])


@STEADY
@given(st.lists(TEXTS | st.just(Tag("gesture", "wave", 1.0)), max_size=6))
def test_phrases_are_bounded_and_nothing_is_lost(pieces: list[Piece]) -> None:
    found = phrased(pieces)
    letters = [c for piece in pieces if isinstance(piece, str) for c in piece if c.isalnum()]
    assert [c for phrase in found for c in phrase.text if c.isalnum()] == letters
    assert sum(len(phrase.cues) for phrase in found) == sum(isinstance(piece, Tag) for piece in pieces)
    for number, phrase in enumerate(found):
        assert width(phrase.text) <= (LONGEST if number else FIRST_LONGEST) + 3
        assert phrase.text == phrase.text.strip()
        assert all(0 <= cue.at <= len(phrase.text) for cue in phrase.cues)
        assert [cue.at for cue in phrase.cues] == sorted(cue.at for cue in phrase.cues)
