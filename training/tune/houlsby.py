"""Bottleneck adapters (Houlsby et al. 2019): after attention and after the feed-forward part of every block.

peft has no such method. What is learned is saved beside an adapter_config.json that names it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from safetensors.torch import load_file, save_file
from torch import nn

from training.errors import TrainingError

KIND: Final = "HOULSBY"
PARTS: Final = ("self_attn", "mlp")  # of a block, in models of Llama's kind
WEIGHTS: Final = "adapter_model.safetensors"
CONFIG: Final = "adapter_config.json"


class Bottleneck(nn.Module):
    """Adds to a part's output what a narrow layer makes of it; at first nothing, since `up` begins at zero."""

    def __init__(self, part: nn.Module, width: int, bottleneck: int) -> None:
        super().__init__()
        self.part = part
        self.down = nn.Linear(width, bottleneck)
        self.up = nn.Linear(bottleneck, width)
        nn.init.zeros_(self.up.weight)
        nn.init.zeros_(self.up.bias)

    def forward(self, *given: Any, **named: Any) -> Any:
        """Run the part, then change its states (rows, places, width)."""
        made = self.part(*given, **named)
        states = made[0] if isinstance(made, tuple) else made
        states = states + self.up(nn.functional.gelu(self.down(states)))
        return (states, *made[1:]) if isinstance(made, tuple) else states


def inserted(model: Any, bottleneck: int) -> Any:
    """Put adapters into a model's blocks and freeze the rest; ValueError for a model that is built otherwise."""
    layers = getattr(model.get_decoder(), "layers", None)
    if not layers or not all(hasattr(layer, part) for layer in layers for part in PARTS):
        raise ValueError(f"its blocks have no parts {' and '.join(PARTS)}")
    width = model.config.get_text_config(decoder=True).hidden_size
    model.requires_grad_(False)
    for layer in layers:
        for part in PARTS:
            setattr(layer, part, Bottleneck(getattr(layer, part), width, bottleneck).to(model.device, model.dtype))
    return model


def save(model: Any, folder: Path, bottleneck: int, base: str) -> None:
    """Write the adapters' weights and what they are."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: weight.detach().contiguous() for name, weight in model.named_parameters() if weight.requires_grad}
    save_file(weights, folder / WEIGHTS)
    config = {"peft_type": KIND, "bottleneck": bottleneck, "base_model_name_or_path": base, "task_type": "CAUSAL_LM"}
    (folder / CONFIG).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def load(model: Any, folder: Path) -> Any:
    """Put saved adapters into a base model; TrainingError `bad_model` when they are another model's."""
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    model = inserted(model, int(config["bottleneck"]))
    weights = load_file(folder / WEIGHTS)
    own = dict(model.named_parameters())
    if wrong := [name for name, weight in weights.items() if name not in own or own[name].shape != weight.shape]:
        raise TrainingError("bad_model", f"The adapter in {folder} is of another model: {wrong[0]} does not fit.")
    model.load_state_dict(weights, strict=False)
    return model
