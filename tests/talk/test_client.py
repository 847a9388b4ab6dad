"""The reference client against a server that was written from the wire's definition alone."""

from __future__ import annotations

import ast
import asyncio
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

import talk.client
from protocol import messages as wire
from talk.client import JSON, MSGPACK, Companion, CompanionError
from tests.talk.asking import Messages, ask, heard, seen, talking, until
from tests.talk.clock import run
from tests.talk.fake import Fake, face, sound


@pytest.mark.parametrize("subprotocol", [MSGPACK, JSON])
def test_a_reply_arrives_whole(subprotocol: str) -> None:
    fake = Fake()
    messages = run(ask(fake, subprotocol=subprotocol, user="Bo", face={"fps": 30}))
    assert messages[0]["type"] == "welcome"
    assert messages[0]["face"]["fps"] == 30
    assert heard(messages) == sound(1, 24_000)
    assert seen(messages) == face(1, 24_000)
    assert messages[-1]["reason"] == "complete"
    hello = fake.of(wire.Hello)[0]
    assert (hello.user, hello.face.fps, hello.token) == ("Bo", 30, "")
    assert fake.of(wire.Bye), "leaving the context says goodbye"


def test_json_and_msgpack_give_the_same() -> None:
    assert run(ask(Fake(), subprotocol=JSON)) == run(ask(Fake(), subprotocol=MSGPACK))


def test_defaults_are_filled_in() -> None:
    by_type = {message["type"]: message for message in run(ask(Fake()))}
    assert by_type["state"]["companion"] == "main"
    assert by_type["reply_start"]["utterance"] == 0
    assert by_type["cue"]["intensity"] == 1.0
    assert by_type["welcome"]["notice"] == ""


@pytest.mark.parametrize("subprotocol", [MSGPACK, JSON])
def test_everything_a_client_can_say_is_understood(subprotocol: str) -> None:
    async def main() -> tuple[Fake, dict[str, Any]]:
        fake = Fake()
        async with talking(fake, subprotocol=subprotocol) as companion:
            await companion.mic(b"\1\0" * 320)
            await companion.mic(b"\2\0" * 320)
            await companion.talk(True)
            await companion.talk(False, pts=5)
            ended = (await until(companion, "reply_end"))[-1]
            await companion.playhead(1, 4800)
            await companion.interrupt(1, 4800)
            await companion.context({"place": "hall"}, events=["a door opens"], respond="silent")
            await companion.tools([{"name": "open", "parameters": {"type": "object"}}])
            await companion.tool_result(3, "done")
            await companion.camera(b"\xff\xd8")
            await companion.ping(12.5)
            assert (await until(companion, "pong"))[-1]["stamp"] == 12.5
        return fake, ended

    fake, ended = run(main())
    assert [message.pts for message in fake.of(wire.Mic)] == [0, 320]
    assert fake.of(wire.Mic)[1].data == b"\2\0" * 320
    assert [(message.on, message.pts) for message in fake.of(wire.Talk)] == [(True, 640), (False, 5)]
    assert fake.of(wire.Playhead) == [wire.Playhead(turn=1, pts=4800, seq=ended["seq"])]
    assert fake.of(wire.Interrupt) == [wire.Interrupt(turn=1, pts=4800)]
    assert fake.of(wire.Context)[0].states == {"place": "hall"}
    assert fake.of(wire.Tools)[0].tools[0].parameters == {"type": "object"}
    assert fake.of(wire.ToolAnswer) == [wire.ToolAnswer(call=3, value="done")]
    assert fake.of(wire.Camera)[0].data == b"\xff\xd8"


@pytest.mark.parametrize("turn", [0, 1])
def test_nothing_of_a_turn_that_the_client_cut_is_yielded(turn: int) -> None:
    async def main() -> Messages:
        fake = Fake()
        async with talking(fake) as companion:
            await companion.text("hello")
            await until(companion, "media")
            await companion.interrupt(turn, 4800)
            rest = await until(companion, "interrupted")
            await companion.text("and now?")
            return rest + await until(companion, "reply_end")

    messages = run(main())
    assert heard(messages, 1) == b""
    assert heard(messages, 2) == sound(2, 24_000)


def test_nothing_of_a_turn_that_the_server_cut_is_yielded() -> None:
    async def main() -> Messages:
        fake = Fake()
        async with talking(fake) as companion:
            await companion.text("hello")
            await until(companion, "reply_end")
            await companion.text("wait")
            await until(companion, "interrupted")
            return await until(companion, "reply_end")

    messages = run(main())
    assert {message["turn"] for message in messages if message["type"] in talk.client.OF_A_REPLY} == {2}


@pytest.mark.parametrize(
    ("fake", "code", "words"),
    [
        (Fake(token="right"), "unauthorized", "this token is not one of ours"),
        (
            Fake(refusal=(wire.Error(code="server_full", message="all 2 places are taken", fatal=True), 4020)),
            "server_full",
            "all 2 places are taken",
        ),
    ],
)
def test_a_refusal_carries_the_servers_own_words(fake: Fake, code: str, words: str) -> None:
    with pytest.raises(CompanionError) as caught:
        run(ask(fake, token="wrong"))
    assert (caught.value.code, caught.value.message) == (code, words)


def test_a_close_after_bye_ends_the_iteration() -> None:
    async def main() -> Messages:
        async with talking(Fake()) as companion:
            await companion.bye()
            return [message async for message in companion]

    assert run(main()) == []


def test_unknown_types_are_skipped_and_unknown_fields_kept() -> None:
    extra = [
        msgspec.msgpack.encode({"type": "weather", "seq": 1}),
        msgspec.msgpack.encode({"type": "state", "state": "idle", "mood": 3}),
    ]
    messages = run(ask(Fake(extra=extra)))
    assert [message["type"] for message in messages[:2]] == ["welcome", "state"]
    assert messages[1]["mood"] == 3


@pytest.mark.parametrize("raw", [b"\xc1", b"\x93\x01\x02\x03", b"\x81\xa4type\x05", b"", b"\x81\xa4type"])
def test_garbage_from_the_server_is_an_error_with_a_sentence(raw: bytes) -> None:
    if raw == b"\x81\xa4type\x05":
        assert run(ask(Fake(extra=[raw])))[-1]["type"] == "reply_end", "a type that is no name is just unknown"
        return
    with pytest.raises(CompanionError, match="not a message") as caught:
        run(ask(Fake(extra=[raw])))
    assert caught.value.code == "bad_message"


def test_nobody_at_home() -> None:
    async def main() -> None:
        server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(CompanionError) as caught:
            async with Companion.connect(f"ws://127.0.0.1:{port}"):
                pass
        assert caught.value.code == "refused"
        server.close()
        await server.wait_closed()
        with pytest.raises(CompanionError, match="nothing answers at ws://") as caught:
            async with Companion.connect(f"ws://127.0.0.1:{port}"):
                pass
        assert caught.value.code == "unreachable"
        with pytest.raises(CompanionError) as caught:
            async with Companion.connect("http://127.0.0.1"):
                pass
        assert caught.value.code == "bad_url"

    run(main())


def test_the_file_stands_alone() -> None:
    tree = ast.parse(Path(talk.client.__file__).read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    packages = {name.partition(".")[0] for name in names} - set(sys.stdlib_module_names)
    assert packages == {"websockets", "msgpack"}
