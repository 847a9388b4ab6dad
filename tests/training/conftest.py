"""A tiny language model with a chat template, untrained, and a few dialogues."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from engines.device.making import MAKING
from training.data.dialogue import Dialogue, Line
from training.tune.model import BaseModel, open_base

TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
TALK = (
    ("What is light?", "Light is a wave, friend."),
    ("Why is the sky blue?", "Because air scatters blue light the most, friend."),
    ("How fast is light?", "Nothing is faster, friend: three hundred thousand kilometres a second."),
    ("What is an echo?", "Sound that comes back to you, friend."),
    ("What is a prism?", "A piece of glass that parts light into colours, friend."),
    ("Who are you?", "I am your guide, friend."),
)
SAID = [*(question for question, _ in TALK), *(answer for _, answer in TALK)]


def dialogues(count: int = 12) -> list[Dialogue]:
    """Return short dialogues of several people about several topics."""
    made = []
    for number in range(count):
        first, second = TALK[number % len(TALK)], TALK[(number * 5 + 1) % len(TALK)]
        lines = (
            Line("user", first[0]),
            Line("assistant", first[1]),
            Line("user", f"{second[0]} ({number})"),
            Line("assistant", second[1]),
        )
        made.append(Dialogue(lines, f"person {number % 4}", f"topic {number % 3}"))
    return made


def build(
    folder: Path,
    *,
    template: str | None = TEMPLATE,
    texts: Sequence[str] = SAID,
    width: int = 32,
    vocabulary: int = 400,
) -> None:
    """Write a Llama of two layers with weights drawn by a seed, and a byte-level tokenizer made of texts."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    specials = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(list(texts) * 3, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, pad_token=specials[0], eos_token=specials[-1])
    tokenizer.chat_template = template
    torch.manual_seed(1)
    settings = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        eos_token_id=2,
        pad_token_id=0,
        bos_token_id=1,
    )
    with MAKING:
        LlamaForCausalLM(settings).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the tiny model."""
    pytest.importorskip("transformers", reason="training needs transformers")
    pytest.importorskip("peft", reason="training needs peft")
    folder = tmp_path_factory.mktemp("tiny")
    build(folder)
    return folder


@pytest.fixture
def base(tiny: Path) -> BaseModel:
    """Return the tiny model, fresh."""
    return open_base(str(tiny))


@pytest.fixture
def clock() -> Callable[[], float]:
    """Return a clock that goes on by a second whenever it is read."""
    seconds = iter(range(10**9))
    return lambda: float(next(seconds))


class Quiet:
    """Keeps what a run tells."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def log(self, step: int, scalars: Any) -> None:
        self.rows.append({"step": step, **scalars})

    def picture(self, name: str, png: bytes) -> None:
        pass

    def close(self) -> None:
        pass


@pytest.fixture
def quiet() -> Quiet:
    """Return a tracker that keeps its rows."""
    return Quiet()
