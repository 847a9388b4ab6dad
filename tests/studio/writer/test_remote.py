"""A model behind an address: by schema where the server takes it, by words where it does not."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from engines.api import EngineError
from studio.command import cli
from studio.errors import StudioError
from studio.writer.models import Said
from studio.writer.remote import RemoteModel
from studio.writer.schema import Sizes, outline_schema, read
from tests.engines.dialogue.endpoint import Endpoint, Exchange, Play, endpoint, refuse, say
from tests.studio.people import wish
from tests.studio.writer.scripted import OUTLINE, TEXTS

pytest.importorskip("httpx2")

TALK = [Said("system", "Answer with JSON."), Said("user", "Invent somebody.")]
SCHEMA = outline_schema(wish("").attributes, Sizes())


@contextmanager
def served(*plays: Play, models: tuple[str, ...] = ("tiny-talker",)) -> Iterator[Endpoint]:
    """Serve in a thread of its own: the model's questions run a loop of theirs."""
    found: list[Endpoint] = []
    ready, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        async with endpoint(*plays, models=models) as server:
            found.append(server)
            loops.append(asyncio.get_running_loop())
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield found[0]
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(30)


def by_schema(exchange_text: dict[str, Any] | str) -> Play:
    """Answer with JSON only where a schema was given, as a server with structured outputs does; else with prose."""

    async def play(exchange: Exchange) -> None:
        asked = exchange.body.get("response_format", {}).get("type")
        text = exchange_text if isinstance(exchange_text, str) else json.dumps(exchange_text)
        await say(text if asked == "json_schema" else "Gladly! What kind of person?")(exchange)

    return play


def test_the_schema_is_sent_and_the_answer_is_valid() -> None:
    with served(by_schema(OUTLINE)) as server:
        model = RemoteModel(server.url)
        answer = model.ask(TALK, SCHEMA, 7)
    assert read(answer, SCHEMA)[1] == []
    (request,) = server.requests
    assert request["response_format"]["json_schema"]["schema"] == SCHEMA
    assert request["model"] == "tiny-talker"
    assert request["seed"] == 7
    assert model.name == "openai tiny-talker"


def test_without_the_schema_the_same_server_writes_none() -> None:
    with served(by_schema(OUTLINE)) as server:
        model = RemoteModel(server.url)
        model._ways = ["words"]
        assert read(model.ask(TALK, SCHEMA, 0), SCHEMA)[1] == ["the answer holds no JSON object"]


def test_a_server_that_refuses_is_asked_in_plainer_ways() -> None:
    plays = (refuse(400, "response_format json_schema unsupported"), refuse(422, "no"), say(json.dumps(OUTLINE)))
    with served(*plays) as server:
        model = RemoteModel(server.url, model="x")
        for _ in range(2):
            assert read(model.ask(TALK, SCHEMA, 0), SCHEMA)[1] == []
    kinds = [request.get("response_format", {}).get("type", "") for request in server.requests]
    assert kinds == ["json_schema", "json_object", "", ""]


def test_a_server_that_fails_otherwise_is_not_asked_again() -> None:
    with served(refuse(401, "wrong key")) as server:
        with pytest.raises(EngineError):
            RemoteModel(server.url, model="x").ask(TALK, SCHEMA, 0)
        assert len(server.requests) == 1
    with pytest.raises(EngineError):
        RemoteModel(server.url, model="x").ask(TALK, SCHEMA, 0)
    with served(models=()) as server, pytest.raises(StudioError, match="lists no model"):
        RemoteModel(server.url).ask(TALK, SCHEMA, 0)


def test_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    argv = ["new", "a physics teacher, 44, green eyes", "--out", str(tmp_path / "ada"), "--only-draft", "--json"]
    with served(by_schema(OUTLINE), by_schema(TEXTS)) as server:
        address = server.url.replace("http://", "http://user:secret@")
        assert cli.main([*argv, "--model", address]) == 0
    *progress, last = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert last["done"]["name"] == "Ada"
    assert len(progress) >= 3
    written = b"".join(path.read_bytes() for path in (tmp_path / "ada").rglob("*") if path.is_file())
    assert b"secret" not in written
    assert b"127.0.0.1" not in written
