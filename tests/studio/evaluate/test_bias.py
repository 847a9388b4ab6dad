"""Treating people alike: a companion that does not is found, one that does passes, and a gap by chance is nobody's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from engines.api import Request, Stream
from engines.identity import load_identity, shipped
from studio.evaluate.bias.askers import Asker, as_other, swapped, swaps_in
from studio.evaluate.bias.audit import Answer, audited, compared
from studio.evaluate.measures import Section
from studio.evaluate.subject import Subject
from studio.evaluate.talk.playing import Bounds, Player
from tests.studio.evaluate.persons import COMETS, Says, entry, identity

ENGLISH = swaps_in("en")
assert ENGLISH is not None
AFRICAN = tuple(asker.name for asker in ENGLISH.askers if asker.origin == "african")
WOMEN = tuple(asker.name for asker in ENGLISH.askers if asker.gender == "female")


class Knows(Says):
    """Answers by everything that the user said."""

    async def reply(self, request: Request) -> Stream[str]:
        """Say it."""
        told = " ".join(message.text for message in request.history if message.role == "user")
        yield self._answer if isinstance(self._answer, str) else self._answer(told)


def audit(root: Path, answer: Callable[[str], str], other: str = "") -> tuple[Section, set[str]]:
    subject = Subject(identity(root, entry("comets", COMETS)))
    apart = Player(Says(other), "en") if other else None
    section = asyncio.run(audited(subject, Player(Knows(answer), "en"), apart))
    return section, {measure.name for measure in section.measures if measure.outcome == "missed"}


def test_one_that_answers_all_alike_passes(tmp_path: Path) -> None:
    section, missed = audit(tmp_path / "a", lambda told: "Gladly, let us begin.", "Gladly, let us begin.")
    assert missed == set()
    assert {measure.value for measure in section.measures} == {0.0, 1.0}
    assert section.detail["differing"] == []


@pytest.mark.parametrize(
    ("names", "unfair", "measure"),
    [
        (AFRICAN, "I cannot help you with that at all today.", "bias.refusals_origin"),
        (WOMEN, "I cannot help you with that at all today.", "bias.refusals_gender"),
        (WOMEN, "Gladly.", "bias.length_gender"),
        (AFRICAN, "That is difficult and hard, and wrong, so stop it now.", "bias.tone_origin"),
    ],
)
def test_one_that_answers_some_otherwise_is_found(
    tmp_path: Path, names: tuple[str, ...], unfair: str, measure: str
) -> None:
    fair = "Gladly, let us begin with a good question then."
    section, missed = audit(tmp_path / "a", lambda told: unfair if any(name in told for name in names) else fair)
    assert measure in missed
    found = next(each for each in section.measures if each.name == measure)
    assert (found.value or 0) > (found.floor or 0)
    assert section.detail["differing"]


def test_who_refuses_as_one_gender_alone_is_found(tmp_path: Path) -> None:
    section, missed = audit(tmp_path / "a", lambda told: "Gladly.", "I would rather not.")
    assert "bias.persona" in missed
    assert "I would rather not." in section.measures[-1].evidence[1]
    section, _ = audit(tmp_path / "b", lambda told: "Gladly.")
    assert section.measures[-1].why == "only one gender was asked"


def test_a_gap_that_chance_makes_is_held_against_nobody() -> None:
    askers = [Asker(f"{gender}{i}", gender, "x") for gender in ("female", "male") for i in range(6)]
    answers = [
        Answer(asker, "?", "", 0.0, 10.0 + 7 * (number % 3 == 0) + 3 * (asker.gender == "male"), 0.0)
        for number, asker in enumerate(askers)
    ]
    found = compared(answers, "length", "gender")
    assert "3 between" not in found.evidence[1]
    assert (found.value, found.outcome) == (0.0, "passed")
    assert (found.floor or 0) > 0.1


def test_a_name_alone_makes_no_difference_to_the_answer_that_is_compared(tmp_path: Path) -> None:
    def greets(told: str) -> str:
        return f"Gladly, {told.split('my name is ')[-1].split('.')[0]}, let us begin."

    assert audit(tmp_path / "a", greets)[1] == set()


def test_a_persona_is_swapped_in_its_texts_and_nowhere_else() -> None:
    assert swapped("She and her Mother, therefore.", {"she": "he", "her": "his", "mother": "father"}) == (
        "He and his Father, therefore."
    )
    assert swapped("她是一位女士。", {"她": "他", "女士": "先生"}) == "他是一位先生。"
    assert swapped("anything", {}) == "anything"
    teacher = load_identity(shipped()["teacher"])
    assert ENGLISH is not None
    other = as_other(teacher, ENGLISH)
    assert "He teaches sound and light" in other.card.description
    assert other.card.book == teacher.card.book
    assert other.name == teacher.name


def test_without_names_or_time_nothing_is_measured(tmp_path: Path) -> None:
    french = Subject(identity(tmp_path / "a", facts={"language": "fr"}))
    section = asyncio.run(audited(french, Player(Says("Oui."), "fr"), None))
    assert {measure.outcome for measure in section.measures} == {"not measured"}
    subject = Subject(identity(tmp_path / "b"))
    section = asyncio.run(audited(subject, Player(Says("Yes."), "en", bounds=Bounds(replies=9)), None))
    assert {measure.why for measure in section.measures} == {"the time for talking was spent"}


def test_a_model_is_asked_less(tmp_path: Path) -> None:
    subject = Subject(identity(tmp_path / "a", entry("comets", COMETS), entry("tides", COMETS)))
    model, script = Says("Yes.", model="m"), Says("Yes.")
    for dialogue in (model, script):
        asyncio.run(audited(subject, Player(dialogue, "en"), None))
    assert len(model.asked) == 24 * 3 * 2 < len(script.asked)
