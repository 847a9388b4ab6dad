"""Counts the values of a message before it is decoded, so that what is too much to decode is never decoded.

A value is each item of a list, each key and each value of a map, and the message itself. Both counts look at every byte
at most a few times and stop at the bound; neither checks that the message is well formed, which is the decoder's work.
"""

from __future__ import annotations

from typing import Final

from protocol.errors import RemoteProtocolError

MOST_VALUES: Final = 8192  # of one client message


def weigh(data: bytes | str) -> int:
    """Return how many values `data` holds, JSON if a str and MessagePack if bytes; for JSON rather more than less.

    Raises RemoteProtocolError `bad_message` if they are more than MOST_VALUES.
    """
    count = _json(data) if isinstance(data, str) else _msgpack(data)
    if count > MOST_VALUES:
        raise RemoteProtocolError("bad_message", f"a message may hold {MOST_VALUES} values, this one holds more")
    return count


# ------------------------------------------------------------------------------------------------ MessagePack

# By first byte: how many bytes follow; the width of a length of bytes and how many follow beside; the width of a number
# of items and how many values each of them is.
_FIXED: Final = {
    first: skip
    for firsts, skip in {
        bytes((0xCC, 0xD0)): 1,
        bytes((0xCD, 0xD1, 0xD4)): 2,
        bytes((0xD5,)): 3,
        bytes((0xCA, 0xCE, 0xD2)): 4,
        bytes((0xD6,)): 5,
        bytes((0xCB, 0xCF, 0xD3)): 8,
        bytes((0xD7,)): 9,
        bytes((0xD8,)): 17,
    }.items()
    for first in firsts
}
_BIN: Final = {0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0)}
_EXT: Final = {0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1)}
_STR: Final = {0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0)}
_SIZED: Final = _BIN | _EXT | _STR
_NESTED: Final = {0xDC: (2, 1), 0xDD: (4, 1), 0xDE: (2, 2), 0xDF: (4, 2)}


def _row(first: int) -> tuple[int, int, int, int]:
    """Return bytes to skip, values inside, the width of a length, and values a unit of it (0: it counts bytes)."""
    match first:
        case _ if first in _NESTED:
            return 0, 0, *_NESTED[first]
        case _ if first in _SIZED:
            width, more = _SIZED[first]
            return more, 0, width, 0
        case _ if 0x80 <= first <= 0x8F:
            return 0, 2 * (first & 15), 0, 0
        case _ if 0x90 <= first <= 0x9F:
            return 0, first & 15, 0, 0
        case _ if 0xA0 <= first <= 0xBF:
            return first & 31, 0, 0, 0
        case _:
            return _FIXED.get(first, 0), 0, 0, 0


_ROWS: Final = tuple(_row(first) for first in range(256))


def _msgpack(data: bytes) -> int:
    at, seen, told, end = 0, 0, 1, len(data)
    while seen < told <= MOST_VALUES and at < end:
        skip, inside, width, each = _ROWS[data[at]]
        at += 1
        if width:
            length = int.from_bytes(data[at : at + width], "big")
            at += width
            if each:
                inside = length * each
            else:
                skip += length
        at += skip
        seen += 1
        told += inside
    return told


# ------------------------------------------------------------------------------------------------------- JSON


def _json(data: str) -> int:
    most = _marks(data)
    # What stands in strings counted as well: looked at only where it matters.
    return most if most <= MOST_VALUES else _marks(_outside(data))


def _marks(text: str) -> int:
    """Return how many values there can be in `text` by its punctuation, if none of it stands in a string."""
    inside = text.count(",") + text.count(":") + text.count("[") + text.count("{")
    return 1 + inside - text.count("[]") - text.count("{}")


def _outside(data: str) -> str:
    """Return `data` without its strings; of a text with too many of them, enough to be over the bound."""
    plain = data.replace("\\\\", "").replace('\\"', "")  # so that each quote that is left begins or ends a string
    return "".join(plain.split('"', 2 * MOST_VALUES + 1)[::2])
