"""The card engine answers from what is remembered, without a model, and says plainly what it was never told."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Literal

import pytest

from engines.api import Memo, Memories, Message, Request, ToolResult
from engines.dialogue.card.engine import CardDialogue
from engines.identity import load_identity, shipped
from engines.memory.reading import told
from engines.memory.telling import sentence

TEACHER = load_identity(shipped()["teacher"])
SAID = {
    "en": "My name is Ada. I live in Bonn. We have a dog called Rex. I like tea and hiking but I hate fish. Tomorrow "
    "let's go on with lenses. My favourite colour is green. Remember that my car is on level three.",
    "zh": "我叫小明。我住在北京。我家的狗叫旺财。我喜欢茶。我讨厌鱼。明天我们接着讲透镜吧。",
}


async def call(name: str, arguments: object) -> ToolResult:
    return ToolResult("failed", "")


def memories(code: str, done: Literal["", "tell", "erased", "forgot", "failed"] = "") -> Memories:
    memos = tuple(Memo(f.kind, f.value, sentence(f, code), f.about, f.said) for f in told(SAID[code], code))
    return Memories(memos=memos, episodes=("I read about the tides.",), done=done)


def said(text: str, memory: Memories | None, code: str = "en", occasion: Literal["user", "greeting"] = "user") -> str:
    engine = CardDialogue(TEACHER.speaking(code))
    history = (Message("user", text),) if text else ()
    now = datetime(2030, 1, 1, 12, tzinfo=UTC)
    request = Request("s", occasion, history, "", code, now, {}, (), call, memory=memory)

    async def main() -> str:
        return "".join([piece async for piece in engine.reply(request)])

    return asyncio.run(main())


@pytest.mark.parametrize(
    ("code", "question", "answer"),
    [
        ("en", "What is my name?", "Your name is Ada."),
        ("en", "Where do I live?", "You live in Bonn."),
        ("en", "Do you remember my dog?", "Your dog is called Rex."),
        ("en", "What do I like?", "You like tea and hiking."),
        ("en", "Do I like fish?", "No, you do not like fish."),
        ("en", "What is my favourite colour?", "Your favourite colour is green."),
        ("en", "What did I tell you about my car?", "You asked me to remember this: your car is on level three."),
        ("en", "What did we talk about last time?", "Last time you said: I read about the tides."),
        ("zh", "我叫什么名字？", "你叫小明。"),
        ("zh", "我的狗叫什么？", "你的狗叫旺财。"),
        ("zh", "我喜欢鱼吗？", "不，你不喜欢鱼。"),
    ],
)
def test_it_answers_from_memory(code: str, question: str, answer: str) -> None:
    assert said(question, memories(code), code) == answer


@pytest.mark.parametrize(
    "question", ["What is my cat called?", "What is my mother's name?", "Do I like opera?", "How old am I?"]
)
def test_it_says_what_it_was_never_told(question: str) -> None:
    assert said(question, memories("en")) == "You have not told me that, or I have not kept it."


def test_it_says_that_it_will_remember() -> None:
    assert said("I live in Bonn and I keep bees.", Memories()) == "[gesture:nod] I will remember that."
    assert "remember" not in said("I live in Bonn and I keep bees.", None)


def test_its_own_knowledge_comes_through() -> None:
    assert said("What is light?", memories("en")) == said("What is light?", None)


def test_it_tells_all_it_knows_says_what_is_gone_and_what_failed() -> None:
    everything = said("What do you know about me?", memories("en", "tell"))
    for value in ("Ada", "Bonn", "Rex", "tea", "fish", "lenses", "green", "level three"):
        assert value in everything
    assert said("Forget everything.", Memories(done="erased")) == "I have forgotten everything that I knew about you."
    assert "out of reach" in said("Forget everything.", Memories(done="failed"))
    assert "no memory" in said("What do you know about me?", Memories(kept=False))


def test_who_comes_back_is_greeted_by_name_and_promise() -> None:
    assert said("", memories("en"), occasion="greeting") == "[happy] Welcome back, Ada. We wanted to go on with lenses."
    assert "Welcome back" not in said("", Memories(), occasion="greeting")
