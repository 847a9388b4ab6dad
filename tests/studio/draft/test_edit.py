"""Editing by a sentence, and taking cards over: what changes, what stays, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engines.identity import load_identity, pack, shipped
from engines.identity.attributes import Attributes, Glasses
from engines.identity.png import embed_card
from studio.checking import verify
from studio.command import cli
from studio.commit import apply
from studio.draft.adopt import Adopt
from studio.draft.edit import Edit, changed
from studio.draft.stage import Draft
from studio.errors import StudioError
from studio.folder import Folder
from studio.lineage import stale
from studio.stage import Wish
from tests.studio.people import talk, wish
from tests.studio.stages import quiet
from tests.studio.writer.scripted import TEXTS, ScriptedModel

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100c9fe92ef"
    "0000000049454e44ae426082"
)


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    apply(Draft(), tmp_path / "ada", Wish("a warm physics teacher, 44, brown eyes, loves optics"), quiet)
    return tmp_path / "ada"


def edit(root: Path, sentence: str) -> Folder:
    return apply(Edit(), root, Wish(sentence), quiet)


def test_what_was_said_changes_and_the_rest_stays(ada: Path) -> None:
    before = load_identity(ada)
    folder = edit(ada, "make her stricter, with red hair and no glasses")
    after = folder.identity
    assert after.attributes.temperament == ("strict", "warm")
    assert after.attributes.hair.colour == "red"
    assert after.attributes.glasses == Glasses("none")
    assert (after.attributes.age, after.attributes.eyes) == (44, "brown")
    assert after.card.name == before.card.name
    assert "red" in after.card.description
    assert after.attributes.accent == before.attributes.accent
    assert [entry.content for entry in after.card.book.entries[:4]] == [
        entry.content for entry in before.card.book.entries[:4]
    ]
    report = json.loads(folder.read("reports/edit.json"))
    assert report["changed"]["temperament"]["to"] == ["strict", "warm"]
    assert "stricter" not in json.dumps(report["not_understood"])
    verify(folder)
    assert "red" in talk(ada, ["What do you look like?"])[1]


@pytest.mark.parametrize(
    ("sentence", "key", "value"),
    [
        ("ten years older please", "age", 54),
        ("make her younger", "age", 34),
        ("she is 70 years old", "age", 70),
        ("less warm", "temperament", None),
        ("make him a man", "presentation", "male"),
        ("as a nurse", "profession", "nurse"),
        ("for children", "audience", "children"),
        ("把她变得更严格，戴圆框眼镜", "glasses", "round"),
    ],
)
def test_many_ways_to_ask(sentence: str, key: str, value: Any, ada: Path) -> None:
    attributes = edit(ada, sentence).attributes
    if key == "temperament":
        assert "warm" not in attributes.temperament
    elif key == "glasses":
        assert attributes.glasses.shape == value
    else:
        assert getattr(attributes, key) == value


def test_a_new_name(ada: Path) -> None:
    assert edit(ada, "call her Ada Quill").identity.card.name == "Ada Quill"


@pytest.mark.parametrize("sentence", ["", "blah blurgle", "make it good"])
def test_a_sentence_that_changes_nothing_is_told(sentence: str, ada: Path) -> None:
    before = Folder(ada).read("card.json")
    with pytest.raises(StudioError) as failed:
        edit(ada, sentence)
    assert failed.value.code == "bad_wish"
    assert Folder(ada).read("card.json") == before


def test_known_people_and_contradictions_are_refused(ada: Path) -> None:
    for sentence, code in (("make her Taylor Swift", "public_figure"), ("bald with long hair", "contradiction")):
        with pytest.raises(StudioError) as failed:
            edit(ada, sentence)
        assert failed.value.code == code


def test_opposed_temperaments_give_way() -> None:
    before = Attributes(temperament=("playful", "warm"))
    assert changed(before, wish("strict"), {"strict": 1}).temperament == ("strict", "warm")
    assert changed(before, wish("x"), {"playful": -1}).temperament == ("warm",)


def test_an_edit_of_an_edit_keeps_both(ada: Path) -> None:
    edit(ada, "red hair")
    folder = edit(ada, "green eyes")
    assert (folder.attributes.hair.colour, folder.attributes.eyes) == ("red", "green")
    lineage = folder.facts["lineage"]
    assert isinstance(lineage, list)
    assert [each["stage"] for each in lineage if isinstance(each, dict)] == ["draft", "edit", "edit"]


def test_an_edit_by_a_model(ada: Path) -> None:
    line = "She is a physics teacher of forty-four with green eyes, and patient."
    model = ScriptedModel({**TEXTS, "description": line})
    folder = apply(Edit(model), ada, Wish("green eyes"), quiet)
    assert folder.attributes.eyes == "green"
    assert "and patient" in folder.identity.card.description
    assert "And now: green eyes" in model.asked[0][-1].text


def test_a_card_is_taken_over_whole(tmp_path: Path) -> None:
    guide = shipped()["guide"]
    folder = apply(Adopt(guide), tmp_path / "edmund", Wish(), quiet)
    assert folder.read("card.json") == (guide / "card.json").read_bytes()
    assert folder.read("assets/x_card/other/zh.json") == (guide / "assets/x_card/other/zh.json").read_bytes()
    assert folder.attributes.presentation == "male"
    assert folder.attributes.outer.colour == "navy"
    assert folder.identity.looks["eyes"] == "blue"
    verify(folder)
    edited = edit(folder.root, "make him 70 years old, with green eyes")
    assert edited.attributes.age == 70
    assert "Edmund Hale" in edited.identity.card.name
    assert len(edited.identity.card.book.entries) == len(load_identity(guide).card.book.entries)


def test_cards_of_every_form(tmp_path: Path) -> None:
    raw = json.dumps({"spec": "chara_card_v2", "spec_version": "2.0", "data": {
        "name": "Mira", "description": "Mira is a baker with green eyes. She sings.", "first_mes": "Hi.",
        "extensions": {"other": {"kept": True}}}}).encode()  # fmt: skip
    (tmp_path / "mira.json").write_bytes(raw)
    (tmp_path / "mira.png").write_bytes(embed_card(PIXEL, ccv3=raw, chara=raw))
    for source in ("mira.json", "mira.png"):
        folder = apply(Adopt(tmp_path / source), tmp_path / source.replace(".", "-"), Wish(), quiet)
        assert folder.attributes == Attributes(presentation="female", profession="baker", eyes="green")
        assert folder.identity.card.extensions["other"] == {"kept": True}
    assert folder.has("assets/icon/images/main.png")
    pack(folder.root, tmp_path / "mira.charx")
    again = apply(Adopt(tmp_path / "mira.charx"), tmp_path / "again", Wish(), quiet)
    assert again.read("card.json") == raw


def test_a_known_person_s_card_needs_their_consent(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(json.dumps({"name": "Taylor Swift", "description": "x"}), "utf-8")
    with pytest.raises(StudioError) as failed:
        apply(Adopt(tmp_path / "x.json"), tmp_path / "who", Wish(), quiet)
    assert failed.value.code == "public_figure"
    consent: Any = {"subject": "real", "by": "Taylor Swift", "on": "2026-01-02", "statement": "Yes.", "scope": ["name"]}
    folder = apply(Adopt(tmp_path / "x.json"), tmp_path / "who", Wish(options={"consent": consent}), quiet)
    assert json.loads(folder.read("consent.json"))["by"] == "Taylor Swift"


def test_new_from_and_variations_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "edmund")
    assert cli.main(["new", "with green eyes", "--from", str(shipped()["guide"]), "-o", out, "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["done"]["attributes"]["eyes"] == "green"
    assert cli.main(["new", "x", "--from", str(shipped()["guide"]), "-o", out]) == 1
    assert cli.main(["new", "--json"]) == 1
    several = tmp_path / "several"
    assert cli.main(["variations", "a shy nurse", "--count", "2", "-o", str(several)]) == 0
    assert [*map(len, [[*several.iterdir()]])] == [2]
    assert cli.main(["variations", "x", "--count", "0", "-o", str(several)]) == 1
    first = min(several.iterdir())
    assert cli.main(["variations", str(first), "--count", "1", "-o", str(tmp_path / "more")]) == 0
    assert "nurse" in load_identity(next((tmp_path / "more").iterdir())).description


def test_new_goes_on_where_it_was_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["new", "a nurse", "-o", str(tmp_path / "who")]
    assert cli.main([*argv, "--only-draft"]) == 0
    assert cli.main(argv) == 0
    before = {path: Folder(tmp_path / "who").read(path) for path in Folder(tmp_path / "who").listing()}
    assert "voice" in str(Folder(tmp_path / "who").facts["lineage"])
    assert cli.main(argv) == 0
    assert before == {path: Folder(tmp_path / "who").read(path) for path in Folder(tmp_path / "who").listing()}
    assert cli.main(["new", "a chef", "-o", str(tmp_path / "who")]) == 1
    assert "already" in capsys.readouterr().err


def test_editing_renews_what_read_it(tmp_path: Path) -> None:
    root = tmp_path / "who"
    assert cli.main(["new", "a nurse", "-o", str(root)]) == 0
    assert cli.main(["edit", str(root), "a man, 80 years old, gruffer"]) == 0
    assert "voice" not in stale(Folder(root).facts)
