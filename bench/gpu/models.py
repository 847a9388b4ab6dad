"""Real architectures with random weights, saved as a user would have them: weights do not change the arithmetic.

Every token of the made-up vocabulary is a syllable or a word's end, so that what a random model writes can be spoken.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Final

SPECIALS: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TEMPLATE: Final = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Size:
    """An architecture: `family` of transformers, and its configuration."""

    family: str
    config: dict[str, Any]


def _llama(hidden: int, inner: int, layers: int, heads: int, groups: int, vocabulary: int) -> dict[str, Any]:
    return {
        "hidden_size": hidden,
        "intermediate_size": inner,
        "num_hidden_layers": layers,
        "num_attention_heads": heads,
        "num_key_value_heads": groups,
        "vocab_size": vocabulary,
        "max_position_embeddings": 8192,
    }


# The published shapes of Qwen2.5-1.5B and Llama-3.1-8B, and two for a CPU.
SIZES: Final = {
    "tiny": Size("Llama", _llama(64, 128, 2, 4, 2, 1024)),
    "small": Size("Llama", _llama(512, 1408, 8, 8, 4, 8192)),
    "1.5b": Size("Qwen2", _llama(1536, 8960, 28, 12, 2, 151_936) | {"tie_word_embeddings": True}),
    "8b": Size("Llama", _llama(4096, 14_336, 32, 32, 8, 128_256)),
}


def words() -> Iterator[str]:
    """Yield tokens that can be spoken, without an end."""
    syllables = ["".join(parts) for parts in product("bdfgklmnprstvz", "aeiou")]
    for length in (1, 2, 3, 4):
        for parts in product(syllables, repeat=length):
            yield " " + "".join(parts)


def language_model(folder: Path, size: str, device: str) -> None:
    """Build a language model of that size in `folder`, in bfloat16 but on a CPU, on `device`."""
    import torch
    import transformers

    torch.manual_seed(0)
    shape = SIZES[size]
    config = getattr(transformers, f"{shape.family}Config")(
        **shape.config, bos_token_id=None, eos_token_id=2, pad_token_id=0
    )
    on_cpu = device.startswith("cpu")
    with torch.device(device):
        default = torch.get_default_dtype()
        torch.set_default_dtype(torch.float32 if on_cpu else torch.bfloat16)
        model = getattr(transformers, f"{shape.family}ForCausalLM")(config)
        torch.set_default_dtype(default)
    model.save_pretrained(folder)
    del model
    tokenizer(shape.config["vocab_size"]).save_pretrained(folder)


def tokenizer(size: int) -> Any:
    """Return a byte-level tokenizer of `size` tokens; those beyond the bytes are words that no text is cut into."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    names = [*SPECIALS, *pre_tokenizers.ByteLevel.alphabet()]
    made = words()
    while len(names) < size:
        names.append(next(made).replace(" ", "Ġ"))
    bpe = Tokenizer(models.BPE(vocab={name: index for index, name in enumerate(names)}, merges=[]))
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=bpe, pad_token=SPECIALS[0], eos_token=SPECIALS[2])
    fast.add_special_tokens({"additional_special_tokens": list(SPECIALS)})
    fast.chat_template = TEMPLATE
    return fast


def person(folder: Path) -> Path:
    """Return an identity of an ordinary size: some hundred tokens of persona."""
    card = {
        "spec": "chara_card_v3",
        "data": {"name": "Ada", "description": "Ada is a guide in a quiet museum by the sea. " * 6, "first_mes": ""},
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    return folder
