"""Bytes of a body into chunks of an answer: server-sent events, or plain JSON where an endpoint does not stream. Pure.

After the WHATWG HTML standard, section 9.2.6, and what servers make of it: a `data` line that is whole JSON counts at
once, also without the empty line after it and at the end of the body.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Final

from engines.dialogue.openai.wire import Chunk, chunk

LINE: Final = 1 << 18  # bytes of one event, or of a body that is no stream
BODY: Final = 16 << 20  # bytes of one answer with all its envelopes
BLOCK: Final = 1 << 16  # bytes that are unpacked at once


class Overlong(ValueError):
    """Says that more came than an answer can have."""


class NotAStream(ValueError):
    """Says that a page came, or something else that no model sends."""


class Events:
    """Read one body; where it is cut changes nothing. Raises ValueError for what cannot be read."""

    def __init__(self) -> None:
        self.done = False  # `[DONE]` has come; what follows is not read
        self._line = bytearray()
        self._after_return = False
        self._begun = False
        self._data: list[bytes] = []
        self._held = 0  # bytes of `_data`
        self._plain: bytearray | None = None
        self._size = 0

    def push(self, data: bytes) -> Iterator[Chunk]:
        """Read more of the body; what came before something unreadable is given out before it raises."""
        self._size += len(data)
        if self._size > BODY:
            raise Overlong("the answer does not end")
        if self._after_return:
            data = data.removeprefix(b"\n")
        self._after_return = data.endswith(b"\r")
        for piece in data.splitlines(keepends=True):
            if self.done:
                return
            self._line += piece.rstrip(b"\r\n")
            if len(self._line) > LINE:
                raise Overlong("an event is too long")
            if piece.endswith((b"\n", b"\r")):
                line = bytes(self._line)
                self._line.clear()
                yield from self._read(line)

    def finish(self) -> Iterator[Chunk]:
        """Read what is left when the body has ended."""
        if self.done:
            return
        yield from self._read(bytes(self._line))
        if not self.done:
            yield from self._dispatch()
        if self._plain:
            whole = chunk(bytes(self._plain))
            if whole.choices is None and not whole.failed:
                raise NotAStream("JSON of something else")
            yield whole

    def _read(self, line: bytes) -> Iterator[Chunk]:
        if not self._begun:
            line = line.removeprefix(b"\xef\xbb\xbf")
            self._begun = bool(line)
            if line.lstrip().startswith(b"<"):
                raise NotAStream("a page")
        if self._plain is not None:
            self._plain += line + b"\n"
            if len(self._plain) > LINE:
                raise Overlong("the answer does not end")
        elif not line:
            yield from self._dispatch()
        elif line.lstrip().startswith(b"{"):
            if (whole := _whole(line)) is not None:
                yield whole
            else:
                self._plain = bytearray(line + b"\n")
        else:
            name, _, value = line.partition(b":")
            if name == b"data":
                yield from self._take(value.removeprefix(b" "))

    def _take(self, value: bytes) -> Iterator[Chunk]:
        word = value.strip()
        if word in (b"", b"null"):
            return
        if word == b"[DONE]":
            yield from self._dispatch()
            self.done = True
        elif not self._data and (whole := _whole(word)) is not None:
            yield whole
        else:
            self._held += len(value)
            if self._held > LINE:
                raise Overlong("an event is too long")
            self._data.append(value)

    def _dispatch(self) -> Iterator[Chunk]:
        if self._data:
            data, self._data, self._held = b"\n".join(self._data), [], 0
            yield chunk(data)


def _whole(line: bytes) -> Chunk | None:
    """Decode a line that is a whole event by itself."""
    if not line.endswith(b"}"):
        return None
    try:
        return chunk(line)
    except ValueError:
        return None


class Unpacking:
    """Undo gzip or deflate in blocks of BLOCK bytes, so that a small body cannot become huge at once."""

    def __init__(self, coding: str) -> None:
        self._plain = coding in ("", "identity")
        self._packed = zlib.decompressobj(32 + zlib.MAX_WBITS)
        if not self._plain and coding not in ("gzip", "x-gzip", "deflate"):
            raise NotAStream(f"an encoding that was not asked for: {coding[:20]}")

    def push(self, data: bytes) -> list[bytes]:
        """Unpack more; ValueError when it is damaged, or more than an answer can be."""
        if self._plain:
            return [data]
        blocks: list[bytes] = []
        try:
            while data and not self._packed.eof:
                blocks.append(self._packed.decompress(data, BLOCK))
                data = self._packed.unconsumed_tail
                if len(blocks) * BLOCK > BODY:
                    raise Overlong("the answer does not end")
        except zlib.error as error:
            raise ValueError("damaged compression") from error
        return blocks
