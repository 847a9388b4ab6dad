"""The exercise of docs/EXERCISE.md is followed: engine, row, tests and commands are taken from the page."""

from __future__ import annotations

import asyncio
import inspect
import textwrap
from pathlib import Path
from typing import Any

import pytest

import engines.hearing
from bridge.command import doctor
from bridge.command.finding import table
from bridge.setup.config import load
from engines.catalogue import table as catalogue
from engines.catalogue.listing import Listing
from tests.engines import makers, test_contract
from tests.repository.pages import page
from tests.repository.test_commands import EXERCISE, fault, lost, told

PACKAGE, ENGINE, ROW, TESTS, SECTION = (text for language, text in page(EXERCISE).blocks if language == "python")


@pytest.fixture
def followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps 2 and 3."""
    folder = tmp_path / "hum"
    folder.mkdir()
    (folder / "__init__.py").write_text(PACKAGE, encoding="utf-8")
    (folder / "engine.py").write_text(ENGINE, encoding="utf-8")
    row = eval(ROW, {"Listing": Listing})
    monkeypatch.setattr(engines.hearing, "__path__", [*engines.hearing.__path__, str(tmp_path)])
    monkeypatch.setattr(catalogue, "ENGINES", (*catalogue.ENGINES, row))


def test_the_contract_runs_over_it(followed: None) -> None:
    (maker,) = (each for each in makers.listed("stt") if str(each) == "HumStt")
    test_contract.test_it_has_a_name_and_may_be_closed_at_any_time(maker)
    test_contract.test_stt_gives_exactly_one_final_whatever_it_is_fed(maker)
    test_contract.test_stt_hears_two_at_once_and_lets_go_when_cancelled(maker)


def test_doctor_says_what_the_page_says(followed: None) -> None:
    (said,) = (text for language, text in page(EXERCISE).blocks if language == "text" and "stt: hum" in text)
    findings = asyncio.run(doctor.examine(load(None, {}, ["engines.stt=hum", "server.port=0"])))
    (line,) = (line for line in table(findings).splitlines() if "stt: hum" in line)
    assert line.split(";")[0] == said.split(";")[0]


def test_its_own_tests_pass(followed: None) -> None:
    names: dict[str, Any] = {"__name__": "tests.engines.hearing.test_stt_hum"}
    exec(TESTS, names)
    tests = {name: test for name, test in names.items() if name.startswith("test_")}
    assert len(tests) == 3
    for test in tests.values():
        for chunk in (2, 321) if "chunk" in inspect.signature(test).parameters else (None,):
            test() if chunk is None else test(chunk)


def test_its_commands_and_paths_are_there(followed: None) -> None:
    assert [wrong for words in told(page(EXERCISE)) if (wrong := fault(words))] == []
    new = ("engines/hearing/hum/", "tests/engines/hearing/test_stt_hum.py")
    assert [wrong for wrong in lost(page(EXERCISE)) if not any(path in wrong for path in new)] == []


def test_the_section_bounds_what_the_engine_bounds(followed: None) -> None:
    assert "level_db: Annotated[float, Meta(ge=-90, lt=0)] = -30.0" in textwrap.dedent(SECTION)
    assert "def __init__(self, *, level_db: float = -30.0)" in ENGINE
    assert "if not -90.0 <= level_db < 0.0" in ENGINE
