"""The usual frames, which never reach the library, against the library: what is read and written is the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.server import ServerProtocol

from bridge.server.frames import framed, payload
from testkit.frames import BINARY, frame

SIZES = (0, 1, 125, 126, 127, 4_000, 65_535)


def by_the_library(data: bytes) -> tuple[list[Frame], bytes]:
    """Return the frames that the library reads, and what it has to say about them."""
    protocol = ServerProtocol(state=State.OPEN)
    protocol.receive_data(data)
    return [event for event in protocol.events_received() if isinstance(event, Frame)], b"".join(
        protocol.data_to_send()
    )


@pytest.mark.parametrize("size", SIZES)
def test_a_whole_message_is_read_from_wherever_it_begins(size: int) -> None:
    message = bytes(at % 251 for at in range(size))
    data = b"before" + frame(BINARY, message) + b"\x82"
    assert payload(data, 6) == (message, len(data) - 1)
    assert payload(data, len(data) - 1) is None


@pytest.mark.parametrize("size", [*SIZES, 65_536, 70_000])
def test_a_message_is_written_as_the_library_would(size: int) -> None:
    message = bytes(size)
    assert framed(message) == Frame(Opcode.BINARY, message).serialize(mask=False)


@pytest.mark.parametrize("size", SIZES)
def test_what_is_not_whole_is_not_read(size: int) -> None:
    data = frame(BINARY, bytes(size))
    for end in {0, 1, 2, 5, 6, 7, 8, len(data) // 2, len(data) - 1}:
        if end < len(data):
            assert payload(data[:end], 0) is None


@given(st.binary(max_size=300), st.integers(0, 13), st.integers(0, 255))
def test_a_frame_with_any_wrong_byte_is_read_as_the_library_reads_it_or_not_at_all(
    message: bytes, at: int, byte: int
) -> None:
    data = bytearray(frame(BINARY, message))
    if at < len(data):
        data[at] = byte
    found = payload(bytes(data), 0)
    if found is None:
        return
    frames, complaint = by_the_library(bytes(data[: found[1]]))
    assert complaint == b""
    assert [(each.opcode, each.fin, bytes(each.data)) for each in frames] == [(Opcode.BINARY, True, found[0])]


@given(st.lists(st.binary(max_size=200), max_size=6))
def test_messages_in_one_read_are_told_apart(messages: list[bytes]) -> None:
    data = b"".join(frame(BINARY, message) for message in messages)
    read, at = [], 0
    while (found := payload(data, at)) is not None:
        message, at = found
        read.append(message)
    assert (read, at) == (messages, len(data))
