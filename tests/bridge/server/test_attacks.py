"""What an attacker on the wire tries: after each of these a good client is served, and nothing but one session ends."""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any

import msgpack
import pytest
from websockets.exceptions import ConnectionClosed

from bridge.server.server import Server
from bridge.session.session import Session
from protocol.weight import MOST_VALUES
from testkit.frames import BINARY, CONT, PING, PONG, TEXT, fragments, frame, message
from testkit.scripted.engines import ScriptedDialogue, ScriptedTts
from tests.bridge.peers import JSON, SECRET, Peer, peer, run, serving, token
from tests.bridge.scenario import Cast, replies
from tests.bridge.server.wire import raw

SAFE = 2**53
LONG_REPLY = " ".join(["word"] * 200)


def beside(attack: Callable[[Server], Awaitable[None]], **options: Any) -> None:
    """Attack while a good client talks, and see that it is answered afterwards."""

    async def body() -> None:
        async with serving(**options) as server, peer(server) as good:
            await good.hello()
            await attack(server)
            good.records = True
            await good.send("text", text="hi")
            await good.until("reply_end")
            assert good.errors() == []

    run(body)


async def lives(client: Peer) -> None:
    await client.send("ping", stamp=9.0)
    await client.until("pong", stamp=9.0)


# --------------------------------------------------------------------------------------- many small things


def test_400_messages_at_once_on_a_fresh_connection_are_all_taken() -> None:
    async def attack(server: Server) -> None:
        async with peer(server) as client:
            await client.hello()
            for i in range(400):
                await client.send("ping", stamp=float(i))
            await client.until("pong", stamp=399.0)
            assert Counter(each["type"] for each in client.seen)["pong"] == 400
            assert client.errors() == []

    beside(attack)


def test_who_answers_every_media_with_a_playhead_is_never_over_the_rate() -> None:
    async def attack(server: Server) -> None:
        async with peer(server) as client:
            await client.hello()
            client.records = True
            await client.send("text", text="at length")
            await client.until("reply_end")
            sent = [each for each in client.seen if each["type"] == "media"]
            assert len(sent) > 390
            assert client.errors() == []

    limits = {"messages_per_s": 20, "reply_s": 120.0}
    beside(attack, cast=Cast(replies(LONG_REPLY), ScriptedTts(ms_per_word=200)), limits=limits)


@pytest.mark.parametrize(
    "flood",
    [
        [frame(PING, b"x")] * 3000,
        [frame(PONG)] * 3000,
        [frame(BINARY, b"\xc0", fin=False), *[frame(CONT, b"", fin=False)] * 3000],
        [frame(BINARY, message("ping", stamp=1.0))] * 3000,
        [frame(BINARY, b"")] * 3000,
        fragments(BINARY, message("camera", data=bytes(10_000)), 3),
    ],
    ids=["pings", "pongs", "empty fragments", "messages", "empty messages", "fragments"],
)
def test_a_flood_of_tiny_frames_takes_its_time_and_nobody_elses(flood: list[bytes]) -> None:
    async def attack(server: Server) -> None:
        async with raw(server) as client, peer(server) as other:
            await client.hello()
            client.writer.write(b"".join(flood))
            await other.hello()
            for _ in range(20):
                await lives(other)

    beside(attack)


def test_a_compressed_bomb_is_a_breach_of_the_protocol() -> None:
    async def attack(server: Server) -> None:
        async with raw(server) as client:
            await client.hello()
            await client.send(frame(BINARY, bytes(1000), reserved=4))
            assert (await client.closed())[0] == 1002

    beside(attack)


# ------------------------------------------------------------------------------------------ what costs most


@pytest.mark.parametrize(
    "data",
    [
        message("tools", tools=[{"name": "a", "parameters": {"x": [{}] * 280_000}}]),
        message("hello", features=[""] * 200_000),
        message("context", states={str(i): "" for i in range(40_000)}),
        message("x", **{"k" * 200_000: 1}),
        message("x" * 250_000),
        b"\x91" * 290_000,
        b"\x81\xa1a" * 90_000,
        b"\xdd\xff\xff\xff\xff",
        b"\xdf\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\xc9\x00\x00\x00\x01\x01\x01",
    ],
    ids=["maps", "features", "states", "key", "type", "deep", "deep maps", "array", "map", "bin", "ext"],
)
def test_one_message_that_is_hard_to_decode_is_one_mistake(data: bytes) -> None:
    async def attack(server: Server) -> None:
        async with peer(server) as client:
            await client.hello()
            await client.socket.send(data)
            told = await client.until("error")
            assert told["code"] in ("bad_message", "unknown_type")
            assert len(told["message"]) < 500
            await lives(client)

    beside(attack)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 290_000,
        '{"a":' * 50_000,
        '{"type":"ping","stamp":1e999}',
        '{"type":"ping","stamp":' + "9" * 200_000 + "}",
        '{"type":"ping","stamp":NaN}',
        '{"type":"text","text":"\\ud800"}',
        '{"type":"text","text":"\\udc00\\ud800"}',
        '{"type":"te\\ud800xt"}',
        '{"type":"mic","pts":0,"data":"' + "A" * 200_001 + '"}',
        '{"type":"mic","pts":0,"data":"====="}',
        '{"type":"playhead","turn":1.5,"pts":0,"seq":0}',
        '{"type":"playhead","turn":-1,"pts":0,"seq":0}',
        f'{{"type":"playhead","turn":{SAFE + 1},"pts":0,"seq":0}}',
        '{"type":"hello"}',
        '\ufeff{"type":"bye"}',
        "null",
        "",
    ],
    ids=lambda text: ascii(text[:40]),
)
def test_hostile_json_is_a_mistake(text: str) -> None:
    async def attack(server: Server) -> None:
        async with peer(server, JSON) as client:
            await client.hello()
            await client.socket.send(text)
            assert (await client.until("error"))["code"] in ("bad_message", "unknown_type", "empty_text")
            await lives(client)

    beside(attack)


