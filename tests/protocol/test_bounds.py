"""Every field of a client's message is bounded, and what is out of bounds is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgpack
import pytest

from protocol import messages as m
from protocol.codec import JSON, MAX_DEPTH, MSGPACK
from protocol.errors import RemoteProtocolError


def refuse(tree: Any, *, server: bool = False) -> RemoteProtocolError:
    """The error that a tree gets in both codecs, which must agree on the code."""
    errors = []
    for codec, data in ((MSGPACK, msgpack.packb(tree)), (JSON, json.dumps(tree, default=lambda b: b.hex()))):
        with pytest.raises(RemoteProtocolError) as refused:
            codec.decode_server(data) if server else codec.decode_client(data)
        errors.append(refused.value)
    assert errors[0].code == errors[1].code
    return errors[0]


def accept(tree: Any) -> m.ClientMessage:
    message = MSGPACK.decode_client(msgpack.packb(tree))
    assert JSON.decode_client(json.dumps(tree)) == message
    return message


MIC = {"type": "mic", "pts": 0, "data": b""}
TOOL = {"name": "a", "parameters": {}}


@pytest.mark.parametrize(
    "tree",
    [
        {"type": "ping"},
        {"type": "ping", "stamp": "1"},
        {"type": "ping", "stamp": -1.0},
        {"type": "ping", "stamp": 1e300},
        {"type": "text", "text": "x" * 8193},
        {"type": "text", "text": 1},
        {"type": "text", "text": None},
        {"type": "mic", "pts": -1, "data": ""},
        {"type": "mic", "pts": 1.5, "data": ""},
        {"type": "mic", "pts": 2**53 + 1, "data": ""},
        {"type": "mic", "pts": True, "data": ""},
        {"type": "playhead", "turn": 1, "pts": 0},
        {"type": "talk", "on": 1},
        {"type": "context", "respond": "loudly"},
        {"type": "context", "states": {"x" * 65: "y"}},
        {"type": "context", "states": {"x": "y" * 1025}},
        {"type": "context", "states": {str(i): "y" for i in range(129)}},
        {"type": "context", "states": {"x": None}},
        {"type": "context", "events": ["x"] * 33},
        {"type": "context", "events": "x"},
        {"type": "tools"},
        {"type": "tools", "tools": [TOOL] * 65},
        {"type": "tools", "tools": [{"name": "a b"}]},
        {"type": "tools", "tools": [{"name": ""}]},
        {"type": "tools", "tools": [{"name": "x" * 65}]},
        {"type": "tools", "tools": [{"name": "a", "parameters": []}]},
        {"type": "tool_result", "call": 0},
        {"type": "tool_result", "call": 1, "status": "maybe"},
        {"type": "tool_result", "call": 1, "value": "x" * 8193},
        {"type": "hello", "version": "1"},
        {"type": "hello", "role": "admin"},
        {"type": "hello", "client": "x" * 65},
        {"type": "hello", "token": "x" * 4097},
        {"type": "hello", "language": "x" * 36},
        {"type": "hello", "face": {"fps": 9}},
        {"type": "hello", "face": {"fps": 121}},
        {"type": "hello", "audio": {"codecs": ["x"] * 17}},
        {"type": "hello", "features": ["x"] * 65},
        {"type": "hello", "resume": {"session": "s", "token": "t"}},
        {"type": "hello", "resume": {"session": "s", "token": "t", "seq": -1}},
        {"type": "camera", "data": "", "format": "gif"},
    ],
)
def test_what_is_out_of_bounds_is_refused_with_the_name_of_its_message(tree: dict[str, object]) -> None:
    error = refuse(tree)
    assert error.code == "bad_message"
    assert f"`{tree['type']}`" in error.message


@pytest.mark.parametrize(
    ("message", "field", "size"), [(MIC, "data", 1920), ({"type": "camera", "data": b""}, "data", 262_144)]
)
def test_bytes_are_bounded_in_both_codecs(message: dict[str, object], field: str, size: int) -> None:
    for length, fits in ((size, True), (size + 1, False)):
        raw = bytes(length)
        for codec, data in (
            (MSGPACK, msgpack.packb({**message, field: raw})),
            (JSON, json.dumps({**message, field: base64.b64encode(raw).decode()})),
        ):
            if fits:
                codec.decode_client(data)
            else:
                with pytest.raises(RemoteProtocolError):
                    codec.decode_client(data)


@pytest.mark.parametrize("data", ["@@@", "AAA", "A", "AA==A", "AA-_"])
def test_what_is_not_base64_is_refused(data: str) -> None:
    with pytest.raises(RemoteProtocolError):
        JSON.decode_client(json.dumps({**MIC, "data": data}))


def deep(levels: int) -> object:
    value: object = "x"
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        2**53 + 1,
        -(2**53) - 1,
        2**64 - 1,
        b"raw",
        msgpack.ExtType(5, b"x"),
        msgpack.Timestamp(1),
        float("nan"),
        float("inf"),
        {1: 2},
        {None: 1},
    ],
)
def test_free_form_values_hold_only_what_every_language_can(value: object) -> None:
    data = msgpack.packb(
        {"type": "tools", "tools": [{"name": "a", "parameters": {"deep": [value]}}]}, strict_types=True
    )
    with pytest.raises(RemoteProtocolError) as refused:
        MSGPACK.decode_client(data)
    assert refused.value.code == "bad_message"


def test_huge_json_numbers_in_free_form_values_are_refused() -> None:
    for number in ("9007199254740993", "1" + "0" * 400, "1e999", "-9007199254740993"):
        with pytest.raises(RemoteProtocolError):
            JSON.decode_client(f'{{"type":"tools","tools":[{{"name":"a","parameters":{{"x":{number}}}}}]}}')


def test_free_form_values_may_be_as_deep_as_said() -> None:
    def tools(levels: int) -> dict[str, object]:
        return {"type": "tools", "tools": [{"name": "a", "parameters": deep(levels)}]}

    accept(tools(MAX_DEPTH))
    assert refuse(tools(MAX_DEPTH + 1)).code == "bad_message"


def test_extension_types_in_unknown_fields_are_skipped() -> None:
    data = msgpack.packb({"type": "bye", "x": msgpack.ExtType(5, b"x")})
    assert MSGPACK.decode_client(data) == m.Bye()
