"""Several workers on one port: a client finds its session again wherever it lands, and a restart costs no word."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from bridge.server.server import Server
from tests.bridge.fleet.fleets import Fleet, fleet, pcm, reply
from tests.bridge.peers import JSON, MSGPACK, Peer, http, peer, run


def has(fleet: Fleet, session: str) -> Server:
    """The server that has a session."""
    (found,) = [server for server in fleet.servers if session in server.sessions]
    return found


@asynccontextmanager
async def landing(fleet: Fleet, away_from: Server, **options: Any) -> AsyncIterator[Peer]:
    """A connection to another worker than that."""
    async with AsyncExitStack() as stack:
        for _ in range(8):
            worker = fleet.front._roster.next()
            assert worker is not None
            if fleet.servers[worker.slot] is not away_from:
                break
            await stack.enter_async_context(peer(fleet, **options))
        async with peer(fleet, **options) as landed:
            yield landed


def resume(welcome: dict[str, Any], client: Peer) -> dict[str, Any]:
    return {"session": welcome["session"], "token": welcome["token"], "seq": client.seq}


def test_a_restart_costs_no_word_and_no_connection() -> None:
    async def body() -> None:
        async with fleet(2) as own, AsyncExitStack() as stack:
            clients = [
                await stack.enter_async_context(peer(own, protocol)) for protocol in (MSGPACK, JSON, MSGPACK, MSGPACK)
            ]
            welcomes = [await client.hello() for client in clients]
            viewer = await stack.enter_async_context(peer(own))
            watch = {"session": welcomes[0]["session"], "token": welcomes[0]["watch"], "seq": 0}
            await viewer.hello(role="viewer", watch=watch)
            before = [has(own, welcome["session"]) for welcome in welcomes]
            assert len(set(map(id, before))) == 2
            for client in clients[:3]:
                client.records = True
                await client.send("text", text="count")
                await client.until("media")
            restart = asyncio.create_task(own.front.replace())
            for client in clients[:3]:
                await client.until("state", state="idle")
            assert await restart
            after = [has(own, welcome["session"]) for welcome in welcomes]
            assert not set(map(id, before)) & set(map(id, after))
            for number, client in enumerate(clients):
                client.records = True
                await client.send("text", text="go on")
                await client.until("state", state="idle")
                turns = 2 if number < 3 else 1
                for turn in range(1, turns + 1):
                    # What is said tells how much of the conversation is known: all of it.
                    assert client.pcm(turn) == pcm(turn)
                texts = [message["text"] for message in client.seen if message["type"] == "reply_end"]
                assert texts == [reply(turn) for turn in range(1, turns + 1)]
                assert [message["type"] for message in client.seen].count("welcome") == 1
                seqs = [message["seq"] for message in client.seen[1:] if message.get("seq")]
                assert seqs == list(range(1, len(seqs) + 1))
                assert client.errors() == []
            await viewer.until("reply_end", text=reply(2))
            assert viewer.pcm(2) == pcm(2)

    run(body)


def test_a_client_that_comes_back_to_another_worker_gets_the_rest() -> None:
    async def body() -> None:
        async with fleet(2) as own:
            async with peer(own) as lost:
                welcome = await lost.hello()
                home = has(own, welcome["session"])
                await lost.send("text", text="count")
                for _ in range(3):
                    await lost.until("media")
                lost.socket.transport.abort()
            async with landing(own, home) as again:
                again.records = True
                back = await again.hello(resume=resume(welcome, lost))
                assert (back["resumed"], back["session"]) == (True, welcome["session"])
                await again.until("reply_end")
                assert lost.pcm(1) + again.pcm(1) == pcm(1)
                assert has(own, welcome["session"]) is home

    run(body)


def test_a_viewer_finds_the_worker_of_its_session() -> None:
    async def body() -> None:
        async with fleet(2) as own, peer(own) as speaker:
            welcome = await speaker.hello()
            watch = {"session": welcome["session"], "token": welcome["watch"], "seq": 0}
            async with landing(own, has(own, welcome["session"])) as viewer:
                await viewer.hello(role="viewer", watch=watch)
                await speaker.send("text", text="count")
                speaker.records = True
                await speaker.until("reply_end")
                await viewer.until("reply_end")
                assert viewer.pcm(1) == pcm(1)

    run(body)


def test_a_session_that_nobody_has_is_told_to_be_over() -> None:
    async def body() -> None:
        async with fleet(2) as own, peer(own) as client:
            back = await client.hello(resume={"session": "never.was.here", "token": "t", "seq": 0})
            assert (back["resumed"], back["reason"]) == (False, "session_expired")
            await client.send("text", text="hello")
            client.records = True
            assert (await client.until("reply_end"))["text"] == reply(1)

    run(body)


def test_a_worker_that_dies_costs_its_own_sessions_alone() -> None:
    async def body() -> None:
        async with fleet(2) as own, peer(own) as one, peer(own) as two:
            first, second = await one.hello(), await two.hello()
            victim = next(seat for seat in own.seats if seat.server is has(own, first["session"]))
            victim.kill()
            assert (await one.closed())[0] == 1006
            async with peer(own) as again:
                back = await again.hello(resume=resume(first, one))
                assert (back["resumed"], back["reason"]) == (False, "session_expired")
            two.records = True
            await two.send("text", text="still there?")
            assert (await two.until("reply_end"))["text"] == reply(1)
            assert second["session"] in own.servers[1].sessions

    run(body)


def test_one_page_counts_for_all() -> None:
    async def body() -> None:
        async with fleet(2) as own, peer(own) as one, peer(own) as two:
            await one.hello()
            await two.hello()
            status, text = await http(own, "GET /metrics HTTP/1.1")
            assert status == 200
            counts = sorted(line for line in text.splitlines() if line.startswith("companion_sessions"))
            assert counts == ['companion_sessions{worker="0"} 1.0', 'companion_sessions{worker="1"} 1.0']
            for path in ("/livez", "/readyz", "/healthz"):
                assert await http(own, f"GET {path} HTTP/1.1") == (200, "ok\n")

    run(body)
