"""Reads the events of a Realtime server: typed and bounded here, so that nothing that it sends goes further untyped.

Names of the general availability and of the beta are read alike. What is not needed is skipped; what is needed and has
another type makes the event Unreadable.
"""

from __future__ import annotations

from binascii import Error as NotBase64
from binascii import a2b_base64
from typing import Final

import msgspec
from msgspec import Struct, structs

NAME: Final = 256  # characters of an identifier
TEXT: Final = 16_384  # of one event's text, and of the arguments of a call

# What the beta called otherwise.
NAMES: Final = {
    "response.audio.delta": "response.output_audio.delta",
    "response.audio_transcript.delta": "response.output_audio_transcript.delta",
    "response.audio_transcript.done": "response.output_audio_transcript.done",
    "response.text.delta": "response.output_text.delta",
    "response.text.done": "response.output_text.done",
    "conversation.item.created": "conversation.item.added",
}


class Unreadable(Exception):
    """An event that cannot be read; the sentence says what is wrong with it and nothing of what stands in it."""


class Details(Struct, frozen=True):
    """Why a response ended as it did."""

    type: str | None = None
    reason: str | None = None
    error: Fault | None = None


class Fault(Struct, frozen=True):
    """An error; `event_id` names the event of ours that it answers."""

    type: str | None = None
    code: str | None = None
    message: str | None = None
    event_id: str | None = None


class Response(Struct, frozen=True):
    """A response, as far as it matters."""

    id: str | None = None
    status: str | None = None
    status_details: Details | None = None


class Item(Struct, frozen=True):
    """An item of the conversation, as far as it matters."""

    id: str | None = None
    type: str | None = None
    role: str | None = None
    name: str | None = None
    call_id: str | None = None
    arguments: str | None = None


class Session(Struct, frozen=True):
    """The session as the server has it."""

    model: str | None = None


class Event(Struct, frozen=True):
    """One event: the fields of all that are read; "" and None where it has none."""

    type: str
    response_id: str | None = None
    item_id: str | None = None
    call_id: str | None = None
    name: str | None = None
    delta: str | None = None
    transcript: str | None = None
    text: str | None = None
    arguments: str | None = None
    response: Response | None = None
    item: Item | None = None
    error: Fault | None = None
    session: Session | None = None

    @property
    def reply(self) -> str:
        """Name the response that it belongs to, "" for none."""
        if self.response is not None and self.response.id:
            return self.response.id
        return self.response_id or ""


_DECODER: Final = msgspec.json.Decoder(Event)


def read(data: str | bytes) -> Event:
    """Read one event, by the names of today; Unreadable says what is wrong with it."""
    if isinstance(data, bytes):
        raise Unreadable("events are text, and this is not")
    try:
        event = _DECODER.decode(data)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as error:
        told = str(error) if isinstance(error, msgspec.ValidationError) else "it is no JSON"
        raise Unreadable(told[:NAME]) from error
    named = (event.type, event.reply, event.item_id or "", event.call_id or "", event.name or "")
    if any(len(name) > NAME for name in named):
        raise Unreadable("a name in it is too long")
    return structs.replace(event, type=NAMES.get(event.type, event.type))


def sound(event: Event) -> bytes:
    """Return the bytes of a piece of sound; Unreadable when they are not base64."""
    try:
        return a2b_base64(event.delta or "", strict_mode=True)
    except (NotBase64, ValueError) as error:
        raise Unreadable("its sound is not base64") from error
