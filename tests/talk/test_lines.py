"""Lines from a descriptor, without blocking the loop."""

from __future__ import annotations

import asyncio
import os

from talk.lines import Lines


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


def test_letters_longer_than_a_byte_and_bytes_that_are_none() -> None:
    assert read("größe\n".encode() + b"\xff\n") == ["größe", "\ufffd"]


def test_more_lines_than_wait_at_once() -> None:
    assert read(b"".join(b"%d\n" % index for index in range(900)), ahead=2) == [str(index) for index in range(900)]
