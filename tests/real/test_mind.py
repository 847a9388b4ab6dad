"""A real small language model through the batch: together as alone, stopped and cancelled cleanly, its loops cut.

With tools and with adapters too; how fast it writes is printed.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.stats import quantile, table
from engines.api import Cut, Message, Request, Tool, ToolResult
from engines.device.making import MAKING
from engines.dialogue.transformers.engine import TransformersDialogue
from engines.identity import load_identity, shipped
from testkit.real.smollm2 import smollm2
from tests.real.conftest import or_skip

pytestmark = pytest.mark.real

QUESTIONS = (
    "What is light?",
    "Why is the sky blue?",
    "Who are you?",
    "What is an echo?",
    "Tell me a fact about sound.",
    "How fast is light?",
    "What is a prism?",
    "Say hello to the class.",
)


@pytest.fixture(scope="module")
def model() -> Path:
    return or_skip(smollm2)


def mind(model: Path, **options: Any) -> TransformersDialogue:
    chosen: dict[str, Any] = {
        "context": 2048,
        "batch": 8,
        "max_tokens": 24,
        "temperature": 0.0,
        "threads": 1,
        "device": "cpu",
    }
    return TransformersDialogue(load_identity(shipped()["teacher"]), model=str(model), **chosen | options)


DOOR = Tool(
    "open_door",
    "Opens the door of the classroom.",
    {"type": "object", "properties": {"side": {"type": "string", "enum": ["left", "right"]}}, "required": ["side"]},
)
MARKUP = re.compile(r"<\|?tool|tool_call|\{\s*\"|<\|im_|\|>")  # of calls and of the model's own format


def request(
    text: str, session: str, tools: Sequence[Tool] = (), calls: list[tuple[str, Mapping[str, object]]] | None = None
) -> Request:
    async def call(name: str, arguments: Mapping[str, object]) -> ToolResult:
        if calls is not None:
            calls.append((name, arguments))
        return ToolResult("ok", "The door is open.")

    return Request(
        session=session,
        occasion="user",
        history=(Message("user", text),),
        user="Ada",
        language="en",
        now=datetime(2026, 11, 2, 12, tzinfo=UTC),
        scene={},
        tools=tuple(tools),
        call=call,
    )


async def answer(
    dialogue: TransformersDialogue,
    text: str,
    session: str,
    tools: Sequence[Tool] = (),
    calls: list[tuple[str, Mapping[str, object]]] | None = None,
) -> tuple[str, Cut | None]:
    """Collect an answer, and why it is not whole."""
    said, cut = "", None
    async with aclosing(dialogue.reply(request(text, session, tools, calls))) as reply:
        async for piece in reply:
            if isinstance(piece, Cut):
                cut = piece
            else:
                said += piece
    return said, cut


def test_eight_sessions_at_once_say_what_each_says_alone(model: Path) -> None:
    async def main() -> None:
        dialogue = mind(model)
        await dialogue.start()
        try:
            together = await asyncio.gather(*(answer(dialogue, text, f"t{i}") for i, text in enumerate(QUESTIONS)))
            alone = [await answer(dialogue, text, f"a{i}") for i, text in enumerate(QUESTIONS)]
        finally:
            await dialogue.close()
        assert together == alone
        assert all(any(map(str.isalpha, said)) for said, _ in alone)
        assert len({said for said, _ in alone}) >= len(QUESTIONS) - 1

    asyncio.run(main())


def test_an_answer_that_is_given_up_frees_its_seat(model: Path) -> None:
    async def main() -> None:
        dialogue = mind(model, batch=1)
        await dialogue.start()
        try:
            whole, _ = await answer(dialogue, QUESTIONS[0], "one")
            async with aclosing(dialogue.reply(request(QUESTIONS[1], "two"))) as reply:
                async for piece in reply:
                    if piece:
                        break
            assert (await answer(dialogue, QUESTIONS[0], "three"))[0] == whole
        finally:
            await dialogue.close()

    asyncio.run(main())


def test_what_ends_an_answer_is_not_said_and_a_limit_is_told(model: Path) -> None:
    async def main() -> None:
        dialogue = mind(model, stop=["the"], max_tokens=60)
        await dialogue.start()
        try:
            said, _ = await answer(dialogue, "What is light?", "s")
        finally:
            await dialogue.close()
        assert "the" not in said
        short = mind(model, max_tokens=8)
        await short.start()
        try:
            _, cut = await answer(short, "Tell me all that you know about light, in many words.", "s")
        finally:
            await short.close()
        assert cut is not None
        assert cut.why == "length"

    asyncio.run(main())


# ------------------------------------------------------------------------------------------------ tools, adapters


def test_eight_sessions_with_tools_say_and_call_what_each_does_alone(model: Path) -> None:
    asked = [
        *QUESTIONS[:4],
        "Open the left door.",
        "Please open the right door.",
        "Call open_door.",
        "Is the door open?",
    ]

    async def main() -> None:
        dialogue = mind(model)
        calls: dict[str, list[tuple[str, Mapping[str, object]]]] = {
            name: [] for i in range(8) for name in (f"t{i}", f"a{i}")
        }
        await dialogue.start()
        try:
            together = await asyncio.gather(
                *(answer(dialogue, text, f"t{i}", [DOOR], calls[f"t{i}"]) for i, text in enumerate(asked))
            )
            alone = [await answer(dialogue, text, f"a{i}", [DOOR], calls[f"a{i}"]) for i, text in enumerate(asked)]
        finally:
            await dialogue.close()
        assert together == alone
        assert [calls[f"t{i}"] for i in range(8)] == [calls[f"a{i}"] for i in range(8)]
        assert [said for said, _ in alone if MARKUP.search(said)] == []
        made = [call for each in calls.values() for call in each]
        assert all(name == "open_door" and arguments.get("side") in ("left", "right") for name, arguments in made)

    asyncio.run(main())


@pytest.fixture(scope="module")
def adapter(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LoRA that changes what the model says: its weights are noise."""
    peft: Any = pytest.importorskip("peft", reason="adapters need peft")
    import torch
    from transformers import AutoModelForCausalLM

    torch.manual_seed(5)
    with MAKING:
        base: Any = AutoModelForCausalLM.from_pretrained(model, dtype=torch.float32)
    shape = peft.LoraConfig(r=4, lora_alpha=8, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
    tuned: Any = peft.get_peft_model(base, shape)
    for name, weight in tuned.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.05)
    folder = tmp_path_factory.mktemp("adapter")
    tuned.save_pretrained(folder)
    return folder


