"""The server on real sockets: handshakes, limits and mistakes."""

from __future__ import annotations

import asyncio

import msgpack
import pytest
from websockets.asyncio.client import connect

from tests.bridge.peers import JSON, MSGPACK, SECRET, Peer, peer, run, serving, token
from tests.bridge.scenario import LONG, Cast, replies


@pytest.mark.parametrize(("offered", "agreed"), [(None, None), (MSGPACK, MSGPACK), (JSON, JSON)])
def test_a_typed_question_is_answered_in_either_subprotocol(offered: str | None, agreed: str | None) -> None:
    cast = Cast(replies(LONG))

    async def body() -> None:
        async with serving(cast) as server, peer(server, offered) as client:
            assert client.socket.subprotocol == agreed
            welcome = await client.hello(client="test", user="Ada")
            assert welcome["engines"]["dialogue"] == "scripted"
            assert welcome["resumed"] is False
            client.records = True
            await client.send("text", text="count")
            end = await client.until("reply_end")
            assert end["text"] == LONG
            assert client.pcm(1) == cast.tts.pcm(LONG)
            assert client.errors() == []
            await client.until("state", state="idle")
            await client.send("bye")
            assert await client.closed() == (1000, "bye")

    run(body)


@pytest.mark.parametrize(
    ("asked", "used", "told"),
    [
        ("", "en-us", ""),
        ("en-GB", "en-GB", ""),
        ("zh_Hant_TW", "zh-Hant-TW", "Chinese is not understood when it is spoken"),
        ("xx", "en-us", "There is no language 'xx' here"),
        ("tlh-Latn", "en-us", "There is no language 'tlh-Latn' here"),
        ("enn", "en-us", "did you mean en (English)"),
    ],
)
def test_a_language_that_there_is_not_is_told_and_the_companions_own_used(asked: str, used: str, told: str) -> None:
    cast = Cast(replies("Hello."))

    async def body() -> None:
        async with serving(cast) as server, peer(server) as client:
            welcome = await client.hello(language=asked)
            notice = welcome.get("notice", "")
            assert told in notice if told else notice == ""
            await client.send("text", text="hello")
            await client.until("reply_end")
            assert cast.dialogue.requests[-1].language == used

    run(body)


def test_other_subprotocols_are_passed_over() -> None:
    async def body() -> None:
        async with serving() as server:
            url = f"ws://127.0.0.1:{server.port}/any/path?query"
            async with connect(url, subprotocols=["chat", JSON, MSGPACK]) as both:  # type: ignore[list-item]  # a NewType of str
                assert both.subprotocol == MSGPACK
            async with connect(url, subprotocols=["chat", "companion.v2.json"]) as none:  # type: ignore[list-item]  # a NewType of str
                client = Peer(none)
                assert none.subprotocol is None
                await client.hello()

    run(body)


@pytest.mark.parametrize(
    ("subprotocol", "data", "code", "close"),
    [
        (MSGPACK, b"\xc1garbage", "bad_message", 4000),
        (MSGPACK, b"", "bad_message", 4000),
        (MSGPACK, '{"type":"hello"}', "bad_message", 4000),
        (JSON, "garbage", "bad_message", 4000),
        (MSGPACK, msgpack.packb({"type": "hello", "face": {"fps": 5000}}), "bad_message", 4000),
        (MSGPACK, msgpack.packb({"type": "teleport"}), "bad_message", 4000),
        (MSGPACK, msgpack.packb({"type": "text", "text": "hi"}), "hello_expected", 4002),
        (MSGPACK, msgpack.packb({"type": "hello", "version": 2}), "unsupported_version", 4001),
        (MSGPACK, msgpack.packb({"type": "hello", "companion": "other"}), "unknown_companion", 4005),
        (MSGPACK, msgpack.packb({"type": "hello", "audio": {"codecs": ["opus"]}}), "unsupported", 4006),
        (MSGPACK, msgpack.packb({"type": "hello", "face": {"profile": "cubist"}}), "unsupported", 4006),
        (MSGPACK, msgpack.packb({"type": "hello", "face": {"fps": 59}}), "unsupported", 4006),
        (MSGPACK, msgpack.packb({"type": "hello", "face": {"profile": "none", "fps": 59}}), "unsupported", 4006),
        (MSGPACK, msgpack.packb({"type": "hello", "language": "../etc"}), "unsupported", 4006),
        (MSGPACK, msgpack.packb({"type": "hello", "language": "en_US.UTF-8"}), "unsupported", 4006),
        (MSGPACK, msgpack.packb({"type": "hello", "language": "日本語"}), "unsupported", 4006),
        (MSGPACK, msgpack.packb({"type": "hello", "role": "viewer"}), "no_such_session", 4013),
        (
            MSGPACK,
            msgpack.packb({"type": "hello", "role": "viewer", "watch": {"session": "x", "token": "y", "seq": 0}}),
            "no_such_session",
            4013,
        ),
    ],
)
def test_a_bad_beginning_is_told_and_closed(subprotocol: str, data: bytes | str, code: str, close: int) -> None:
    async def body() -> None:
        async with serving() as server, peer(server, subprotocol) as client:
            await client.socket.send(data)
            assert await client.closed() == (close, code)
            (error,) = client.seen
            assert (error["type"], error["code"], error["fatal"]) == ("error", code, True)
            assert error["message"].strip()
            assert f'companion_refused_total{{code="{code}"}} 1.0'.encode() in server.metrics.text()
            # Nobody else is troubled.
            async with peer(server) as other:
                await other.hello()

    run(body)


