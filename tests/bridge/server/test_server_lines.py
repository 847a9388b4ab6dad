"""Lost, slow, stolen and watching connections on real sockets."""

from __future__ import annotations

import asyncio
import socket

import pytest

from bridge.server.connection import Connection
from testkit.scripted.engines import ScriptedStt, ScriptedTts
from tests.bridge.peers import JSON, Peer, peer, run, serving
from tests.bridge.scenario import LONG, LOUD, QUIET, Cast, replies


async def read_some(client: Peer, count: int) -> None:
    """Hears media until `count` messages of it came."""
    client.records = True
    while sum(message["type"] == "media" for message in client.seen) < count:
        await client.next()


@pytest.mark.parametrize("count", [1, 4, 9])
def test_who_vanishes_in_mid_word_and_returns_has_missed_nothing(count: int) -> None:
    cast = Cast(replies(LONG))

    async def body() -> None:
        async with serving(cast) as server:
            async with peer(server) as first:
                welcome = await first.hello()
                await first.send("text", text="count")
                await read_some(first, count)
                first.socket.transport.abort()
            async with peer(server, JSON) as second:
                again = await second.hello(
                    resume={"session": welcome["session"], "token": welcome["token"], "seq": first.seq}
                )
                assert again["resumed"] is True
                second.records = True
                await second.until("reply_end", text=LONG)
            assert first.pcm(1) + second.pcm(1) == cast.tts.pcm(LONG)
            seqs = [m["seq"] for m in first.seen + second.seen if "seq" in m and m["type"] != "welcome"]
            assert seqs == sorted(set(seqs))
            assert b"companion_resumed_total 1.0" in server.metrics.text()

    run(body)


def test_a_session_is_taken_over_from_a_connection_that_seems_alive() -> None:
    async def body() -> None:
        async with serving() as server, peer(server) as first, peer(server) as second:
            welcome = await first.hello()
            await second.hello(resume={"session": welcome["session"], "token": welcome["token"], "seq": 0})
            assert await first.closed() == (4032, "session_taken")
            await second.send("text", text="hi")
            await second.until("reply_end")

    run(body)


def test_a_stale_or_unknown_resume_opens_a_new_session_and_says_why() -> None:
    async def body() -> None:
        async with serving(Cast(replies(LONG))) as server:
            async with peer(server) as first:
                welcome = await first.hello()
                await first.send("text", text="count")
                await read_some(first, 6)
                await first.send("ping", stamp=1.0)
                await first.until("pong")
            known = {"session": welcome["session"], "token": welcome["token"]}
            for resume, reason in [
                ({**known, "seq": 1}, "replay_gap"),
                ({**known, "seq": 10**9}, "replay_gap"),
                ({**known, "token": "x", "seq": 1}, "bad_token"),
                ({**known, "session": "x", "seq": 1}, "session_expired"),
            ]:
                async with peer(server) as other:
                    new = await other.hello(resume=resume)
                    assert (new["resumed"], new["reason"]) == (False, reason)
                    assert new["session"] != welcome["session"]

    run(body)


def test_an_interruption_keeps_the_order_of_numbers() -> None:
    """A short "stop" is known by its transcript, which is sent in the same moment."""
    cast = Cast(replies(LONG, "Fine."), stt=ScriptedStt(("stop",)))

    async def body() -> None:
        async with serving(cast) as server, peer(server) as client:
            await client.hello(audio={"aec": True})
            await client.send("text", text="count")
            await client.until("media")
            for i in range(25):
                await client.send("mic", pts=320 * i, data=LOUD if i < 6 else QUIET)
            await client.until("interrupted", turn=1)
            await client.until("reply_start", turn=2)
            seqs = [m["seq"] for m in client.seen if "seq" in m and m["type"] != "welcome"]
            assert seqs == sorted(set(seqs))
            cut = next(i for i, m in enumerate(client.seen) if m["type"] == "interrupted")
            assert not [m for m in client.seen[cut + 1 :] if m.get("turn") == 1 and m["type"] in ("media", "text")]

    run(body)


def test_who_never_reads_is_closed_and_can_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.server.sockets.SOCKET_BUFFER", 4096)
    text = " ".join([LONG] * 5)
    cast = Cast(replies(text), ScriptedTts(ms_per_word=200))

    async def body() -> None:
        limits = {"backlog_bytes": 262_144, "messages_per_s": 100_000}  # seconds of a loop that stands still
        async with serving(cast, limits=limits, turns={"lead_s": 1.2}) as server:
            narrow = socket.socket()
            narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            narrow.setblocking(False)
            await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", server.port))
            async with peer(server, sock=narrow, max_queue=1) as slow, peer(server) as other:
                welcome = await slow.hello()
                (session,) = server._hosting.sessions.all()
                link = session.out.speaker  # the session forgets it once it is closed
                await slow.send("text", text="count")
                await other.hello()
                other.records = True
                await other.send("text", text="count")
                await other.until("reply_end")
                assert other.pcm(1) == cast.tts.pcm(text)
                assert isinstance(link, Connection)
                while not link._finished and slow.socket.close_code is None:
                    assert link.backlog < 2 * 262_144
                    await asyncio.sleep(0)  # pings in such a loop are so many that some are dropped, with their pongs
                await other.send("ping", stamp=1.0)
                await other.until("pong")
                try:
                    end = await asyncio.wait_for(slow.closed(), 10.0)
                except TimeoutError:
                    # Some kernels hold what is left for minutes, in a window as narrow as this.
                    slow.socket.transport.abort()
                    end = await slow.closed()
                assert end in [(4031, "slow_client"), (1006, "")]
            assert b"companion_faces_shed_total 0.0" not in server.metrics.text()
            async with peer(server) as back:
                resume = {"session": welcome["session"], "token": welcome["token"], "seq": slow.seq}
                assert (await back.hello(resume=resume))["resumed"] is True
                back.records = True
                await back.until("reply_end")
                assert slow.pcm(1) + back.pcm(1) == cast.tts.pcm(text)
                assert back.errors() == []

    run(body)


def test_a_viewer_sees_and_hears_but_may_not_speak() -> None:
    cast = Cast(replies(LONG))

    async def body() -> None:
        async with (
            serving(cast, limits={"viewers_per_session": 1}) as server,
            peer(server) as client,
            peer(server, JSON) as viewer,
            peer(server) as crowd,
        ):
            welcome = await client.hello()
            watch = {"session": welcome["session"], "token": welcome["watch"], "seq": 0}
            seen = await viewer.hello(role="viewer", watch=watch)
            assert seen["session"] == welcome["session"]
            assert "token" not in seen or not seen["token"]
            await crowd.send("hello", role="viewer", watch=watch)
            assert await crowd.closed() == (4020, "server_full")
            await viewer.until("state")
            await viewer.send("text", text="let me speak")
            await viewer.until("error", code="unsupported")
            await viewer.send("ping", stamp=2.0)
            await viewer.until("pong", stamp=2.0)
            client.records = True
            await client.send("text", text="count")
            await client.until("reply_end")
            await viewer.until("reply_end")
            assert viewer.pcm(1) == client.pcm(1) == cast.tts.pcm(LONG)
            await client.send("bye")
            assert await viewer.closed() == (1000, "bye")

    run(body)


def test_a_secret_to_watch_does_not_give_the_session() -> None:
    async def body() -> None:
        async with serving() as server, peer(server) as client, peer(server) as thief:
            welcome = await client.hello()
            stolen = {"session": welcome["session"], "token": welcome["watch"], "seq": 0}
            assert (await thief.hello(resume=stolen))["reason"] == "bad_token"

    run(body)
