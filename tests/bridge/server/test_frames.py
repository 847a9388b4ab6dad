"""RFC 6455 as a strict peer would try it, in the sections of the Autobahn test suite, with frames of plain bytes.

The suite expects a server that echoes; here a `ping` message takes the place of what is echoed, and its `pong` says
that the connection lives.
"""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable

import msgpack
import pytest

from testkit.frames import BINARY, CLOSE, CONT, PING, PONG, TEXT, fragments, frame, message
from tests.bridge.peers import JSON, run, serving
from tests.bridge.server.wire import Raw, raw

ASK = message("ping", stamp=1.0)
Play = Callable[[Raw], Awaitable[None]]


def play(body: Play, **limits: int) -> None:
    """A session on a connection of plain bytes."""

    async def main() -> None:
        async with serving(limits=limits) as server, raw(server) as client:
            await client.hello()
            await body(client)

    run(main)


async def lives(client: Raw) -> None:
    """Checks that the connection is there and in step."""
    await client.send(frame(BINARY, message("ping", stamp=7.0)))
    assert (await client.until("pong"))["stamp"] == 7.0


def close(code: int | None = None, reason: bytes = b"") -> bytes:
    return frame(CLOSE, (struct.pack("!H", code) if code is not None else b"") + reason)


# ------------------------------------------------------------------------------------------- 1, 9: sizes, masks


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 128, 65_535, 65_536, 200_000])
@pytest.mark.parametrize("chunk", [1_000_000, 997])
def test_messages_of_every_size_arrive(size: int, chunk: int) -> None:
    async def body(client: Raw) -> None:
        data = frame(BINARY, message("camera", data=bytes(size)))
        for at in range(0, len(data), chunk):
            await client.send(data[at : at + chunk])
        assert (await client.until("error"))["code"] == "unsupported"
        await lives(client)

    play(body)


def test_a_message_may_come_byte_by_byte() -> None:
    async def body(client: Raw) -> None:
        for byte in frame(BINARY, ASK):
            await client.send(bytes((byte,)))
        await client.until("pong")

    play(body)


def test_an_unmasked_frame_breaks_the_rules() -> None:
    async def body(client: Raw) -> None:
        await client.send(frame(BINARY, ASK, mask=False))
        assert (await client.closed())[0] == 1002

    play(body)


