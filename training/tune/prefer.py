"""Learns from what people preferred (DPO, Rafailov et al. 2023, by trl): pairs of an answer and a worse one.

Pairs come from a file, or from the review queue: of an answer that the filter stopped and people agreed, what was said
instead is the better one; of one that was stopped wrongly, the answer itself is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from engines.guard.desk import Desk, DeskError
from training.data.text import read
from training.errors import TrainingError
from training.tune.model import BaseModel
from training.tune.tokens import ending

ASKED: Final = "..."  # stands for what a user said where the queue does not know it


@dataclass(frozen=True, slots=True)
class Pair:
    """What was asked, the answer that people want, and the one that they do not."""

    prompt: str
    chosen: str
    rejected: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """How pairs are learned: `beta` is how far the model may go from where it began (larger: less far)."""

    epochs: float = 2.0
    batch: int = 4
    rate: float = 5e-5
    beta: float = 0.1
    rank: int = 16
    alpha: int = 32
    longest: int = 1024
    seed: int = 0


def from_file(file: Path) -> list[Pair]:
    """Read JSON lines of prompt, chosen and rejected; TrainingError `bad_layout` names the line."""
    pairs = []
    for number, line in enumerate(read(file).splitlines(), start=1):
        if not line.strip():
            continue
        where = f"{file.name}, line {number}"
        try:
            row = json.loads(line)
        except ValueError as error:
            raise TrainingError("bad_layout", f"{where} is no JSON: {error}") from error
        texts = [row.get(name) for name in ("prompt", "chosen", "rejected")] if isinstance(row, dict) else []
        if not texts or not all(isinstance(text, str) and text.strip() for text in texts):
            raise TrainingError("bad_layout", f"{where} lacks a prompt, a chosen or a rejected answer.")
        if texts[1] != texts[2]:
            pairs.append(Pair(*map(str, texts)))
    return pairs


def from_queue(folder: Path) -> list[Pair]:
    """Read the decided flags of a review queue that keeps words; `bad_layout` when somebody has changed it."""
    try:
        items = Desk(folder).items(most=100_000)
    except DeskError as error:
        raise TrainingError("bad_layout", error.message) from error
    said = {_turn(item.entry): str(item.entry.get("text", "")) for item in items if item.entry.get("side") == "user"}
    pairs = []
    for item in reversed(items):
        text, instead = str(item.entry.get("text", "")), str(item.entry.get("instead", ""))
        if item.entry.get("side") != "companion" or not text or not instead or text == instead:
            continue
        prompt = said.get(_turn(item.entry)) or ASKED
        if item.decided in ("right", "deny"):
            pairs.append(Pair(prompt, instead, text))
        elif item.decided == "wrong":
            pairs.append(Pair(prompt, text, instead))
    return pairs


def _turn(entry: Mapping[str, Any]) -> tuple[str, str]:
    return str(entry.get("session")), str(entry.get("turn"))


def margins(model: Any, base: BaseModel, pairs: Sequence[Pair], system: str) -> list[float]:
    """Return for each pair how much likelier the wanted answer is than the other, in nats a token."""
    import torch

    end, found = ending(base.template), []
    was = model.training
    model.eval()
    for pair in pairs:
        chat = [{"role": "system", "content": system}] if system else []
        prompt, _ = base.template.render([*chat, {"role": "user", "content": pair.prompt}], (), thinking=False)
        ids = base.template.encode(prompt)
        losses = []
        for answer in (pair.chosen, pair.rejected):
            said = base.template.encode(answer + end)
            row = torch.tensor([[*ids, *said]], device=base.device)
            with torch.no_grad():
                logits = model(input_ids=row, use_cache=False).logits[0, len(ids) - 1 : -1].float()
            losses.append(float(torch.nn.functional.cross_entropy(logits, row[0, len(ids) :])))
        found.append(losses[1] - losses[0])
    model.train(was)
    return found


def prefer(base: BaseModel, pairs: Sequence[Pair], recipe: Recipe, system: str, adapter: Path | None, out: Path) -> Any:
    """Train on pairs by trl, from an adapter that is there or a new one, save it to `out`, and return the model."""
    trl, data, peft = _imported("trl"), _imported("datasets"), _imported("peft")
    chat = [{"role": "system", "content": system}] if system else []
    rows = [
        {
            "prompt": [*chat, {"role": "user", "content": pair.prompt}],
            "chosen": [{"role": "assistant", "content": pair.chosen}],
            "rejected": [{"role": "assistant", "content": pair.rejected}],
        }
        for pair in pairs
    ]
    shape = peft.LoraConfig(r=recipe.rank, lora_alpha=recipe.alpha, target_modules="all-linear", task_type="CAUSAL_LM")
    model = peft.PeftModel.from_pretrained(base.model, str(adapter), is_trainable=True) if adapter else base.model
    with TemporaryDirectory() as place:
        settings = trl.DPOConfig(
            output_dir=place,
            num_train_epochs=recipe.epochs,
            per_device_train_batch_size=recipe.batch,
            learning_rate=recipe.rate,
            beta=recipe.beta,
            max_length=recipe.longest,
            seed=recipe.seed,
            report_to=[],
            save_strategy="no",
            logging_steps=1,
            disable_tqdm=True,
            use_cpu=str(base.device) == "cpu",
            bf16=False,
            gradient_checkpointing=False,
            dataloader_pin_memory=False,
        )
        trainer = trl.DPOTrainer(
            model=model,
            args=settings,
            train_dataset=data.Dataset.from_list(rows),
            processing_class=base.tokenizer,
            **({} if adapter else {"peft_config": shape}),
        )
        trainer.train()
    trainer.model.save_pretrained(out, selected_adapters=["default"])
    (out / "README.md").unlink(missing_ok=True)
    return trainer.model


def _imported(package: str) -> Any:
    try:
        return import_module(package)
    except ImportError as error:
        raise TrainingError(
            "missing_package", f"learning from preferences needs {package}: pip install 'companion-bridge[prefer]'"
        ) from error