@pytest.mark.filterwarnings("ignore::FutureWarning")  # peft asks transformers by an old name
def test_sessions_with_and_without_an_adapter_share_the_batch(model: Path, adapter: Path) -> None:
    async def main() -> None:
        plain = mind(model)
        await plain.start()
        tuned = mind(model, adapter=str(adapter))
        try:
            before = [await answer(plain, text, f"b{i}") for i, text in enumerate(QUESTIONS[:4])]
            await tuned.start()
            mixed = await asyncio.gather(
                *(answer(plain, text, f"p{i}") for i, text in enumerate(QUESTIONS[:4])),
                *(answer(tuned, text, f"q{i}") for i, text in enumerate(QUESTIONS[:4])),
            )
            alone = [await answer(tuned, text, f"r{i}") for i, text in enumerate(QUESTIONS[:4])]
        finally:
            await tuned.close()
            await plain.close()
        assert mixed[:4] == before
        assert mixed[4:] == alone
        assert alone != before

    asyncio.run(main())


# ------------------------------------------------------------------------------------------------ how fast


async def timed(dialogue: TransformersDialogue, text: str, session: str) -> tuple[float, float, int]:
    """Return when the first words of an answer came and when it ended, in seconds, and how many pieces it had."""
    begun, first, count = time.perf_counter(), 0.0, 0
    async with aclosing(dialogue.reply(request(text, session))) as reply:
        async for piece in reply:
            if isinstance(piece, str):
                count += 1
                first = first or time.perf_counter() - begun
    return first, time.perf_counter() - begun, count


def test_how_fast_it_writes_is_told(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = []

    async def main() -> None:
        for sessions in (1, 4, 8):
            dialogue = mind(model)
            await dialogue.start()
            try:
                begun = time.perf_counter()
                found = await asyncio.gather(
                    *(timed(dialogue, QUESTIONS[i], f"{sessions}:{i}") for i in range(sessions))
                )
                whole = time.perf_counter() - begun
            finally:
                await dialogue.close()
            firsts = [first * 1000 for first, _, _ in found]
            pieces = sum(count for _, _, count in found)
            assert all(firsts)
            rows.append(
                (sessions, f"{pieces / whole:.1f}", f"{quantile(firsts, 0.5):.0f}", f"{quantile(firsts, 0.95):.0f}")
            )

    asyncio.run(main())
    with capsys.disabled():
        print("\n" + table(("sessions", "tokens/s in all", "first token p50, ms", "p95, ms"), rows))
    assert float(rows[-1][1]) > float(rows[0][1])  # a batch pays
