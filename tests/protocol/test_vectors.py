"""The golden vectors: one for every message, equal to what the code writes, readable by a second implementation."""

from __future__ import annotations

import base64
import json
from typing import Any, get_args

import msgpack
import msgspec
import pytest

from protocol import messages as m
from protocol.codec import CLIENT_TYPES, JSON, MSGPACK, SERVER_TYPES
from protocol.vectors import CLIENT, FOLDER, SERVER, expected

FILES = expected()
ALL: dict[str, m.ClientMessage | m.ServerMessage] = {**CLIENT, **SERVER}


def tag(message: msgspec.Struct) -> str:
    return str(type(message).__struct_config__.tag)


def decode(name: str, data: bytes | str, *, text: bool) -> m.ClientMessage | m.ServerMessage:
    codec = JSON if text else MSGPACK
    return codec.decode_client(data) if name in CLIENT else codec.decode_server(data)


def plain(value: Any) -> Any:
    """As JSON sees it: bytes in base64."""
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case _:
            return value


def test_names_are_used_once() -> None:
    assert len(ALL) == len(CLIENT) + len(SERVER)


def test_every_message_has_a_vector() -> None:
    assert {tag(message) for message in CLIENT.values()} == CLIENT_TYPES
    assert {tag(message) for message in SERVER.values()} == SERVER_TYPES


def test_every_field_is_in_a_vector_with_a_value_of_its_own() -> None:
    shown: dict[type, set[str]] = {}

    def look(value: object) -> None:
        if isinstance(value, msgspec.Struct):
            for field in msgspec.structs.fields(value):
                item = getattr(value, field.name)
                if field.required or item != field.default:
                    shown.setdefault(type(value), set()).add(field.name)
                look(item)
        elif isinstance(value, tuple):
            for item in value:
                look(item)

    for message in ALL.values():
        look(message)
    # What has one value in this version, and an error that belongs to a turn.
    constant = {"companion", "version", "codecs", "timeout_ms"}
    shown[m.Error] = shown.get(m.Error, set()) | {"turn"}
    for struct in (*get_args(m.ClientMessage), *get_args(m.ServerMessage), m.HelloAudio, m.HelloFace, m.ToolSpec):
        missing = {f.name for f in msgspec.structs.fields(struct)} - shown.get(struct, set()) - constant
        assert not missing, f"{struct.__name__} {missing}"


def test_the_files_are_the_code() -> None:
    found = {path.name: path.read_bytes() for path in FOLDER.iterdir() if path.is_file()}
    assert found.keys() == FILES.keys()
    assert found == FILES, "python -m protocol.vectors --write, if the protocol was meant to change"


@pytest.mark.parametrize("name", ALL)
def test_both_codecs_read_back_what_they_wrote(name: str) -> None:
    assert decode(name, FILES[f"{name}.msgpack"], text=False) == ALL[name]
    assert decode(name, FILES[f"{name}.json"].decode(), text=True) == ALL[name]


@pytest.mark.parametrize("name", ALL)
def test_json_holds_the_same_as_messagepack(name: str) -> None:
    binary = msgpack.unpackb(FILES[f"{name}.msgpack"])
    assert plain(binary) == json.loads(FILES[f"{name}.json"])
    assert next(iter(binary)) == "type"


@pytest.mark.parametrize("name", ALL)
def test_the_reference_package_writes_the_same_bytes(name: str) -> None:
    data = FILES[f"{name}.msgpack"]
    assert msgpack.packb(msgpack.unpackb(data)) == data


@pytest.mark.parametrize("name", ALL)
def test_unknown_fields_are_skipped_wherever_a_map_is(name: str) -> None:
    def more(value: Any) -> Any:
        if isinstance(value, list):
            return [more(item) for item in value]
        if not isinstance(value, dict):
            return value
        free = {"states", "arguments", "parameters", "engines"}  # maps whose keys are data
        return {"x_new": {"a": [1, None, {"b": b""}]}, **{k: v if k in free else more(v) for k, v in value.items()}}

    tree = more(msgpack.unpackb(FILES[f"{name}.msgpack"]))
    assert decode(name, msgpack.packb(tree), text=False) == ALL[name]
    assert decode(name, json.dumps(plain(tree)), text=True) == ALL[name]
