"""What a sentence is asked about, in English and Chinese, and what it is not asked about."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.knowledge.document import Block, Place, Section
from engines.knowledge.reading.markdown import read_markdown
from engines.words.quantities import quantities
from engines.words.vocabulary import vocabulary_of
from studio.knowledge.drawing import draw
from studio.knowledge.lessons import chinese, english
from studio.knowledge.lessons.course import make_course
from studio.knowledge.lessons.question import Question, around, asked_about, bounds


@pytest.mark.parametrize(
    ("sentence", "ask"),
    [
        ("A lens is a piece of glass that bends light.", "What do we call a piece of glass that bends light?"),
        ("The point where rays meet is called the focal point.", "What is the point where rays meet called?"),
        ("The air swings along the way, which is called longitudinal.", "The air swings along the way. What is that called?"),
        ("The tower is 330 metres tall.", "How tall is the tower, in metres?"),
        ("The speed of sound in air is 343 metres per second.", "What is the speed of sound in air, in metres per second?"),
        ("The bell weighs about 800 kg.", "How much does the bell weigh, in kg?"),
        ("Water boils at 100 degrees Celsius.", "At what temperature does water boil, in degrees Celsius?"),
        ("The museum has 12 rooms and a café.", "The museum has how many rooms and a café?"),
        ("The museum was built in 1902.", "In which year was the museum built?"),
        ("In 1905 Einstein explained the photoelectric effect.", "In which year was it that Einstein explained the photoelectric effect?"),
        ("Radium was discovered by Marie Curie.", "Who discovered radium?"),
        ("The play was written by William Shakespeare in 1603.", "By whom was the play written in 1603?"),
        ("Isaac Newton split white light with a prism.", "Who split white light with a prism?"),
        ("The statue is made of white marble.", "What is the statue made of?"),
        ("The dial is used to set the time.", "What is the dial used for?"),
        ("The sky is blue because blue light is scattered most.", "The sky is blue. Why is that?"),
        ("Because ice is lighter than water, ice floats on lakes.", "Ice floats on lakes. Why is that?"),
    ],
)  # fmt: skip
def test_english(sentence: str, ask: str) -> None:
    assert [question.ask for question in english.questions(sentence)][:1] == [ask]


@pytest.mark.parametrize(
    "sentence",
    [
        "It is very bright.", "They were built in 1902.", "Do you know the speed of light?", "Use a dry cloth.",
        "The Eiffel Tower is a landmark of Paris.", "Light goes from one place to another.", "", "...",
        "You need 3 screws.", "The best lens is a lens that is clean.", " ".join(["word"] * 60),
    ],
)  # fmt: skip
def test_what_english_does_not_ask(sentence: str) -> None:
    assert english.questions(sentence) == []


@pytest.mark.parametrize(
    ("sentence", "title", "ask"),
    [
        ("折射是指光进入另一种介质时方向的改变。", "折射", "光进入另一种介质时方向的改变叫什么？"),
        ("这条商路被称为丝绸之路。", "", ""),
        ("通往西方的古老商路被称为丝绸之路。", "", "通往西方的古老商路叫什么？"),
        ("铁塔高330米，建于1889年。", "铁塔", "铁塔高多少米？"),
        ("它建于1889年。", "铁塔", "铁塔建于哪一年？"),
        ("蔡伦发明了造纸术。", "造纸", "谁发明了造纸术？"),
        ("这座桥由李春设计。", "安济桥", "安济桥由谁设计？"),
        ("瓷瓶烧制于景德镇。", "瓷瓶", "瓷瓶烧制于哪里？"),
        ("铜鼎铸于商代。", "铜鼎", "铜鼎铸于什么时候？"),
        ("因为冰比水轻，所以冰浮在水面上。", "冰", "为什么冰浮在水面上？"),
        ("望远镜用于观察天体。", "望远镜", "望远镜是用来做什么的？"),
        ("博物馆有12个展厅。", "博物馆", "博物馆有多少个展厅？"),
        ("你知道吗？", "", ""),
        ("请勿触摸展品。", "须知", ""),
    ],
)
def test_chinese(sentence: str, title: str, ask: str) -> None:
    asked = [question.ask for question in chinese.questions(sentence, title)]
    assert asked[:1] == ([ask] if ask else [])


def test_gaps() -> None:
    made = english.gap("A prism parts white light.", "prism")
    assert made is not None
    assert made.ask == "Which word is missing here? A ... parts white light."
    assert english.gap("A prism parts white light.", "lens") is None
    other = chinese.gap("棱镜分开白光。", "棱镜")
    assert other is not None
    assert other.ask == "请补全这句话：什么分开白光？"
    assert chinese.gap("棱镜分开白光。", "透镜") is None


@settings(deadline=None)
@given(st.text(max_size=120))
def test_any_sentence_may_be_asked_about(text: str) -> None:
    for question in (*english.questions(text), *chinese.questions(text, text[:6])):
        assert isinstance(question, Question)
        assert question.ask


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("12 rooms", 12, 12),
        ("in 1902", 1902, 1902),
        ("299,792 km", 284802.4, 314781.6),
        ("about 10 kg", 9, 11),
        ("5 kg", 4.85, 5.15),
    ],
)
def test_how_exact_an_answer_must_be(text: str, low: float, high: float) -> None:
    (one,) = quantities(text, vocabulary_of("en"))
    assert bounds(one) == pytest.approx((low, high))
    assert asked_about(one)
    between = around(one)
    assert between is not None
    assert between[0] < one.low < between[1]


# ------------------------------------------------------------------------------------------------ facts


def drawn(text: str, language: str) -> list[tuple[str, str, str]]:
    section = Section(Place("a.md", ("A",)), (Block(text), Block(text, "code")))
    return [(fact.subject, fact.relation, fact.object) for fact in draw([section], language)]


@pytest.mark.parametrize(
    ("text", "language", "facts"),
    [
        ("The tower is 330 metres tall.", "en", [("tower", "is", "330 metres tall")]),
        ("The speed of light is 299,792 kilometres per second.", "en",
         [("speed of light", "is", "299,792 kilometres per second")]),
        ("The lamp weighs 2.5 kg and is 48 cm high.", "en", [("lamp", "weighs", "2.5 kg"), ("lamp", "is", "48 cm high")]),
        ("The Night Watch was painted by Rembrandt in 1642.", "en", [("Night Watch", "was painted by", "Rembrandt")]),
        ("The museum was built in 1902.", "en", [("museum", "was built in", "1902")]),
        ("It is 3 metres tall. Some lamps have 3 bulbs. A cat is nice. Is it 3 m tall? There are 3 m.", "en", []),
        ("The house is one of the oldest. The set has one lens.", "en", []),
        ("铜鼎铸于商代，高133厘米，重832公斤。", "zh",
         [("铜鼎", "铸于", "商代"), ("铜鼎", "高", "133厘米"), ("铜鼎", "重", "832公斤")]),
        ("大楼由李明远设计。", "zh", [("大楼", "设计", "李明远")]),
        ("它高3米。", "zh", []),
        ("Der Turm ist 330 Meter hoch.", "de", []),
    ],
)  # fmt: skip
def test_facts_are_read_out_of_plain_sentences(text: str, language: str, facts: list[tuple[str, str, str]]) -> None:
    assert drawn(text, language) == facts


# ------------------------------------------------------------------------------------------------ courses


def course(text: str, language: str = "en") -> tuple[list[str], list[str]]:
    """The questions of a course, and the lessons that got none."""
    made = make_course(read_markdown(text, "a.md"), "Things", language)
    return [question.ask for question in made.questions], made.untaught


def test_a_lesson_that_nothing_can_be_asked_of_gets_a_gap() -> None:
    asked, untaught = course("# Care\n\nThe lamp likes a dry room. Keep the lamp away from every curtain.")
    assert (
        asked == ["Which word is missing here? Keep the lamp away from every ...."]
        or "Which word is missing" in asked[0]
    )
    assert untaught == []
    asked, _ = course("# 台灯\n\n台灯喜欢干燥而通风的房间，请不要放在窗帘旁边。", "zh")
    assert asked == ["请补全这句话：什么喜欢干燥而通风的房间，请不要放在窗帘旁边？"]


def test_a_lesson_without_any_word_to_leave_out_asks_nothing() -> None:
    asked, untaught = course("# Go\n\nGo up and on and up to it, so it is all up to you now as it was.")
    assert asked == []
    assert untaught == ["Go"]


def test_formulas_and_code_are_not_taught() -> None:
    text = "# Law\n\nn1 sin a = n2 sin b.\n\n```\nx = 1\n```\n\nThe law of Snell tells how far a ray of light is bent."
    made = make_course(read_markdown(text, "a.md"), "Optics", "en")
    lessons: Any = made.course["lessons"]
    assert [step["explain"] for step in lessons[0]["steps"]] == [
        "The law of Snell tells how far a ray of light is bent."
    ]


def test_a_long_lesson_is_parted_and_stays_within_its_questions() -> None:
    text = "# Towers\n\n" + " ".join(
        f"The tower of town number {chr(65 + i)} is {300 + i} metres tall." for i in range(24)
    )
    made = make_course(read_markdown(text, "a.md"), "Towers", "en")
    assert len(made.questions) == 6
    lessons: Any = made.course["lessons"]
    assert all(len(step["explain"]) <= 480 for step in lessons[0]["steps"])


def test_nothing_to_teach_makes_no_course() -> None:
    assert make_course(read_markdown("# A\n\nShort.", "a.md"), "A", "en").course == {}
    assert make_course([], "A", "en").course == {}
