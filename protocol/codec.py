"""Bytes to messages and back, for both subprotocols; every failure to decode is a RemoteProtocolError.

MessagePack and JSON carry the same messages; in JSON, bytes are base64 strings. Knows nothing of sockets or sessions.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeAlias, cast, get_args

import msgspec

from protocol.errors import LocalProtocolError, RemoteProtocolError
from protocol.messages import SAFE_INT, SUBPROTOCOLS, ClientMessage, Mic, ServerMessage, Tools
from protocol.weight import weigh

Wire: TypeAlias = bytes | str

MAX_DEPTH: Final = 16  # of the free-form values in `tools`
QUOTED: Final = 80  # characters of a wrong value that an error repeats
MIC_BYTES: Final = 4096  # the longest `mic` that is not counted value by value
MIC_VALUES: Final = 9
_MIC: Final = b"\xa4type\xa3mic"

FRAMES: Final = {True: "text", False: "binary"}


class _Probe(msgspec.Struct):
    type: str


def _tags(union: object) -> frozenset[str]:
    return frozenset(str(member.__struct_config__.tag) for member in get_args(union))


CLIENT_TYPES: Final = _tags(ClientMessage)
SERVER_TYPES: Final = _tags(ServerMessage)


class Codec:
    """One subprotocol: how its messages are written and read."""

    def __init__(
        self,
        subprotocol: str,
        encode: Callable[[ServerMessage | ClientMessage], Wire],
        decode_client: Callable[[Wire], ClientMessage],
        decode_server: Callable[[Wire], ServerMessage],
        probe: Callable[[Wire], _Probe],
    ) -> None:
        self.subprotocol = subprotocol
        self.text = subprotocol.endswith(".json")
        self._encode = encode
        self._decode_client = decode_client
        self._decode_server = decode_server
        self._probe = probe

    def encode(self, message: ServerMessage | ClientMessage) -> Wire:
        """The message as one WebSocket message; LocalProtocolError if it holds what the wire cannot carry."""
        try:
            return self._encode(message)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise LocalProtocolError("internal", f"cannot encode {type(message).__name__}: {error}") from error

    def weigh(self, data: Wire) -> int:
        """Return how many values a client's message holds, before it is decoded.

        Raises RemoteProtocolError `bad_message` where they are too many or the frame is of the wrong type.
        """
        if isinstance(data, str) is not self.text:
            raise RemoteProtocolError("bad_message", f"{self.subprotocol} travels in {FRAMES[self.text]} frames")
        if not isinstance(data, str) and data.startswith(_MIC, 1) and len(data) <= MIC_BYTES:
            # Most messages are these. Their decoder makes no more values than these, whatever else stands in it.
            return MIC_VALUES
        return weigh(data)

    def microphone(self, data: Wire) -> Mic | None:
        """Return the usual frame of a microphone; None for everything else, of which it says nothing."""
        if self.text or type(data) is not bytes or not data.startswith(_MIC, 1) or len(data) > MIC_BYTES:
            return None
        try:
            message = self._decode_client(data)
        except (ValueError, TypeError, RecursionError):
            return None
        return message if type(message) is Mic and message.companion == "main" else None

    def decode_client(self, data: Wire, *, weighed: bool = False) -> ClientMessage:
        """Return a client's message; `weighed` says that its values were counted already.

        Raises RemoteProtocolError `bad_message` or `unknown_type` for anything else.
        """
        if not weighed:
            self.weigh(data)
        try:
            message = self._decode_client(data)
        except (ValueError, TypeError, RecursionError) as error:
            raise self._failure(data, CLIENT_TYPES, error) from error
        if type(message) is Tools:
            for tool in message.tools:
                _check_plain(tool.parameters, MAX_DEPTH)
        return message

    def decode_server(self, data: Wire) -> ServerMessage:
        """A server's message; RemoteProtocolError `bad_message` or `unknown_type` for anything else."""
        try:
            return self._decode_server(data)
        except (ValueError, TypeError, RecursionError) as error:
            raise self._failure(data, SERVER_TYPES, error) from error

    def _failure(self, data: Wire, known: frozenset[str], error: Exception) -> RemoteProtocolError:
        if isinstance(error, msgspec.ValidationError):
            try:
                name = self._probe(data).type
            except (ValueError, TypeError, RecursionError):
                return RemoteProtocolError("bad_message", "every message is a map with a string `type`")
            if name not in known:
                return RemoteProtocolError("unknown_type", f"unknown message type {name[:64]!r}")
            return RemoteProtocolError("bad_message", f"bad `{name}` message: {_short(error)}")
        if isinstance(error, RecursionError):
            return RemoteProtocolError("bad_message", "the message is nested too deeply")
        return RemoteProtocolError("bad_message", f"the message cannot be decoded: {_short(error)}")


def _short(error: Exception) -> str:
    """Return the decoder's sentence with at most QUOTED characters of the value that it quotes, and of its place."""
    sentence = str(error)
    what, at, where = sentence.rpartition(" - at ")
    if not at:
        what, where = where, ""
    intro, quote, value = what.partition("'")
    if len(value) > QUOTED + 1:
        what = f"{intro}{quote}{value[:QUOTED]}…'"
    return f"{what[: 3 * QUOTED]}{at}{where[:QUOTED]}"


def _check_plain(value: object, depth: int) -> None:
    """Free-form values may hold only what every client's language can: no ext types, no huge ints, no NaN."""
    if depth < 0:
        raise RemoteProtocolError("bad_message", f"free-form values may be nested {MAX_DEPTH} levels deep")
    match value:
        case None | bool() | str():
            pass
        case int():
            if abs(value) > SAFE_INT:
                raise RemoteProtocolError("bad_message", "integers must lie within +-2**53")
        case float():
            if value != value or value in (float("inf"), float("-inf")):
                raise RemoteProtocolError("bad_message", "numbers must be finite")
        case list():
            for item in value:
                _check_plain(item, depth - 1)
        case dict():
            for key, item in value.items():
                if not isinstance(key, str):
                    raise RemoteProtocolError("bad_message", "map keys must be strings")
                _check_plain(item, depth - 1)
        case _:
            raise RemoteProtocolError("bad_message", f"a {type(value).__name__} cannot stand in a free-form value")


def _msgpack() -> Codec:
    encoder = msgspec.msgpack.Encoder()
    client = msgspec.msgpack.Decoder(ClientMessage)
    server = msgspec.msgpack.Decoder(ServerMessage)
    probe = msgspec.msgpack.Decoder(_Probe)

    # These decoders raise TypeError for a text frame.
    decoders = [cast("Callable[[Wire], Any]", decoder.decode) for decoder in (client, server, probe)]
    return Codec(SUBPROTOCOLS[0], encoder.encode, *decoders)


def _json() -> Codec:
    encoder = msgspec.json.Encoder()
    client = msgspec.json.Decoder(ClientMessage)
    server = msgspec.json.Decoder(ServerMessage)
    probe = msgspec.json.Decoder(_Probe)
    return Codec(SUBPROTOCOLS[1], lambda m: encoder.encode(m).decode(), client.decode, server.decode, probe.decode)


MSGPACK: Final = _msgpack()
JSON: Final = _json()


def codec_for(subprotocol: str | None) -> Codec:
    """The codec of a negotiated subprotocol; MessagePack when the client offered none."""
    return JSON if subprotocol == JSON.subprotocol else MSGPACK
