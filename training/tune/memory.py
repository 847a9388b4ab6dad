"""How much memory a tuning will take, computed from the model's shape before anything is loaded.

Weights, what is learned (gradient and the two moments of AdamW in float32), the states that the backward pass needs,
and the logits. States are counted as Korthikanti et al. (2022) count them for a block: 34 numbers of 2 bytes a token
and hidden unit, less what attention by SDPA does not keep; with checkpointing one number a block. A bound, not a
measurement.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines.device.making import MAKING
from training.errors import TrainingError
from training.tune.methods import Method, Shape

STATES = 20.0  # numbers a token, block and hidden unit that the backward pass of a Llama's block keeps


@dataclass(frozen=True, slots=True)
class Need:
    """Bytes by what they are for, and the counts of weights in all and learned."""

    whole: int
    learned: int
    weights: int
    learning: int
    states: int
    logits: int

    @property
    def bytes(self) -> int:
        """Return all of them."""
        return self.weights + self.learning + self.states + self.logits

    @property
    def told(self) -> str:
        """Say it in a sentence."""
        gib = 2**30
        return (
            f"{self.whole / 1e6:,.0f} million weights, {self.learned / 1e6:,.2f} million learned: about "
            f"{self.bytes / gib:.1f} GiB (weights {self.weights / gib:.2f}, learning {self.learning / gib:.2f}, "
            f"states {self.states / gib:.2f}, logits {self.logits / gib:.2f})"
        )


def need(model: str, method: Method, shape: Shape, *, budget: int, half: bool, checkpointing: bool) -> Need:
    """Return what a tuning of the model in a folder needs, with parts of `budget` tokens."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    if not Path(model).expanduser().is_dir():
        raise TrainingError("bad_model", f"There is no model folder at {model!r}.")
    config = AutoConfig.from_pretrained(model, local_files_only=True)
    with MAKING, torch.device("meta"):
        made: Any = AutoModelForCausalLM.from_config(config)
    text = config.get_text_config(decoder=True)
    linear = [
        part for name, part in made.named_modules() if isinstance(part, torch.nn.Linear) and "lm_head" not in name
    ]
    whole = sum(weight.numel() for weight in made.parameters())
    layers, width = int(text.num_hidden_layers), int(text.hidden_size)
    heads = int(text.num_attention_heads)
    keys = width // heads * int(getattr(text, "num_key_value_heads", None) or heads)
    size = 2 if half else 4
    learned = {
        "lora": sum(shape.rank * (part.in_features + part.out_features) for part in linear),
        "adalora": sum(3 * shape.rank // 2 * (part.in_features + part.out_features + 1) for part in linear),
        "prefix": shape.prefix * 2 * layers * keys,
        "ia3": 3 * layers * width,
        "houlsby": 2 * layers * (2 * width * shape.bottleneck + width + shape.bottleneck),
        "full": whole,
    }[method]
    blocks = budget * width * size * (layers + STATES if checkpointing else layers * STATES)
    return Need(
        whole=whole,
        learned=learned,
        weights=whole * (4 if method == "full" else size),
        learning=learned * 12,
        states=int(blocks),
        logits=budget * int(text.vocab_size) * 4 * 2,
    )
