"""What a broken or malicious server may say: values out of bounds, wrong lengths, and frames that are no message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec

from protocol.codec import Codec, Wire

HUGE: Final = 2**63 - 1
SENT: Final[Mapping[str, Any]] = {"turn": 1, "seq": None, "pts": 9600}  # `seq` is given when it is sent


class Line(Protocol):
    """What an attack must know of the line it goes over."""

    @property
    def codec(self) -> Codec: ...

    def number(self) -> int:
        """Give the next `seq`."""
        ...


@dataclass(frozen=True, slots=True)
class Attack:
    """Messages that must not break a client."""

    name: str
    what: str
    made: Callable[[Line], tuple[Wire, ...]]


def _maps(*fields: Mapping[str, Any]) -> Callable[[Line], tuple[Wire, ...]]:
    def made(line: Line) -> tuple[Wire, ...]:
        numbered = [{**each, "seq": line.number()} if "seq" in each else each for each in fields]
        text = line.codec.text
        return tuple(msgspec.json.encode(each).decode() if text else msgspec.msgpack.encode(each) for each in numbered)

    return made


def _media(**fields: Any) -> Mapping[str, Any]:
    return {"type": "media", **SENT, "pcm": b"\1\0" * 240, **fields}


def _frames(text: tuple[Wire, ...], binary: tuple[Wire, ...]) -> Callable[[Line], tuple[Wire, ...]]:
    return lambda line: text if line.codec.text else binary


VALUES: Final = (
    Attack(
        "types",
        "numbers that are words, words that are numbers",
        _maps(_media(pts="9600"), {"type": "text", **SENT, "text": 7, "end": 9}, {"type": "state", "state": 5}),
    ),
    Attack(
        "null",
        "null where a value belongs",
        _maps(
            _media(turn=None),
            {"type": "text", **SENT, "text": None, "end": 9},
            {"type": "reply_end", "turn": 1, "seq": None, "pts": None, "text": ""},
        ),
    ),
    Attack(
        "huge",
        "numbers of 63 bits",
        _maps(
            _media(turn=HUGE, pts=HUGE),
            {"type": "cue", "turn": 1, "seq": None, "pts": HUGE, "kind": "emotion", "name": "happy"},
        ),
    ),
    Attack(
        "negative",
        "numbers below nothing",
        _maps(
            _media(pts=-4800),
            {"type": "interrupted", "turn": -1, "seq": None, "pts": -1},
            {"type": "text", **SENT, "text": "x", "pts": -1, "end": -2},
        ),
    ),
    Attack(
        "fraction",
        "a float where an int belongs, a bool where a number does",
        _maps(_media(pts=9600.5), _media(turn=True)),
    ),
    Attack(
        "missing",
        "messages without what they must have",
        _maps(
            {"type": "media"},
            {"type": "text"},
            {"type": "reply_start"},
            {"type": "reply_end"},
            {"type": "interrupted"},
            {"type": "error"},
        ),
    ),
)
LENGTHS: Final = (
    Attack("odd_sound", "half a sample", _maps(_media(pcm=b"\1\0" * 240 + b"\1"))),
    Attack("odd_face", "half a face", _maps(_media(face=b"\7" * 5, face_pts=9600))),
    Attack("long_face", "more faces than sound", _maps(_media(face=b"\7" * 4 * 600, face_pts=9600))),
    Attack("no_sound", "media with nothing in it", _maps({"type": "media", **SENT})),
    Attack(
        "long_word",
        "a word of 100,000 letters",
        _maps({"type": "text", **SENT, "text": "a" * 100_000, "end": 9700, "gap": " " * 5000}),
    ),
)
FRAMES: Final = (
    Attack("garbage", "bytes that are no message", _frames(('{"type":',), (b"\xc1\xff\x00\x93",))),
    Attack("empty", "an empty frame", _frames(("",), (b"",))),
    Attack("list", "a list instead of a map", _frames(("[1,2,3]",), (b"\x93\x01\x02\x03",))),
    Attack("kind", "a frame of the other kind", _frames((b"\x81\xa4type\xa4pong",), ('{"type":"pong"}',))),
    Attack("deep", "ten thousand lists in one another", _frames(("[" * 10_000,), (b"\x91" * 10_000,))),
    Attack(
        "length",
        "a length that is not kept",
        _frames(('"' + "a" * 99,), (b"\xdf\xff\xff\xff\xff\xa4type", b"\xdb\x7f\xff\xff\xff")),
    ),
)
