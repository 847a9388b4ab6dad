"""The model writer: two steps, repairs, contradictions, cleaning; and what a hostile model cannot do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from studio.commit import apply
from studio.draft.stage import Draft
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Wish
from studio.writer.cleaning import clean, contradictions
from studio.writer.models import Model, model_at
from studio.writer.schema import Sizes, outline_schema, read, text_schema
from studio.writer.write import ModelWriter
from tests.studio.people import person, talk, wish
from tests.studio.stages import quiet
from tests.studio.writer.scripted import OUTLINE, TEXTS, ScriptedModel

WISH = Wish("a warm physics teacher, 44, with green eyes")


def drafted(model: Model, root: Path, sentence: Wish = WISH) -> Folder:
    return apply(Draft(model), root, sentence, quiet)


def test_two_steps_make_a_whole_person(tmp_path: Path) -> None:
    model = ScriptedModel(OUTLINE, TEXTS)
    folder = drafted(model, tmp_path / "ada")
    identity = folder.identity
    assert identity.card.name == "Ada Quill"
    assert identity.card.description == TEXTS["description"]
    assert identity.attributes.eyes == "green"
    assert identity.attributes.hair.style == "curly"
    assert identity.card.book.entries[0].name == "prisms"
    assert "scripted" in identity.card.creator_notes
    assert model.closed
    report = json.loads(folder.read("reports/draft.json"))
    assert (report["tool"], report["tries"], report["mended"]) == ("scripted", 2, [])
    heard = talk(folder.root, ["What is a prism?", "How old are you?"])
    assert "bends each colour" in heard[1]
    assert "forty-four" in heard[2]


def test_what_was_wished_for_is_the_only_choice() -> None:
    schema = outline_schema(wish("a man with blue eyes, 30, nurse").attributes, Sizes())
    parts = schema["properties"]
    assert parts["eyes"]["enum"] == ["blue"]
    assert parts["profession"]["enum"] == ["nurse"]
    assert (parts["age"]["minimum"], parts["age"]["maximum"]) == (30, 30)
    assert read(json.dumps(OUTLINE), schema)[1] != []


def test_a_problem_is_told_and_mended() -> None:
    broken = {**OUTLINE, "eyes": "plaid", "shoe": 44}
    model = ScriptedModel("I would love to!", broken, OUTLINE, TEXTS)
    writer = ModelWriter(model)
    _write(writer)
    assert writer.tries == 4
    assert "no JSON object" in model.asked[1][-1].text
    assert "answer.eyes must be one of" in model.asked[2][-1].text
    assert "answer.shoe is not asked for" in model.asked[2][-1].text


def test_without_repair_the_same_model_fails() -> None:
    with pytest.raises(StudioError) as failed:
        _write(ModelWriter(ScriptedModel("I would love to!", OUTLINE, TEXTS), repairs=0))
    assert failed.value.code == "bad_model"
    assert "no JSON object" in failed.value.message


@pytest.mark.parametrize("said", ["", "{", "[]", "null", '{"name": 3}', "{" * 5000, '{"a":' * 3000, "x" * 100_000])
def test_a_model_that_writes_nothing_usable_is_told_of_and_nothing_written(said: str, tmp_path: Path) -> None:
    with pytest.raises(StudioError) as failed:
        drafted(ScriptedModel(said), tmp_path / "who")
    assert failed.value.code == "bad_model"
    assert "3 tries" in failed.value.message
    assert [*tmp_path.iterdir()] == []


def test_a_text_that_contradicts_is_asked_again_and_then_cut() -> None:
    wrong = {**TEXTS, "description": "Ada is a physics teacher of forty-four. She has blue eyes that see everything. "
             "She keeps a prism in her pocket and shows it to anyone."}  # fmt: skip
    model = ScriptedModel(OUTLINE, wrong, wrong, wrong)
    writer = ModelWriter(model)
    _, texts = _write(writer)
    assert "contradicts the eyes" in model.asked[2][-1].text
    assert "blue eyes" not in texts.description
    assert "prism in her pocket" in texts.description
    assert writer.notes
    again = ScriptedModel(OUTLINE, wrong, TEXTS)
    _, texts = _write(ModelWriter(again))
    assert texts.description == TEXTS["description"]


def test_a_person_named_after_a_known_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="real person"):
        drafted(ScriptedModel({**OUTLINE, "name": "Taylor Swift"}), tmp_path / "who")


def test_a_hostile_model_writes_no_rules_and_no_markup(tmp_path: Path) -> None:
    evil = {
        **TEXTS,
        "greetings": ["<script>alert(1)</script> **Hi** {{random:a,b}} see http://evil.example/x \u202e now {{char}}"],
        "talks": [{"user": "{{user}}: x?", "reply": "```js\n{{char}}: ok```"}],
        "scenario": "# Heading\n- a point of it, {{user}} and {{char}}",
    }
    card = drafted(ScriptedModel(OUTLINE, evil), tmp_path / "who").identity.card
    assert card.first_mes == "alert(1) Hi see now {{char}}"
    assert "```" not in card.mes_example
    assert card.scenario == "Heading\na point of it, {{user}} and {{char}}"
    assert "artificial person" in card.system_prompt


@pytest.mark.parametrize(
    ("text", "most", "cleaned"),
    [
        ("One. Two. Three.", 10, "One. Two."),
        ("x" * 50, 10, "x" * 10),
        ("\x00\u200b", 10, ""),
        ("甲。乙。丙。", 4, "甲。乙。"),
        ("{{char}} and {{user}} and {{time}}", 99, "{{char}} and {{user}} and"),
    ],
)
def test_texts_are_made_plain_and_bounded(text: str, most: int, cleaned: str) -> None:
    assert clean(text, most) == cleaned


def test_what_is_not_said_is_no_contradiction() -> None:
    told = person("a nurse with green eyes, 40, a woman").attributes
    assert contradictions(told, "She is kind.", "en") == []
    assert contradictions(told, "He has green eyes. He waits.", "en") == [
        "the description contradicts the presentation"
    ]


def test_schemas_are_checked_part_by_part() -> None:
    schema = text_schema(Sizes(long=200, short=60, items=1))
    assert read(json.dumps({**TEXTS, "greetings": ["Come in, come in."]}), schema)[1] == []
    value: dict[str, Any] = {**TEXTS, "greetings": [], "talks": {}, "about": 3, "description": "short"}
    problems = " ".join(read(f"Sure! ```json\n{json.dumps(value)}\n```", schema)[1])
    for part in ("greetings must have 1 to 1 items", "talks must be a list", "about must be text", "description must"):
        assert part in problems


def test_a_model_is_an_address_or_a_folder(tmp_path: Path) -> None:
    assert model_at("http://127.0.0.1:1/v1").name == "openai model"
    assert model_at(str(tmp_path)).name.startswith("transformers ")
    with pytest.raises(StudioError, match="neither an address"):
        model_at("gpt-99")


def _write(writer: ModelWriter) -> tuple[Any, Any]:
    from studio.tongue.tables import tongue

    return writer.write(wish(WISH.sentence), tongue("en"), WISH.sentence, "0:", 0, quiet)
