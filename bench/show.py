"""Plays a scripted chat of 300 lines to the show's director and the card engine, on a clock that is simulated.

`python -m bench.show` prints the transcript and what became of the lines; `--flood` measures what a thousand lines a
second cost. Speech takes the time of its words; nothing waits.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from collections import Counter
from contextlib import aclosing
from datetime import UTC, datetime

from engines.api import Message, Occasion, Request, ToolResult
from engines.dialogue.card.engine import CardDialogue
from engines.guard.filter import shipped as shipped_filter
from engines.identity import load_identity, shipped
from engines.identity.topics import subjects
from engines.words.text import plain
from show.director import Ask, Director, Manner, Read, Topic
from show.lines import line
from show.strict import fit
from testkit.chat import scripted

WORD_S = 0.36  # seconds of a spoken word
STEP_S = 0.1


def allows(text: str) -> bool:
    return fit(text) and JUDGE.judge(text, "user") is None and JUDGE.judge(text, "companion") is None


JUDGE = shipped_filter()


async def held(count: int, *, seed: int) -> list[dict[str, object]]:
    """Return what happened on a show, in order."""
    person = load_identity(shipped()["teacher"])
    dialogue = CardDialogue(person)
    topics = subjects(person)
    director = Director(person.name, Manner(), topics=topics, allows=allows)
    chat = list(scripted(count, seed=seed))
    history: list[Message] = []
    told: list[dict[str, object]] = []
    now, busy_until = 0.0, 0.0
    end = chat[-1][0] + 180.0

    def said(text: str) -> None:
        nonlocal busy_until
        history.append(Message("companion", text))
        busy_until = now + WORD_S * max(1, len(text.split()))

    while now < end:
        while chat and chat[0][0] <= now:
            _, one = chat.pop(0)
            verdict = director.hear(one, now)
            told.append({"at": now, "what": "chat", "name": one.name, "text": one.text, "verdict": verdict})
        match director.next(now, busy=now < busy_until):
            case Read(words=words):
                told.append({"at": now, "what": "read", "text": words})
                said(words)
            case Ask(text=text):
                history.append(Message("user", text))
                answer = await replied(dialogue, history, "user")
                told.append({"at": now, "what": "answer", "to": text, "text": answer})
                said(answer)
            case Topic(text=text, asked=asked):
                history.append(Message("user", asked))
                answer = await replied(dialogue, history, "user")
                told.append({"at": now, "what": "topic", "to": text, "text": answer})
                said(answer)
            case None:
                pass
        now += STEP_S
    return told


async def replied(dialogue: CardDialogue, history: list[Message], occasion: Occasion) -> str:
    async def no_tool(name: str, arguments: object) -> ToolResult:
        return ToolResult("failed", "")

    request = Request(
        "show",
        occasion,
        tuple(history[-40:]),
        "chat",
        "",
        datetime(2030, 1, 1, 12, tzinfo=UTC),
        {},
        (),
        no_tool,
    )
    text = ""
    async with aclosing(dialogue.reply(request)) as pieces:
        async for piece in pieces:
            text += piece if isinstance(piece, str) else ""
    return plain(text)


def flood(seconds: int, rate: int) -> dict[str, float]:
    """Return what `rate` lines a second cost: ms of CPU a line, and how many were filtered."""
    asked = 0

    def counting(text: str) -> bool:
        nonlocal asked
        asked += 1
        return allows(text)

    allows("warm up")
    director = Director("Mira", Manner(), allows=counting)
    before, verdicts = time.process_time(), Counter[str]()
    for number in range(seconds * rate):
        said = line("twitch", number % 5000, f"user{number % 5000}", f"What is number {number} of the flood?")
        assert said is not None
        verdicts[director.hear(said, number / rate)] += 1
    spent = time.process_time() - before
    return {"lines": seconds * rate, "cpu_share": spent / seconds, "us_a_line": spent / (seconds * rate) * 1e6,
            "filtered_a_second": asked / seconds, "waiting": len(director.queue), **verdicts}  # fmt: skip


def main() -> None:
    """Print a show, or what a flood costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--flood", action="store_true")
    options = parser.parse_args()
    if options.flood:
        print(json.dumps(flood(10, 1000), indent=1))
        return
    told = asyncio.run(held(options.count, seed=options.seed))
    for each in told:
        if each["what"] != "chat":
            print(f"{each['at']:6.1f}  {each['what']:7} {each.get('to', '')}\n                {each['text']}")
    verdicts = Counter(str(each["verdict"]) for each in told if each["what"] == "chat")
    print(dict(verdicts), "answered:", sum(each["what"] == "answer" for each in told))


if __name__ == "__main__":
    main()
