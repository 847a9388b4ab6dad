"""The log that nobody can rewrite unseen: every change of a byte is found, every crash is survived."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.identity.fields import Json
from engines.provenance import chain
from engines.provenance.chain import ChainError, Link, append, head, line, links

ENTRIES: list[dict[str, Json]] = [
    {"decision": "approve", "by": "Ada", "note": "gut, 好, جيد"},
    {"decision": "reject", "by": "Bob", "n1": 1.5, "list": [1, None, True]},
    {},
]


def log(entries: list[dict[str, Json]]) -> bytes:
    data, last = b"", None
    for entry in entries:
        data += line(entry, last)
        last = head(data)
    return data


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=60)
@given(
    st.lists(st.dictionaries(st.text().filter(lambda key: key not in chain.OWN), JSON_VALUES, max_size=4), max_size=4)
)
def test_what_is_written_is_read(entries: list[dict[str, Json]]) -> None:
    found = list(links(log(entries)))
    assert [dict(each.entry) for each in found] == entries
    assert [each.n for each in found] == list(range(len(entries)))


def test_every_byte_that_is_changed_is_found() -> None:
    data = log(ENTRIES)
    for at in range(len(data)):
        for wrong in (data[at] ^ 1, 0, 32, 10):
            if wrong != data[at]:
                with pytest.raises(ChainError) as caught:
                    list(links(data[:at] + bytes([wrong]) + data[at + 1 :]))
                assert caught.value.code == "broken_chain"


@given(st.integers(0, 2), st.integers(0, 2))
def test_lines_that_are_moved_or_doubled_are_found(first: int, second: int) -> None:
    lines = log(ENTRIES).splitlines(keepends=True)
    moved = [*lines]
    moved.insert(second, moved.pop(first))
    if moved != lines:
        with pytest.raises(ChainError):
            list(links(b"".join(moved)))
    with pytest.raises(ChainError):
        list(links(b"".join([*lines, lines[first]])))


def test_a_line_that_is_taken_out_is_found_where_something_follows() -> None:
    lines = log(ENTRIES).splitlines(keepends=True)
    for gone in (0, 1):
        with pytest.raises(ChainError) as caught:
            list(links(b"".join(lines[:gone] + lines[gone + 1 :])))
        assert caught.value.line == gone + 1
    assert len(list(links(b"".join(lines[:2])))) == 2, "a shorter log is whole: the head that a seal keeps tells"


def test_another_spelling_of_the_same_line_is_a_change() -> None:
    data = log(ENTRIES[:1])
    respelt = json.dumps(json.loads(data), ensure_ascii=True).encode() + b"\n"
    with pytest.raises(ChainError, match="line 1 was changed"):
        list(links(respelt))


@pytest.mark.parametrize(
    "data", [b"\n", b"x\n", b"[]\n", b"{}\n", b"null\n", b'{"digest":5}\n', b"\xff\n", b"[" * 9000, b'{"digest":"a"}']
)
def test_what_is_no_log_is_said_to_be_none(data: bytes) -> None:
    with pytest.raises(ChainError):
        list(links(data))


@pytest.mark.parametrize(
    "entry",
    [{"n": 1}, {"prev": ""}, {"digest": ""}, {"x": "y" * chain.ENTRY_BYTES}, {"x": float("nan")}, {"x": {1, 2}}],
)
def test_an_entry_that_cannot_be_held_is_refused(entry: dict[str, Json], tmp_path: Path) -> None:
    with pytest.raises(ChainError) as caught:
        append(tmp_path / "log.jsonl", entry)
    assert caught.value.code == "bad_entry"
    assert not (tmp_path / "log.jsonl").exists()


def test_entries_are_appended_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "review.jsonl"
    written = [append(path, entry) for entry in ENTRIES]
    assert list(links(path.read_bytes())) == written
    assert path.stat().st_mode & 0o077 == 0


def test_a_line_that_a_crash_cut_off_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "review.jsonl"
    first = append(path, ENTRIES[0])
    whole = path.read_bytes()
    path.write_bytes(whole + line(ENTRIES[1], first)[:-9])
    assert append(path, ENTRIES[2]).n == 1
    assert path.read_bytes().startswith(whole)
    assert len(list(links(path.read_bytes()))) == 2


def test_a_damaged_log_is_not_written_on(tmp_path: Path) -> None:
    path = tmp_path / "review.jsonl"
    append(path, ENTRIES[0])
    damaged = path.read_bytes().replace(b"Ada", b"Eve")
    path.write_bytes(damaged)
    with pytest.raises(ChainError, match="line 1 was changed"):
        append(path, ENTRIES[1])
    assert path.read_bytes() == damaged


def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "review.jsonl"
    append(path, ENTRIES[0])
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        append(path, ENTRIES[1])
    assert path.read_bytes() == before


def test_a_log_has_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "LOG_BYTES", 100)
    path = tmp_path / "review.jsonl"
    append(path, ENTRIES[0])
    with pytest.raises(ChainError) as caught:
        append(path, ENTRIES[0])
    assert caught.value.code == "log_full"


def test_an_empty_log_has_no_head() -> None:
    assert head(b"") is None
    assert head(log(ENTRIES)) == Link(2, {}, head(log(ENTRIES)).digest)  # type: ignore[union-attr]