def test_of_a_key_that_comes_twice_the_last_counts_and_two_types_are_a_mistake() -> None:
    def doubled(*pairs: tuple[str, object]) -> bytes:
        return bytes((0x80 + len(pairs),)) + b"".join(msgpack.packb(each) for pair in pairs for each in pair)

    async def attack(server: Server) -> None:
        async with peer(server, JSON) as client, peer(server) as packed:
            await client.hello()
            await client.socket.send('{"type":"ping","stamp":1,"stamp":2}')
            await client.until("pong", stamp=2.0)
            await client.socket.send('{"type":"ping","type":"bye","stamp":1}')
            await client.until("error", code="bad_message")
            await packed.hello()
            await packed.socket.send(doubled(("type", "ping"), ("stamp", 1.0), ("stamp", 2.0)))
            await packed.until("pong", stamp=2.0)
            await packed.socket.send(doubled(("type", "ping"), ("stamp", 1.0), ("type", "bye")))
            await packed.until("error", code="bad_message")

    beside(attack)


@pytest.mark.parametrize("pts", [0, 1, 2**31, 2**32, SAFE - 1, SAFE])
def test_numbers_at_their_bounds_are_numbers(pts: int) -> None:
    async def attack(server: Server) -> None:
        async with peer(server) as client:
            await client.hello()
            await client.send("mic", pts=pts, data=bytes(640))
            await client.send("mic", pts=SAFE, data=bytes(1920))
            await client.send("mic", pts=0, data=bytes(320))
            await client.send("talk", on=True, pts=pts)
            await client.send("talk", on=False, pts=pts)
            await client.send("playhead", turn=pts, pts=pts, seq=pts)
            await client.send("interrupt", turn=pts, pts=pts)
            await client.send("tool_result", call=max(1, pts))
            await client.send("ping", stamp=float(pts))
            await client.until("pong")
            await lives(client)

    beside(attack)


def test_values_are_paid_for_over_many_messages_too() -> None:
    """Each message is within its bound; together they are more than a second may cost."""

    async def attack(server: Server) -> None:
        async with peer(server) as client:
            await client.hello()
            parameters = {"x": [0] * (MOST_VALUES - 100)}
            for _ in range(12):
                await client.send("tools", tools=[{"name": "a", "parameters": parameters}])
            await client.until("error", code="rate_limited")
            await lives(client)

    beside(attack)


def test_replies_asked_for_are_paid_for() -> None:
    async def attack(server: Server) -> None:
        async with peer(server) as client:
            await client.hello()
            for i in range(30):
                match i % 3:
                    case 0:
                        await client.send("text", text="again")
                    case 1:
                        await client.send("context", events=["Something happens."], respond="must")
                    case _:
                        await client.send("talk", on=True)
                        await client.send("talk", on=False)
            await lives(client)
            started = [each for each in client.seen if each["type"] == "reply_start"]
            assert "rate_limited" in client.errors()
            assert len(started) <= 8

    beside(attack)


def test_what_is_always_allowed_costs_no_reply() -> None:
    async def attack(server: Server) -> None:
        async with peer(server) as client:
            await client.hello()
            for _ in range(60):
                await client.send("context", states={"place": "harbour"})
                await client.send("interrupt")
                await client.send("talk", on=False)
            await lives(client)
            assert client.errors() == []

    beside(attack)


# ------------------------------------------------------------------------------------- who has no business here


def test_guessing_a_resume_token_gives_only_sessions_of_ones_own() -> None:
    async def attack(server: Server) -> None:
        async with peer(server) as victim:
            welcome = await victim.hello(token=token("ada"))
            for guess in ("", "x", welcome["token"][:-1], welcome["token"] + "x", welcome["watch"], "ü" * 1000, "\0"):
                async with peer(server) as thief:
                    resume = {"session": welcome["session"], "token": guess, "seq": 0}
                    got = await thief.hello(token=token("eve"), resume=resume)
                    assert (got["resumed"], got["reason"]) == (False, "bad_token")
                    assert got["session"] != welcome["session"]
                    await thief.send("bye")
            await lives(victim)

    beside(attack, auth={"secret": SECRET})


