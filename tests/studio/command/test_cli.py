"""The command line: what it tells people and programs, and how it fails."""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path
from typing import Any

import pytest

from bridge.command import cli as companion
from engines.identity import load_identity
from studio import stages
from studio.command import cli
from studio.command.output import ForPeople, ForPrograms
from studio.commit import apply
from studio.folder import Folder
from studio.stage import Made, Progress, Wish
from tests.studio.stages import Written, quiet


class Echo(Written):
    """Writes its wish down."""

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Take a number, a switch and a list."""
        parser.add_argument("--number", type=float)
        parser.add_argument("--loud", action="store_true")
        parser.add_argument("--paths", nargs="*", type=Path)

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Give the wish."""
        progress(0.25, "listening")
        return Made({"notes.txt": json.dumps(dict(wish.options)).encode()}, {"sentence": wish.sentence})


class Faulty(Written):
    """Fails as the world fails."""

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Fail as the sentence says."""
        raise {"disk": OSError(28, "No space left", "x"), "stop": KeyboardInterrupt()}[wish.sentence]


@pytest.fixture(autouse=True)
def echo(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (stages.Row("echo", f"{__name__}:Echo", "repeat"), stages.Row("faulty", f"{__name__}:Faulty", "fail"))
    monkeypatch.setattr(stages, "STAGES", rows)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    apply(Written(facts={"language": "en-gb", "attributes": {"age": 40, "hair": {"colour": "red"}}}),
          tmp_path / "ada", Wish(), quiet)  # fmt: skip
    return tmp_path / "ada"


def test_help_lists_commands_and_stages(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    said = capsys.readouterr().out
    assert "pack" in said
    assert "echo" in said
    assert cli.main([]) == 2


def test_companion_identity_hands_over_with_the_time(ada: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert companion.main(["identity", "echo", str(ada), "a sentence"]) == 0
    capsys.readouterr()
    assert companion.main(["identity", "--json", "show", str(ada)]) == 0
    (shown,) = lines(capsys.readouterr().out)
    assert shown["done"]["lineage"][-1]["created"].endswith("+00:00")


def test_a_stage_runs_alone_with_its_own_options(ada: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["echo", str(ada), "be loud", "--loud", "--number", "2.5", "--paths", "a", "b", "--json", "--seed", "3"]
    assert cli.main(argv) == 0
    *progress, last = lines(capsys.readouterr().out)
    assert progress == [{"progress": 0.25, "doing": "listening"}]
    assert last["done"]["stage"] == "draft"
    assert json.loads(Folder(ada).read("notes.txt")) == {"number": 2.5, "loud": True, "paths": ["a", "b"]}
    assert json.loads(Folder(ada).read("reports/draft.json"))["seed"] == 3


@pytest.mark.parametrize(
    ("argv", "code", "status"),
    [
        (["nonsense"], "no_command", 2),
        (["show", "/nowhere"], "not_found", 1),
        (["pack", "/nowhere"], "no_folder", 1),
        (["faulty", "/tmp/never-made", "disk"], "disk_full", 1),
        (["faulty", "/tmp/never-made", "stop"], "stopped", 1),
    ],
)
def test_failures_have_a_code_and_a_sentence(
    argv: list[str], code: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main([*argv, "--json"]) == status
    (last,) = lines(capsys.readouterr().out)
    assert last["error"]["code"] == code
    assert len(last["error"]["message"]) > 8
    assert cli.main(argv) == status
    assert capsys.readouterr().err.startswith("companion: ")
    assert not Path("/tmp/never-made").exists()


def test_a_wrong_option_is_told_by_its_usage(ada: Path) -> None:
    with pytest.raises(SystemExit) as failed:
        cli.main(["show", str(ada), "--bogus"])
    assert failed.value.code == 2


def test_show_tells_who_it_is_and_what_was_changed(ada: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (ada / "card.json").write_bytes((ada / "card.json").read_bytes() + b"\n")
    assert cli.main(["show", str(ada)]) == 0
    said = capsys.readouterr().out
    assert "Ada" in said
    assert "colour red" in said
    assert "changed" in said
    assert cli.main(["show", str(load_identity(ada).origin / "card.json")]) == 0


def test_list_tells_of_everybody_and_of_broken_ones(ada: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (ada.parent / "broken").mkdir()
    (ada.parent / "broken" / "card.json").write_text("{}", "utf-8")
    assert cli.main(["list", str(ada.parent), "--json"]) == 0
    (last,) = lines(capsys.readouterr().out)
    people = {Path(each["path"]).name: each for each in last["done"]["people"]}
    assert people["ada"]["name"] == "Ada"
    assert people["teacher"]["sealed"] is False
    assert people["broken"]["error"]["code"] == "bad_card"
    assert cli.main(["list", str(ada)]) == 0
    assert cli.main(["list", "/nowhere"]) == 0


def test_pack_writes_one_file_and_no_second_in_its_place(ada: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["pack", str(ada)]) == 0
    packed = ada.parent / "ada.charx"
    assert load_identity(packed).name == "Ada"
    before = packed.read_bytes()
    assert cli.main(["pack", str(ada), "--json"]) == 1
    assert "exists" in capsys.readouterr().out
    assert cli.main(["pack", str(ada), "--force"]) == 0
    assert packed.read_bytes() == before
    assert cli.main(["pack", str(ada), "-o", str(ada.parent / "ada.png")]) == 1
    assert cli.main(["pack", str(ada), "-o", str(ada.parent / "ada.zip")]) == 1
    assert sorted(path.name for path in ada.parent.iterdir()) == ["ada", "ada.charx"]


class Terminal(io.StringIO):
    """A terminal that keeps what is drawn on it."""

    def isatty(self) -> bool:
        """Say that somebody looks on."""
        return True


def test_the_bar_is_drawn_for_a_terminal_alone() -> None:
    plain, terminal, out = io.StringIO(), Terminal(), io.StringIO()
    for err in (plain, terminal):
        told = ForPeople(out, err)
        told.progress(0.5, "half")
        told.progress(7.0, "more than all")
        told.done({}, "ready")
    assert plain.getvalue() == ""
    assert "[############............] half" in terminal.getvalue()
    assert terminal.getvalue().endswith("\r")
    assert out.getvalue() == "ready\nready\n"


def test_nobody_needs_to_listen() -> None:
    gone = io.StringIO()
    gone.close()
    ForPrograms(gone).done({}, "")
    ForPeople(gone, io.StringIO()).done({}, "x")
