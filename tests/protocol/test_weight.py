"""How many values a message holds is known before it is decoded, and bounded."""

from __future__ import annotations

import json
from functools import partial

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.codec import JSON, MSGPACK, QUOTED
from protocol.errors import RemoteProtocolError
from protocol.messages import Tools
from protocol.weight import MOST_VALUES, weigh
from testkit.effort import effort

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]
MOST_BYTES = 294_912

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(), inner, max_size=20),
    max_leaves=60,
)


def count(value: object) -> int:
    match value:
        case list():
            return 1 + sum(count(item) for item in value)
        case dict():
            return 1 + sum(1 + count(item) for item in value.values())
        case _:
            return 1


def tools(parameters: object) -> dict[str, object]:
    return {"type": "tools", "tools": [{"name": "a", "parameters": parameters}]}


@given(values)
def test_messagepack_is_counted_exactly(value: object) -> None:
    assert weigh(msgpack.packb(value)) == count(value)


@given(values, st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]), st.booleans())
def test_json_is_never_counted_for_less(value: object, separators: tuple[str, str], ascii_only: bool) -> None:
    text = json.dumps(value, separators=separators, ensure_ascii=ascii_only)
    assert weigh(text) >= count(value)


@given(st.binary(max_size=400))
def test_any_bytes_are_counted(data: bytes) -> None:
    try:
        values = weigh(data)
    except RemoteProtocolError:
        return
    assert 1 <= values <= MOST_VALUES


@pytest.mark.parametrize("bit", [b"\x80", b"\x90", b"\xc0", b"\x91", b"\x81\xa0", b"\xa0", b"\x00", b"\xca" + bytes(4)])
def test_what_holds_too_much_is_refused_undecoded(bit: bytes) -> None:
    body = bit * (MOST_BYTES // len(bit))
    for head in (b"\xdd" + (len(body)).to_bytes(4, "big"), b"\xdf" + (len(body)).to_bytes(4, "big")):
        with pytest.raises(RemoteProtocolError, match="values"):
            MSGPACK.decode_client(head + body)


def test_the_bound_is_where_it_is_said_to_be() -> None:
    most = MOST_VALUES - count(tools({"x": []}))
    for parameters, fits in (({"x": [0] * most}, True), ({"x": [0] * (most + 1)}, False)):
        for codec, data in ((MSGPACK, msgpack.packb(tools(parameters))), (JSON, json.dumps(tools(parameters)))):
            if fits:
                assert isinstance(codec.decode_client(data), Tools)
            else:
                with pytest.raises(RemoteProtocolError, match=str(MOST_VALUES)):
                    codec.decode_client(data)


def test_punctuation_in_strings_is_no_value() -> None:
    message = {
        "type": "context",
        "events": [',[{:"\\' * 170] * 32,
        "states": {f"k{i}": "a,\\" * 300 for i in range(128)},
    }
    for text in (json.dumps(message), json.dumps(message, separators=(",", ":"))):
        assert weigh(text) < 600
        JSON.decode_client(text)


WORST = {
    "empty maps": "{},",
    "empty lists": "[],",
    "spaced": "[ ],",
    "numbers": "1,",
    "strings": '"",',
    "quotes": '"',
    "escaped quotes": '"\\"',
    "backslashes": "\\",
    "keys": '"a":1,',
    "open": "[",
    "open maps": '{"":',
    "words": '"' + "," * 1000 + '",',
}


@pytest.mark.parametrize("bit", WORST.values(), ids=WORST.keys())
@pytest.mark.parametrize("head", ["", '{"type":"tools","tools":[', '{"a":"', '{"type":"hello","features":['])
def test_no_message_takes_longer_than_its_bound_allows(head: str, bit: str) -> None:
    """5 ms are wanted, a yardstick; ten are asked for here. `bench.flood` measures it."""
    text = head + bit * ((MOST_BYTES - len(head)) // len(bit))
    packed = msgpack.packb(tools([{}] * 280_000))

    def once(data: str | bytes) -> None:
        with pytest.raises(RemoteProtocolError):
            (JSON if isinstance(data, str) else MSGPACK).decode_client(data)

    for data in (text, packed):
        assert effort(partial(once, data), enough=10) <= 10


def test_the_frames_of_the_other_subprotocol_are_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="text frames"):
        JSON.decode_client(b'{"type":"bye"}')
    with pytest.raises(RemoteProtocolError, match="binary frames"):
        MSGPACK.decode_client('{"type":"bye"}')


@pytest.mark.parametrize(
    "message",
    [
        {"type": "x" * 200_000},
        {"type": "hello", "role": "x" * 200_000},
        {"type": "hello", "role": "'" * 200_000},
        {"type": "hello", "role": "x - at y" * 20_000},
        {"type": "hello", "resume": {"session": "x" * 200_000, "token": "", "seq": 0}},
        {"type": "context", "states": {"k" * 200_000: ""}},
        {"type": "context", "respond": "🎉" * 40_000},
        {"type": "tools", "tools": [{"name": "x" * 100_000}]},
    ],
)
def test_a_wrong_value_is_quoted_in_part(message: dict[str, object]) -> None:
    for codec, data in ((MSGPACK, msgpack.packb(message)), (JSON, json.dumps(message))):
        with pytest.raises(RemoteProtocolError) as refusal:
            codec.decode_client(data)
        assert len(refusal.value.message) < 5 * QUOTED
        assert "x" * (QUOTED + 1) not in refusal.value.message
