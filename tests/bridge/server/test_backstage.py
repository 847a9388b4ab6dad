"""The stream's side: which conversation is the newest, tokens that only view, and the dock."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

from bridge import wallclock
from bridge.auth import verify
from bridge.server import backstage
from bridge.server.server import Server
from tests.bridge.peers import SECRET, http, peer, run, serving, token
from tests.bridge.scenario import LONG, Cast, replies

GUARDED = {"secret": SECRET, "required": True}


async def get(server: Server, path: str, bearer: str = "") -> tuple[int, Any]:
    lines = [f"GET {path} HTTP/1.1", *([f"Authorization: Bearer {bearer}"] if bearer else [])]
    status, body = await http(server, *lines)
    return status, json.loads(body) if status == 200 else body


@asynccontextmanager
async def dock(server: Server, **hello: Any) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://127.0.0.1:{server.port}/dock/socket", compression=None, close_timeout=1) as socket:
        await socket.send(json.dumps({"type": "hello", **hello}))
        yield socket


async def told(socket: ClientConnection, **wanted: Any) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = json.loads(await socket.recv())
        if wanted.items() <= message.items():
            return message


def test_the_newest_conversation_is_told_and_can_be_watched() -> None:
    async def body() -> None:
        async with serving() as server:
            assert await get(server, "/newest.json") == (200, {})
            async with peer(server) as first, peer(server) as second, peer(server) as viewer:
                await first.hello()
                welcome = await second.hello()
                status, found = await get(server, "/newest.json")
                assert (status, found["session"]) == (200, welcome["session"])
                watch = {"session": found["session"], "token": found["watch"], "seq": 0}
                seen = await viewer.hello(role="viewer", watch=watch)
                assert seen["session"] == welcome["session"]
                assert await get(server, "/newest.json?identity=somebody-else") == (200, {})

    run(body)


def test_only_ones_own_conversations_are_told_and_only_to_who_may_view() -> None:
    async def body() -> None:
        async with serving(auth=GUARDED) as server, peer(server) as ada, peer(server) as bob:
            mine = await ada.hello(token=token("ada"))
            await bob.hello(token=token("bob"))
            for rights in (("view",), ("speak",), ("view", "speak")):
                _, found = await get(server, "/newest.json", token("ada", rights))
                assert found["session"] == mine["session"]
            assert await get(server, "/newest.json", token("eve", ("view",))) == (200, {})
            for bad in ("", "nonsense", token("ada", ("studio",)), token("ada", lifetime=-1.0)):
                status, sentence = await get(server, "/newest.json", bad)
                assert status == 401
                assert sentence

    run(body)


def test_a_token_for_a_stream_lasts_a_year_and_only_views() -> None:
    async def body() -> None:
        async with serving(auth=GUARDED) as server:
            status, answer = await get(server, "/view-token", token("ada"))
            assert status == 200
            caller = verify(SECRET, answer["token"], now=wallclock.now() + 360 * 24 * 3600)
            assert (caller.user, caller.rights) == ("ada", frozenset({"view"}))
            assert (await get(server, "/view-token", token("ada", ("view",))))[0] == 401
            assert (await get(server, "/view-token"))[0] == 401
        async with serving() as server:
            assert await get(server, "/view-token") == (200, {"token": ""})

    run(body)


def test_foreign_pages_learn_nothing() -> None:
    async def body() -> None:
        async with serving() as server:
            for path in ("/newest.json", "/view-token"):
                status, _ = await http(server, f"GET {path} HTTP/1.1", "Origin: http://evil.example")
                assert status == 403

    run(body)


def test_how_the_tools_stand_is_told_to_whoever_may_speak() -> None:
    standings = [("vmc", "works", "")]

    async def body() -> None:
        async with serving(auth=GUARDED) as server, dock(server, token=token("ada")) as steering:
            assert (await told(steering, state="away"))["outlets"] == []
            server.tells_of(lambda: standings)
            await told(steering, outlets=[{"tool": "vmc", "state": "works", "why": ""}])
            standings[0] = ("vmc", "away", "the network is down")
            now = await told(steering, outlets=[{"tool": "vmc", "state": "away", "why": "the network is down"}])
            assert await get(server, "/outlets.json", token("ada")) == (200, {"outlets": now["outlets"]})
            assert (await get(server, "/outlets.json", token("ada", ("view",))))[0] == 401
            assert (await get(server, "/outlets.json"))[0] == 401

    run(body)


def test_a_dock_skips_mutes_and_speaks() -> None:
    async def body() -> None:
        async with serving(Cast(dialogue=replies(LONG))) as server, peer(server) as talker, dock(server) as steering:
            await told(steering, state="away")
            welcome = await talker.hello()
            await told(steering, session=welcome["session"], state="idle", muted=False)
            await talker.send("text", text="go on")
            await talker.until("media", turn=1)
            await steering.send(json.dumps({"type": "do", "what": "skip"}))
            await talker.until("interrupted", turn=1)
            await steering.send(json.dumps({"type": "do", "what": "mute"}))
            await told(steering, muted=True)
            await talker.send("text", text="are you there")
            assert (await talker.until("error"))["code"] == "unanswered"
            # What is to be said as it stands is said all the same.
            await steering.send(json.dumps({"type": "say", "text": "  Back in\n five minutes. "}))
            end = await talker.until("reply_end", turn=2)
            assert end["text"] == "Back in five minutes."
            await steering.send(json.dumps({"type": "do", "what": "unmute"}))
            await told(steering, muted=False)
            await talker.send("text", text="hello again")
            await talker.until("reply_start", turn=3)
            await steering.send(json.dumps({"type": "do", "what": "stop"}))
            await told(steering, muted=True)
            await talker.until("interrupted", turn=3)

    run(body)


def test_what_a_dock_cannot_ask_is_told_and_too_much_of_it_ends_it() -> None:
    async def body() -> None:
        async with serving() as server, dock(server) as steering:
            await steering.send(json.dumps({"type": "do", "what": "skip"}))
            await told(steering, code="no_such_session")
            for _ in range(backstage.MISTAKES):
                await steering.send("\ud800nonsense".encode("utf-8", "surrogatepass"))
            await steering.wait_closed()
            assert steering.close_code == backstage.REFUSED

    run(body)


@pytest.mark.parametrize(
    ("first", "code"),
    [
        ("{}", "bad_message"),
        ('{"type":"do","what":"skip"}', "hello_expected"),
        ('{"type":"hello","token":"x"}', "unauthorized"),
        ('{"type":"hello"}', "unauthorized"),
        (json.dumps({"type": "hello", "token": token("ada", ("view",))}), "forbidden"),
    ],
)
def test_who_may_not_steer_is_told_why(first: str, code: str) -> None:
    async def body() -> None:
        async with serving(auth=GUARDED) as server:
            url = f"ws://127.0.0.1:{server.port}/dock/socket"
            async with connect(url, compression=None, close_timeout=1) as socket:
                await socket.send(first)
                assert json.loads(await socket.recv())["code"] == code
                await socket.wait_closed()
                assert (socket.close_code, socket.close_reason) == (backstage.REFUSED, code)

    run(body)


def test_a_dock_that_says_nothing_is_left() -> None:
    async def body() -> None:
        async with serving(limits={"hello_s": 0.1}) as server:
            url = f"ws://127.0.0.1:{server.port}/dock/socket"
            socket = await connect(url, compression=None)
            await socket.wait_closed()
            assert socket.close_reason == "hello_timeout"

    run(body)


def test_there_are_only_so_many_docks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backstage, "DOCKS", 1)

    async def body() -> None:
        async with serving() as server, dock(server) as one:
            await told(one, state="away")
            async with dock(server) as other:
                await told(other, code="server_full")
                await other.wait_closed()
                assert other.close_code == backstage.FULL
            await asyncio.sleep(0)

    run(body)
