"""Base models to begin with, by kind and size: Llama's and Qwen's for causal, BERT's for masked modelling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from engines.device.making import MAKING
from training.errors import TrainingError

Kind: TypeAlias = Literal["llama", "qwen", "bert"]
HEAD: Final = 32  # width of an attention head, at most 64 of them


@dataclass(frozen=True, slots=True)
class Size:
    """Width of the hidden states, and blocks."""

    width: int
    layers: int


SIZES: Final = {
    "nano": Size(128, 2), "micro": Size(192, 4), "tiny": Size(320, 8), "small": Size(512, 8), "medium": Size(768, 12),
    "base": Size(1024, 24),
}  # fmt: skip


def make(kind: Kind, size: Size, tokenizer: Any, longest: int) -> Any:
    """Return a model with weights drawn by torch's generator; `longest` is how many positions it is made for."""
    import transformers as hub

    if size.width % HEAD:
        raise TrainingError("bad_recipe", f"--width must be a multiple of {HEAD}.")
    heads = max(1, size.width // (HEAD if size.width < 512 else 2 * HEAD))
    groups = max(1, heads // 2) if heads % 2 == 0 else heads
    common: dict[str, Any] = {
        "vocab_size": len(tokenizer),
        "hidden_size": size.width,
        "num_hidden_layers": size.layers,
        "num_attention_heads": heads,
        "max_position_embeddings": longest,
        "pad_token_id": tokenizer.pad_token_id,
    }
    ends = {"eos_token_id": tokenizer.eos_token_id, "bos_token_id": tokenizer.bos_token_id}
    gated = {"num_key_value_heads": groups, "intermediate_size": round(size.width * 8 / 3 / 64) * 64 or 64}
    with MAKING:
        match kind:
            case "llama":
                return hub.LlamaForCausalLM(hub.LlamaConfig(**common, **gated, **ends, tie_word_embeddings=True))
            case "qwen":
                return hub.Qwen2ForCausalLM(hub.Qwen2Config(**common, **gated, **ends, tie_word_embeddings=True))
            case "bert":
                return hub.BertForMaskedLM(hub.BertConfig(**common, intermediate_size=4 * size.width))
