"""Reads the one kind of request that has a body before the WebSocket library sees it, which takes none.

The library gets the head without its length; the body is kept beside it. Pure: it is fed and asked.
"""

from __future__ import annotations

import re
from typing import Final

CALLS: Final = "/v1/realtime/calls"  # where clients of OpenAI's Realtime API offer a WebRTC call
HEAD: Final = 16_384  # bytes
BODY: Final = 262_144  # bytes: an offer, and a session with its tools
_START: Final = f"POST {CALLS}".encode()
_LENGTH: Final = re.compile(rb"^content-length:[ \t]*(\d{1,12})[ \t]*\r?\n", re.IGNORECASE | re.MULTILINE)
_CODED: Final = re.compile(rb"^transfer-encoding:", re.IGNORECASE | re.MULTILINE)


class Posting:
    """The beginning of one connection."""

    def __init__(self) -> None:
        self.body: bytes | None = None  # of the request, once all of it is there
        self.too_large = False
        self._seen = bytearray()
        self._head = b""
        self._length = 0

    @property
    def posted(self) -> bool:
        """Say whether the request is one that has a body."""
        return self.too_large or self.body is not None

    def take(self, data: bytes) -> bytes | None:
        """Return what the library is to parse, all of it at once; None while more must come."""
        self._seen += data
        if self._head:
            return self._whole()
        if not self._seen.startswith(_START[: len(self._seen)]):
            return bytes(self._seen)
        end = self._seen.find(b"\r\n\r\n")
        if end < 0:
            return bytes(self._seen) if len(self._seen) > HEAD else None
        head = bytes(self._seen[: end + 4])
        lengths = _LENGTH.findall(head)
        if len(lengths) != 1 or _CODED.search(head):
            return bytes(self._seen)
        self._length = int(lengths[0])
        self._head = _LENGTH.sub(b"", head)
        del self._seen[: end + 4]
        self.too_large = self._length > BODY
        return self._head if self.too_large else self._whole()

    def _whole(self) -> bytes | None:
        if len(self._seen) < self._length:
            return None
        self.body = bytes(self._seen[: self._length])
        self._seen.clear()
        return self._head
