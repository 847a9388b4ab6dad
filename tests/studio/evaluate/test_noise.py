"""Errors of typing and of hearing, the questions that are asked with them, and how answers fall."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.dialogue.card.engine import CardDialogue
from engines.identity import load_identity, shipped
from engines.words.text import distance
from studio.evaluate.measures import Section
from studio.evaluate.noise.hearing import Ears, alike_in, misheard
from studio.evaluate.noise.questions import questions
from studio.evaluate.noise.sweep import LEVELS, pupil, swept
from studio.evaluate.noise.typing import mistyped, neighbours
from studio.evaluate.subject import Subject
from studio.evaluate.talk.playing import Bounds, Player
from tests.studio.evaluate.persons import COMETS, TIDES, Says, entry, identity, step

SENTENCE = "What can you tell me about the speed of sound in cold and warm air today?"
EARS = Ears("en", ["speed", "spread", "sound", "found"])


def test_neighbours_lie_side_by_side() -> None:
    keys = neighbours("en")
    assert set(keys["g"]) == set("fhtyvb")
    assert all(key in keys[other] for key, others in keys.items() for other in others)
    assert "z" in neighbours("de")["t"]
    assert "y" in keys["t"]
    assert neighbours("ar")["ب"]


@pytest.mark.parametrize("level", [0.1, 0.3, 0.5])
def test_about_so_many_words_have_an_error_and_no_more(level: float) -> None:
    words = SENTENCE.split()
    wrong = total = 0
    for seed in range(60):
        typed = mistyped(SENTENCE, level, Random(seed)).split()
        if len(typed) == len(words):  # none run together
            total += len(words)
            wrong += sum(a != b for a, b in zip(words, typed, strict=True))
            assert all(distance(a.lower(), b.lower(), 3) <= 1 for a, b in zip(words, typed, strict=True))
    assert wrong / total == pytest.approx(level, abs=0.06)


def test_without_errors_nothing_changes_but_what_nobody_hears() -> None:
    assert mistyped(SENTENCE, 0.0, Random(1)) == SENTENCE
    assert misheard(SENTENCE, 0.0, Random(1), EARS) == SENTENCE.lower().rstrip("?")


def test_the_same_chance_makes_the_same_errors() -> None:
    noises: tuple[Callable[[str, float, Random], str], ...] = (
        mistyped,
        lambda text, level, chance: misheard(text, level, chance, EARS),
    )
    for noise in noises:
        assert noise(SENTENCE, 0.5, Random(3)) == noise(SENTENCE, 0.5, Random(3)) != noise(SENTENCE, 0.5, Random(4))


def test_words_are_taken_for_words_of_the_same_sound_or_near_to_them() -> None:
    assert set(EARS.taken_for("two")) == {"to", "too"}
    assert EARS.taken_for("sounds") == ("sound",)
    assert "spread" in EARS.taken_for("speed")
    assert EARS.taken_for("xylophone") == ()
    assert EARS.small("the")
    assert not EARS.small("sound")
    assert "事" in alike_in("zh")["是"]
    assert alike_in("xx") == {}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("请给我讲讲声音的速度。", "zh"),
        ("ما هي سرعة الصوت؟", "ar"),
        ("ध्वनि की गति क्या है?", "hi"),
        ("음속은 얼마인가요?", "ko"),
        ("音の速さは何ですか。", "ja"),
    ],
)
def test_other_scripts_get_errors_in_their_own_script(text: str, language: str) -> None:
    ears = Ears(language)
    for seed in range(20):
        for noisy in (mistyped(text, 1.0, Random(seed), language), misheard(text, 0.6, Random(seed), ears)):
            assert noisy
            assert not any(c.isascii() and c.isalpha() for c in noisy)
    assert mistyped(text, 1.0, Random(1), language) != text


@given(st.text(max_size=60), st.floats(0, 1), st.integers(0, 5))
def test_any_text_can_be_mistyped_and_misheard(text: str, level: float, seed: int) -> None:
    assert len(mistyped(text, level, Random(seed))) <= 2 * len(text) + 1
    assert len(misheard(text, level, Random(seed), EARS)) <= 6 * len(text) + 16


def test_questions_come_from_entries_and_from_what_the_card_lists(tmp_path: Path) -> None:
    answers = [
        {"name": "own", "ask": ["how do|did you work *", "a <b> c"], "say": ["Slowly, with a pencil and a ruler."]},
        {"name": "greet", "say": ["Hello."]},
    ]
    subject = Subject(
        identity(tmp_path / "a", entry("my comets", COMETS), entry("tides", TIDES), entry("", ""),
            extensions={"companion_bridge": {"answers": answers}})
    )  # fmt: skip
    asked, judge = questions(subject)
    assert [question.answer for question in asked] == [0, 1, 2]
    assert "your comets" in asked[0].text
    assert asked[2].text == "how do you work"
    assert judge.right(asked[0], "Its tail always points away from the Sun, for it is ice and dust.")
    assert not judge.right(asked[0], TIDES)
    assert not judge.right(asked[0], "I do not know.")
    assert judge.right(asked[2], "Slowly, with a pencil.")
    assert questions(Subject(identity(tmp_path / "b")))[0] == ()


def sweep(subject: Subject, player: Player, **more: int) -> Section:
    return asyncio.run(swept(subject, player, **more))[0]


def test_answers_fall_with_the_errors_and_the_curve_says_how(tmp_path: Path) -> None:
    subject = Subject(load_identity(shipped()["teacher"]))
    section = sweep(subject, Player(CardDialogue(subject.identity), "en-us"), most=6)
    value = {measure.name: measure.value or 0.0 for measure in section.measures}
    assert value["noise.clean"] >= 0.9
    for kind in ("typing", "hearing"):
        falling = [value["noise.clean"], *(value[f"noise.{kind}_{level * 100:.0f}"] for level in LEVELS)]
        assert falling[0] >= falling[1] >= falling[-1]
        assert falling[-1] < falling[0]
    assert section == sweep(subject, Player(CardDialogue(subject.identity), "en-us"), most=6)
    curves = section.detail["curves"]
    assert isinstance(curves, dict)
    assert set(curves) == {"typing", "hearing"}


def test_one_that_always_says_the_same_is_right_by_chance_alone(tmp_path: Path) -> None:
    subject = Subject(identity(tmp_path / "a", entry("comets", COMETS), entry("tides", TIDES)))
    section = sweep(subject, Player(Says(COMETS), "en"))
    assert [measure.value for measure in section.measures] == [0.5] * len(section.measures)
    assert {measure.floor for measure in section.measures} == {0.5}
    back = sweep(subject, Player(Says("Did you mean comets?"), "en"))
    assert back.measures[0].evidence[0] == "0 of 2; of the others 1 were asked back rightly"


def test_without_knowledge_or_time_nothing_is_measured(tmp_path: Path) -> None:
    empty = Subject(identity(tmp_path / "a"))
    assert sweep(empty, Player(Says("x"), "en")).measures[0].why == "the card knows nothing that can be asked about"
    subject = Subject(identity(tmp_path / "b", entry("comets", COMETS)))
    spent = sweep(subject, Player(Says("x"), "en", bounds=Bounds(replies=2)))
    assert spent.measures[0].why == "the time for talking was spent"
    model = Says(COMETS, model="m")
    sweep(subject, Player(model, "en"))
    assert len(model.asked) == 1 + 2 * len(LEVELS)


def test_a_pupils_right_answers_are_graded_with_errors_in_them(tmp_path: Path) -> None:
    course = {"title": "sky", "lessons": [{"title": "tails", "steps": [
        step("Where does it point?", "away", answer="It points away from the Sun."),
        step("How many?", "two", answer="Nobody can say."),
    ]}]}  # fmt: skip
    subject = Subject(identity(tmp_path / "a", extensions={"companion_bridge": {"course": course}}))
    found = pupil(subject)
    assert {kind: curve[0] for kind, curve in found.items()} == {"typing": 1.0, "hearing": 1.0}
    assert min(found["hearing"]) < 1.0
    assert pupil(Subject(identity(tmp_path / "b"))) == {}
    broken = {"title": "sky", "lessons": []}
    assert pupil(Subject(identity(tmp_path / "c", extensions={"companion_bridge": {"course": broken}}))) == {}


def test_a_large_card_is_asked_less(tmp_path: Path) -> None:
    large = Subject(identity(tmp_path / "a", *(entry(f"thing {i}", f"Thing number {i} is here.") for i in range(700))))
    dialogue = Says("I do not know.")
    sweep(large, Player(dialogue, "en"))
    assert len(dialogue.asked) == 13 * (1 + 2 * len(LEVELS))
