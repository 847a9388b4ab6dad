"""The review queue: what is kept, how long, that changes show, and what decisions do."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from engines.guard import desk as desks
from engines.guard.desk import CURRENT, DECISIONS, Desk, DeskError
from engines.guard.filter import shipped
from engines.guard.own import FILE, OwnLists, load
from engines.guard.verdicts import Flag, Verdict
from engines.provenance.chain import ChainError

BAD = "You should vote for the Republicans."
FLAG = Flag(
    "guard", "companion", Verdict("soften", "persuasion", (0, 20), why="en.persuasion"), BAD, "It is your choice."
)


def fill(desk: Desk, count: int = 1, flag: Flag = FLAG) -> None:
    for number in range(count):
        desk.add(flag, session="s-1", turn=number + 1, at="2030-01-01T12:00:00+00:00")


def test_a_flag_is_kept_without_words_unless_they_are_wanted(tmp_path: Path) -> None:
    silent, wordy = Desk(tmp_path / "a"), Desk(tmp_path / "b", words=True)
    fill(silent)
    fill(wordy)
    (item,) = silent.items()
    assert item.entry["category"] == "persuasion"
    assert item.entry["length"] == len(BAD)
    assert b"Republicans" not in (tmp_path / "a" / CURRENT).read_bytes()
    assert wordy.items()[0].entry["text"] == BAD
    assert (tmp_path / "a" / CURRENT).stat().st_mode & 0o077 == 0


def test_the_newest_flag_comes_first_and_the_queue_is_whole(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    fill(desk, 3)
    fill(Desk(tmp_path), 2)  # another process
    fill(desk, 1)
    assert [item.entry["turn"] for item in desk.items()] == [1, 2, 1, 3, 2, 1]
    assert desk.check() == 6
    assert len(desk.items(most=2)) == 2


def test_a_full_file_is_put_aside_the_oldest_go_and_the_chain_runs_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desks, "LARGEST", 2000)
    desk = Desk(tmp_path)
    fill(desk, 60)
    names = sorted(path.name for path in tmp_path.glob("flagged*"))
    assert len(names) == desks.KEPT + 1
    assert "flagged-0001.jsonl" not in names
    assert desk.check() == len(desk.items(most=1000)) < 60
    assert desk.items()[0].entry["turn"] == 60
    victim = tmp_path / names[1]
    victim.unlink()
    with pytest.raises(DeskError, match="does not follow"):
        desk.check()


@pytest.mark.parametrize("change", ["edit", "drop", "swap"])
def test_a_change_of_the_queue_is_noticed_and_writing_goes_on(tmp_path: Path, change: str) -> None:
    fill(Desk(tmp_path), 4)
    path = tmp_path / CURRENT
    lines = path.read_bytes().splitlines(keepends=True)
    if change == "edit":
        lines[1] = lines[1].replace(b"persuasion", b"profanity!")
    elif change == "drop":
        del lines[1]
    else:
        lines[1], lines[2] = lines[2], lines[1]
    path.write_bytes(b"".join(lines))
    desk = Desk(tmp_path)
    with pytest.raises(DeskError) as caught:
        desk.check()
    assert caught.value.code == "tampered"
    fill(desk)
    assert (tmp_path / "flagged-0001.jsonl").read_bytes() == b"".join(lines)
    with pytest.raises(DeskError):
        desk.check()


def test_a_line_that_a_crash_cut_off_is_taken_away(tmp_path: Path) -> None:
    fill(Desk(tmp_path), 2)
    path = tmp_path / CURRENT
    path.write_bytes(path.read_bytes() + b'{"at":"half of a li')
    assert len(Desk(tmp_path).items()) == 2
    fill(Desk(tmp_path))
    assert Desk(tmp_path).check() == 3


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(tmp_path)
    fill(desk)
    before = (tmp_path / CURRENT).read_bytes()
    real = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 100:
            return real(descriptor, data[:50])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    monkeypatch.setattr(desks, "mark", lambda secret, text: "m")
    with pytest.raises(OSError, match="No space"):
        fill(desk)
    monkeypatch.undo()
    assert (tmp_path / CURRENT).read_bytes() == before
    fill(desk)
    assert desk.check() == 2


def test_a_decision_is_noted_and_changes_the_lists_at_once(tmp_path: Path) -> None:
    desk, lists = Desk(tmp_path), OwnLists(tmp_path)
    fill(desk, 1)
    (item,) = desk.items()
    assert desk.items(undecided=True) == [item]
    decided = desk.decide(item.id, "wrong", by="ada", at="2030-01-02", note="it was a quotation")
    assert decided.decided == "wrong"
    assert desk.items(undecided=True) == []
    assert load(tmp_path / FILE).marks
    assert shipped().judge(BAD, "companion", own=lists.now()) is None
    (noted,) = [json.loads(line) for line in (tmp_path / DECISIONS).read_bytes().splitlines()]
    assert (noted["by"], noted["item"], noted["list"]) == ("ada", item.id, "marks")


@pytest.mark.parametrize(
    ("decision", "phrase", "name", "entry"),
    [
        ("right", "", "", ""),
        ("wrong", "", "allow", BAD),
        ("wrong", "vote for the best", "allow", "vote for the best"),
        ("deny", "vote for", "deny", "vote for"),
        ("off", "", "off", "en.persuasion"),
    ],
)
def test_each_decision_has_its_list(tmp_path: Path, decision: str, phrase: str, name: str, entry: str) -> None:
    desk = Desk(tmp_path, words=True)
    fill(desk)
    desk.decide(desk.items()[0].id, decision, by="ada", at="now", phrase=phrase)
    lists = load(tmp_path / FILE)
    assert [each for each in ("allow", "marks", "deny", "off") if getattr(lists, each)] == ([name] if name else [])
    if name:
        assert getattr(lists, name) == (entry,)


def test_a_phrase_may_be_decided_without_a_flag(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.put("deny", "blue cheese", by="ada", at="now")
    assert load(tmp_path / FILE).deny == ("blue cheese",)
    with pytest.raises(DeskError):
        desk.put("right", "x", by="ada", at="now")
    with pytest.raises(DeskError):
        desk.put("deny", "  ", by="ada", at="now")


def test_what_cannot_be_decided_changes_nothing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    fill(desk, 2, Flag("guard", "tool", Verdict("block", "danger", why="model.unsafe"), "x"))
    id_ = desk.items()[0].id
    for wrong, decision, code in (
        ("zz", "right", "no_item"),
        ("", "right", "no_item"),
        (id_, "maybe", "bad_decision"),
        (id_, "deny", "bad_decision"),
        (id_, "off", "bad_decision"),
    ):
        with pytest.raises(DeskError) as caught:
            desk.decide(wrong, decision, by="ada", at="now")
        assert caught.value.code == code
    with pytest.raises(DeskError):
        desk.decide(id_, "deny", by="ada", at="now", phrase="?!")
    (tmp_path / FILE).write_text("{")
    with pytest.raises(DeskError, match="not JSON"):
        desk.decide(id_, "right", by="ada", at="now")
    assert not (tmp_path / DECISIONS).exists()


def test_a_changed_log_of_decisions_is_noticed(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    fill(desk, 2)
    first, second = desk.items()
    desk.decide(first.id, "right", by="ada", at="now")
    path = tmp_path / DECISIONS
    path.write_bytes(path.read_bytes().replace(b"ada", b"eve"))
    for broken in (desk.check, desk.items, lambda: desk.decide(second.id, "right", by="ada", at="now")):
        with pytest.raises(DeskError, match=DECISIONS):
            broken()


def test_an_entry_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChainError):
        Desk(tmp_path).add(FLAG, session="s" * 70_000, turn=1, at="now")
    assert Desk(tmp_path).items() == []
