"""The batch writes what transformers' own `generate` writes, for architectures of every kind, prompts of any length."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the language model needs torch")
transformers = pytest.importorskip("transformers", reason="the language model needs transformers")

from engines.device.loop import open_device  # noqa: E402 - after the check for torch
from engines.device.rows import Rows  # noqa: E402 - after the check for torch
from engines.device.sampling import Sampling  # noqa: E402 - after the check for torch
from engines.dialogue.transformers.batch import Batch  # noqa: E402 - after the check for torch
from engines.dialogue.transformers.generation import Generation, WindowDecoder  # noqa: E402 - after the check for torch
from engines.dialogue.transformers.loading import probe  # noqa: E402 - after the check for torch
from engines.dialogue.transformers.runner import Runner  # noqa: E402 - after the check for torch

pytestmark = pytest.mark.models

SHAPE: dict[str, Any] = {
    "vocab_size": 160,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "pad_token_id": 0,
    "bos_token_id": None,
    "eos_token_id": None,
    "initializer_range": 0.4,  # logits far enough apart that rounding decides nothing
}
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "llama": ("Llama", {}),
    "qwen2": ("Qwen2", {}),
    "qwen3": ("Qwen3", {"head_dim": 8}),
    "a sliding window everywhere": ("Mistral", {"sliding_window": 7}),
    "windows in some layers": ("Gemma3Text", {"sliding_window": 6, "head_dim": 8, "layer_types": None}),
    "phi": ("Phi3", {}),
}
PROMPTS = [[(7 * i + 3 * k) % 150 + 4 for i in range(length)] for k, length in enumerate((1, 3, 17, 40, 9, 26))]
LENGTH = 12


def small(name: str) -> Any:
    """A model of that family with random weights."""
    family, more = FAMILIES[name]
    torch.manual_seed(3)
    values = {**SHAPE, **more}
    if values.get("layer_types", 0) is None:
        values["layer_types"] = ["sliding_attention", "full_attention", "sliding_attention"]
    config = getattr(transformers, f"{family}Config")(**values)
    kind = "Gemma3ForCausalLM" if family == "Gemma3Text" else f"{family}ForCausalLM"
    return getattr(transformers, kind)(config).eval()


def reference(model: Any, prompt: list[int]) -> list[int]:
    ids = torch.tensor([prompt])
    out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=LENGTH, do_sample=False)
    tokens: list[int] = out[0, len(prompt) :].tolist()
    return tokens


async def batched(model: Any, rows: int, chunk: int) -> list[list[int]]:
    """All prompts at once, twice: the second time they are known."""
    config = model.config
    kinds = tuple(getattr(config, "layer_types", None) or ())
    cache = Rows(
        probe(model, torch.device("cpu")), kinds, getattr(config, "sliding_window", None) or 0, rows, 96,
        torch.float32, torch.device("cpu"),
    )  # fmt: skip
    loop = open_device("cpu", lane="reference")
    runner = Runner(model, cache, torch.device("cpu"), graphs=True)
    batch = Batch(loop, runner, name="llm", ends=frozenset(), chunk=chunk, patience=60.0)
    batch.sampling = Sampling(temperature=0.0)
    loop.attach(batch)

    async def one(number: int, prompt: list[int]) -> list[int]:
        decoder = WindowDecoder(lambda tokens: "".join(map(chr, tokens)), frozenset())
        job = Generation(f"s{number}", "", prompt, LENGTH, "", decoder, asyncio.get_running_loop(), loop.clock())
        batch.submit(job)
        return [ord(c) async for piece in job.pieces(batch.withdraw) for c in piece]

    try:
        first = await asyncio.gather(*(one(i, prompt) for i, prompt in enumerate(PROMPTS)))
        assert await asyncio.gather(*(one(i, prompt) for i, prompt in enumerate(PROMPTS))) == first
        return first
    finally:
        loop.detach(batch)
        await loop.close()


@pytest.mark.parametrize(("name", "rows", "chunk"), [("llama", 6, 512), *((name, 2, 16) for name in FAMILIES)])
def test_it_writes_what_generate_writes(name: str, rows: int, chunk: int) -> None:
    model = small(name)
    model.generation_config.eos_token_id = None
    assert asyncio.run(batched(model, rows, chunk)) == [reference(model, prompt) for prompt in PROMPTS]
