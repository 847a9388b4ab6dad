"""Engines by address give what they give in this process; what is lost is asked again, what is not wanted ends."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from websockets.asyncio.server import Server

from engines.api import Cut, EngineError, Failure, Message, Phrase, Request, Stream, Tool, ToolResult, Voice
from engines.dialogue.remote import RemoteDialogue
from engines.hearing.remote import RemoteStt
from engines.remote import parcels as p
from engines.remote.desk import Desk
from engines.remote.serving import serving
from engines.remote.turns import Full, Turns
from engines.voices.remote import RemoteTts
from testkit import virtual_time
from testkit.scripted.engines import Fault, ScriptedDialogue, ScriptedStt, ScriptedTts, ToolUse

LINE = "one two three four five six seven eight"


def run(body: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(60):
            await body()

    asyncio.run(main())


async def never(name: str, arguments: object) -> ToolResult:
    return ToolResult("ok", "rain")


def request(**fields: Any) -> Request:
    history = (Message("user", "hello"),)
    tools = (Tool("look", "looks", {}),)
    now = datetime(2030, 1, 1, 12, tzinfo=UTC)
    return Request("s", "user", history, "ada", "en", now, {"place": "here"}, tools, never, **fields)


class Lossy:
    """A dialogue whose process dies in the middle of its first replies."""

    name, model = "lossy", "m"

    def __init__(self, deaths: int, *, fickle: bool = False) -> None:
        self.deaths, self.tries, self.fickle = deaths, 0, fickle
        self.die: Callable[[], None] = lambda: None

    async def reply(self, request: Request) -> Stream[str]:
        self.tries += 1
        for at, word in enumerate(LINE.split()):
            if at == 4 and self.tries <= self.deaths:
                self.die()
                await asyncio.sleep(60)
            yield f"{word}{self.tries if self.fickle else ''} "


def cut_off(server: Server) -> None:
    for each in server.connections:
        each.transport.abort()


@asynccontextmanager
async def lent(**engines: Any) -> AsyncIterator[str]:
    async with serving(Desk(engines), "127.0.0.1", 0, "key") as (server, _):
        for engine in engines.values():
            if isinstance(engine, Lossy):
                engine.die = partial(cut_off, server)
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def phrases() -> Stream[Phrase]:
    for text in ("Hello there.", "How are you?"):
        yield Phrase(text)


async def sound() -> Stream[bytes]:
    for _ in range(20):
        yield bytes(640)


def test_all_three_give_what_they_give_here() -> None:
    async def body() -> None:
        tts, stt = ScriptedTts(), ScriptedStt(("well then",), partial_s=0.1)
        uses = [ToolUse(2, "look")]
        dialogue = ScriptedDialogue((LINE,), tools=uses)
        async with lent(stt=stt, tts=tts, dialogue=dialogue) as address:
            voice = RemoteTts(address=address, api_key="key")
            await voice.start()
            assert (voice.rate, voice.name) == (tts.rate, f"remote {tts.name}")
            there = [piece async for piece in voice.speak(phrases(), Voice())]
            assert there == [piece async for piece in ScriptedTts().speak(phrases(), Voice())]
            ears = RemoteStt(address=address, api_key="key")
            heard = [transcript async for transcript in ears.transcribe(sound(), "en", ("Ada",))]
            assert heard[-1].text == "well then"
            assert [each.final for each in heard].count(True) == 1
            mind = RemoteDialogue(address=address, api_key="key")
            await mind.start()
            said = "".join([piece async for piece in mind.reply(request(age=3.0)) if isinstance(piece, str)])
            here = ScriptedDialogue((LINE,), tools=uses)
            assert said == "".join([piece async for piece in here.reply(request()) if isinstance(piece, str)])
            assert "rain" in said
            assert (dialogue.requests[-1].age, dict(dialogue.requests[-1].scene)) == (3.0, {"place": "here"})
            for engine in (voice, ears, mind):
                await engine.close()

    run(body)


def test_a_lost_engine_is_asked_again_and_the_reply_goes_on_where_it_was() -> None:
    async def body() -> None:
        lossy = Lossy(deaths=1)
        async with lent(dialogue=lossy) as address:
            mind = RemoteDialogue(address=address, api_key="key")
            said = [piece async for piece in mind.reply(request())]
            assert said == [f"{word} " for word in LINE.split()]
            assert lossy.tries == 2
            await mind.close()

    run(body)


@pytest.mark.parametrize("lossy", [Lossy(deaths=1, fickle=True), Lossy(deaths=9)])
def test_another_answer_or_no_answer_fails_the_turn_alone(lossy: Lossy) -> None:
    async def body() -> None:
        async with lent(dialogue=lossy) as address:
            mind = RemoteDialogue(address=address, api_key="key")
            with pytest.raises(EngineError) as caught:
                [piece async for piece in mind.reply(request())]
            assert (caught.value.code, caught.value.kind) == ("dialogue_failed", Failure.BROKEN)
            await mind.close()

    run(body)


def test_who_stops_listening_stops_the_work() -> None:
    async def body() -> None:
        ended = asyncio.Event()

        class Endless:
            name, model = "endless", ""

            async def reply(self, request: Request) -> Stream[str]:
                try:
                    while True:
                        yield "on "
                        await asyncio.sleep(0)
                finally:
                    ended.set()

        async with lent(dialogue=Endless()) as address:
            mind = RemoteDialogue(address=address, api_key="key")
            async with aclosing(mind.reply(request())) as pieces:
                assert await anext(pieces) == "on "
            await ended.wait()
            await mind.close()

    run(body)


def test_errors_and_cuts_come_as_they_were() -> None:
    async def body() -> None:
        class Short:
            name, model = "short", ""

            async def reply(self, request: Request) -> Stream[str | Cut]:
                yield "so"
                yield Cut("length", "openai.max_tokens")

        faulty = ScriptedTts(fault=Fault("fail", at=0))
        async with lent(dialogue=Short(), tts=faulty) as address:
            mind, voice = RemoteDialogue(address=address, api_key="key"), RemoteTts(address=address, api_key="key")
            assert [piece async for piece in mind.reply(request())] == ["so", Cut("length", "openai.max_tokens")]
            with pytest.raises(EngineError) as caught:
                [piece async for piece in voice.speak(phrases(), Voice())]
            assert caught.value.code == "tts_failed"
            with pytest.raises(EngineError, match="no such engine"):
                await RemoteStt(address=address, api_key="key").start()
            with pytest.raises(EngineError) as caught:
                await RemoteStt(address=address, api_key="wrong").start()
            assert caught.value.retryable
            await mind.close()
            await voice.close()

    run(body)


def test_nobody_at_the_address_is_told_so() -> None:
    async def body() -> None:
        for address in ("ws://127.0.0.1:1", "http://x", "nonsense"):
            with pytest.raises(EngineError) as caught:
                await RemoteTts(address=address).start()
            assert caught.value.kind in (Failure.AWAY, Failure.PARAMETER)

    run(body)


def test_the_urgent_are_served_first_and_who_waits_too_long_is_told() -> None:
    async def body() -> None:
        turns, order = Turns(1), list[str]()

        async def work(name: str, priority: int, patience: float = 100.0) -> None:
            try:
                async with turns.turn(priority, patience) as waited:
                    order.append(f"{name} {waited:g}")
                    await asyncio.sleep(1.0)
            except Full:
                order.append(f"{name} gives up")

        async with asyncio.TaskGroup() as group:
            for name, priority, patience in (("a", 0, 9), ("b", 1, 9), ("c", 0, 9), ("d", 0, 0.5), ("e", 1, 9)):
                group.create_task(work(name, priority, patience))
                await asyncio.sleep(0)
            await asyncio.sleep(0.2)
            gone = group.create_task(work("f", 0))
            await asyncio.sleep(0)
            gone.cancel()
        assert order == ["a 0", "d gives up", "c 1", "b 2", "e 3"]
        async with turns.turn(0, 1.0):
            assert turns.waiting == 0

    virtual_time.run(body())


def test_what_is_no_parcel_is_refused() -> None:
    chance = random.Random(3)
    for _ in range(300):
        with pytest.raises(p.BadParcel):
            p.unpacked(chance.randbytes(chance.randrange(0, 80)))
    with pytest.raises(p.BadParcel):
        p.unpacked("text")
    with pytest.raises(p.BadParcel):
        p.unpacked(bytes(p.LARGEST + 1))
