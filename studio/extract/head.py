"""Reads attributes out of a description by a trained head: a label for each word, which attribute it speaks of.

`companion train attributes` trains one. Rules read what the studio itself writes; a head that was trained on
other words is a second opinion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from engines.device.making import MAKING
from studio.errors import StudioError

KINDS: Final = ("age", "hair colour", "hair style", "eyes", "glasses", "profession", "temperament", "clothes")
LABELS: Final = ("none", *KINDS)
MOST: Final = 400  # words that are read


@dataclass(frozen=True, slots=True)
class Described:
    """The words of a description, and the label of each."""

    words: tuple[str, ...]
    labels: tuple[int, ...]


def encoded(tokenizer: Any, given: Sequence[Described]) -> tuple[Any, Any, Any]:
    """Return ids, mask and labels (rows, width); the first token of a word carries its label, others -100."""
    import torch

    rows = []
    for each in given:
        ids: list[int] = []
        labels: list[int] = []
        for word, label in zip(each.words, each.labels, strict=True):
            pieces = tokenizer.encode(f" {word}", add_special_tokens=False)
            ids += pieces
            labels += [label, *[-100] * (len(pieces) - 1)]
        rows.append((ids, labels))
    width = max(len(ids) for ids, _ in rows)
    pad = tokenizer.pad_token_id or 0
    return (
        torch.tensor([[*ids, *[pad] * (width - len(ids))] for ids, _ in rows]),
        torch.tensor([[1] * len(ids) + [0] * (width - len(ids)) for ids, _ in rows]),
        torch.tensor([[*labels, *[-100] * (width - len(labels))] for _, labels in rows]),
    )


def read(folder: Path, text: str) -> dict[str, list[str]]:
    """Return the words of a description by the attribute that they speak of; nothing for no words.

    StudioError `bad_reader` for a folder that holds no head, or where torch and transformers are not installed.
    """
    words = tuple(text.replace(",", " , ").replace(".", " . ").split())[:MOST]
    if not words:
        return {}
    try:
        import torch
        from transformers import AutoModelForTokenClassification, AutoTokenizer

        tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        with MAKING:
            model: Any = AutoModelForTokenClassification.from_pretrained(folder, local_files_only=True).eval()
    except ImportError as error:
        raise StudioError("bad_reader", f"a head that reads attributes needs {error.name}: pip install "
                          "'companion-bridge[train]'") from error  # fmt: skip
    except (OSError, ValueError, KeyError) as error:
        raise StudioError("bad_reader", f"{folder} holds no head that reads attributes: {error}") from error
    if set(model.config.id2label.values()) != set(LABELS):
        raise StudioError("bad_reader", f"the head in {folder} reads something else than attributes")
    told: dict[str, list[str]] = {}
    for begin in range(0, len(words), 48):  # a window that every BERT's positions have
        part = words[begin : begin + 48]
        ids, mask, labels = encoded(tokenizer, [Described(part, (0,) * len(part))])
        with torch.no_grad():
            found = model(input_ids=ids, attention_mask=mask).logits.argmax(-1)[0]
        firsts = [at for at, label in enumerate(labels[0].tolist()) if label >= 0]
        for word, at in zip(part, firsts, strict=True):
            label = model.config.id2label[int(found[at])]
            if label != "none":
                told.setdefault(label, []).append(word)
    return told
