"""Reads what a Realtime client sends: typed values with bounds, from text that may hold anything.

Both shapes are read, that of the general availability and the flat one of the beta. Unknown fields are skipped.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from bridge.realtime.refused import Refused
from protocol.errors import RemoteProtocolError
from protocol.weight import weigh

Id: TypeAlias = Annotated[str, Meta(max_length=512)]
Prose: TypeAlias = Annotated[str, Meta(max_length=65_536)]
Millis: TypeAlias = Annotated[int, Meta(ge=0, le=10_000_000)]
Object: TypeAlias = dict[str, object]

QUOTED: Final = 200  # characters of a decoder's complaint that are repeated


class TurnDetection(Struct, frozen=True):
    """How turns of speech are found; what is left out keeps its default."""

    type: Annotated[str, Meta(max_length=32)] = "server_vad"
    threshold: Annotated[float, Meta(ge=0, le=1)] | None = None
    prefix_padding_ms: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    silence_duration_ms: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    create_response: bool | None = None
    interrupt_response: bool | None = None
    eagerness: str | None = None


class Format(Struct, frozen=True):
    """The general availability's name of a format of sound."""

    type: str
    rate: int | None = None


class AudioIn(Struct, frozen=True):
    """Settings of what is heard."""

    format: Format | str | UnsetType | None = UNSET
    transcription: Object | UnsetType | None = UNSET
    turn_detection: TurnDetection | UnsetType | None = UNSET


class AudioOut(Struct, frozen=True):
    """Settings of what is said."""

    format: Format | str | UnsetType | None = UNSET
    voice: str | Object | UnsetType | None = UNSET


class Audio(Struct, frozen=True):
    """Settings of sound, both ways."""

    input: AudioIn | None = None
    output: AudioOut | None = None


class FaceWish(Struct, frozen=True):
    """The face that is wanted beside the sound."""

    profile: Annotated[str, Meta(max_length=64)] = "arkit52"
    fps: Annotated[int, Meta(ge=10, le=120)] = 60
    idle: bool = False


class SessionPatch(Struct, frozen=True):
    """What a client wants changed of a session's settings, in either shape."""

    model: str | UnsetType | None = UNSET
    instructions: Prose | UnsetType | None = UNSET
    output_modalities: tuple[str, ...] | UnsetType | None = UNSET
    modalities: tuple[str, ...] | UnsetType | None = UNSET
    audio: Audio | None = None
    voice: str | Object | UnsetType | None = UNSET
    input_audio_format: Format | str | UnsetType | None = UNSET
    output_audio_format: Format | str | UnsetType | None = UNSET
    input_audio_transcription: Object | UnsetType | None = UNSET
    turn_detection: TurnDetection | UnsetType | None = UNSET
    tools: Annotated[tuple[Object, ...], Meta(max_length=64)] | UnsetType | None = UNSET
    tool_choice: str | Object | UnsetType | None = UNSET
    max_output_tokens: int | str | UnsetType | None = UNSET
    max_response_output_tokens: int | str | UnsetType | None = UNSET
    companion_face: FaceWish | UnsetType | None = UNSET


class Content(Struct, frozen=True):
    """A part of a message."""

    type: str = ""
    text: Prose | None = None
    audio: str | None = None
    transcript: Prose | None = None


class NewItem(Struct, frozen=True):
    """An item that a client adds to the conversation."""

    type: str
    id: Id | None = None
    role: str | None = None
    content: Annotated[tuple[Content, ...], Meta(max_length=32)] | None = ()
    call_id: Id | None = None
    name: Id | None = None
    arguments: Prose | None = None
    output: Prose | None = None


class ResponseWish(Struct, frozen=True):
    """What a client wants of one response."""

    instructions: Prose | None = None
    output_modalities: tuple[str, ...] | None = None
    modalities: tuple[str, ...] | None = None
    conversation: str | None = None
    input: tuple[Object, ...] | None = None
    metadata: Annotated[dict[str, str], Meta(max_length=16)] | None = None


