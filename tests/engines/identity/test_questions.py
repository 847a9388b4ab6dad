"""What may be asked for a start, from the card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engines.identity import Identity, IdentityError, load_identity, shipped
from engines.identity.questions import ANYBODY, LONGEST, MOST, questions


def person(folder: Path, language: str = "en", **data: Any) -> Identity:
    file = folder / "card.json"
    file.write_text(
        json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "Ada", **data}}), "utf-8"
    )
    (folder / "identity.json").write_text(json.dumps({"language": language}), "utf-8")
    return load_identity(folder)


def test_the_users_own_lines_are_offered_without_stage_directions(tmp_path: Path) -> None:
    examples = (
        "<START>\n{{user}}: *waves* Why is the sky blue?\n{{char}}: Air scatters blue light.\n<START>\n"
        '{{user}}: "Why is the sky blue?"\n{{char}}: Again?\n{{user}}: ...\n{{user}}: '
        + "x" * (LONGEST + 1)
        + "\nUser: Do you sing?\n{{user}}: Are you {{random:a,b}}?"
    )
    assert questions(person(tmp_path, mes_example=examples)) == ("Why is the sky blue?", "Do you sing?")


def test_what_the_card_asks_for_comes_first_and_there_are_never_many(tmp_path: Path) -> None:
    own = [f"Question {number}?" for number in range(MOST - 1)]
    card = {"mes_example": "{{user}}: First of mine?\n{{user}}: Second of mine?"}
    found = questions(person(tmp_path, extensions={"companion_bridge": {"questions": own}}, **card))
    assert found == (*own, "First of mine?")


@pytest.mark.parametrize(("language", "code"), [("en-GB", "en"), ("zh-CN", "zh")])
def test_a_card_without_examples_gets_anybodys(tmp_path: Path, language: str, code: str) -> None:
    assert questions(person(tmp_path, language)) == ANYBODY[code]


def test_a_language_that_has_none_gets_none(tmp_path: Path) -> None:
    assert questions(person(tmp_path, "fi")) == ()


@pytest.mark.parametrize("wrong", [{"a": 1}, [1], 7])
def test_questions_that_are_no_texts_are_the_cards_mistake(tmp_path: Path, wrong: object) -> None:
    with pytest.raises(IdentityError, match="questions"):
        questions(person(tmp_path, extensions={"companion_bridge": {"questions": wrong}}))


@pytest.mark.parametrize("name", sorted(shipped()))
def test_whoever_ships_has_some_in_every_language_they_speak(name: str) -> None:
    one = load_identity(shipped()[name])
    for code in one.languages:
        found = questions(one.speaking(code))
        assert found
        assert all(len(text) <= LONGEST for text in found)
