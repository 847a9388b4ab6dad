"""What decodes, what does not, and what is said about it."""

from __future__ import annotations

import json
from typing import Any

import msgpack
import msgspec
import pytest

from protocol import messages as m
from protocol.codec import JSON, MSGPACK, codec_for
from protocol.errors import CLOSE_CODES, LASTING_CODES, LocalProtocolError, ProtocolError, RemoteProtocolError


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


@pytest.mark.parametrize(
    "data", [b"", b"\xc1", b"\x81", b"\x82\xa4type", b"hello", b"\xff" * 100, b"\xdf\xff\xff\xff\xff"]
)
def test_garbage_is_a_bad_message(data: bytes) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        MSGPACK.decode_client(data)
    assert refused.value.code == "bad_message"


@pytest.mark.parametrize(
    "data", ["", "{", "nul", "[1,", '{"type":"ping","stamp":NaN}', "\ufeff{}", '{"type":"text","text":"\\ud800"}']
)
def test_json_garbage_is_a_bad_message(data: str) -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        JSON.decode_client(data)
    assert refused.value.code == "bad_message"


@pytest.mark.parametrize("tree", [None, 7, "ping", [], ["ping"], {}, {"type": 7}, {"type": None}, {"stamp": 1.0}])
def test_what_has_no_type_is_a_bad_message(tree: object) -> None:
    assert refuse(tree).code == "bad_message"


def test_an_unknown_type_is_named_as_such_and_in_short() -> None:
    error = refuse({"type": "teleport" * 1000})
    assert error.code == "unknown_type"
    assert "teleport" in error.message
    assert len(error.message) < 200


def test_a_message_for_the_other_side_is_an_unknown_type() -> None:
    assert refuse({"type": "welcome"}).code == "unknown_type"
    assert refuse({"type": "hello"}, server=True).code == "unknown_type"
    assert isinstance(accept({"type": "text", "text": "hi"}), m.UserText)


def test_bytes_after_the_message_are_refused() -> None:
    with pytest.raises(RemoteProtocolError):
        MSGPACK.decode_client(msgpack.packb({"type": "bye"}) + b"\xc0")
    with pytest.raises(RemoteProtocolError):
        JSON.decode_client('{"type":"bye"} {}')


def test_text_is_no_message_of_the_binary_protocol() -> None:
    with pytest.raises(RemoteProtocolError) as refused:
        MSGPACK.decode_client('{"type":"bye"}')
    assert refused.value.code == "bad_message"
    with pytest.raises(RemoteProtocolError):
        MSGPACK.decode_server('{"type":"pong","stamp":0.0,"server":0.0}')


@pytest.mark.parametrize("opening", [b"\x91", b"\x81\xa1a"])
def test_depth_is_bounded_also_in_fields_that_nobody_reads(opening: bytes) -> None:
    for data in (opening * 100_000, b"\x82\xa4type\xa3bye\xa1x" + opening * 100_000 + b"\xc0"):
        with pytest.raises(RemoteProtocolError) as refused:
            MSGPACK.decode_client(data)
        assert refused.value.code == "bad_message"
    with pytest.raises(RemoteProtocolError):
        JSON.decode_client('{"type":"bye","x":' + "[" * 100_000 + "]" * 100_000 + "}")


def test_of_duplicate_keys_the_last_counts() -> None:
    data = b"\x83\xa4type\xa4text\xa4text\xa1a\xa4text\xa1b"
    assert MSGPACK.decode_client(data) == m.UserText(text="b")
    assert JSON.decode_client('{"type":"text","text":"a","text":"b"}') == m.UserText(text="b")


def test_the_type_may_stand_anywhere() -> None:
    assert accept({"text": "a", "type": "text"}) == m.UserText(text="a")
    assert accept({"x": {"type": "bye"}, "text": "a", "type": "text"}) == m.UserText(text="a")


def test_defaults_are_left_off_the_wire_and_filled_in() -> None:
    assert msgpack.unpackb(MSGPACK.encode(m.Hello())) == {"type": "hello"}
    assert accept({"type": "hello"}) == m.Hello()
    assert accept({"type": "hello", "audio": {}}) == m.Hello()


def test_whole_numbers_stand_for_floats() -> None:
    assert accept({"type": "ping", "stamp": 5}) == m.Ping(stamp=5.0)


def test_ints_may_have_any_width() -> None:
    data = b"\x83\xa4type\xa4talk\xa2on\xc3\xa3pts\xcf\0\0\0\0\0\0\0\x05"
    assert MSGPACK.decode_client(data) == m.Talk(on=True, pts=5)


