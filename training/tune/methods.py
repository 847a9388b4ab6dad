"""The methods of transfer learning: what of a model is learned, and what must happen after a step.

LoRA (Hu et al. 2021) on every linear layer with the defaults of "LoRA Without Regret" (Schulman 2025): all layers, a
rate about ten times that of full tuning. AdaLoRA (Zhang et al. 2023), prefix tuning (Li and Liang 2021) and IA3 (Liu
et al. 2022) are peft's; adapters after Houlsby et al. (2019) are in `houlsby.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, Literal, TypeAlias, get_args

from training.errors import TrainingError
from training.loop.checkpoint import Extra
from training.tune import houlsby
from training.tune.model import BaseModel

Method: TypeAlias = Literal["lora", "adalora", "prefix", "ia3", "houlsby", "full"]
METHODS: Final[tuple[Method, ...]] = get_args(Method)
# For models as wide as 2048; others get theirs by `rate_of`.
RATES: Final[dict[Method, float]] = {
    "lora": 2e-4, "adalora": 1e-3, "prefix": 5e-3, "ia3": 3e-3, "houlsby": 2e-4, "full": 2e-5,
}  # fmt: skip
WIDTH: Final = 2048


@dataclass(frozen=True, slots=True)
class Shape:
    """How large what is learned is: the rank of LoRA and AdaLoRA, the tokens of a prefix, the width of an adapter.

    `frozen_a` keeps the first matrix of LoRA as it began, so that averages of several sites are exact (FFA-LoRA).
    """

    rank: int = 16
    alpha: int = 32
    dropout: float = 0.05
    prefix: int = 16
    bottleneck: int = 32
    frozen_a: bool = False


@dataclass(frozen=True, slots=True)
class Adapted:
    """A model whose learned weights alone ask for gradients.

    `after` is called with the number of each step after it was applied, while its gradient is still there; `penalty`
    is added to its loss.
    """

    model: Any
    method: Method
    after: Callable[[int], None] | None = None
    penalty: Callable[[], Any] | None = None

    @property
    def learned(self) -> list[tuple[str, Any]]:
        """Return the learned weights with their names, in their order."""
        return [(name, weight) for name, weight in self.model.named_parameters() if weight.requires_grad]

    @property
    def size(self) -> int:
        """Count the learned numbers."""
        return sum(weight.numel() for _, weight in self.learned)


def adapt(base: BaseModel, method: Method, shape: Shape | None = None, *, steps: int = 1000) -> Adapted:
    """Make of a base a model that is learned by `method`; it takes the base's own modules and changes them.

    `steps` is how long it will be trained, which AdaLoRA plans by. The first weights are drawn from torch's generator:
    seed it before. TrainingError `bad_method` for one that there is not, or that does not fit the model.
    """
    shape = shape or Shape()
    base.model.requires_grad_(method == "full")
    try:
        return _adapted(base, method, shape, steps)
    except (ValueError, RuntimeError, KeyError) as error:
        text = " ".join(str(error).split())[:200]
        raise TrainingError("bad_method", f"The method {method} does not fit this model: {text}") from error


def _adapted(base: BaseModel, method: Method, shape: Shape, steps: int) -> Adapted:
    peft: Any = import_module("peft")
    match method:
        case "lora":
            config = peft.LoraConfig(
                r=shape.rank,
                lora_alpha=shape.alpha,
                lora_dropout=shape.dropout,
                target_modules="all-linear",
                task_type="CAUSAL_LM",
            )
            model = peft.get_peft_model(base.model, config)
            if shape.frozen_a:
                for name, weight in model.named_parameters():
                    if ".lora_A." in name:
                        weight.requires_grad_(False)
            return Adapted(model, method)
        case "adalora":
            config = peft.AdaLoraConfig(
                init_r=shape.rank + shape.rank // 2,
                target_r=shape.rank,
                lora_alpha=shape.alpha,
                lora_dropout=shape.dropout,
                target_modules="all-linear",
                task_type="CAUSAL_LM",
                total_step=max(4, steps),
                tinit=max(1, steps // 10),
                tfinal=max(1, steps // 4),
                deltaT=max(1, min(10, steps // 20)),
            )
            model = peft.get_peft_model(base.model, config)
            return Adapted(model, method, model.base_model.update_and_allocate, lambda: orthogonality(model))
        case "prefix":
            config = peft.PrefixTuningConfig(num_virtual_tokens=shape.prefix, task_type="CAUSAL_LM")
            return Adapted(peft.get_peft_model(base.model, config), method)
        case "ia3":
            return Adapted(peft.get_peft_model(base.model, peft.IA3Config(task_type="CAUSAL_LM")), method)
        case "houlsby":
            return Adapted(houlsby.inserted(base.model, shape.bottleneck), method)
        case "full":
            return Adapted(base.model, method)
        case _:
            raise TrainingError("bad_method", f"There is no method {method!r}; there are: {', '.join(METHODS)}.")


def rate_of(method: Method, width: int) -> float:
    """Return the usual step size of a method for a model of that width: narrower ones take larger steps."""
    return float(RATES[method] * (WIDTH / max(64, width)) ** 0.75)


def orthogonality(model: Any, weight: float = 0.5) -> Any:
    """Return AdaLoRA's regulariser: how far its singular vectors are from being orthogonal, on average."""
    torch: Any = import_module("torch")
    terms = []
    for name, matrix in model.named_parameters():
        if ".lora_A." in name or ".lora_B." in name:
            square = matrix @ matrix.T if ".lora_A." in name else matrix.T @ matrix
            terms.append(torch.norm(square - torch.eye(square.shape[0], device=square.device), p="fro"))
    return weight * torch.stack(terms).mean()


def state_of(adapted: Adapted) -> Extra | None:
    """Return what a method must keep besides its weights to go on to the same numbers: AdaLoRA's importances."""
    if adapted.method != "adalora":
        return None
    torch: Any = import_module("torch")
    allocator = adapted.model.base_model.rankallocator
    counts = {name: weight for name, weight in adapted.model.named_parameters() if ".ranknum." in name}
    parts = ("ipt", "exp_avg_ipt", "exp_avg_unc")

    def read() -> dict[str, Any]:
        return {
            **{part: dict(getattr(allocator, part)) for part in parts},
            "ranks": {k: v.clone() for k, v in counts.items()},
        }

    def write(held: Any) -> None:
        for part in parts:
            setattr(allocator, part, dict(held[part]))
        with torch.no_grad():
            for name, values in held["ranks"].items():
                counts[name].copy_(values)

    return Extra(read, write)
