"""What a card's text says of somebody's looks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engines.identity import load_identity, shipped
from engines.identity.described import MOST, described

SAID: list[tuple[str, dict[str, Any]]] = [
    ("Yuki has long pink hair and bright green eyes. She is 19 years old.",
     {"hair": "long pink", "eyes": "green", "age": 19, "presentation": "female"}),
    ("Hair: silver, short. Eyes: violet. He is a knight.",
     {"hair": "silver short", "eyes": "violet", "presentation": "male"}),
    ("A man with a full grey beard, round glasses and pale skin.",
     {"glasses": True, "beard": "full grey", "skin": "pale", "presentation": "male"}),
    ("Her hair is black and curly.", {"hair": "black curly", "presentation": "female"}),
    ("A bald monk who laughs.", {"hair": "bald"}),
    ("她有一头粉色长发和蓝色的眼睛，戴眼镜。",
     {"hair": "pink long", "eyes": "blue", "glasses": True, "presentation": "female"}),
    ("No glasses, no beard, stubble at most; brown hair.", {"hair": "brown", "beard": "stubble"}),
]  # fmt: skip
SILENT = [
    "",
    "A dragon who hoards books.",
    "She is 30 years old and loves the sea.",
    "A hairdresser who keeps an eye on things.",
    "Wears no glasses and has no beard.",
]


@pytest.mark.parametrize(("text", "looks"), SAID)
def test_what_stands_beside_hair_and_eyes_is_read(text: str, looks: dict[str, Any]) -> None:
    assert described(text) == looks


@pytest.mark.parametrize("text", SILENT)
def test_a_text_that_says_nothing_of_looks_dresses_nobody(text: str) -> None:
    assert described(text) == {}


def test_a_hostile_text_is_read_in_a_moment() -> None:
    assert described("a " * 500_000) == {}
    assert described("long " * MOST) == {}


def test_only_a_card_that_gives_no_looks_is_dressed_by_its_text(tmp_path: Path) -> None:
    data = {"name": "Yuki", "description": "Yuki has long pink hair."}
    card = {"spec": "chara_card_v3", "spec_version": "3.0", "data": data}
    (tmp_path / "card.json").write_text(json.dumps(card), "utf-8")
    assert load_identity(tmp_path).looks == {"hair": "long pink"}
    (tmp_path / "identity.json").write_text(json.dumps({"looks": {"hair": "black, bob"}}), "utf-8")
    assert load_identity(tmp_path).looks == {"hair": "black, bob"}
    for origin in shipped().values():
        assert "hair" in load_identity(origin).looks
