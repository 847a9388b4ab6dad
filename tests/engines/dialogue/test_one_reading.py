"""The same corpus of spellings through both engines that read models: what is said and called is the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from engines.api import Cut, Stream, Tool, ToolResult
from testkit.patience import PATIENCE
from tests.engines.dialogue.endpoint import endpoint, say
from tests.engines.dialogue.spellings import CORPUS, LOOPS, MARKUP, OWN, USER, Spelling
from tests.engines.dialogue.test_dialogue_openai import TEACHER, asked, engine

TOOLS = (Tool("set_lamp", "", {}), Tool("open_door", "", {}))
AFTER = "So it is."  # what is said when the tools have answered
CORPUS_HERE = [spelling for spelling in CORPUS if not spelling.open]


async def replied(dialogue: Any, spelling: Spelling) -> tuple[str, list[tuple[str, Mapping[str, object]]], Cut | None]:
    """What was said, which tools were called, and how it was cut."""
    calls: list[tuple[str, Mapping[str, object]]] = []

    async def run(name: str, arguments: Mapping[str, object]) -> ToolResult:
        calls.append((name, arguments))
        return ToolResult("ok", "fine")

    said, cut = "", None
    request = replace(asked("So?", tools=TOOLS), call=run, user=USER)
    async with aclosing(dialogue.reply(request)) as pieces:
        async for piece in pieces:
            if isinstance(piece, Cut):
                cut = piece
            else:
                said += piece
    return said, calls, cut


def judge(spelling: Spelling, said: str, calls: list[tuple[str, Mapping[str, object]]], cut: Cut | None) -> None:
    expected = f"{spelling.said} {AFTER}" if spelling.calls else spelling.said
    assert said.split() == expected.split()
    assert calls == [(call.name, call.arguments) for call in spelling.calls if not call.fault]
    assert not any(mark in said and mark not in spelling.said for mark in MARKUP)
    assert (cut is not None and cut.why == "loop") == (spelling in LOOPS)


def test_the_endpoints_engine_reads_the_corpus() -> None:
    pytest.importorskip("httpx2", reason="the client for endpoints is not installed")

    async def main() -> None:
        for spelling in CORPUS_HERE:
            async with endpoint(say(spelling.text), say(AFTER)) as server:
                dialogue = engine(server.url, model="m", retries=0)
                judge(spelling, *(await replied(dialogue, spelling)))
                await dialogue.close()

    async def within() -> None:
        async with asyncio.timeout(PATIENCE):
            await main()

    asyncio.run(within())


class Recited:
    """A brain that writes given texts, in pieces of five characters."""

    context = 4096
    template = SimpleNamespace(stops=(), control=())

    def __init__(self, *texts: str) -> None:
        self._texts = list(texts)

    async def compose(self, work: Callable[[], Any]) -> Any:
        return work()

    def count(self, text: str) -> int:
        return len(text) // 4

    def written(self, messages: Any, tools: Any, *, thinking: bool) -> Any:
        return SimpleNamespace(tokens=(1,), opened=False)

    def write(self, prompt: Any, **_: Any) -> Any:
        text = self._texts.pop(0)

        async def pieces(withdraw: Any) -> Stream[str]:
            for at in range(0, len(text), 5):
                yield text[at : at + 5]

        return SimpleNamespace(pieces=pieces, limited=False)

    def withdraw(self, generation: Any) -> None:
        pass


def test_the_local_engine_reads_the_corpus() -> None:
    pytest.importorskip("torch", reason="the language model needs torch")
    from engines.dialogue.transformers.engine import TransformersDialogue

    async def main() -> None:
        for spelling in CORPUS_HERE:
            dialogue = TransformersDialogue(TEACHER)
            dialogue.brain = Recited(spelling.text, AFTER)  # type: ignore[assignment]  # as much of one as is used
            judge(spelling, *(await replied(dialogue, spelling)))

    asyncio.run(main())


def test_the_corpus_is_about_the_companion_of_these_tests() -> None:
    assert TEACHER.name == OWN
