"""Several identities on one server, over real sockets: who is offered, who is asked for, and what changes meanwhile."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from bridge.server.server import Server
from bridge.setup import casting, lifecycle
from bridge.setup.config import load
from tests.bridge.peers import peer, run
from tests.bridge.server.wire import ask, lines_of
from tests.bridge.setup.people_on_disk import write_person, write_portrait


@asynccontextmanager
async def serving(folder: Path, *settings: str) -> AsyncIterator[Server]:
    """The server as `companion serve` opens it, without ears."""
    config = load(None, {}, ["engines.stt=none", "server.port=0", f"identity.folder={folder}", *settings])
    person = casting.identity(config.identity.path)
    companion = casting.cast(config, person, casting.engine)
    async with lifecycle.started(companion.engines), Server(config, companion, person=person) as server:
        yield server


async def refused(server: Server, **hello: Any) -> tuple[int, str]:
    """Close code and sentence of a refusal."""
    async with peer(server) as one:
        await one.send("hello", **hello)
        error = await one.until("error")
        with pytest.raises(ConnectionClosed) as closed:
            await one.next()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code, error["message"]


def test_others_are_offered_and_talk_at_the_same_time(tmp_path: Path) -> None:
    write_portrait(write_person(tmp_path / "nora", "Olga", says="Bees are my whole life."))

    async def body() -> None:
        async with serving(tmp_path) as server, peer(server) as one, peer(server) as other:
            welcome = await one.hello(face={"profile": "none"})
            offered = {each["id"]: each for each in welcome["identities"]}
            assert {"teacher", "guide", "nora"} <= set(offered)
            assert offered["nora"]["draft"] is True
            assert welcome["identity"]["id"] == "teacher"
            nora = await other.hello(identity="nora", face={"profile": "none"}, greet=True)
            assert (nora["identity"]["name"], nora["identity"]["portrait"]) == ("Olga", offered["nora"]["portrait"])
            status, _, picture = await ask(server, *lines_of(path=offered["nora"]["portrait"]))
            assert (status, picture[:4]) == (200, b"\x89PNG")
            await one.send("text", text="What is your name?")
            for each, expected in ((one, "Nora"), (other, "Bees are my whole life.")):
                end = await each.until("reply_end")
                assert expected in end["text"], end

    run(body)


def test_what_changes_on_disk_is_heard_in_the_next_turn_of_the_same_conversation(tmp_path: Path) -> None:
    folder = write_person(tmp_path / "nora", "Nora")

    async def body() -> None:
        async with serving(tmp_path) as server, peer(server) as one:
            await one.hello(identity="nora", face={"profile": "none"})
            one.records = True
            write_person(folder, "Olga", facts={"looks": {"hair": "white"}})
            for _ in range(2):
                await server.ensemble.refresh()
            await one.send("text", text="What is your name?")
            end = await one.until("reply_end")
            assert "Olga" in end["text"]
            assert end["turn"] == 1
            status, _, looks = await ask(server, *lines_of(path="/looks.json?identity=nora"))
            assert (status, json.loads(looks)) == (200, {"hair": "white"})

    run(body)


def test_a_wrong_wish_is_refused_with_a_code(tmp_path: Path) -> None:
    broken = write_person(tmp_path / "broken", "Bruno", facts={"sorry": 3})

    async def body() -> None:
        async with serving(tmp_path) as server:
            assert (await refused(server, identity="nobody"))[0] == 4007
            code, sentence = await refused(server, identity="broken")
            assert code == 4007
            assert "cannot be loaded" in sentence
            assert str(broken.parent) not in sentence
            assert (await refused(server, voice="no such voice"))[0] == 4006
            assert (await refused(server, identity="nobody", audio={"codecs": ["opus"]}))[0] == 4007

    run(body)


def test_one_identity_alone_where_the_configuration_says_so(tmp_path: Path) -> None:
    write_person(tmp_path / "nora")

    async def body() -> None:
        async with serving(tmp_path, "identity.others=no") as server, peer(server) as one:
            welcome = await one.hello()
            assert [each["id"] for each in welcome["identities"]] == ["teacher"]
            assert (await refused(server, identity="nora"))[0] == 4007

    run(body)


@pytest.mark.parametrize(
    "query", ["", "?identity=teacher", "?identity=guide", "?identity=../../etc", "?" + "a=1&" * 40, "?identity=%00"]
)
def test_looks_are_looked_up_and_lead_nowhere(tmp_path: Path, query: str) -> None:
    async def body() -> None:
        async with serving(tmp_path) as server, peer(server) as one:
            await one.hello()
            status, _, data = await ask(server, *lines_of(path=f"/looks.json{query}"))
            looks = json.loads(data)
            assert status == 200
            assert bool(looks) == (query in ("", "?identity=teacher", "?identity=guide") or "a=1" in query)

    run(body)