def test_viewers_are_bounded_and_strangers_see_nothing() -> None:
    async def attack(server: Server) -> None:
        async with AsyncExitStack() as stack, peer(server) as client:
            welcome = await client.hello()
            watch = {"session": welcome["session"], "token": welcome["watch"], "seq": 0}
            ends: Counter[str] = Counter()
            for _ in range(30):
                viewer = await stack.enter_async_context(peer(server))
                await viewer.send("hello", role="viewer", watch=watch)
                first = await viewer.next()
                ends[first.get("code", first["type"])] += 1
            assert ends == {"welcome": 16, "server_full": 14}
            for wrong in ({**watch, "token": "x"}, {**watch, "session": "x"}, None):
                stranger = await stack.enter_async_context(peer(server))
                await stranger.send("hello", role="viewer", watch=wrong)
                assert await stranger.closed() == (4013, "no_such_session")
            await lives(client)

    beside(attack)


def test_the_sessions_of_one_user_are_bounded_also_those_that_wait() -> None:
    async def attack(server: Server) -> None:
        codes: Counter[str] = Counter()
        for _ in range(12):
            async with peer(server) as client:
                await client.send("hello", token=token("eve"))
                first = await client.next()
                codes[first.get("code", first["type"])] += 1
        assert codes["welcome"] == 3
        assert set(codes) <= {"welcome", "user_full", "rate_limited"}

    beside(attack, auth={"secret": SECRET}, limits={"sessions_per_user": 3})


def test_eight_mistakes_end_a_connection_and_the_next_one_is_as_good() -> None:
    async def attack(server: Server) -> None:
        async with peer(server) as client:
            await client.hello()
            with suppress(ConnectionClosed):
                for _ in range(20):
                    await client.socket.send(b"\xc1")
            assert await client.closed() == (4000, "bad_message")
        async with raw(server) as other:
            await other.upgrade(JSON)
            await other.send(frame(TEXT, json.dumps({"type": "text", "text": "no hello"}).encode()))
            assert (await other.closed()) == (4002, "hello_expected")

    beside(attack)


# ------------------------------------------------------------------------------------ bugs that an attacker finds


@pytest.mark.parametrize("where", ["attach", "receive", "run", "detach"])
def test_a_bug_in_a_session_ends_that_session_and_is_one_line_in_the_log(
    where: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    original = getattr(Session, where)

    def broken(self: Session, *arguments: Any, **options: Any) -> Any:
        if self._parts.hello.client == "victim":  # of whoever the bug is found by
            raise KeyError("http://bob:PASSWORD@upstream/ said something")
        return original(self, *arguments, **options)

    async def attack(server: Server) -> None:
        caplog.clear()
        monkeypatch.setattr(Session, where, broken)
        async with peer(server) as client:
            await client.send("hello", client="victim")
            await client.send("text", text="hi")
            if where != "detach":
                assert await client.closed() == (4090, "internal")
                assert not [each for each in client.seen if "PASSWORD" in str(each)]

    beside(attack)
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR] == ["session failed"]
    assert "PASSWORD" not in caplog.text


def test_a_client_is_never_told_what_an_engine_was_told(caplog: pytest.LogCaptureFixture) -> None:
    class Leaky(ScriptedDialogue):
        async def reply(self, request):  # type: ignore[no-untyped-def]  # as in the base class
            raise ValueError("401 from http://bob:PASSWORD@upstream/v1: {'key': 'sk-SECRET'}")
            yield ""

    async def attack(server: Server) -> None:
        async with peer(server) as client:
            await client.hello()
            await client.send("text", text="hi")
            got = await client.until("error")
            assert "PASSWORD" not in str(got)
            assert "SECRET" not in str(got)

    async def body() -> None:
        async with serving(Cast(Leaky(("x",)))) as server:
            await attack(server)

    run(body)
    assert "PASSWORD" not in caplog.text


def test_messages_of_every_type_with_wrong_values_are_mistakes() -> None:
    wrong: list[object] = [None, -1, SAFE + 1, 1.5, "", "x" * 9000, [], {}, [[]], True, b"x" * 9000, float("inf")]
    fields = {
        "mic": ("pts", "data"),
        "talk": ("on", "pts"),
        "text": ("text",),
        "playhead": ("turn", "pts", "seq"),
        "interrupt": ("turn", "pts"),
        "context": ("states", "events", "respond"),
        "tools": ("tools",),
        "tool_result": ("call", "status", "value"),
        "camera": ("data", "format"),
        "ping": ("stamp",),
        "bye": ("companion",),
    }

    async def attack(server: Server) -> None:
        for type_, names in fields.items():
            if type_ == "bye":
                continue
            for name in names:
                async with peer(server) as client:
                    await client.hello()
                    with suppress(ConnectionClosed):
                        for value in wrong:
                            await client.socket.send(msgpack.packb({"type": type_, name: value}))
                    try:
                        await client.send("bye")
                        end = await client.closed()
                    except ConnectionClosed:
                        end = await client.closed()
                    assert end[0] in (1000, 4000), (type_, name, end)
                    assert "internal" not in client.errors()

    beside(attack)