class ClientEvent(Struct, frozen=True, tag_field="type", kw_only=True):
    """What all events of a client share."""

    event_id: Id | None = None


class SessionUpdate(ClientEvent, frozen=True, tag="session.update", kw_only=True):
    """Changes the settings."""

    session: SessionPatch


class Append(ClientEvent, frozen=True, tag="input_audio_buffer.append", kw_only=True):
    """Brings sound, in base64."""

    audio: str


class Commit(ClientEvent, frozen=True, tag="input_audio_buffer.commit", kw_only=True):
    """Ends what is being said."""


class Clear(ClientEvent, frozen=True, tag="input_audio_buffer.clear", kw_only=True):
    """Drops the sound that was not committed."""


class ClearOutput(ClientEvent, frozen=True, tag="output_audio_buffer.clear", kw_only=True):
    """Stops what is being heard."""


class Create(ClientEvent, frozen=True, tag="conversation.item.create", kw_only=True):
    """Adds an item."""

    item: NewItem
    previous_item_id: Id | None = None


class Delete(ClientEvent, frozen=True, tag="conversation.item.delete", kw_only=True):
    """Forgets an item."""

    item_id: Id


class Retrieve(ClientEvent, frozen=True, tag="conversation.item.retrieve", kw_only=True):
    """Asks for an item."""

    item_id: Id


class TruncateItem(ClientEvent, frozen=True, tag="conversation.item.truncate", kw_only=True):
    """Says how much of the companion's speech was heard."""

    item_id: Id
    audio_end_ms: Millis
    content_index: int = 0


class Respond(ClientEvent, frozen=True, tag="response.create", kw_only=True):
    """Asks for a response."""

    response: ResponseWish | None = None


class Cancel(ClientEvent, frozen=True, tag="response.cancel", kw_only=True):
    """Stops the response that is under way."""

    response_id: Id | None = None


Incoming: TypeAlias = (
    SessionUpdate | Append | Commit | Clear | ClearOutput | Create | Delete | Retrieve | TruncateItem | Respond | Cancel
)


class _Envelope(Struct, frozen=True):
    type: object = None
    event_id: Id | None = None


_DECODER: Final[msgspec.json.Decoder[Incoming]] = msgspec.json.Decoder(Incoming)
_PATCHES: Final = msgspec.json.Decoder(SessionPatch)
_ENVELOPES: Final = msgspec.json.Decoder(_Envelope)
KNOWN: Final = frozenset(str(each.__struct_config__.tag) for each in Incoming.__args__)


def read(text: str) -> Incoming:
    """Return the event; Refused says what is wrong with it."""
    try:
        weigh(text)
        return _DECODER.decode(text)
    except RemoteProtocolError as error:
        raise Refused("too_large", error.message) from error
    except msgspec.ValidationError as error:
        envelope = _envelope(text)
        kind = envelope.type if envelope is not None else None
        if isinstance(kind, str) and kind not in KNOWN:
            raise Refused("unknown_event", f"there is no client event {kind[:64]!r} here", "type") from error
        wrong, _, place = str(error).partition(" - at `$")
        raise Refused("invalid_value", f"{wrong[:QUOTED]}", place.rstrip("`").lstrip(".")[:64]) from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Refused("invalid_json", "this is no JSON object") from error


def patch(text: str) -> SessionPatch:
    """Return what a client wants of a session that it asks for; Refused says what is wrong with it."""
    try:
        weigh(text)
        return _PATCHES.decode(text)
    except RemoteProtocolError as error:
        raise Refused("too_large", error.message, "session") from error
    except msgspec.ValidationError as error:
        wrong, _, place = str(error).partition(" - at `$")
        raise Refused("invalid_value", f"{wrong[:QUOTED]}", f"session{place.rstrip('`')[:64]}") from error
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise Refused("invalid_json", "session is no JSON object", "session") from error


def named(text: str) -> str | None:
    """Return the `event_id` of an event that could not be read, if it has one."""
    envelope = _envelope(text)
    return envelope.event_id if envelope is not None else None


def _envelope(text: str) -> _Envelope | None:
    try:
        return _ENVELOPES.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return None
