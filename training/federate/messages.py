"""What sites and aggregator tell each other: one MessagePack map a message, bounded where it comes in."""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias, TypeVar

import msgspec
from msgspec import Meta

from training.federate.errors import FederationError
from training.federate.plan import Plan

VERSION: Final = 1
PATH: Final = "/federate"
SUBPROTOCOL: Final = "companion.federate.v1"
MARGIN: Final = 256 * 1024  # bytes of a message beside the numbers

Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Digest: TypeAlias = Annotated[str, Meta(min_length=64, max_length=64)]
Key: TypeAlias = Annotated[bytes, Meta(min_length=32, max_length=32)]
Proof: TypeAlias = Annotated[bytes, Meta(max_length=32)]
Letter: TypeAlias = Annotated[bytes, Meta(max_length=256)]
Share: TypeAlias = Annotated[bytes, Meta(min_length=66, max_length=66)]
MOST: Final = 256  # sites named in one message
Count: TypeAlias = Annotated[int, Meta(ge=0, le=10**12)]
Turn: TypeAlias = tuple[Count, Count]  # a round and which try of it


class Score(msgspec.Struct, frozen=True):
    """What held-out lines cost: `loss` in nats for each token, of `tokens` tokens."""

    loss: Annotated[float, Meta(ge=0)]
    tokens: Count


class Message(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower, kw_only=True):
    """Anything that travels."""


class Join(Message, frozen=True):
    """A site comes, or comes back in the middle of `holding`."""

    version: int
    site: Name
    base: Digest
    lines: Annotated[int, Meta(ge=1, le=10**9)]
    holding: Turn | None = None


class Keys(Message, frozen=True):
    """A site's two public keys of this try, signed with the circle's secret if there is one."""

    turn: Turn
    mask: Key
    seal: Key
    proof: Proof = b""


class Letters(Message, frozen=True):
    """Shares of a site's two secrets, closed for each other site."""

    turn: Turn
    letters: Annotated[dict[Name, Letter], Meta(max_length=MOST)]


class Update(Message, frozen=True):
    """What a site has learnt: its change of the weights, masked or as float32; `before` is how good the start was."""

    turn: Turn
    numbers: bytes
    before: Score | None = None
    cut: Count = 0


class Reveal(Message, frozen=True):
    """Shares of the seeds of those who have sent an update, and of the keys of those who have not."""

    turn: Turn
    seeds: Annotated[dict[Name, Share], Meta(max_length=MOST)]
    keys: Annotated[dict[Name, Share], Meta(max_length=MOST)]


class Scored(Message, frozen=True):
    """How good the final weights are on a site's own held-out lines."""

    score: Score | None = None


FromSite: TypeAlias = Join | Keys | Letters | Update | Reveal | Scored


class Welcome(Message, frozen=True):
    """The aggregator has taken a site in."""

    plan: Plan
    length: Count
    site: Name


class Begin(Message, frozen=True):
    """A try of a round begins with these weights (float32)."""

    turn: Turn
    weights: bytes


class Member(msgspec.Struct, frozen=True):
    """A site as others see it: how many lines it has, and its keys."""

    lines: Count
    mask: Key
    seal: Key
    proof: Proof = b""


class Ring(Message, frozen=True):
    """Who is in this try, with keys; `needed` shares bring a secret back."""

    turn: Turn
    members: Annotated[dict[Name, Member], Meta(max_length=MOST)]
    needed: Count


class Post(Message, frozen=True):
    """The letters that others have written to a site: who is not in it has fallen out before learning."""

    turn: Turn
    letters: Annotated[dict[Name, Letter], Meta(max_length=MOST)]


class Learn(Message, frozen=True):
    """Go: learn from the weights and send the change."""

    turn: Turn


class Survivors(Message, frozen=True):
    """Whose updates have come: for these the seeds are asked for, for the others the keys."""

    turn: Turn
    sites: Annotated[list[Name], Meta(max_length=MOST)]


class Done(Message, frozen=True):
    """The last round is over; these are the weights (float32)."""

    weights: bytes
    rounds: Count


class Refused(Message, frozen=True):
    """The aggregator will have nothing more to do with a site."""

    code: Annotated[str, Meta(max_length=40)]
    message: Annotated[str, Meta(max_length=2000)]


FromAggregator: TypeAlias = Welcome | Begin | Ring | Post | Learn | Survivors | Done | Refused

T = TypeVar("T")

_encoder: Final = msgspec.msgpack.Encoder()
_from_site: Final[msgspec.msgpack.Decoder[FromSite]] = msgspec.msgpack.Decoder(FromSite)
_from_aggregator: Final[msgspec.msgpack.Decoder[FromAggregator]] = msgspec.msgpack.Decoder(FromAggregator)


def encode(message: Message) -> bytes:
    """Return a message as it travels."""
    return _encoder.encode(message)


def from_site(data: bytes | str) -> FromSite:
    """Read what a site sent; `bad_message` when it is no message."""
    return _read(_from_site, data)


def from_aggregator(data: bytes | str) -> FromAggregator:
    """Read what the aggregator sent; `bad_message` when it is no message."""
    return _read(_from_aggregator, data)


def _read(decoder: msgspec.msgpack.Decoder[T], data: bytes | str) -> T:
    try:
        return decoder.decode(data.encode() if isinstance(data, str) else data)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise FederationError("bad_message", f"what came is no message of a federation: {error}") from error
