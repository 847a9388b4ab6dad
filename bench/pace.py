"""How fast LoRA is learned by our loop, packed and not, by transformers.Trainer, and by trl's SFTTrainer.

Everybody gets the same model, adapter, dialogues, batches and learned tokens, in a process of its own. The first step,
in which memory is taken and kernels are chosen, counts as well. Tokens are those of the dialogues, padding not counted:
the same for everybody. Seconds are those of the processor.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any, Final

from training.data.dialogue import Dialogue
from training.loop.batch import micro_batches
from training.tune.learn import Wanted, peak_memory, ready
from training.tune.methods import adapt
from training.tune.model import open_base

LOOPS: Final = ("packed", "padded", "Trainer", "SFTTrainer")


def loop(kind: str, model: str, parts: tuple[Sequence[Dialogue], Sequence[Dialogue]], system: str,
         steps: int, batch: int) -> dict[str, Any]:  # fmt: skip
    """Take some steps of LoRA by one of LOOPS; return tokens a second and memory."""
    import torch

    base = open_base(model)
    plan = ready(base, *parts, Wanted(batch=batch, patience=0), system)
    made = plan.learned.examples[: steps * batch]
    groups = [made[at : at + batch] for at in range(0, len(made), batch)]
    torch.manual_seed(0)
    adapted = adapt(base, "lora")
    match kind:
        case "Trainer" | "SFTTrainer":
            seconds, loss = _theirs(adapted.model, groups, base, kind, plan.recipe.rate)
        case _:
            seconds, loss = _ours(adapted.model, groups, kind == "packed", plan.recipe.rate)
    tokens = sum(len(each.ids) for each in made)
    return {"loop": kind, "tokens": tokens, "seconds": seconds, "tokens/s": tokens / seconds,
            "peak": peak_memory(), "loss": loss}  # fmt: skip


def _ours(model: Any, groups: Sequence[Any], packing: bool, rate: float) -> tuple[float, float]:
    import torch

    from training.loop.step import step

    optimiser = torch.optim.AdamW([each for each in model.parameters() if each.requires_grad], lr=rate)
    model.train()
    begun, loss = time.process_time(), 0.0
    for examples in groups:
        told = step(
            model,
            optimiser,
            lambda budget, part=examples: micro_batches(part, budget, packing=packing),  # type: ignore[misc]  # the part is given
            budget=2048,
        )
        loss = told.loss
    return time.process_time() - begun, loss


def _theirs(model: Any, groups: Sequence[Any], base: Any, kind: str, rate: float) -> tuple[float, float]:
    import torch
    from datasets import Dataset
    from transformers import Trainer, TrainingArguments

    rows = [
        {
            "input_ids": list(each.ids),
            "labels": [token if on else -100 for token, on in zip(each.ids, each.learn, strict=True)],
        }
        for examples in groups
        for each in examples
    ]

    def collate(chosen: list[dict[str, Any]]) -> dict[str, Any]:
        width = max(len(each["input_ids"]) for each in chosen)
        pad = int(base.tokenizer.pad_token_id or 0)
        wide = [(each, width - len(each["input_ids"])) for each in chosen]
        return {
            "input_ids": torch.tensor([[*each["input_ids"], *[pad] * more] for each, more in wide]),
            "attention_mask": torch.tensor([[1] * (width - more) + [0] * more for _, more in wide]),
            "labels": torch.tensor([[*each["labels"], *[-100] * more] for each, more in wide]),
        }

    with TemporaryDirectory() as place:
        common: dict[str, Any] = {
            "output_dir": place, "per_device_train_batch_size": len(groups[0]), "max_steps": len(groups),
            "learning_rate": rate, "report_to": [], "save_strategy": "no", "logging_steps": 1, "disable_tqdm": True,
            "use_cpu": not torch.cuda.is_available(), "dataloader_pin_memory": False, "bf16": False,
            "remove_unused_columns": False,
        }  # fmt: skip
        data = Dataset.from_list(rows)
        trainer: Any
        if kind == "Trainer":
            trainer = Trainer(model=model, args=TrainingArguments(**common), train_dataset=data, data_collator=collate)
        else:
            trl = _trl()
            settings = trl.SFTConfig(**common, max_length=None, packing=False, gradient_checkpointing=False)
            trainer = trl.SFTTrainer(
                model=model, args=settings, train_dataset=data, processing_class=base.tokenizer
            )  # fmt: skip
        begun = time.process_time()
        trainer.train()
        taken = time.process_time() - begun
    losses = [row["loss"] for row in trainer.state.log_history if "loss" in row]
    return taken, float(losses[-1])


def _trl() -> Any:
    """Return trl, which exports nothing to type checkers."""
    return import_module("trl")
