"""Phrases: where they end, that nothing is lost between them, and that the cuts of a stream never matter."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.text.phrases import FIRST_LONGEST, LONGEST, Phrases, width
from bridge.core.text.pieces import Piece, Tag
from bridge.core.text.pipeline import Pipeline, steps
from engines.api import Cue, Phrase
from testkit.effort import effort
from tests.bridge.core.cuts import STEADY, cut, cuts
from tests.bridge.core.text.bits import MIXED, MOODS, PLAIN, TEXTS


def phrased(pieces: list[Piece], language: str = "en") -> list[Phrase]:
    phrases = Phrases(language)
    return [phrase for piece in pieces for phrase in phrases.push(piece)] + phrases.flush()


def spoken(chunks: list[str], language: str = "en") -> list[Phrase]:
    pipeline = Pipeline(MOODS, language)
    return [phrase for chunk in chunks for phrase in pipeline.push(chunk)] + pipeline.close()


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
        ('He said "Go." Then he went.', ['He said "Go."', "Then he went."]),
        ('"Stop!" he said. "Now!" Then he went.', ['"Stop!" he said.', '"Now!"', "Then he went."]),
        ("Please open config.json now. Then go.", ["Please open config.json now.", "Then go."]),
        ("Visit example.com today.", ["Visit example.com today."]),
        ("https://www.example.com is it. Yes.", ["https://www.example.com is it.", "Yes."]),
        ("Write to bob@example.com. Thanks.", ["Write to bob@example.com.", "Thanks."]),
        ("It is v1.2.3 at 10:30 a.m. or so. Yes.", ["It is v1.2.3 at 10:30 a.m. or so.", "Yes."]),
        ("J. R. R. Tolkien wrote it. Good.", ["J. R. R. Tolkien wrote it.", "Good."]),
        ("Take No. 5, not no. 6. No. I will not.", ["Take No. 5, not no. 6.", "No.", "I will not."]),
        (
            "Apples, pears, etc. are here. And so on, etc. Good.",
            ["Apples, pears, etc. are here.", "And so on, etc.", "Good."],
        ),
        ("In the U.S. policy is so. In the U.S. They say.", ["In the U.S. policy is so.", "In the U.S.", "They say."]),
        ("What?! Yes!!! (That is it.) [So.] Good", ["What?", "Yes!!!", "(That is it.)", "[So.]", "Good"]),
        ("Wait... what?! Well… no. So... Yes.", ["Wait... what?", "Well… no.", "So...", "Yes."]),
        ("1. First\n2. Second\n", ["1. First", "2. Second"]),
        ("It was in 1999. Then it was not.", ["It was in 1999.", "Then it was not."]),
        ('One. He said "Go." Then he went.', ["One.", 'He said "Go."', "Then he went."]),
        ("これは。とても長い話です。", ["これは。", "とても長い話です。"]),
        ("... Well.", ["Well."]),
        ("first\nsecond\n", ["first", "second"]),
        ("Plan A. B is worse.", ["Plan A. B is worse."]),
    ],
)
def test_phrases_are_cut(text: str, phrases: list[str]) -> None:
    assert [phrase.text for phrase in phrased([text])] == phrases


@pytest.mark.parametrize(
    ("language", "text", "phrases"),
    [
        ("de", "Am 3. Oktober kam er. Dann ging er.", ["Am 3. Oktober kam er.", "Dann ging er."]),
        ("en", "Am 3. Oktober kam er. Gut.", ["Am 3. Oktober kam er.", "Gut."]),
        ("de", "Sie wohnt im 2. Stock, z. B. hier. Gut.", ["Sie wohnt im 2. Stock, z. B. hier.", "Gut."]),
        ("de", "Ich bin 30. Das ist alt.", ["Ich bin 30.", "Das ist alt."]),
        (
            "zh",
            "他说：「走吧。」然后他走了。好！真的？是……的。",
            ["他说：「走吧。」", "然后他走了。", "好！", "真的？", "是……的。"],
        ),
        ("zh", "版本是3.14，网址是example.com。好.对.", ["版本是3.14，网址是example.com。", "好.", "对."]),
        ("ja", "これは「はい。」です。そう？ええ！", ["これは「はい。」", "です。", "そう？", "ええ！"]),
        ("hi", "यह है। वह गया॥ क्या? हाँ।", ["यह है।", "वह गया॥", "क्या?", "हाँ।"]),
        ("ar", "ما هذا؟ هذا كتاب۔ جيد.", ["ما هذا؟", "هذا كتاب۔", "جيد."]),
        ("am", "ሰላም ነው። እንዴት ነህ?", ["ሰላም ነው።", "እንዴት ነህ?"]),
        ("ko", "안녕하세요. 저는 노라입니다. 네!", ["안녕하세요.", "저는 노라입니다.", "네!"]),
        ("es", "¿Qué tal? ¡Bien! El Sr. López va.", ["¿Qué tal?", "¡Bien!", "El Sr. López va."]),
        ("fr", "« Oui. » Il dit : non. Bien !", ["« Oui. » Il dit : non.", "Bien !"]),
        ("ru", "Он т.е. она пришла. Да.", ["Он т.е. она пришла.", "Да."]),
    ],
)
def test_sentences_end_as_their_language_ends_them(language: str, text: str, phrases: list[str]) -> None:
    assert [phrase.text for phrase in phrased([text], language)] == phrases


def test_thai_is_cut_at_its_spaces_by_length() -> None:
    text = "สวัสดีครับ ผมชื่อโนรา ยินดีที่ได้รู้จัก วันนี้อากาศดีมาก " * 6
    found = [phrase.text for phrase in phrased([text], "th")]
    assert len(found) > 2
    assert width(found[0]) < 60
    assert " ".join(found) == text.strip()


def test_a_phrase_ends_when_the_next_character_is_known() -> None:
    phrases = Phrases()
    assert phrases.push("Hello there.") == []
    assert phrases.push(" Come in.") == [Phrase("Hello there.", gap="")]
    assert phrases.push("\n") == [Phrase("Come in.", gap=" ")]


@pytest.mark.parametrize(
    ("pieces", "first"),
    [
        (["Hello", "!"], "Hello!"),
        (["Is it you", "?"], "Is it you?"),
        (["It's well-known", "!!"], "It's well-known!"),
        (["你好", "。"], "你好。"),
        (["真的", "？"], "真的？"),
        (["नमस्ते", "।"], "नमस्ते।"),
        (["Well, that is a long story", ","], "Well, that is a long story,"),
        (["Well then, that is a story", "—"], "Well then, that is a story—"),
        (["¡Hola", "!"], "¡Hola!"),
        (["Ça va ", "?"], "Ça va ?"),
    ],
)
def test_the_first_phrase_ends_at_once_where_nothing_could_belong_to_it(pieces: list[Piece], first: str) -> None:
    phrases = Phrases()
    assert [phrase.text for piece in pieces for phrase in phrases.push(piece)] == [first]
    assert phrases.push("Then again") + phrases.push("!") == [], "those behind it wait for the next character"


@pytest.mark.parametrize(
    "text",
    [
        "See config.", "It is 3.", "At 10:", "Write to example.", '"Stop!', "(Yes!", "'Stop!", "See page.html?",
        "In 1999!",
        "It costs a lot of 1,", "https://example.com/a?", "color:red!", "「走。", "It is here:", "Oh,", "No…",
    ],
)  # fmt: skip
def test_the_first_phrase_waits_where_something_could(text: str) -> None:
    assert Phrases().push(text) == []


def test_marks_that_come_late_are_written_and_said_with_the_phrase_before() -> None:
    phrases = phrased(["Really", "?", "!", " Yes."])
    assert [(phrase.gap, phrase.text) for phrase in phrases] == [("", "Really?"), ("! ", "Yes.")]
    assert [(phrase.gap, phrase.text) for phrase in phrased(["Hello", "!!!"])] == [("", "Hello!"), ("!!", "")]


def test_marks_of_a_character_are_not_cut_off() -> None:
    for unit in ("e\u0301", "👍🏽", "👩\u200d👩\u200d👧", "नि"):
        text = unit * 300
        found = [phrase.text for phrase in phrased([text])]
        assert "".join(found) == text
        assert all(phrase.startswith(unit[0]) for phrase in found)


def test_cues_stand_where_they_stood() -> None:
    wave, smile = Tag("gesture", "wave", 1.0), Tag("emotion", "happy", 0.5)
    assert phrased([smile, " Hello ", wave, "there. ", "Bye", wave]) == [
        Phrase("Hello there.", (Cue("emotion", "happy", 0.5, 0), Cue("gesture", "wave", 1.0, 6)), gap=" "),
        Phrase("Bye", (Cue("gesture", "wave", 1.0, 3),)),
    ]


def test_a_cue_between_sentences_belongs_to_the_next_however_late_that_comes() -> None:
    wave = Tag("gesture", "wave", 1.0)
    for rest in ([" Three."], [" ", "Three."], [" Th", "ree."]):
        found = phrased(["One. Two.", wave, *rest])
        assert [(p.text, len(p.cues)) for p in found] == [("One.", 0), ("Two.", 0), ("Three.", 1)]


def test_a_cue_alone_is_not_lost() -> None:
    assert phrased([Tag("gesture", "wave", 1.0)]) == [Phrase("", (Cue("gesture", "wave", 1.0, 0),), gap="")]


@STEADY
@given(st.data(), st.lists(TEXTS | st.just(Tag("gesture", "wave", 1.0)), max_size=6))
def test_cutting_never_changes_phrases(data: st.DataObject, pieces: list[Piece]) -> None:
    smaller: list[Piece] = []
    for piece in pieces:
        smaller += cut(piece, data.draw(cuts(len(piece)))) if isinstance(piece, str) else [piece]
    assert phrased(smaller) == phrased(pieces)


@STEADY
@given(st.data(), TEXTS | MIXED | PLAIN, st.sampled_from(["en", "de", "zh"]))
def test_cutting_never_changes_what_is_spoken(data: st.DataObject, text: str, language: str) -> None:
    whole = spoken([text], language)
    assert spoken(cut(text, data.draw(cuts(len(text)))), language) == whole
    assert spoken(list(text), language) == whole


@STEADY
@given(PLAIN | TEXTS)
def test_phrases_and_their_gaps_are_the_text(text: str) -> None:
    assert "".join(phrase.gap + phrase.text for phrase in phrased([text])).rstrip() == text.rstrip()


@pytest.mark.parametrize("unit", ["a", ".", "a.", "a ", ",", "中", "。", '"', "ا", "e\u0301", "👍🏽", "a, "])
def test_the_work_grows_with_the_text(unit: str) -> None:
    def took(count: int) -> float:
        best = 1e9
        for _ in range(3):
            phrases = Phrases()
            begun = time.process_time()
            phrases.push(unit * count)
            best = min(best, time.process_time() - begun)
        return best

    small, large = took(8000 // len(unit)), took(64_000 // len(unit))
    assert large < 24 * small + 0.02, (small, large)  # eight times the text


def test_100_kb_without_a_break_take_no_time() -> None:
    assert len(Pipeline(MOODS).push("a" * 100_000)) > 400
    # 5 ms on a machine of its own.
    assert effort(lambda: Pipeline(MOODS).push("a" * 100_000), enough=6) <= 6


def test_a_text_without_end_is_read_in_steps() -> None:
    assert [len(part) for part in steps("x" * 10_000)] == [4096, 4096, 1808]
    assert list(steps("")) == []


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
