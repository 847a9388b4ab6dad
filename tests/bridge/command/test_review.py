"""`companion review`: what was flagged, whether it was changed, and decisions that change the filter."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge.command.cli import main
from engines.guard.desk import CURRENT, Desk
from engines.guard.own import FILE, load
from engines.guard.verdicts import Flag, Verdict

BAD = "You should vote for the Republicans."


@pytest.fixture
def queue(tmp_path: Path) -> Path:
    flag = Flag("guard", "companion", Verdict("soften", "persuasion", (0, 20), why="en.persuasion"), BAD, "Yours.")
    for words in (False, True):
        Desk(tmp_path, words=words).add(flag, session="s", turn=1, at="2030-01-01T12:00:00+00:00")
    return tmp_path


def review(queue: Path, *arguments: str) -> int:
    return main(["review", *arguments, "--set", f"guard.queue={queue}"])


def test_flags_are_listed_shown_and_decided(queue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert review(queue, "list") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert BAD in first
    assert "(36 characters, not kept)" in second
    name = first.split()[0]
    assert review(queue, "show", name) == 0
    assert json.loads(capsys.readouterr().out)["text"] == BAD
    assert review(queue, "decide", name, "wrong", "--by", "ada", "--json") == 0
    assert json.loads(capsys.readouterr().out)["decided"] == "wrong"
    assert load(queue / FILE).allow == (BAD,)
    assert review(queue, "list") == 0
    assert name not in capsys.readouterr().out
    assert review(queue, "list", "--all") == 0
    assert name in capsys.readouterr().out


def test_phrases_are_allowed_and_denied(queue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert review(queue, "deny", "blue", "cheese") == 0
    assert review(queue, "allow", "red wine") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "allowed from the next turn on: red wine"
    lists = load(queue / FILE)
    assert (lists.deny, lists.allow) == (("blue cheese",), ("red wine",))


def test_a_changed_queue_is_named(queue: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert review(queue, "check") == 0
    assert capsys.readouterr().out == "2 flags, and nobody has changed them\n"
    path = queue / CURRENT
    path.write_bytes(path.read_bytes().replace(b"soften", b"permit", 1))
    assert review(queue, "check") == 1
    assert "flagged.jsonl: line 1 was changed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("show", "zzz"), "no flag 'zzz'"),
        (("decide", "zzz", "right"), "no flag"),
        (("decide", "only-one"), "companion review list"),
        (("deny",), "companion review list"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    queue: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], sentence: str
) -> None:
    assert review(queue, *arguments) == 1
    assert sentence in capsys.readouterr().err


def test_without_a_queue_there_is_nothing_to_review(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", "list", "--set", "guard.queue=none"]) == 1
    assert "guard.queue is none" in capsys.readouterr().err
