"""Adapters as files in peft's layout, and back.

AdaLoRA is written as the LoRA that it is after training, exactly: the live server mixes LoRA of several identities in
one batch. Full tuning writes a whole model.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch

from training.errors import TrainingError
from training.tune import houlsby
from training.tune.methods import Adapted, Shape
from training.tune.model import BaseModel

SERVED = ("lora", "adalora")  # what the live server loads for each identity, in one batch


def save(adapted: Adapted, base: BaseModel, folder: Path, shape: Shape) -> None:
    """Write what was learned into `folder`, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    match adapted.method:
        case "houlsby":
            houlsby.save(adapted.model, folder, shape.bottleneck, base.name)
        case "full":
            adapted.model.save_pretrained(folder)
            base.tokenizer.save_pretrained(folder)
        case "adalora":
            _as_lora(adapted.model, base, folder)
        case _:
            adapted.model.save_pretrained(folder)
    card = folder / "README.md"  # peft writes one that knows nothing
    card.unlink(missing_ok=True)


def reopen(base: BaseModel, folder: Path) -> Any:
    """Return a fresh base with the adapter of a folder, not learned further; `bad_model` when it does not fit."""
    try:
        config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainingError("bad_model", f"There is no adapter in {folder}: {error}") from error
    if config.get("peft_type") == houlsby.KIND:
        return houlsby.load(base.model, folder).eval().requires_grad_(False)
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(base.model, str(folder), is_trainable=False).eval()
    except (RuntimeError, ValueError, KeyError) as error:
        text = " ".join(str(error).split())[:200]
        raise TrainingError("bad_model", f"The adapter in {folder} does not fit the model: {text}") from error


def _as_lora(model: Any, base: BaseModel, folder: Path) -> None:
    """Write the low-rank product of AdaLoRA as LoRA: its diagonal goes into A, and its scale into B."""
    import peft
    from safetensors.torch import save_file

    weights: dict[str, Any] = {}
    widest = 1
    for name, layer in model.named_modules():
        if not hasattr(layer, "lora_E") or "default" not in getattr(layer, "lora_E", {}):
            continue
        diagonal, count = layer.lora_E["default"], float(layer.ranknum["default"])
        kept = torch.nonzero(diagonal.detach().flatten() != 0).flatten()
        a = (layer.lora_A["default"] * diagonal).detach()[kept]
        b = layer.lora_B["default"].detach()[:, kept] * (layer.scaling["default"] / (count + 1e-5))
        weights[name], widest = (a, b), max(widest, len(kept))
    rows = {}
    for name, (a, b) in weights.items():
        more = widest - a.shape[0]  # all layers get the same rank, since LoRA's files know one
        rows[f"{name}.lora_A.weight"] = torch.cat([a, a.new_zeros(more, a.shape[1])]).contiguous()
        rows[f"{name}.lora_B.weight"] = torch.cat([b, b.new_zeros(b.shape[0], more)], 1).contiguous()
    save_file(rows, folder / houlsby.WEIGHTS, metadata={"format": "pt"})
    targets = sorted({name.rsplit(".", 1)[-1] for name in weights})
    config = peft.LoraConfig(
        r=widest, lora_alpha=widest, target_modules=targets, task_type="CAUSAL_LM", inference_mode=True
    )
    config.base_model_name_or_path = base.name
    config.save_pretrained(str(folder))
