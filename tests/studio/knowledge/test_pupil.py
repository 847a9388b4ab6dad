"""Pupils take the lessons that were made of documents: who is right passes, who is nearly right or wrong does not."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest

from engines.dialogue.card.book import read_book
from engines.dialogue.card.course import Course, Step, grade
from engines.dialogue.card.engine import CardDialogue
from engines.dialogue.card.language import Language
from engines.identity import Identity, load_identity
from tests.engines.dialogue.screenplay import Scene
from tests.studio.knowledge.test_stage import DATA, learn, person


@cache
def made(document: str, language: str, folder: Path) -> Identity:
    path = person(folder / document.partition(".")[0], language)
    learn(path, add=[str(DATA / document)])
    return load_identity(path)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("people")


def course_of(identity: Identity) -> tuple[Course, Language]:
    book = read_book(identity)
    assert book.course is not None
    return book.course, book.language


def step_that_asks(course: Course, words: str) -> Step:
    found = [step for lesson in course.lessons for step in lesson.steps if words in step.ask]
    assert found, f"nothing asks {words!a}"
    return found[0]


Tried: TypeAlias = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]

# What is asked, and answers: right ones in several words, nearly right ones, wrong ones.
OPTICS: tuple[Tried, ...] = (
    ("a form of energy that our eyes can see", ("light", "That is light.", "it is called light"), (), ("sound", "heat")),
    (
        "the speed of light in empty space",
        ("299,792 kilometres per second", "about three hundred thousand kilometres per second", "300000 km/s",
         "300 million metres per second", "roughly 300,000", "186,282 miles per second"),
        ("250,000 kilometres per second",),
        ("300 kilometres per second", "300,000 metres per second", "300,000 kilograms", "30,000", "343 metres per second"),
    ),
    ("how many times in one second", ("seven", "about 7 times", "seven and no more"), ("eight",), ("seventy", "two", "700")),
    (
        "needs how many minutes",
        ("eight minutes", "8", "480 seconds", "about eight"),
        ("ten minutes",),
        ("eight hours", "eight seconds", "eighty", "8 metres"),
    ),
    ("a dark area that forms", ("a shadow", "shadow", "it's a shaddow"), (), ("light", "mirror")),
    (
        "let no light through called",
        ("opaque", "they are opaque", "opake"),
        (),
        ("transparent", "not opaque", "glass"),
    ),
    (
        "shadow is longest",
        ("because the sun is low", "the sun stands low", "it is low in the sky"),
        (),
        ("because the sun is bright", "because it is cold", "the sun"),
    ),
    ("the bouncing back of light", ("reflection", "that is reflection", "reflecton"), (), ("refraction", "not reflection")),
    (
        "how many percent of the light",
        ("95", "ninety-five percent", "about 95 %"),
        ("85 percent",),
        ("59 percent", "ninety five metres", "9.5"),
    ),
    ("throw light back in all directions", ("diffuse reflection", "it is a diffuse reflection"), (), ("refraction", "mirror")),
    ("the bending of light", ("refraction", "light refraction", "refracton"), (), ("reflection", "dispersion")),
    ("A straw in a glass", ("light changes its direction", "because the light changes direction at the surface"), (), ("the straw is broken", "the glass is dirty")),
    ("refractive index of water", ("1.33", "one point three three"), ("1.5",), ("13.3", "2.42")),
    ("thicker in the middle", ("a convex lens", "convex", "convex ones"), (), ("a concave lens", "concave", "a prism")),
    ("point where parallel rays meet", ("the focal point", "focal point"), (), ("the middle", "the retina")),
    (
        "focal length of how many",
        ("10 centimetres", "ten", "0.1 metres", "100 mm", "about ten centimetres"),
        ("12 cm",),
        ("10 metres", "10 millimetres", "100 centimetres", "10 kg"),
    ),
    ("Who split white light", ("Newton", "Isaac Newton", "it was newton", "Sir Isaac Newtone"), (), ("Galilei", "Einstein")),
    ("splitting of light into its colours", ("dispersion", "it is called dispersion"), (), ("refraction", "reflection")),
    ("at an angle of how many degrees", ("42", "forty-two degrees"), ("45 degrees",), ("24 degrees", "42 metres", "90")),
    ("how many rods", ("120 million", "a hundred and twenty million"), ("100 million",), ("120", "12 million", "6 million")),
    ("Who pointed a telescope", ("Galileo Galilei", "Galilei", "galileo galilei"), (), ("Newton", "Maiman")),
    ("a lens of how many centimetres", ("102", "1.02 metres", "about one metre"), ("120 cm",), ("102 metres", "10.2 cm")),
    ("narrow beam of a single colour", ("a laser", "laser"), (), ("a layer", "a lamp")),
    ("By whom was the first laser", ("Theodore Maiman", "Maiman", "maimann"), (), ("Newton", "Theodore Roosevelt")),
)  # fmt: skip
MUSEUM: tuple[Tried, ...] = (
    ("始建于哪一年", ("1954年", "一九五四年", "是1954年建的"), ("1952年",), ("1945年", "1854年")),
    ("博物馆大楼由谁设计", ("李明远", "是李明远设计的", "李明遠"), (), ("蔡伦", "李明")),
    ("祭祀时用来煮肉的礼器", ("青铜鼎", "是青铜鼎"), (), ("编钟", "青花瓷瓶", "不是青铜鼎")),
    ("1976年出土于哪里", ("城北", "在城北"), (), ("城南", "景德镇")),
    ("蓝色花纹叫什么", ("青花", "叫青花"), (), ("青铜", "竹简")),
    ("为什么花纹呈现蓝色", ("因为钴料变成蓝色", "钴料在高温下变蓝了"), (), ("因为好看", "不知道")),
    ("打击乐器", ("编钟", "是编钟"), (), ("丝绸", "琵琶")),
    ("最大的一件高多少厘米", ("153厘米", "一百五十三", "1.53米"), ("160厘米",), ("153米", "15.3厘米", "153公斤")),
    ("用蚕丝织成的织物", ("丝绸",), (), ("棉布", "竹简")),
    ("丝绸是用来做什么的", ("制作衣服", "做衣服和作画", "可以制作衣服"), (), ("煮肉", "写字")),
    ("用来写字的细长竹片", ("竹简", "是竹简"), (), ("帛", "纸")),
    ("为什么读书人出门", ("因为竹简太重", "竹简太重了"), (), ("因为路远",)),
)
MANUAL: tuple[Tried, ...] = (
    ("How much does the lamp weigh", ("2.5 kg", "two and a half kilos, 2.5 kilos", "2500 grams", "5.5 pounds is 2.5 kg"),
     ("3 kg",), ("25 kg", "2.5 grams", "2.5 metres")),
    ("What is the base made of", ("cast iron", "iron"), (), ("felt", "wood")),
    ("must not be used in bathrooms", ("it is not protected against water", "no protection against water"), (), ("it is hot",)),
    ("how many degrees Celsius", ("60", "sixty degrees", "140 degrees Fahrenheit", "60 degrees Celsius"), ("70",), ("600", "6")),
    ("how many brightness levels", ("three", "3 levels"), (), ("five", "thirty")),
    ("Holding the wheel for how many seconds", ("two", "2 seconds", "2000 milliseconds"), (), ("two minutes", "twenty")),
    ("How long does the battery last", ("8 hours", "eight", "480 minutes"), ("10 hours",), ("8 minutes", "8 days", "3 hours")),
    ("through the port at the back", ("the service port", "service port"), (), ("the dimmer",)),
    ("Who developed the lamp", ("Nordlicht", "nordlicht did", "Nordlich"), (), ("Newton",)),
)  # fmt: skip
COURSES = (("optics.md", "en-gb", OPTICS), ("museum.md", "zh-cn", MUSEUM), ("manual.txt", "en-gb", MANUAL))


@pytest.mark.parametrize(("document", "language", "answers"), COURSES)
def test_answers_are_graded_as_a_teacher_would(
    document: str, language: str, answers: tuple[Tried, ...], folder: Path
) -> None:
    course, tongue = course_of(made(document, language, folder))
    wrong: list[tuple[str, str, str]] = []
    for asked, right, nearly, bad in answers:
        step = step_that_asks(course, asked)
        for wanted, texts in (("right", right), ("nearly", nearly), ("wrong", bad)):
            for text in texts:
                got = grade(step, tongue.tokens(text), tongue)
                if got != wanted:
                    wrong.append((step.ask, text, f"{got}, not {wanted}"))
    assert wrong == []


def test_every_question_of_a_course_of_ten_headings_is_tried(folder: Path) -> None:
    course, _ = course_of(made("optics.md", "en-gb", folder))
    assert len(course.lessons) == 10
    asked = [step.ask for lesson in course.lessons for step in lesson.steps if step.ask]
    tried = {step_that_asks(course, words).ask for words, *_ in OPTICS}
    assert set(asked) <= tried, sorted(set(asked) - tried)
    assert len(asked) >= 20
    for lesson in course.lessons:
        assert any(step.ask for step in lesson.steps)
        assert all(step.hints and step.answer for step in lesson.steps if step.ask)


def answers_to(ask: str, answers: tuple[Tried, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return next((right, bad) for words, right, _, bad in answers if words in ask)


@pytest.mark.parametrize(("document", "language", "answers"), COURSES[:2])
@pytest.mark.parametrize("knows", [True, False])
def test_a_pupil_goes_through_every_lesson(
    document: str, language: str, answers: tuple[Tried, ...], folder: Path, *, knows: bool
) -> None:
    identity = made(document, language, folder)
    course, _ = course_of(identity)
    dialogue = CardDialogue(identity)
    pupil = Scene(dialogue, f"{document}{knows}")
    start = "第{}课" if language == "zh-cn" else "lesson {}"
    right = asked = 0
    for number, lesson in enumerate(course.lessons, 1):
        said = pupil.say(start.format(number))
        for step in lesson.steps:
            assert step.explain[:30] in said, (lesson.title, said)
            if not step.ask:
                said = pupil.say("好的" if language == "zh-cn" else "yes")
                continue
            assert step.ask in said
            good, bad = answers_to(step.ask, answers)
            asked += 1
            if knows:
                said = pupil.say(good[asked % len(good)])
                right += step.praise[:20] in said
            else:
                said = pupil.say(bad[0])
                right += step.praise[:20] in said
                for _ in range(3):
                    if step.ask in said or step.answer not in said:
                        said = pupil.say(bad[-1])
    assert asked >= 10
    assert right == (asked if knows else 0)