def test_who_says_nothing_is_closed() -> None:
    async def body() -> None:
        async with serving(limits={"hello_s": 0.05}) as server, peer(server) as client:
            assert await client.closed() == (4003, "hello_timeout")
            assert client.errors() == ["hello_timeout"]

    run(body)


def test_a_full_server_refuses_politely() -> None:
    async def body() -> None:
        async with (
            serving(limits={"sessions": 2}, server={"retry_after_s": 7.0}) as server,
            peer(server) as one,
            peer(server) as two,
            peer(server) as three,
        ):
            await one.hello()
            await two.hello()
            await three.send("hello")
            assert await three.closed() == (4020, "server_full")
            assert three.seen[0]["retry_after_s"] == 7.0
            await one.send("bye")
            await one.closed()
            async with peer(server) as four:
                await four.hello()

    run(body)


def test_one_user_cannot_take_every_place() -> None:
    async def body() -> None:
        limits = {"sessions": 10, "sessions_per_user": 1}
        async with (
            serving(limits=limits, auth={"secret": SECRET}) as server,
            peer(server) as one,
            peer(server) as two,
            peer(server) as three,
        ):
            await one.hello(token=token("ada"))
            await two.send("hello", token=token("ada"))
            assert await two.closed() == (4021, "user_full")
            await three.hello(token=token("bob"))

    run(body)


def test_a_huge_message_closes_its_connection_only() -> None:
    async def body() -> None:
        async with serving(limits={"message_bytes": 4096}) as server, peer(server) as other, peer(server) as client:
            await other.hello()
            welcome = await client.hello()
            assert welcome["limits"]["message_bytes"] == 4096
            await client.send("text", text="x" * 5000)
            code, _ = await client.closed()
            assert code == 1009
            await other.send("ping", stamp=1.0)
            await other.until("pong", stamp=1.0)

    run(body)


def test_mistakes_are_told_and_the_eighth_is_the_last() -> None:
    async def body() -> None:
        async with serving() as server, peer(server) as client:
            await client.hello()
            await client.socket.send("text on the binary protocol")
            await client.until("error", code="bad_message")
            await client.send("hello")
            await client.until("error", code="bad_message")
            for _ in range(6):
                await client.send("ping")
            assert await client.closed() == (4000, "bad_message")
            assert client.errors() == ["bad_message"] * 8
            assert [message.get("fatal", False) for message in client.seen[1:]] == [False] * 7 + [True]

    run(body)


def test_unknown_types_and_companions_are_told_however_often() -> None:
    """A newer client may use a message that this server does not know."""

    async def body() -> None:
        async with serving() as server, peer(server) as client:
            await client.hello()
            for _ in range(20):
                await client.send("teleport", to="the moon")
                assert (await client.next())["code"] == "unknown_type"
            await client.send("text", text="hi", companion="other")
            assert (await client.next())["code"] == "unknown_companion"
            await client.send("ping", stamp=1.0)
            assert (await client.next())["type"] == "pong"

    run(body)


def test_a_mic_frame_that_is_none() -> None:
    async def body() -> None:
        async with serving() as server, peer(server) as client:
            await client.hello()
            await client.send("mic", pts=0, data=bytes(641))
            assert (await client.next())["code"] == "bad_mic"
            await client.send("mic", pts=0, data=bytes(1922))
            assert (await client.next())["code"] == "bad_message"

    run(body)


def test_a_flood_is_dropped_and_disturbs_nobody() -> None:
    cast = Cast(replies(LONG))

    async def body() -> None:
        async with serving(cast) as server, peer(server) as flooder, peer(server) as other:
            await flooder.hello()
            await other.hello()
            ping = msgpack.packb({"type": "ping", "stamp": 1.0})

            async def flood() -> None:
                for _ in range(10_000):
                    await flooder.socket.send(ping)

            async def answers() -> None:
                await flooder.until("error", code="rate_limited")

            async with asyncio.TaskGroup() as group:
                group.create_task(flood())
                group.create_task(answers())
                other.records = True
                await other.send("text", text="count")
                await other.until("reply_end", text=LONG)
            assert other.pcm(1) == cast.tts.pcm(LONG)
            assert other.errors() == []
            flooder.socket.transport.abort()
            assert b"companion_rate_limited_total" in server.metrics.text()
            pongs = sum(message["type"] == "pong" for message in flooder.seen)
            assert pongs < 5_000

    run(body)
