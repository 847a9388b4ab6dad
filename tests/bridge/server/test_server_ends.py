"""Crashes, failing engines and the end of a server, on real sockets."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import datetime

import pytest
from websockets.exceptions import ConnectionClosed

from testkit.scripted.engines import Fault, ScriptedDialogue, ScriptedTts
from tests.bridge.peers import http, peer, run, serving
from tests.bridge.scenario import LONG, NOON, Cast, replies


def test_a_crash_ends_one_session_and_no_other(caplog: pytest.LogCaptureFixture) -> None:
    broken = False

    def clock() -> datetime:
        if broken:
            raise RuntimeError("a bug of the bridge")
        return NOON

    async def body() -> None:
        nonlocal broken
        async with serving(Cast(replies(LONG)), clock=clock) as server, peer(server) as one, peer(server) as two:
            welcome = await one.hello()
            await two.hello()
            two.records = True
            await two.send("text", text="count")
            await two.until("media")
            broken = True
            await one.send("text", text="crash")
            assert await one.closed() == (4090, "internal")
            (error,) = [message for message in one.seen if message["type"] == "error"]
            assert error["fatal"] is True
            assert "bug" not in error["message"]
            await two.until("reply_end", text=LONG)
            async with peer(server) as again:
                resume = {"session": welcome["session"], "token": welcome["token"], "seq": 0}
                assert (await again.hello(resume=resume))["reason"] == "session_expired"

    run(body)
    assert any("RuntimeError" in getattr(record, "error", "") for record in caplog.records)


class BrokenVad:
    """A detector with a bug."""

    name, window = "broken", 320

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    def open(self) -> BrokenVad:
        return self

    def probability(self, window: bytes) -> float:
        raise RuntimeError("a bug in the detector")

    def reset(self) -> None: ...


def test_a_bug_of_an_engine_ends_no_session() -> None:
    async def body() -> None:
        cast = Cast()
        cast.vad = BrokenVad()  # type: ignore[assignment]  # it keeps the protocol
        async with serving(cast) as server, peer(server) as one, peer(server) as two:
            await one.hello()
            await two.hello()
            await one.send("mic", pts=0, data=bytes(640))
            await one.until("error", code="stt_failed")
            for either in (one, two):
                await either.send("text", text="hi")
                await either.until("reply_end")

    run(body)


def test_an_engine_that_fails_or_hangs_is_told_and_the_next_question_answered() -> None:
    async def body() -> None:
        for kind in ("fail", "die", "hang"):
            cast = Cast(ScriptedDialogue(("Yes.",), fault=Fault(kind)))
            async with serving(cast, turns={"first_word_s": 0.05}) as server, peer(server) as client:
                await client.hello()
                client.records = True
                await client.send("text", text="one")
                await client.until("error", code="dialogue_failed")
                await client.until("reply_end", reason="failed")
                await client.send("text", text="two")
                await client.until("reply_end", text="Yes.")

    run(body)


def test_draining_lets_replies_be_heard_and_then_says_when_to_come_back() -> None:
    cast = Cast(replies(LONG), ScriptedTts(ms_per_word=40))

    async def body() -> None:
        async with (
            serving(cast, server={"retry_after_s": 3.0}) as server,
            peer(server) as talking,
            peer(server) as silent,
            peer(server) as late,
        ):
            await talking.hello()
            await silent.hello()
            await talking.send("text", text="count")
            await talking.until("media")
            drained = asyncio.ensure_future(server.drain())
            assert await silent.closed() == (1001, "going_away")
            assert silent.seen[-1]["retry_after_s"] == 3.0
            assert (await http(server, "GET /healthz HTTP/1.1"))[0] == 503
            await late.send("hello")
            assert await late.closed() == (1001, "going_away")
            talking.records = True
            await talking.until("reply_end", text=LONG)
            assert await talking.closed() == (1001, "going_away")
            assert talking.pcm(1) == cast.tts.pcm(LONG)
            await drained

    run(body)


def test_draining_has_an_end() -> None:
    async def body() -> None:
        async with serving(Cast(replies(LONG)), server={"drain_s": 0.05}) as server, peer(server) as client:
            await client.hello()
            await client.send("text", text="count")
            await client.until("media")
            await server.drain()
            await client.send("ping", stamp=1.0)
            await client.until("pong")

    run(body)


def test_leaving_the_server_tells_every_client() -> None:
    async def body() -> None:
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(serving(Cast(replies(LONG))))
            async with peer(server) as client:
                await client.hello()
                await client.send("text", text="count")
                await client.until("media")
                closing = asyncio.ensure_future(stack.aclose())
                assert await client.closed() == (1001, "going_away")
                assert client.errors() == ["going_away"]
                await closing

    run(body)


def test_a_client_that_is_gone_before_its_welcome_leaves_nothing_broken() -> None:
    async def body() -> None:
        async with serving(limits={"sessions": 3, "resume_s": 0.05}) as server:
            for _ in range(10):
                try:
                    async with peer(server) as client:
                        await client.send("hello")
                        client.socket.transport.abort()
                except ConnectionClosed:
                    pass
                async with peer(server) as other:
                    await other.send("hello")
                    first = await other.next()
                    if first["type"] == "welcome":
                        await other.send("bye")
                    assert (await other.closed())[0] in (1000, 4020)

    run(body)
