"""A base model that is to be tuned, with the template that the live server writes conversations by."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from engines.dialogue.transformers.loading import load
from engines.dialogue.transformers.template import Template, template_of
from training.errors import TrainingError

Precision: TypeAlias = Literal["float32", "bfloat16"]
_PLACES = ("_name_or_path", "transformers_version", "dtype", "torch_dtype")


@dataclass(frozen=True, slots=True)
class BaseModel:
    """A causal language model (weights frozen), its tokenizer and chat template; `name` is what it was loaded by."""

    model: Any
    tokenizer: Any
    template: Template
    name: str

    @property
    def device(self) -> Any:
        """Return where the weights are."""
        return self.model.device

    @property
    def width(self) -> int:
        """Return the width of its hidden states."""
        return int(self.model.config.get_text_config(decoder=True).hidden_size)

    @property
    def longest(self) -> int:
        """Return the positions that it was made for."""
        return int(getattr(self.model.config.get_text_config(decoder=True), "max_position_embeddings", 0) or 2**31)

    def digest(self) -> str:
        """Return a SHA-256 that two sites compare: config, tokens, template, a sample of every weight's numbers.

        Where the model lies and which release of transformers has read it make no difference.
        """
        told = {name: value for name, value in self.model.config.to_dict().items() if name not in _PLACES}
        made = hashlib.sha256(repr(sorted(told.items(), key=str)).encode())
        made.update(repr(sorted(self.tokenizer.get_vocab().items())).encode())
        made.update(repr(self.tokenizer.chat_template).encode())
        for name, weight in sorted(self.model.named_parameters()):
            sample = weight.detach().flatten()[:: max(1, weight.numel() // 64)][:64].float().cpu().numpy()
            made.update(name.encode() + sample.tobytes())
        return made.hexdigest()


def open_base(
    name: str, *, device: str = "cpu", precision: Precision = "float32", plain_template: bool = False
) -> BaseModel:
    """Load a model by its folder or name; EngineError says what is wrong with it.

    TrainingError `no_template` for one that has no chat template, unless `plain_template` lets it be taught one:
    the server's stand-in, which is what it would be talked to by.
    """
    loaded = load(name, device=device, dtype=precision, attention="auto")
    template = template_of(loaded.tokenizer, loaded.model.generation_config)
    if template.kind != "own" and not plain_template:
        raise TrainingError(
            "no_template",
            f"The model {Path(name).name!r} has no chat template, so it was never taught to converse: take an instruct "
            f"model, or teach it the stand-in that the server uses ({template.kind}) with --plain-template.",
        )
    return BaseModel(loaded.model, loaded.tokenizer, template, name)
