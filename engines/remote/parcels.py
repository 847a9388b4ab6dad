"""What travels between an engine's user and the process that runs it, as MessagePack. Knows no socket.

A request opens with `Ask`; then either side sends what it has: the user items and, at their end, `Over`; the engine
items, calls of tools, and at last `Over` or `Failed`. Whoever closes the socket earlier has given up: that cancels.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import Struct

from engines.api import (
    Cut,
    EngineError,
    FaceBlock,
    FaceStyle,
    Failure,
    Memories,
    Message,
    Occasion,
    Passage,
    Phrase,
    Request,
    Speech,
    Tool,
    ToolResult,
    Transcript,
    Voice,
)

Run: TypeAlias = Callable[[str, Mapping[str, object]], Awaitable[ToolResult]]
Job: TypeAlias = Literal["stt", "dialogue", "tts", "face", "diarizer"]
LARGEST: Final = 8 * 1024 * 1024  # bytes of one parcel


class Asked(Struct, frozen=True):
    """A dialogue's request as it travels: all but the way back to the tools."""

    session: str
    occasion: Occasion
    history: tuple[Message, ...]
    user: str
    language: str
    now: datetime
    scene: dict[str, str]
    tools: tuple[Tool, ...]
    guidance: str
    passages: tuple[Passage, ...]
    age: float
    memory: Memories | None
    earlier: str
    covers: int
    instructions: str
    model: str


class Ask(Struct, tag="ask", frozen=True):
    """Opens a request: of which engine, with what, how urgent (0 first), and how long it may wait for its turn, s."""

    job: Job
    about: bool = False  # only what the engine is
    language: str = ""
    names: tuple[str, ...] = ()
    request: Asked | None = None
    voice: Voice | None = None
    style: FaceStyle | None = None
    session: str = ""  # whose voices are to be told apart, ...
    forget: bool = False  # ... or forgotten
    priority: int = 0
    patience: float = 10.0
    trace: str = ""  # the W3C `traceparent` of whoever asks


class About(Struct, tag="about", frozen=True):
    """What an engine is."""

    name: str
    rate: int = 0
    model: str = ""
    channels: dict[str, int] = {}  # of a face: how many each profile has


class Begun(Struct, tag="begun", frozen=True):
    """The request has its turn, after so many seconds."""

    waited: float


class Sound(Struct, tag="sound", frozen=True):
    """Audio for a recogniser, or for what tells voices apart."""

    data: bytes


class Text(Struct, tag="text", frozen=True):
    """A piece of a reply."""

    text: str


class Short(Struct, tag="cut", frozen=True):
    """The reply is not whole."""

    cut: Cut


class Heard(Struct, tag="heard", frozen=True):
    """What a recogniser understood."""

    transcript: Transcript


class Whose(Struct, tag="whose", frozen=True):
    """What to call whoever spoke."""

    voice: str


class Line(Struct, tag="phrase", frozen=True):
    """A phrase for a synthesizer."""

    phrase: Phrase


class Spoken(Struct, tag="speech", frozen=True):
    """A piece of speech."""

    speech: Speech


class Drawn(Struct, tag="drawn", frozen=True):
    """Frames of a face."""

    block: FaceBlock


class Passed(Struct, tag="passed", frozen=True):
    """All frames that begin in the next piece of speech have come."""


class Call(Struct, tag="call", frozen=True):
    """The dialogue runs a tool."""

    number: int
    name: str
    arguments: dict[str, object]


class Answer(Struct, tag="answer", frozen=True):
    """What came of it."""

    number: int
    result: ToolResult


class Over(Struct, tag="over", frozen=True):
    """Nothing more comes from this side."""


class Failed(Struct, tag="failed", frozen=True):
    """The engine failed."""

    code: str
    message: str
    retryable: bool
    kind: str
    setting: str = ""

    def error(self) -> EngineError:
        """Return it as the engine raised it."""
        kind = Failure(self.kind) if self.kind in set(Failure) else Failure.OTHER
        return EngineError(self.code, self.message, retryable=self.retryable, kind=kind, setting=self.setting)


Parcel: TypeAlias = (
    Ask | About | Begun | Sound | Text | Short | Heard | Whose | Line | Spoken | Drawn | Passed | Call | Answer
    | Over | Failed
)  # fmt: skip

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Parcel)


class BadParcel(Exception):
    """What came cannot be read."""


def packed(parcel: Parcel) -> bytes:
    """Return a parcel as bytes."""
    return _ENCODER.encode(parcel)


def unpacked(data: bytes | str) -> Parcel:
    """Return the parcel of these bytes; BadParcel for anything else."""
    if isinstance(data, str) or len(data) > LARGEST:
        raise BadParcel("a parcel is a binary message, and not larger than 8 MiB")
    try:
        parcel: Parcel = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BadParcel(str(error)) from error
    return parcel


def failed(error: EngineError) -> Failed:
    """Return how an engine's error travels."""
    return Failed(error.code, error.message, error.retryable, error.kind.value, error.setting)


def asked(request: Request) -> Asked:
    """Return a request without its way back to the tools."""
    fields = {name: getattr(request, name) for name in Asked.__struct_fields__}
    return Asked(**{**fields, "scene": dict(request.scene)})


def request(asked: Asked, call: Run) -> Request:
    """Return the request that travelled, whose tools are run by `call`."""
    fields = {name: getattr(asked, name) for name in Asked.__struct_fields__}
    return Request(**fields, call=call)


def plain(arguments: Mapping[str, object]) -> dict[str, object]:
    """Return arguments of a tool as they travel."""
    return dict(arguments)
