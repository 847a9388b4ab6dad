"""What the studio's page may ask, one JSON object a message, each with bounds; and what it is answered."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

SENTENCE: Final = 2000  # characters
STAGES: Final = ("look", "portrait", "video", "evaluate", "seal")

Person: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
Line: TypeAlias = Annotated[str, Meta(max_length=300)]
Seed: TypeAlias = Annotated[int, Meta(ge=0, le=2_147_483_647)]


class Ask(Struct, frozen=True, kw_only=True, tag_field="type", forbid_unknown_fields=True):
    """The base of all of them."""


class Hello(Ask, tag="hello", frozen=True, kw_only=True):
    """Comes first."""

    token: Annotated[str, Meta(max_length=4096)] = ""


class People(Ask, tag="people", frozen=True, kw_only=True):
    """Asks who is there."""


class Make(Ask, tag="make", frozen=True, kw_only=True):
    """Has somebody made of a sentence."""

    sentence: Annotated[str, Meta(min_length=1, max_length=SENTENCE)]
    language: Annotated[str, Meta(max_length=35, pattern=r"^[A-Za-z0-9-]*$")] = ""
    name: Annotated[str, Meta(max_length=60)] = ""
    seed: Seed = 0


class Open(Ask, tag="open", frozen=True, kw_only=True):
    """Asks for all that there is to know of somebody."""

    person: Person


class Change(Ask, tag="change", frozen=True, kw_only=True):
    """Has somebody changed, in a sentence."""

    person: Person
    sentence: Annotated[str, Meta(min_length=1, max_length=SENTENCE)]
    seed: Seed = 0


class Voices(Ask, tag="voices", frozen=True, kw_only=True):
    """Has the voice chosen: candidate `choose`, 0 for the one before or the best; `hear` has each say a line."""

    person: Person
    hear: bool = False
    choose: Annotated[int, Meta(ge=0, le=5)] = 0
    seed: Seed = 0
    line: Line = ""


class Run(Ask, tag="run", frozen=True, kw_only=True):
    """Has another stage run."""

    person: Person
    stage: Literal["look", "portrait", "video", "evaluate", "seal"]


class Review(Ask, tag="review", frozen=True, kw_only=True):
    """Decides about somebody as they are now."""

    person: Person
    approve: bool
    by: Annotated[str, Meta(max_length=60)] = ""
    note: Annotated[str, Meta(max_length=1000)] = ""


class File(Ask, tag="file", frozen=True, kw_only=True):
    """Asks for one file of somebody, which comes as a binary message after its description."""

    person: Person
    path: Annotated[str, Meta(min_length=1, max_length=240)]


class Pack(Ask, tag="pack", frozen=True, kw_only=True):
    """Asks for somebody as one file."""

    person: Person
    form: Literal["charx", "png"] = "charx"


class Flags(Ask, tag="flags", frozen=True, kw_only=True):
    """Asks for what the filter held back, with `decided` also what was decided already."""

    decided: bool = False


class Decide(Ask, tag="decide", frozen=True, kw_only=True):
    """Decides about one flag: it was right, wrong, a phrase is to be denied, or its rule is to be off."""

    item: Annotated[str, Meta(pattern=r"^[0-9a-f]{12}$")]
    decision: Literal["right", "wrong", "deny", "off"]
    phrase: Annotated[str, Meta(max_length=200)] = ""
    by: Annotated[str, Meta(max_length=60)] = ""
    note: Annotated[str, Meta(max_length=500)] = ""


class Cancel(Ask, tag="cancel", frozen=True, kw_only=True):
    """Stops what is running."""


Request: TypeAlias = (
    Hello | People | Make | Open | Change | Voices | Run | Review | File | Pack | Flags | Decide | Cancel
)  # fmt: skip

_DECODER: Final = msgspec.json.Decoder(Request)


class Told(Exception):
    """What was asked cannot be done, and why: `code` for the page, `message` for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def read(data: str | bytes) -> Request:
    """Decode one message; Told `bad_message` for anything else."""
    try:
        found: Request = _DECODER.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Told("bad_message", f"this cannot be asked: {error}") from error
    return found


def write(kind: str, /, **fields: Any) -> str:
    """Encode one answer."""
    return msgspec.json.encode({"type": kind, **fields}).decode()
