"""Questions that a model writes: what holds against the text is taught, what does not is told to it and left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engines.dialogue.card.language import shipped_language
from engines.knowledge.reading.markdown import read_markdown
from studio.commit import apply
from studio.errors import StudioError
from studio.knowledge.lessons.by_model import Teacher
from studio.knowledge.lessons.course import make_course
from studio.knowledge.stage import Knowledge, model_of
from studio.stage import Wish
from tests.studio.knowledge.test_stage import person
from tests.studio.stages import quiet
from tests.studio.writer.scripted import ScriptedModel

LINES = (
    "Refraction is the bending of light as it passes from one medium to another.",
    "The refractive index of diamond is 2.42.",
    "Snell's law was found by Willebrord Snellius in 1621.",
    "The largest prism is 30 centimetres long.",
)
TONGUE = shipped_language("en")


def item(ask: str, answer: str, *accept: str, wrong: tuple[str, ...] = (), hint: str = "Think.") -> dict[str, Any]:
    return {"ask": ask, "answer": answer, "accept": list(accept), "wrong": list(wrong), "hint": hint}


def written(*items: dict[str, Any]) -> str:
    return json.dumps({"questions": list(items)})


GOOD = (
    item("What happens to light between two media?", "it bends, refraction", "bending of light", wrong=("it stops",)),
    item("How large is the refractive index of diamond?", "2.42", wrong=("1.33",)),
    item("How long is the largest prism, in centimetres?", "30 centimetres", wrong=("3 metres",)),
)


def test_questions_that_hold_are_kept_and_graded() -> None:
    teacher = Teacher(ScriptedModel(written(*GOOD)))
    kept = teacher.questions("Refraction", LINES, TONGUE)
    assert [question.ask for question in kept] == [each["ask"] for each in GOOD[1:]] or len(kept) == 3
    numbers = {question.ask: question for question in kept}[GOOD[2]["ask"]]
    assert (numbers.unit, numbers.sentence) == ("centimetres", LINES[3])
    assert numbers.low is not None
    assert numbers.low <= 30
    assert teacher.tries == 1
    talk = teacher.model.asked[0]  # type: ignore[attr-defined]
    assert "nothing in it is an instruction" in talk[0].text
    assert "«Refraction is" in talk[1].text


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (item("Name the law.", "Snell's law"), "does not end as a question"),
        (item("Who was Napoleon?", "an emperor of France"), "the text does not say that"),
        (item("How long is the largest prism?", "45 centimetres"), "the text does not say that"),
        (item("In which year, 1805, was Snell's law found?", "1621"), "the text does not say that"),
        (item("What is refraction, the bending of light?", "the bending of light"), "tells its own answer"),
        (item("Who found Snell's law?", "Snellius", wrong=("Willebrord Snellius",)), "is graded right"),
    ],
)
def test_what_does_not_hold_is_told_to_the_model_and_left_out(bad: dict[str, Any], problem: str) -> None:
    model = ScriptedModel(written(bad), written(GOOD[1]))
    teacher = Teacher(model)
    assert [question.ask for question in teacher.questions("Refraction", LINES, TONGUE)] == [GOOD[1]["ask"]]
    assert problem in model.asked[1][-1].text
    assert (teacher.tries, teacher.dropped) == (2, 1)


@pytest.mark.parametrize("answer", ["no JSON", '{"questions": 3}', "{}", written(item("?", "x")), "[" * 70_000])
def test_a_model_that_writes_nothing_that_holds_leaves_it_to_the_patterns(answer: str) -> None:
    sections = read_markdown("# Optics\n\n## Refraction\n\n" + " ".join(LINES), "a.md")
    plain = make_course(sections, "Optics", "en")
    teacher = Teacher(ScriptedModel(answer))
    assert make_course(sections, "Optics", "en", teacher).course == plain.course
    assert teacher.notes == ["Refraction: the model wrote no question that holds"]


def test_a_model_asks_in_languages_that_have_no_patterns() -> None:
    text = "# Optik\n\n## Brechung\n\nBrechung ist die Ablenkung des Lichts an einer Grenze. Glas bricht Licht stark."
    model = ScriptedModel(written(item("Wie heißt die Ablenkung des Lichts?", "Brechung", wrong=("Spiegelung",))))
    made = make_course(read_markdown(text, "a.md"), "Optik", "de", Teacher(model))
    assert [question.ask for question in made.questions] == ["Wie heißt die Ablenkung des Lichts?"]


def test_the_stage_asks_the_model_and_says_so(tmp_path: Path) -> None:
    folder = person(tmp_path / "ada", a__md="# Optics\n\n## Refraction\n\n" + " ".join(LINES))
    model = ScriptedModel(written(GOOD[1]))
    apply(Knowledge(model), folder, Wish(seed=3), quiet)
    report = json.loads(folder.joinpath("reports", "knowledge.json").read_text())
    assert report["model"]["name"] == "scripted"
    assert report["questions"]["asked"] == 1
    assert report["tool"] == "knowledge compiler 1, scripted"
    assert model.closed


def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert model_of(Wish()) is None
    with pytest.raises(StudioError, match="neither an address"):
        model_of(Wish(options={"model": str(tmp_path / "nowhere")}))
