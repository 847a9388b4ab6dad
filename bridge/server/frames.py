"""Reads and writes the usual WebSocket frame, a whole binary message, at a fraction of what a general parser costs.

Everything else is left to the library: control frames, text, fragments, extensions, large messages, and what breaks
the rules. Source: RFC 6455, section 5.2.
"""

from __future__ import annotations

from typing import Final

try:
    from websockets.speedups import apply_mask
except ImportError:  # where the library has no compiled part
    from websockets.utils import apply_mask

WHOLE_BINARY: Final = 0x82  # FIN and the opcode of binary data, no extension
MASKED: Final = 0x80
LONGER: Final = 126  # in place of a size: two bytes with it follow
LONGEST: Final = 127  # eight do


def payload(data: bytes, at: int) -> tuple[bytes, int] | None:
    """Return the message in the frame at `at` and where that ends; None unless it is masked, binary, whole and short.

    Short is what says its size in one or two bytes, so less than 64 KiB.
    """
    end = len(data)
    if end < at + 6 or data[at] != WHOLE_BINARY or data[at + 1] < MASKED:
        return None
    size, start = data[at + 1] - MASKED, at + 6
    if size >= LONGER:
        if size == LONGEST:
            return None
        size, start = data[at + 2] << 8 | data[at + 3], at + 8
    if start + size > end:
        return None
    end = start + size
    return apply_mask(data[start:end], data[start - 4 : start]), end


def framed(message: bytes) -> bytes:
    """Return a binary message as a server sends it."""
    size = len(message)
    if size < LONGER:
        return bytes((WHOLE_BINARY, size)) + message
    if size < 0x1_0000:
        return bytes((WHOLE_BINARY, LONGER, size >> 8, size & 0xFF)) + message
    return bytes((WHOLE_BINARY, LONGEST)) + size.to_bytes(8) + message