def test_what_the_wire_cannot_carry_is_our_bug() -> None:
    call = m.ToolCall(turn=1, seq=1, call=1, name="a", arguments={"x": object()})
    for codec in (MSGPACK, JSON):
        with pytest.raises(LocalProtocolError):
            codec.encode(call)
    cycle: dict[str, object] = {}
    cycle["self"] = cycle
    with pytest.raises(LocalProtocolError):
        MSGPACK.encode(m.ToolCall(turn=1, seq=1, call=1, name="a", arguments=cycle))


def test_a_subprotocol_has_its_codec() -> None:
    assert codec_for(None) is MSGPACK
    assert codec_for("companion.v1.msgpack") is MSGPACK
    assert codec_for("companion.v1.json") is JSON
    assert (MSGPACK.text, JSON.text) == (False, True)
    assert isinstance(JSON.encode(m.Bye()), str)
    assert isinstance(MSGPACK.encode(m.Bye()), bytes)


def test_messages_are_frozen() -> None:
    with pytest.raises(AttributeError):
        m.Ping(stamp=1.0).stamp = 2.0  # type: ignore[misc]  # that is the point


def test_an_error_says_whose_fault_it_was() -> None:
    with pytest.raises(TypeError):
        ProtocolError("bad_message", "x")
    error = RemoteProtocolError("bad_message", "that is none")
    assert (error.code, error.message, str(error)) == ("bad_message", "that is none", "that is none")


def test_close_codes_are_unique_and_in_the_range_for_applications() -> None:
    own = {code: number for code, number in CLOSE_CODES.items() if code != "going_away"}
    assert len(set(own.values())) == len(own)
    assert all(4000 <= number <= 4099 for number in own.values())
    assert CLOSE_CODES["going_away"] == 1001
    assert all(code.isidentifier() and len(code) <= 123 for code in {*CLOSE_CODES, *LASTING_CODES})


def test_every_bound_of_a_client_message_is_finite() -> None:
    """What a client sends is bounded field by field: no free string, list, map or number."""

    def check(kind: Any, path: str) -> None:
        match kind:
            case msgspec.inspect.StrType() | msgspec.inspect.BytesType():
                assert kind.max_length is not None, path
            case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
                assert (kind.ge is not None and kind.le is not None) or path == "hello.version", path
            case msgspec.inspect.VarTupleType():
                assert kind.max_length is not None, path
                check(kind.item_type, path + "[]")
            case msgspec.inspect.TupleType():
                for item in kind.item_types:
                    check(item, path + "[]")
            case msgspec.inspect.DictType():
                if path == "tools.tools[].parameters":  # bounded in depth, and by the size of the message
                    return
                assert kind.max_length is not None, path
                check(kind.key_type, path + ".key")
                check(kind.value_type, path + ".value")
            case msgspec.inspect.StructType():
                for field in kind.fields:
                    check(field.type, f"{path}.{field.encode_name}")
            case msgspec.inspect.UnionType():
                for member in kind.types:
                    check(member, path)
            case msgspec.inspect.LiteralType() | msgspec.inspect.BoolType() | msgspec.inspect.NoneType():
                pass
            case _:
                raise AssertionError(f"{path}: {kind}")

    info = msgspec.inspect.type_info(m.ClientMessage)
    assert isinstance(info, msgspec.inspect.UnionType)
    for member in info.types:
        assert isinstance(member, msgspec.inspect.StructType)
        check(member, str(member.tag))


def test_the_usual_frame_of_a_microphone_is_known_without_counting_its_values() -> None:
    mic = {"type": "mic", "pts": 320, "data": b"ab" * 320}
    data = msgpack.packb(mic)
    assert MSGPACK.microphone(data) == MSGPACK.decode_client(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x83\xa4type\xa3mic",
        msgpack.packb({"type": "mic", "pts": -1, "data": b""}),
        msgpack.packb({"type": "mic", "pts": 0, "data": b"a" * 1921}),
        msgpack.packb({"type": "mic", "pts": 0, "data": b"", "more": [0] * 5000}),
        msgpack.packb({"type": "mic", "pts": 0, "data": b"", "companion": "ada"}),
        msgpack.packb({"type": "bye"}),
        json.dumps({"type": "mic", "pts": 0, "data": ""}),
    ],
)
def test_of_everything_else_it_says_nothing(data: bytes | str) -> None:
    assert MSGPACK.microphone(data) is None
    assert JSON.microphone(data) is None
