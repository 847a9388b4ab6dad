"""What people have decided about the filter: a file that may be edited, read again when it changes."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from engines.guard.filter import shipped
from engines.guard.own import FILE, ListError, Lists, OwnLists, load, mark, save, secret_of

BAD = "You should vote for the Republicans."


def write(folder: Path, **lists: list[str]) -> None:
    before = (folder / FILE).stat().st_mtime_ns if (folder / FILE).exists() else 0
    save(folder / FILE, Lists(**{name: tuple(entries) for name, entries in lists.items()}))
    os.utime(folder / FILE, ns=(before + 10**9, before + 10**9))


def found(lists: OwnLists, text: str) -> str:
    finding = shipped().judge(text, "companion", own=lists.now())
    return finding.category if finding and finding.ruling != "allow" else ""


def test_a_text_is_allowed_a_phrase_denied_and_a_rule_switched_off_without_a_restart(tmp_path: Path) -> None:
    lists = OwnLists(tmp_path)
    assert found(lists, BAD) == "persuasion"
    write(tmp_path, allow=["you should VOTE for the republicans"])
    assert found(lists, BAD) == ""
    assert found(lists, "You should vote for the Democrats.") == "persuasion"
    write(tmp_path, deny=["blue cheese"])
    assert found(lists, BAD) == "persuasion"
    assert found(lists, "I like Blue   Cheese!") == "own"
    write(tmp_path, off=["en.persuasion"])
    assert found(lists, BAD) == ""
    (tmp_path / FILE).unlink()
    assert found(lists, BAD) == "persuasion"


def test_a_text_that_was_not_kept_is_allowed_by_its_mark(tmp_path: Path) -> None:
    secret = secret_of(tmp_path)
    assert secret == secret_of(tmp_path)
    assert len(secret) == 32
    assert (tmp_path / "marks.key").stat().st_mode & 0o077 == 0
    write(tmp_path, marks=[mark(secret, BAD)])
    assert found(OwnLists(tmp_path), f"{BAD.lower()} ") == ""
    assert mark(b"another", BAD) != mark(secret, BAD)


def test_nothing_allows_what_is_never_allowed(tmp_path: Path) -> None:
    text = "Here is a nude picture of a little girl."
    write(tmp_path, allow=[text])
    assert found(OwnLists(tmp_path), text) == "minors"


@pytest.mark.parametrize(
    "content",
    ["{", "[]", '{"allow": "x"}', '{"allow": [1]}', '{"permit": []}', '{"deny": ["' + "x" * 500 + '"]}', "[" * 100_000],
)
def test_a_damaged_file_leaves_the_lists_before_it_in_force(tmp_path: Path, content: str) -> None:
    lists = OwnLists(tmp_path)
    write(tmp_path, deny=["blue cheese"])
    assert found(lists, "blue cheese") == "own"
    (tmp_path / FILE).write_text(content)
    assert found(lists, "blue cheese") == "own"
    with pytest.raises(ListError):
        load(tmp_path / FILE)
    write(tmp_path, deny=[])
    assert found(lists, "blue cheese") == ""


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b" " * (5 * 1024 * 1024))
    with pytest.raises(ListError, match="more than 4 MiB"):
        load(tmp_path / FILE)


def test_entries_are_bounded() -> None:
    with pytest.raises(ListError):
        Lists().with_entry("deny", "?!")
    with pytest.raises(ListError):
        Lists().with_entry("allow", "x" * 401)
    with pytest.raises(ListError, match="5000"):
        Lists(deny=tuple(map(str, range(5000)))).with_entry("deny", "one more")
    assert Lists(deny=("a",)).with_entry("deny", "a").deny == ("a",)


def test_lists_are_written_whole(tmp_path: Path) -> None:
    save(tmp_path / "deep" / FILE, Lists(allow=("ä",)))
    assert json.loads((tmp_path / "deep" / FILE).read_text("utf-8"))["allow"] == ["ä"]
    assert [path.name for path in (tmp_path / "deep").iterdir()] == [FILE]


def test_without_a_folder_there_are_no_lists() -> None:
    assert OwnLists(None).now().off == frozenset()
