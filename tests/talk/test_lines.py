"""Lines from a descriptor, without blocking the loop."""

from __future__ import annotations

import asyncio
import codecs
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talk.lines import Lines, Reading


def read(data: bytes, *, ahead: int = 64) -> list[str]:
    async def main() -> list[str]:
        lines = Lines(ours, ahead=ahead)
        return [line async for line in lines]

    ours, theirs = os.pipe()
    os.write(theirs, data)
    os.close(theirs)
    try:
        return asyncio.run(main())
    finally:
        os.close(ours)


def test_lines_of_any_ending() -> None:
    assert read(b"one\ntwo\r\n\nlast") == ["one", "two", "", "last"]
    assert read(b"") == []
    assert read(b"\n") == [""]


MIXED = "größe\r\nпривет\n灯塔 😀\n\nlast"
LINES = ["größe", "привет", "灯塔 😀", "", "last"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 4096])
def test_unicode_in_every_encoding_cut_anywhere(encoding: str, size: int) -> None:
    text = "x" + MIXED if encoding in ("utf-16-le", "utf-16-be") else MIXED  # known by the zero of an ASCII letter
    text = text.replace("x", "xx", 1)
    data = text.encode(encoding)
    reading = Reading("cp1252")
    lines = [line for at in range(0, len(data), size) for line in reading.take(data[at : at + size])]
    assert [*lines, *reading.end()] == text.replace("\r", "").split("\n")


def test_a_byte_order_mark_of_the_other_end() -> None:
    data = codecs.BOM_UTF16_BE + MIXED.encode("utf-16-be")
    reading = Reading("cp1252")
    assert [*reading.take(data), *reading.end()] == LINES


@pytest.mark.parametrize(("fallback", "text"), [("cp1252", "größe – “ja”"), ("cp1251", "привет"), ("cp850", "größe")])
def test_a_line_of_an_older_encoding(fallback: str, text: str) -> None:
    reading = Reading(fallback)
    data = text.encode(fallback) + b"\n" + "灯塔\n".encode()
    assert list(reading.take(data)) == [text, "灯塔"]


@given(st.binary(max_size=80), st.integers(1, 7))
def test_any_bytes_are_lines(data: bytes, size: int) -> None:
    reading = Reading("cp1252")
    lines = [line for at in range(0, len(data), size) for line in reading.take(data[at : at + size])]
    whole = Reading("cp1252")
    assert [*lines, *reading.end()] == [*whole.take(data), *whole.end()]


def test_a_pipe_of_an_older_encoding() -> None:
    assert read("größe\n".encode() + b"\xe4\n" + b"\x81\n") == ["größe", "ä", "\ufffd"]


def test_more_lines_than_wait_at_once() -> None:
    assert read(b"".join(b"%d\n" % index for index in range(900)), ahead=2) == [str(index) for index in range(900)]
