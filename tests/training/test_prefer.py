"""What people preferred, as pairs and as an adapter; and the head that reads attributes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engines.guard.desk import Desk
from engines.guard.verdicts import Flag, Verdict
from engines.identity import load_identity
from studio.errors import StudioError
from studio.evaluate.attributes import attributes as judged
from studio.evaluate.subject import Subject
from studio.extract.head import read
from tests.training.conftest import TALK
from training.command.cli import main as train
from training.errors import TrainingError
from training.pretrain.models import Size, make
from training.pretrain.tokens import train_tokenizer
from training.tune import attributes
from training.tune.model import open_base
from training.tune.prefer import ASKED, Pair, Recipe, from_file, from_queue, margins, prefer
from training.tune.saving import reopen

pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]

PAIRS = [Pair(question, answer, "No.") for question, answer in TALK]


def test_pairs_come_from_a_file_or_from_what_was_decided_about_flags(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    rows = [{"prompt": each.prompt, "chosen": each.chosen, "rejected": each.rejected} for each in PAIRS[:2]]
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    assert from_file(file) == PAIRS[:2]
    desk = Desk(tmp_path / "queue", words=True)
    verdict = Verdict("block", "hate", why="x")
    desk.add(Flag("filter", "user", verdict, "Say it.", ""), session="s", turn=1, at="2026")
    for number, text in enumerate(("bad words", "fine words", "left open")):
        flag = Flag("filter", "companion", verdict, text, "Let us speak of something else.")
        desk.add(flag, session="s", turn=1 + number, at="2026")
    for item, decision in zip(reversed(desk.items()[:3]), ("right", "wrong"), strict=False):
        desk.decide(item.id, decision, by="me", at="2026")
    assert from_queue(tmp_path / "queue") == [
        Pair("Say it.", "Let us speak of something else.", "bad words"),
        Pair(ASKED, "fine words", "Let us speak of something else."),
    ]


@pytest.mark.parametrize("line", ["{", "3", '{"prompt": "a", "chosen": ""}'])
def test_a_line_that_is_no_pair_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "p.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(TrainingError, match=r"p\.jsonl, line 1"):
        from_file(tmp_path / "p.jsonl")


def test_the_wanted_answers_become_likelier(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Tests of a voice may have left a stand-in for it, which trl's packages would take for the real one.
    monkeypatch.delitem(sys.modules, "torchcodec", raising=False)
    pytest.importorskip("trl", reason="preferences need trl")
    base = open_base(str(tiny), device="cpu")
    before = margins(base.model, base, PAIRS, "Be kind.")
    recipe = Recipe(epochs=4, batch=3, rate=2e-2, rank=4)
    model = prefer(base, PAIRS, recipe, "Be kind.", None, tmp_path / "adapter")
    after = margins(model, base, PAIRS, "Be kind.")
    assert sum(after) > sum(before)
    again = reopen(open_base(str(tiny)), tmp_path / "adapter")
    assert margins(again, base, PAIRS, "Be kind.") == pytest.approx(after, abs=1e-3)


def test_too_few_pairs_are_refused(
    tiny: Path, tmp_path: Path, clock: Callable[[], float], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "p.jsonl").write_text('{"prompt": "a", "chosen": "b", "rejected": "c"}', encoding="utf-8")
    given = ["prefer", "teacher", str(tmp_path / "p.jsonl"), "--model", str(tiny)]
    assert train(given, prog="companion train", clock=clock) == 1
    assert "three are the least" in capsys.readouterr().err


def test_a_head_reads_attributes_from_sentences_of_other_forms(
    tmp_path: Path, clock: Callable[[], float], capsys: pytest.CaptureFixture[str]
) -> None:
    import torch

    texts = [" ".join(each.words) for each in attributes.described(200, attributes.LEARNED, 1)]
    tokenizer = train_tokenizer(texts, 500)
    torch.manual_seed(1)
    make("bert", Size(32, 1), tokenizer, 128).save_pretrained(tmp_path / "base")
    tokenizer.save_pretrained(tmp_path / "base")
    given = ["attributes", "--model", str(tmp_path / "base"), "--out", str(tmp_path / "head"), "--json"]
    assert train([*given, "--steps", "150", "--rate", "5e-3"], prog="companion train", clock=clock) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["done"]
    assert told["f1"] > 0.5
    found = read(tmp_path / "head", "A warm young baker with short auburn hair and green eyes.")
    assert "baker" in found.get("profession", ())
    assert train(["attributes", "--model", str(tmp_path)], prog="companion train", clock=clock) == 1
    assert train(["attributes", "--model", str(tmp_path / "base")], prog="companion train", clock=clock) == 1
    asked = ["attributes", "--model", str(tmp_path / "head"), "--read", "A calm nurse."]
    assert train(asked, prog="companion train", clock=clock) == 0
    assert "nurse" in capsys.readouterr().out
    person = tmp_path / "ada"
    person.mkdir()
    data = {"name": "Ada", "description": "A warm young baker with short auburn hair and green eyes."}
    (person / "card.json").write_text(json.dumps({"spec": "chara_card_v3", "spec_version": "3.0", "data": data}))
    looks = {"eyes": "green", "hair": {"colour": "auburn", "style": "short"}, "profession": "baker"}
    (person / "identity.json").write_text(json.dumps({"schema": 1, "language": "en", "attributes": looks}))
    section = judged(Subject(load_identity(person), reader=tmp_path / "head"))
    by_name = {measure.name: measure for measure in section.measures}
    assert (by_name["attributes.learned"].value or 0) >= 0.5
    assert "attributes.learned" not in {each.name for each in judged(Subject(load_identity(person))).measures}
    with pytest.raises(StudioError) as wrong:
        judged(Subject(load_identity(person), reader=tmp_path / "base"))
    assert wrong.value.code == "bad_reader"
