"""What the front and its workers tell each other; sockets and bulky bytes travel beside a letter."""

from __future__ import annotations

from typing import Final, TypeAlias

import msgspec
from msgspec import Struct

from bridge.server.intake import Wired


class Seat(Struct, tag="seat", frozen=True):
    """To a worker, first of all: which it is, where, and the secret that session names are signed with."""

    slot: int
    place: str
    secret: bytes


class Ready(Struct, tag="ready", frozen=True):
    """From a worker: it can serve."""


class Newcomer(Struct, tag="newcomer", frozen=True):
    """To a worker, with a socket: a client that has said nothing yet."""


class Passing(Struct, tag="passing", frozen=True):
    """With a socket and its first message: a client that asks for a session which is not where it came to.

    From a worker; to the one that has the session, or back where nobody has.
    """

    session: str
    wired: Wired
    text: bool


class Moving(Struct, tag="moving", frozen=True):
    """With luggage and sockets, those of `speaker` and `viewers` in this order: a session that goes on elsewhere."""

    session: str
    user: str
    speaker: Wired | None
    viewers: tuple[Wired, ...] = ()


class Moved(Struct, tag="moved", frozen=True):
    """Whether the session has arrived."""

    session: str
    well: bool


class Opened(Struct, tag="opened", frozen=True):
    """From a worker: this session is here."""

    session: str
    user: str


class Closed(Struct, tag="closed", frozen=True):
    """From a worker: it is here no longer."""

    session: str


class Left(Struct, tag="left", frozen=True):
    """From a worker: a socket that it was given is closed or in other hands."""


class Drain(Struct, tag="drain", frozen=True):
    """To a worker: finish, within so many seconds; with `moves` what is alive goes on in other workers."""

    moves: bool
    within: float


class Ask(Struct, tag="ask", frozen=True):
    """What do you count? From a worker for everybody, or to each."""

    number: int


class Told(Struct, tag="told", frozen=True):
    """With the answer."""

    number: int


Letter: TypeAlias = (
    Seat | Ready | Newcomer | Passing | Moving | Moved | Opened | Closed | Left | Drain | Ask | Told
)  # fmt: skip

_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Letter)


def written(letter: Letter) -> bytes:
    """Return a letter as bytes."""
    return _ENCODER.encode(letter)


def read(data: bytes) -> Letter:
    """Return the letter of these bytes; msgspec.MsgspecError for anything else."""
    letter: Letter = _DECODER.decode(data)
    return letter
