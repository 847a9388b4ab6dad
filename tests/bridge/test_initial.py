"""`companion init`: what it writes can be served as it stands, and nothing of anybody's is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.command import cli, initial
from bridge.errors import ConfigError
from bridge.setup import casting
from bridge.setup.config import load
from engines.identity.questions import questions


def test_what_is_written_loads_and_can_be_cast(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list(initial.begin(tmp_path, name="Mara  Vey"))
    assert (tmp_path / "identities/mara-vey/card.json").is_file()
    assert "companion serve --config companion.toml" in told[-1]
    monkeypatch.chdir(tmp_path)
    config = load(tmp_path / "companion.toml", {})
    person = casting.identity(config.identity.path)
    assert person.name == "Mara Vey"
    assert questions(person)[0] == "Who are you?"
    companion = casting.companion(config)
    assert companion.warmth > 0.2
    assert "Mara Vey" in companion.description


def test_every_commented_setting_is_one(tmp_path: Path) -> None:
    list(initial.begin(tmp_path))
    file = tmp_path / "companion.toml"
    lines = file.read_text("utf-8").splitlines()
    settings = [line.removeprefix("# ") if " = " in line and "Start" not in line else line for line in lines]
    file.write_text("\n".join(settings).replace('host = "0.0.0.0"', 'host = "127.0.0.1"'), "utf-8")
    assert load(file, {}).openai.model == "llama3.2"


def test_what_is_there_stays_unless_it_is_forced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    list(initial.begin(tmp_path, name="Ada"))
    card = tmp_path / "identities/ada/card.json"
    card.write_text("mine")
    (tmp_path / "companion.toml").unlink()
    assert cli.main(["init", str(tmp_path)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert not (tmp_path / "companion.toml").exists(), "nothing half-written"
    assert card.read_text() == "mine"
    assert cli.main(["init", str(tmp_path), "--force"]) == 0
    assert card.read_text() != "mine"


@pytest.mark.parametrize("name", ["", "   ", "...", "/", "x" * 61])
def test_a_name_that_no_folder_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match="name"):
        list(initial.begin(tmp_path, name=name))
    assert not list(tmp_path.iterdir())


def test_names_of_other_scripts_are_names(tmp_path: Path) -> None:
    list(initial.begin(tmp_path, name="小雨"))
    assert casting.identity(str(tmp_path / "identities/小雨")).name == "小雨"
