"""The stage: report and page of a person, the same again for the same folder, and what cannot be."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from engines.api import EngineError
from engines.identity import IdentityError
from studio import stages
from studio.checking import verify
from studio.command import cli
from studio.commit import apply
from studio.draft.stage import Draft
from studio.errors import StudioError
from studio.evaluate import stage as evaluation
from studio.evaluate.sections import SECTIONS
from studio.evaluate.stage import PAGE, REPORT, Evaluate
from studio.evaluate.talk.session import TALKED
from studio.folder import Folder
from studio.lineage import stale
from studio.stage import Wish
from tests.studio.evaluate.persons import COMETS, Fails, Says, card, entry, write
from tests.studio.stages import quiet

SMALL = Wish(options={"questions": 2})


def report(root: Path) -> dict[str, Any]:
    found = json.loads(Folder(root).read(REPORT))
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("people") / "somebody"
    apply(Draft(), root, Wish("a warm physics teacher in her forties"), quiet)
    return root


def test_a_person_is_judged_and_the_report_says_by_what(drafted: Path) -> None:
    told: list[float] = []
    folder = apply(Evaluate(), drafted, SMALL, lambda done, doing: told.append(done))
    found = report(drafted)
    sections = [row.name for row in SECTIONS] + [name for name in TALKED if name != "latency"]
    assert list(found["sections"]) == sections
    assert {each["name"].partition(".")[0] for each in found["measures"]} == set(sections)
    assert sum(found["tally"].values()) == len(found["measures"])
    assert found["sections"]["probes"]["dialogue"] == "scripted"
    summary = json.loads(folder.read("reports/evaluate.json"))
    assert summary["tally"] == found["tally"]
    assert all(name.count(".") >= 1 for name in summary["missed"])
    assert folder.read(PAGE).startswith(b"<!doctype html>")
    assert told == sorted(told)
    verify(folder)


def test_the_same_folder_gives_the_same_bytes_and_is_not_stale_by_its_own_report(drafted: Path) -> None:
    first = apply(Evaluate(), drafted, SMALL, quiet).facts
    before = {path: Folder(drafted).read(path) for path in (REPORT, PAGE)}
    second = apply(Evaluate(), drafted, SMALL, quiet).facts
    assert before == {path: Folder(drafted).read(path) for path in (REPORT, PAGE)}
    assert first == second
    assert "evaluate" not in stale(second)


def test_an_empty_card_is_judged_too(tmp_path: Path) -> None:
    root = write(tmp_path / "a", {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "X"}})
    apply(Evaluate(), root, SMALL, quiet)
    found = {each["name"]: each for each in report(root)["measures"]}
    assert found["validity.card"]["outcome"] == "missed"
    assert found["noise.clean"]["outcome"] == "not measured"


def test_a_card_that_tries_to_get_out_of_the_page_does_not(tmp_path: Path) -> None:
    evil = "</title><script>alert(1)</script>"
    root = write(
        tmp_path / "a", card(entry(evil, f"{evil} is here. {COMETS}"), name=evil, description=f"{evil} is bad.")
    )
    apply(Evaluate(), root, SMALL, quiet)
    assert b"<script" not in Folder(root).read(PAGE)


def test_people_in_other_scripts_are_judged(tmp_path: Path) -> None:
    for language, text in (
        ("ar", "المذنب كرة من الجليد والغبار."),
        ("hi", "धूमकेतु बर्फ और धूल का गोला है।"),
        ("zh", "彗星是冰和尘埃组成的球。"),
    ):
        root = write(tmp_path / language, card(entry("彗星", text), description=text), {"language": language})
        apply(Evaluate(), root, SMALL, quiet)
        found = {each["name"]: each for each in report(root)["measures"]}
        assert (found["probes.identity"]["outcome"] == "not measured") == (language != "zh")
        assert found["noise.clean"]["value"] is not None


def test_it_speaks_another_of_the_persons_languages_or_says_that_it_cannot(drafted: Path) -> None:
    with pytest.raises(StudioError, match="does not speak fr") as error:
        apply(Evaluate(), drafted, Wish(language="fr"), quiet)
    assert error.value.code == "bad_wish"


@pytest.mark.parametrize(
    ("options", "error"),
    [({"dialogue": "x"}, StudioError), ({"questions": -1}, IdentityError), ({"questions": "many"}, IdentityError)],
)
def test_options_that_cannot_be_are_refused_and_nothing_is_written(
    drafted: Path, tmp_path: Path, options: dict[str, Any], error: type[Exception]
) -> None:
    root = write(tmp_path / "a", card())
    with pytest.raises(error):
        apply(Evaluate(), root, Wish(options=options), quiet)
    assert Folder(root).listing() == ["card.json", "identity.json"]


def test_a_model_that_is_away_is_an_error_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path / "a", card())
    monkeypatch.setattr(evaluation, "open_dialogue", lambda *a, **k: Fails(starts=False, name="openai"))
    with pytest.raises(EngineError):
        apply(Evaluate(), root, Wish(options={"dialogue": "http://127.0.0.1:1/v1"}), quiet)
    assert not Folder(root).has(REPORT)


def test_a_model_is_named_and_times_are_measured_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path / "a", card(entry("comets", COMETS)))
    monkeypatch.setattr(
        evaluation, "open_dialogue", lambda *a, **k: Says("I do not know.", model="tiny", name="openai")
    )
    apply(Evaluate(), root, Wish(options={"questions": 1, "latency": True}), quiet)
    found = report(root)
    assert found["dialogue"] == "openai tiny"
    assert found["sections"]["latency"]["clock"] == "time waited"


def test_a_judge_is_asked_when_one_is_named_and_must_be_a_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = write(tmp_path / "a", card(entry("comets", COMETS)))
    with pytest.raises(StudioError, match="a judge is a language model"):
        apply(Evaluate(), root, Wish(options={"judge": "card"}), quiet)
    opened = {"card": Says("I do not know."), "http://judge/v1": Says("4 <b>plain</b>", model="judge-1", name="openai")}
    monkeypatch.setattr(evaluation, "open_dialogue", lambda identity, address, *a, **k: opened[address])
    apply(Evaluate(), root, Wish(options={"questions": 1, "judge": "http://judge/v1"}), quiet)
    found = report(root)
    assert next(each for each in found["measures"] if each["name"] == "judge.points")["value"] == 4.0
    assert found["sections"]["probes"]["transcripts"][0]["judged"] == "4 <b>plain</b>"
    assert b"4 &lt;b&gt;plain" in Folder(root).read(PAGE)
    assert json.loads(Folder(root).read("reports/evaluate.json"))["blocks"] == []


def test_its_options_are_on_the_command_line(drafted: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["evaluate", str(drafted), "--questions", "1", "--no-latency", "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["done"]["stage"] == "evaluate"
    assert "latency" not in report(drafted)["sections"]
    assert cli.main(["evaluate", str(drafted), "--dialogue", "nobody"]) == 1
    assert "there is no dialogue" in capsys.readouterr().err
    parser = argparse.ArgumentParser()
    Evaluate().add_options(parser)
    assert parser.parse_args([]).latency is True
    assert isinstance(stages.load("evaluate"), Evaluate)
