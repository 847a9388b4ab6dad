"""Comparing two reports, and the command that does."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engines.identity import IdentityError
from studio.command import cli
from studio.errors import StudioError
from studio.evaluate.comparing import compared
from studio.evaluate.measures import Measure, Wanted, unmeasured
from studio.evaluate.stage import REPORT


def report(path: Path, *measures: Measure) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"measures": [each.as_json() for each in measures]}), encoding="utf-8")
    return path


UP, DOWN = Wanted(at_least=0.5), Wanted(at_most=0.5)
OLD = (
    Measure("up", 0.2, wanted=UP), Measure("down", 0.9, wanted=DOWN), Measure("fell", 0.8, wanted=UP),
    Measure("grew", 0.6, wanted=UP), Measure("free", 1.0), Measure("same", 0.4), Measure("gone", 1.0),
    unmeasured("never", "x"), unmeasured("now", "x"),
)  # fmt: skip
NEW = (
    Measure("up", 0.7, wanted=UP), Measure("down", 0.8, wanted=DOWN), Measure("fell", 0.1, wanted=UP),
    Measure("grew", 0.7, wanted=UP), Measure("free", 2.0), Measure("same", 0.4), Measure("new", 1.0),
    unmeasured("never", "x"), Measure("now", 1.0),
)  # fmt: skip
CHANGES = {
    "up": "better", "down": "better", "fell": "worse", "grew": "better", "free": "changed", "same": "same",
    "gone": "gone", "never": "same", "now": "changed", "new": "new",
}  # fmt: skip


def test_each_measure_is_better_or_worse_by_what_is_wanted_of_it(tmp_path: Path) -> None:
    before, after = report(tmp_path / "a" / REPORT, *OLD), report(tmp_path / "b.json", *NEW)
    found = compared(tmp_path / "a", after)
    assert {each.name: each.change for each in found} == CHANGES
    assert next(each for each in found if each.name == "up").outcomes == ("missed", "passed")
    back = {each.name: each.change for each in compared(after, before)}
    assert (back["up"], back["fell"]) == ("worse", "better")


@pytest.mark.parametrize("text", ["{", "[]", '{"measures": 1}', '{"measures": [1]}', '{"measures": [{"name": 1}]}'])
def test_what_is_no_report_is_an_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(IdentityError):
        compared(tmp_path / "a.json", tmp_path / "a.json")


def test_a_person_without_a_report_is_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="companion identity evaluate"):
        compared(tmp_path, tmp_path)
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(StudioError, match="no report of an evaluation"):
        compared(tmp_path / "a.json", tmp_path / "a.json")


def test_the_command_tells_people_and_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after = report(tmp_path / "a.json", *OLD), report(tmp_path / "b.json", *NEW)
    assert cli.main(["compare", str(before), str(after)]) == 0
    text = capsys.readouterr().out
    assert "missed → passed" in text
    assert "3 better, 1 worse, 2 same" in text
    assert " same " not in text.splitlines()[0]
    assert cli.main(["compare", str(before), str(after), "--all", "--json"]) == 0
    done: dict[str, Any] = json.loads(capsys.readouterr().out)["done"]
    assert done["counts"] == {"better": 3, "worse": 1, "same": 2}
    assert len(done["measures"]) == 10
