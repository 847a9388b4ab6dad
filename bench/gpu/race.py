"""transformers' ContinuousBatchingManager against the project's batch, side by side: `python -m bench.gpu.race`.

One built model, one process, one thread, greedy: each of N conversations asks once, all at the same time, and again
with its first answer and a new question behind the first prompt. Rounds alternate and the first is not counted. Printed
are medians over the rounds of the mean time to the first token and of the time until everybody has the last, as theirs
/ ours: above 1 the project's batch is faster. Absolute times depend on the machine and are not printed. Theirs runs
with the attention that it chooses; its blocks are so many that every conversation fits.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

from bench.gpu.models import SIZES, language_model
from bench.stats import table
from engines.device.making import MAKING

PAGE: Final = 32  # tokens of a block of theirs
CHUNK: Final = 512  # prompt tokens of a step, for both


@dataclass(frozen=True, slots=True)
class Answer:
    """What one conversation got: seconds to the first token and to the last."""

    first: float
    total: float
    tokens: tuple[int, ...] = ()


Ask: TypeAlias = Callable[[str, Sequence[int]], Awaitable[Answer]]


async def together(ask: Ask, prompts: Sequence[Sequence[int]], name: str) -> tuple[float, float, list[Answer]]:
    """Return all at once: the mean first token, the time of the last, the answers."""
    answers = await asyncio.gather(*(ask(f"{name}/{number}", prompt) for number, prompt in enumerate(prompts)))
    return statistics.mean(one.first for one in answers), max(one.total for one in answers), answers


def ours(brain: Any, most: int) -> Ask:
    """Ask the project's batch, which keeps a conversation by its name."""
    from engines.dialogue.transformers.brain import Prompt

    async def ask(name: str, prompt: Sequence[int]) -> Answer:
        begun, first = time.perf_counter(), 0.0
        generation = brain.write(Prompt(tuple(prompt), False), session=name, adapter="", most=most, seed="")
        async with aclosing(generation.pieces(brain.withdraw)) as pieces:
            async for _ in pieces:
                first = first or time.perf_counter() - begun
        return Answer(first, time.perf_counter() - begun)

    return ask


def theirs(manager: Any, most: int) -> Ask:
    """Ask transformers' manager, each token as it comes."""
    count = 0

    async def ask(_: str, prompt: Sequence[int]) -> Answer:
        nonlocal count
        count += 1
        name, news = f"request{count}", asyncio.Queue[Any]()
        begun, first = time.perf_counter(), 0.0
        manager.register_result_handler(name, news.put_nowait)
        manager.add_request(list(prompt), request_id=name, max_new_tokens=most, streaming=True, eos_token_id=-1)
        while True:
            output = await news.get()
            first = first or time.perf_counter() - begun
            if output.is_finished():
                return Answer(first, time.perf_counter() - begun, tuple(output.generated_tokens))

    return ask


async def race(folder: Path, options: argparse.Namespace) -> list[list[object]]:
    """Return a line of the table for each number of conversations."""
    import torch
    from transformers import AutoModelForCausalLM, GenerationConfig
    from transformers.generation.configuration_utils import ContinuousBatchingConfig

    from engines.device.sampling import Sampling
    from engines.dialogue.transformers.brain import Plan, open_brain

    torch.set_num_threads(1)
    most, widest = options.tokens, max(options.conversations)
    context = 2 * (options.prompt + most) + 64
    greedy = Sampling(temperature=0.0)
    plan = Plan(
        str(folder), options.device, "auto", "auto", context, widest, CHUNK, options.device != "cpu", 1, 600.0, greedy
    )
    brain = open_brain(plan)
    await brain.begin()
    with MAKING:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto").to(options.device).eval()
    manager = model.init_continuous_batching(
        generation_config=GenerationConfig(max_new_tokens=most, eos_token_id=-1, pad_token_id=0, do_sample=False),
        continuous_batching_config=ContinuousBatchingConfig(
            page_size=PAGE,
            num_blocks=2 * widest * (context // PAGE + 1),
            max_batch_tokens=CHUNK,
            use_cuda_graph=options.device != "cpu",
        ),
    )
    manager.start()
    rows: list[list[object]] = []
    try:
        for count in options.conversations:
            rows += await _measure(count, ours(brain, most), theirs(manager, most), options)
    finally:
        await asyncio.to_thread(manager.stop, block=True, timeout=30)
        await brain.close()
    return rows


async def _measure(count: int, own: Ask, other: Ask, options: argparse.Namespace) -> list[list[object]]:
    rng = random.Random(count)
    measured: dict[tuple[int, str], list[tuple[float, float]]] = {}

    def words(size: int) -> list[int]:
        return [rng.randrange(300, 1000) for _ in range(size)]

    for number in range(options.rounds + 1):
        first = [words(options.prompt) for _ in range(count)]
        told: list[Sequence[int]] = []
        for turn in (1, 2):
            prompts = first if turn == 1 else [[*a, *b, *words(16)] for a, b in zip(first, told, strict=True)]
            sides = [("theirs", other), ("ours", own)]
            for name, ask in sides if number % 2 or turn == 1 else reversed(sides):
                gc.collect()
                early, late, answers = await together(ask, prompts, f"{count}-{number}")
                if name == "theirs" and turn == 1:
                    told = [answer.tokens for answer in answers]
                if number:  # the first round is the warm-up
                    measured.setdefault((turn, name), []).append((early, late))
    rows: list[list[object]] = []
    for turn in (1, 2):
        pairs = [
            [statistics.median(one[i] for one in measured[turn, name]) for i in (0, 1)] for name in ("theirs", "ours")
        ]
        rows.append([count, turn, pairs[0][0] / pairs[1][0], pairs[0][1] / pairs[1][1]])
    return rows


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lm", choices=[*SIZES], default="small")
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--conversations", type=lambda text: [int(n) for n in text.split(",")], default=[1, 4, 16], metavar="1,4,16"
    )
    parser.add_argument("--prompt", type=int, default=200, help="tokens of the first prompt")
    parser.add_argument("--tokens", type=int, default=32, help="tokens of an answer")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as home:
        language_model(Path(home), options.lm, options.device)
        rows = asyncio.run(race(Path(home), options))
    print(table(("conversations", "turn", "first token, theirs / ours", "all done, theirs / ours"), rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