@pytest.mark.parametrize("pieces", [1, 3, 100])
def test_what_is_too_big_is_closed_before_it_is_all_there(pieces: int) -> None:
    async def body(client: Raw) -> None:
        for each in fragments(BINARY, message("camera", data=bytes(20_000)), 20_100 // pieces):
            await client.send(each)
        assert (await client.closed())[0] == 1009

    play(body, message_bytes=16_384)


def test_a_size_that_is_only_claimed_takes_no_memory() -> None:
    async def body(client: Raw) -> None:
        await client.send(struct.pack("!BBQ", 0x80 | BINARY, 0x80 | 127, 2**62))
        assert (await client.closed())[0] == 1009

    play(body)


# ------------------------------------------------------------------------------------------- 2: pings and pongs


@pytest.mark.parametrize("size", [0, 1, 125])
def test_a_ping_is_answered_with_what_it_holds(size: int) -> None:
    async def body(client: Raw) -> None:
        await client.send(frame(PING, b"p" * size))
        assert await client.frame() == (PONG, b"p" * size)
        await client.send(frame(PONG, b"unasked"))
        await lives(client)

    play(body)


def test_a_ping_too_long_breaks_the_rules() -> None:
    async def body(client: Raw) -> None:
        await client.send(frame(PING, bytes(126)))
        assert (await client.closed())[0] == 1002

    play(body)


def test_ten_pings_at_once_get_ten_pongs_in_order() -> None:
    async def body(client: Raw) -> None:
        await client.send(*[frame(PING, bytes((i,))) for i in range(10)])
        assert [await client.frame() for _ in range(10)] == [(PONG, bytes((i,))) for i in range(10)]

    play(body)


# -------------------------------------------------------------------------- 3, 4: reserved bits, reserved opcodes


@pytest.mark.parametrize("reserved", range(1, 8))
@pytest.mark.parametrize("opcode", [BINARY, TEXT, PING, CLOSE])
def test_a_reserved_bit_breaks_the_rules(reserved: int, opcode: int) -> None:
    async def body(client: Raw) -> None:
        await lives(client)
        await client.send(frame(opcode, b"", reserved=reserved))
        assert (await client.closed())[0] == 1002

    play(body)


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("payload", [b"", b"x" * 100], ids=["empty", "full"])
def test_a_reserved_opcode_breaks_the_rules(opcode: int, payload: bytes) -> None:
    async def body(client: Raw) -> None:
        await lives(client)
        await client.send(frame(opcode, payload), frame(PING))
        assert (await client.closed())[0] == 1002

    play(body)


# --------------------------------------------------------------------------------------------- 5: fragmentation


@pytest.mark.parametrize("size", [1, 2, 7])
def test_a_message_may_come_in_fragments_with_pings_in_between(size: int) -> None:
    async def body(client: Raw) -> None:
        for each in fragments(BINARY, ASK, size):
            await client.send(frame(PING, b"between"), each)
            assert await client.frame() == (PONG, b"between")
        await client.until("pong")

    play(body)


def test_empty_fragments_are_fragments() -> None:
    async def body(client: Raw) -> None:
        await client.send(frame(BINARY, b"", fin=False), frame(CONT, ASK, fin=False), frame(CONT, b""))
        await client.until("pong")

    play(body)


@pytest.mark.parametrize(
    "frames",
    [
        [frame(CONT, ASK)],
        [frame(CONT, ASK, fin=False)],
        [frame(CONT, b"", fin=False), frame(BINARY, ASK)],
        [frame(BINARY, ASK, fin=False), frame(BINARY, ASK)],
        [frame(BINARY, ASK, fin=False), frame(TEXT, b"x")],
        [frame(BINARY, ASK), frame(CONT, ASK)],
        [frame(PING, b"", fin=False)],
        [frame(PONG, b"", fin=False), frame(CONT, b"")],
        [frame(CLOSE, struct.pack("!H", 1000), fin=False)],
    ],
)
def test_fragments_out_of_order_break_the_rules(frames: list[bytes]) -> None:
    async def body(client: Raw) -> None:
        await client.send(*frames)
        assert (await client.closed())[0] == 1002

    play(body)


# ------------------------------------------------------------------------------------------------------ 6: UTF-8

BAD_TEXT = [
    b"\xff",
    b"\xc0\xaf",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"\xe2\x82",
    b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65\x64",
    b"\x80",
]
GOOD_TEXT = '{"type":"ping","stamp":1.0,"x":"κόσμε 😀 \ufffe\u0000灯"}'.replace("\u0000", "\\u0000").encode()


def speak_json(body: Play) -> None:
    async def main() -> None:
        async with serving() as server, raw(server) as client:
            await client.upgrade(JSON)
            await client.send(frame(TEXT, b'{"type":"hello"}'))
            assert (await client.frame())[0] == TEXT
            await body(client)

    run(main)


@pytest.mark.parametrize("bad", BAD_TEXT)
@pytest.mark.parametrize("size", [1, 2, 1000])
def test_text_that_is_not_utf_8_is_closed_with_1007(bad: bytes, size: int) -> None:
    async def body(client: Raw) -> None:
        await client.send(*fragments(TEXT, b'{"type":"ping","stamp":1.0,"x":"' + bad + b'"}', size))
        assert (await client.closed())[0] == 1007

    speak_json(body)


def test_text_may_be_cut_between_any_two_bytes() -> None:
    async def body(client: Raw) -> None:
        for at in range(1, len(GOOD_TEXT)):
            await client.send(frame(TEXT, GOOD_TEXT[:at], fin=False), frame(CONT, GOOD_TEXT[at:]))
            assert b"pong" in (await client.frame())[1]

    speak_json(body)


# ------------------------------------------------------------------------------------------------------ 7: close


@pytest.mark.parametrize("code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])
@pytest.mark.parametrize("reason", [b"", b"bye", b"x" * 123])
def test_a_close_is_echoed_with_the_peers_code(code: int, reason: bytes) -> None:
    async def body(client: Raw) -> None:
        await client.send(close(code, reason))
        assert await client.closed() == (code, reason.decode())
        assert await client.gone() == b""

    play(body)


def test_a_close_without_a_code_is_echoed_without_one() -> None:
    async def body(client: Raw) -> None:
        await client.send(close())
        assert await client.closed() == (None, "")

    play(body)


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
def test_a_close_with_a_code_that_may_not_travel_breaks_the_rules(code: int) -> None:
    async def body(client: Raw) -> None:
        await client.send(close(code))
        assert (await client.closed())[0] == 1002

    play(body)


@pytest.mark.parametrize(
    ("payload", "code"), [(b"\x03", 1002), (b"\x03\xe8" + b"x" * 124, 1002), (b"\x03\xe8\xff", 1007)]
)
def test_a_malformed_close_is_told(payload: bytes, code: int) -> None:
    async def body(client: Raw) -> None:
        await client.send(frame(CLOSE, payload))
        assert (await client.closed())[0] == code

    play(body)


def test_nothing_is_done_after_a_close() -> None:
    async def body(client: Raw) -> None:
        await client.send(close(1000), frame(BINARY, ASK), frame(PING, b"x"), close(1001))
        assert await client.frame() == (CLOSE, struct.pack("!H", 1000))
        assert await client.gone() == b""

    play(body)


def test_a_close_amid_fragments_closes() -> None:
    """Autobahn 7.1.5 wants 1000; the WebSocket library calls the message that is left incomplete an error."""

    async def body(client: Raw) -> None:
        await client.send(frame(BINARY, ASK, fin=False), close(1000), frame(CONT, ASK))
        assert (await client.closed())[0] == 1002

    play(body)


def test_a_socket_that_is_shut_for_writing_still_gets_what_it_asked_for() -> None:
    async def body(client: Raw) -> None:
        await client.send(frame(BINARY, ASK))
        client.writer.write_eof()
        assert await client.until("pong")
        await client.gone()

    play(body)


# ------------------------------------------------------------------------------------- the two kinds of frames


def test_a_binary_frame_on_the_json_subprotocol_is_a_bad_message() -> None:
    async def body(client: Raw) -> None:
        await client.send(frame(BINARY, b'{"type":"ping","stamp":1.0}'))
        assert b"bad_message" in (await client.frame())[1]
        await client.send(frame(TEXT, b'{"type":"ping","stamp":1.0}'))
        assert b"pong" in (await client.frame())[1]

    speak_json(body)


def test_a_text_frame_on_the_binary_subprotocol_is_a_bad_message() -> None:
    async def body(client: Raw) -> None:
        await client.send(frame(TEXT, b'{"type":"ping","stamp":1.0}'))
        assert (await client.until("error"))["code"] == "bad_message"
        await lives(client)

    play(body)


def test_no_extension_is_agreed_to_so_compression_is_a_reserved_bit() -> None:
    async def main() -> None:
        async with serving() as server, raw(server) as client:
            await client.send(
                b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
            )
            head = await client.reader.readuntil(b"\r\n\r\n")
            assert b"Extensions" not in head
            await client.send(frame(BINARY, b"\xca\x49\xe4", reserved=4))
            assert (await client.closed())[0] == 1002

    run(main)


# --------------------------------------------------------------------------------- whole messages and others in turn


@pytest.mark.parametrize("at_once", [True, False])
def test_what_is_delivered_where_it_is_parsed_never_overtakes_what_is_queued(at_once: bool) -> None:
    def ask(stamp: float) -> bytes:
        return frame(BINARY, message("ping", stamp=stamp))

    pieces = [
        ask(1.0),
        *fragments(BINARY, message("ping", stamp=2.0), 5),
        ask(3.0),
        frame(TEXT, b"{}"),
        frame(PING, b"between"),
        ask(4.0),
        *fragments(BINARY, message("ping", stamp=5.0), 7),
        ask(6.0),
        ask(7.0),
    ]

    async def body(client: Raw) -> None:
        if at_once:
            await client.send(*pieces)
        else:
            for piece in pieces:
                await client.send(piece)
        came: list[object] = []
        while len(came) < 8:
            opcode, payload = await client.frame()
            got = msgpack.unpackb(payload) if opcode == BINARY else {}
            if got.get("type") in ("pong", "error"):
                came.append(got.get("stamp", got.get("code")))
        assert came == [1.0, 2.0, 3.0, "bad_message", 4.0, 5.0, 6.0, 7.0]

    play(body)
