"""`companion memory`: what is remembered is listed, exported, erased and imported."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge.command.cli import main
from bridge.memory.database import Sqlite
from bridge.memory.store import Owner, Store
from engines.memory.facts import Episode
from engines.memory.reading import told


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "memory.sqlite"
    store = Store(Sqlite(path))
    for who, text in (("ada", "My name is Ada. I like tea."), ("bob", "I live in Bonn.")):
        owner = Owner(who, "teacher")
        store.consent(owner, True, 0.0)
        store.write(owner, told(text, "en"), session="s", turn=1, now=86_400.0)
        store.episode(owner, Episode("s", 86_400.0, "They spoke of light."))
    store.close()
    return path


def memory(file: Path, *arguments: str) -> int:
    return main(["memory", *arguments, "--set", f"memory.store={file}"])


def test_what_is_known_is_listed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert memory(file, "list") == 0
    assert capsys.readouterr().out.splitlines() == ["ada  teacher  agreed  2 facts", "bob  teacher  agreed  1 facts"]
    assert memory(file, "list", "--user", "ada") == 0
    out = capsys.readouterr().out
    assert "1970-01-02  Your name is Ada." in out
    assert "They spoke of light." in out
    assert "Bonn" not in out


def test_an_export_is_imported_elsewhere(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target, other = tmp_path / "ada.json", tmp_path / "other.sqlite"
    assert memory(file, "export", "--user", "ada", "--file", str(target)) == 0
    assert {each["value"] for each in json.loads(target.read_text())["facts"]} == {"Ada", "tea"}
    assert memory(other, "import", "--user", "ada", "--file", str(target)) == 0
    assert memory(other, "list", "--user", "ada") == 0
    assert "Your name is Ada." in capsys.readouterr().out


def test_one_person_is_erased_and_nobody_else(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert memory(file, "erase", "--user", "ada") == 0
    capsys.readouterr()
    assert memory(file, "list") == 0
    assert capsys.readouterr().out.splitlines() == ["bob  teacher  agreed  1 facts"]


@pytest.mark.parametrize("content", ["", "{}", "[]", "no json", '{"version": 9, "identity": "x"}'])
def test_what_is_no_export_is_refused(file: Path, tmp_path: Path, content: str) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text(content)
    assert memory(file, "import", "--user", "ada", "--file", str(bad)) == 1


def test_nothing_is_begun_by_looking(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert memory(tmp_path / "none.sqlite", "list") == 0
    assert capsys.readouterr().out == "nobody is remembered here\n"
    assert not (tmp_path / "none.sqlite").exists()


def test_whose_memory_must_be_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert memory(file, "erase") == 1
    assert "--user" in capsys.readouterr().err
