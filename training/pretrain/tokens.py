"""A tokenizer trained on the texts, and the texts as one long row of tokens on disk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from training.errors import TrainingError

SPECIALS: Final = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|mask|>")
CHATML: Final = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
HELD: Final = 1 << 20  # tokens that are kept in memory before they are written


def train_tokenizer(texts: Iterable[str], size: int) -> Any:
    """Return a byte-level BPE of `size` words, special ones among them, trained on texts; nothing is unknown to it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    least = len(SPECIALS) + len(pre_tokenizers.ByteLevel.alphabet())
    if size < least:
        raise TrainingError("bad_recipe", f"--vocabulary must be at least {least}: every byte is a token.")
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        special_tokens=list(SPECIALS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    made.train_from_iterator(texts, trainer)
    end, _, stop, mask = SPECIALS
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token=stop, bos_token=end, pad_token=end, mask_token=mask
    )
    tokenizer.chat_template = CHATML
    return tokenizer


def write(texts: Iterable[tuple[str, bool]], tokenizer: Any, learned: Path, held: Path) -> tuple[int, int]:
    """Write the tokens of documents to two files, an end after each; return how many there are in each.

    Two bytes a token where the vocabulary allows it, else four, little-endian.
    """
    kind = kind_of(tokenizer)
    end = tokenizer.convert_tokens_to_ids(SPECIALS[0])
    counts = [0, 0]
    with learned.open("wb") as first, held.open("wb") as second:
        waiting: tuple[list[int], list[int]] = ([], [])
        for text, is_held in texts:
            waiting[is_held].extend([*tokenizer.encode(text, add_special_tokens=False), end])
            if len(waiting[is_held]) > HELD:
                _put((first, second)[is_held], waiting[is_held], counts, is_held, kind)
        for is_held, out in ((False, first), (True, second)):
            _put(out, waiting[is_held], counts, is_held, kind)
    return counts[0], counts[1]


def kind_of(tokenizer: Any) -> Any:
    """Return the numbers that tokens are written as."""
    return np.dtype("<u2") if len(tokenizer) <= 2**16 else np.dtype("<u4")


def opened(file: Path, kind: Any) -> NDArray[np.integer[Any]]:
    """Return the tokens of a file, read when they are asked for."""
    if not file.stat().st_size:
        return np.zeros(0, kind)
    return np.memmap(file, kind, "r")


def _put(out: Any, waiting: list[int], counts: list[int], is_held: bool, kind: Any) -> None:
    counts[is_held] += len(waiting)
    out.write(np.array(waiting, kind).tobytes())
    waiting.clear()


def lines_of(texts: Iterable[str], most: int) -> Iterator[str]:
    """Yield texts until there are `most` characters, which is enough for a tokenizer."""
    seen = 0
    for text in texts:
        yield text
        seen += len(text)
        if seen > most:
            return
