"""The studio over real sockets: who is let in, what is asked and answered, and that nothing outlives its page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bridge.server.server import Server
from bridge.server.studio import room
from bridge.server.studio.runs import Runs
from tests.bridge.peers import SECRET, run, token
from tests.bridge.server.studio.test_runs import PROGRAM, alive, until
from tests.bridge.server.test_identities import serving
from tests.bridge.server.wire import ask, lines_of
from tests.bridge.setup.people_on_disk import write_person


@asynccontextmanager
async def page(server: Server, hello: dict[str, Any] | None = None, **more: Any) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://127.0.0.1:{server.port}{room.SOCKET}", max_size=None, **more) as socket:
        await socket.send(json.dumps({"type": "hello", **(hello or {})}))
        yield socket


async def answer(socket: ClientConnection, **message: Any) -> list[Any]:
    """Ask, and all that is answered, up to `done` or an error."""
    if message:
        await socket.send(json.dumps(message))
    found: list[Any] = []
    while True:
        data = await socket.recv()
        found.append(json.loads(data) if isinstance(data, str) else data)
        if isinstance(data, str) and found[-1]["type"] in ("done", "error", "ready"):
            return found


@asynccontextmanager
async def studio(folder: Path, *settings: str, program: tuple[str, ...] | None = PROGRAM) -> AsyncIterator[Server]:
    async with serving(folder, *settings) as server:
        if program is not None:
            server._studio.runs = Runs(program)
        yield server


def test_somebody_is_made_heard_changed_reviewed_and_taken_away_as_a_file(tmp_path: Path) -> None:
    async def body() -> None:
        async with studio(tmp_path, program=None) as server, page(server) as one:
            assert (await answer(one))[-1]["type"] == "ready"
            made = await answer(one, type="make", sentence="a warm physics teacher", seed=3)
            steps = [each["doing"] for each in made if each["type"] == "progress"]
            assert "choosing a voice" in steps
            person = next(each["person"] for each in made if each["type"] == "person")
            assert {each["stage"] for each in person["lineage"]} >= {"draft", "voice"}
            heard = await answer(one, type="voices", person=person["id"], hear=True, line="Hello there.")
            report = next(each for each in heard if each["type"] == "person")["person"]["reports"]["voice"]
            assert len(report["heard"]) == 5
            file = await answer(one, type="file", person=person["id"], path="reports/voice/3.wav")
            assert file[1][:4] == b"RIFF"
            assert file[0] == {**file[0], "kind": "audio/wav", "bytes": len(file[1])}
            taken = await answer(one, type="voices", person=person["id"], choose=2)
            assert next(each for each in taken if each["type"] == "person")["person"]["reports"]["voice"]["chosen"] == 2
            decided = await answer(one, type="review", person=person["id"], approve=True, by="--by=Eve", note="-x")
            assert decided[-1] == {"type": "done", "what": "review"}
            packed = await answer(one, type="pack", person=person["id"])
            assert packed[1][:2] == b"PK"
            people = (await answer(one, type="people"))[0]["people"]
            assert [each["id"] for each in people if each["mine"]] == [person["id"]]

    run(body)


def test_a_page_that_goes_stops_what_it_had_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_person(tmp_path / "nora")
    monkeypatch.setattr("bridge.server.studio.desk.SHOW", "hang")

    async def body() -> None:
        async with studio(tmp_path) as server:
            async with page(server) as one:
                await answer(one)
                await one.send(json.dumps({"type": "open", "person": "nora"}))
                assert json.loads(await one.recv())["doing"] == "waiting"
                busy = await answer(one, type="people")
                assert busy[-1]["code"] == "busy"
                pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
            await until(lambda: not any(alive(pid) for pid in pids))
            await until(lambda: server._studio.runs.running == 0)
            async with page(server) as two:
                await answer(two)
                await two.send(json.dumps({"type": "open", "person": "nora"}))
                assert json.loads(await two.recv())["type"] == "progress"
                stopped = await answer(two, type="cancel")
                assert stopped[-1]["code"] == "cancelled"
                assert (await answer(two, type="people"))[-1]["type"] == "done"

    run(body)


@pytest.mark.parametrize(
    "message",
    [
        "", "{", "[]", "7", '{"type": "rm"}', '{"type": "open"}', '{"type": "open", "person": "../x"}',
        '{"type": "open", "person": "-rf"}', '{"type": "make", "sentence": ""}',
        '{"type": "make", "sentence": "a", "out": "/tmp"}', '{"type": "run", "person": "nora", "stage": "draft"}',
        '{"type": "make", "sentence": "a", "language": "--out=/tmp"}', "[" * 10_000, b"\xff",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_answered_and_the_page_stays(tmp_path: Path, message: str | bytes) -> None:
    async def body() -> None:
        async with studio(tmp_path) as server, page(server) as one:
            await answer(one)
            await one.send(message)
            assert (await answer(one))[-1]["code"] == "bad_message"
            assert (await answer(one, type="open", person="nobody"))[-1]["code"] == "nobody"

    run(body)


def test_a_page_that_says_nothing_sensible_is_left(tmp_path: Path) -> None:
    async def body() -> None:
        async with studio(tmp_path) as server, page(server) as one:
            await answer(one)
            for _ in range(room.MISTAKES):
                await one.send("{")
            for _ in range(room.MISTAKES):
                assert json.loads(await one.recv())["code"] == "bad_message"
            with pytest.raises(ConnectionClosed):
                await one.recv()

    run(body)


def test_only_tokens_with_the_right_may_use_it(tmp_path: Path) -> None:
    async def body() -> None:
        async with studio(tmp_path, "auth.required=true", f"auth.secret={SECRET}") as server:
            for given, code in (("", "unauthorized"), (token(rights=("speak", "view")), "forbidden")):
                async with page(server, {"token": given}) as one:
                    assert (await answer(one))[-1]["code"] == code
                    with pytest.raises(ConnectionClosed):
                        await one.recv()
            async with page(server, {"token": token(rights=("studio",))}) as one:
                assert (await answer(one))[-1]["type"] == "ready"

    run(body)


def test_foreign_pages_and_foreign_names_are_refused(tmp_path: Path) -> None:
    async def body() -> None:
        async with studio(tmp_path) as server:
            with pytest.raises(InvalidStatus) as refused:
                async with page(server, origin="https://evil.example"):
                    pass
            assert refused.value.response.status_code == 403
            status, _, _ = await ask(server, f"GET {room.SOCKET} HTTP/1.1", "Host: evil.example", "Connection: close")
            assert status == 421

    run(body)


def test_who_does_not_say_hello_and_one_page_too_many_are_sent_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "DESKS", 1)

    async def body() -> None:
        async with studio(tmp_path, "limits.hello_s=0.2") as server:
            url = f"ws://127.0.0.1:{server.port}{room.SOCKET}"
            async with connect(url) as silent:
                with pytest.raises(ConnectionClosed, match="hello_timeout"):
                    await silent.recv()
        async with studio(tmp_path) as server:
            url = f"ws://127.0.0.1:{server.port}{room.SOCKET}"
            async with connect(url) as rude:
                await rude.send('{"type": "people"}')
                assert json.loads(await rude.recv())["code"] == "hello_expected"
            async with page(server) as one:
                await answer(one)
                async with page(server) as two:
                    assert (await answer(two))[-1]["code"] == "server_full"
            await until(lambda: server._studio._desks == 0)
            async with page(server) as again:
                assert (await answer(again))[-1]["type"] == "ready"

    run(body)


def test_the_page_is_served_and_a_folder_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    async def body() -> None:
        (tmp_path / "file").touch()
        async with studio(tmp_path / "file") as server:
            status, headers, _ = await ask(server, *lines_of(path="/studio"))
            assert (status, headers["Location"]) == (308, "studio/")
            status, headers, data = await ask(server, *lines_of(path="/studio/"))
            assert (status, b"studio.js" in data) == (200, True)
            assert "script-src 'self'" in headers["Content-Security-Policy"]
            async with page(server) as one:
                await answer(one)
                assert (await answer(one, type="make", sentence="a teacher"))[-1]["code"] == "unwritable"

    run(body)


def test_more_than_a_page_can_take_is_waited_for(tmp_path: Path) -> None:
    write_person(tmp_path / "nora")
    (tmp_path / "nora/large.json").write_text("1" * 3_000_000)

    async def body() -> None:
        async with studio(tmp_path) as server, page(server) as one:
            await answer(one)
            found = await answer(one, type="file", person="nora", path="large.json")
            assert len(found[1]) == 3_000_000
            await asyncio.sleep(0)

    run(body)


def test_what_is_cancelled_before_it_has_begun_is_told_too(tmp_path: Path) -> None:
    async def body() -> None:
        async with studio(tmp_path) as server, page(server) as one:
            await answer(one)
            await one.send(json.dumps({"type": "make", "sentence": "somebody"}))
            await one.send(json.dumps({"type": "cancel"}))
            assert (await answer(one))[-1]["code"] == "cancelled"
            assert (await answer(one, type="people"))[-1]["type"] == "done"

    run(body)
