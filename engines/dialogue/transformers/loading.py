"""A causal language model and its tokenizer from this machine's disk, or a sentence that says what is wrong with them.

Never touches the network: fetching models is another program's work.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import torch

from engines.api import EngineError
from engines.device.making import MAKING
from engines.device.rows import Shape

CODE: Final = "dialogue_failed"
DType: TypeAlias = Literal["auto", "float32", "float16", "bfloat16"]
ATTENTIONS: Final = ("full_attention", "sliding_attention")


@dataclass(frozen=True, slots=True)
class Loaded:
    """Holds a model ready to run; `shapes`, `kinds` and `window` describe the cache that it needs."""

    model: Any
    tokenizer: Any
    device: Any
    dtype: Any
    shapes: tuple[Shape, ...]
    kinds: tuple[str, ...]
    window: int
    longest: int  # positions that it was made for


def choose_device(wanted: str) -> Any:
    """ "auto" is the first of CUDA, Apple's Metal and the CPU; EngineError for one that is not there."""
    if wanted == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda:0")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(wanted)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise failure(f"The device {wanted!r} cannot be used here: {_line(error)}") from error
    return device


def choose_dtype(wanted: DType, device: Any) -> Any:
    """ "auto" is bfloat16 where a GPU computes it, float16 on other accelerators, float32 on a CPU."""
    if wanted != "auto":
        return getattr(torch, wanted)
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device.type == "mps" else torch.float32


def load(name: str, *, device: str, dtype: DType, attention: str) -> Loaded:
    """Load the model `name`: a folder, or the name of one that was fetched before. Blocks while it reads."""
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    _look(name)
    where = choose_device(device)
    kind = choose_dtype(dtype, where)
    try:
        config = AutoConfig.from_pretrained(name, local_files_only=True)
        tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=True)
        with MAKING:
            model, report = AutoModelForCausalLM.from_pretrained(
                name,
                config=config,
                local_files_only=True,
                dtype=kind,
                output_loading_info=True,
                **({} if attention == "auto" else {"attn_implementation": attention}),
            )
    except Exception as error:  # transformers, safetensors, tokenizers and torch each raise their own
        raise failure(_explain(name, error)) from error
    if missing := sorted(report.get("missing_keys") or ()):
        raise failure(
            f"The model {name!r} is incomplete: {len(missing)} weights are missing, such as {missing[0]}. "
            "Fetch it again."
        )
    try:
        model = model.to(where).eval().requires_grad_(False)
        shapes = probe(model, where)
    except Exception as error:
        raise failure(_explain(name, error)) from error
    text = model.config.get_text_config(decoder=True)
    kinds = tuple(getattr(text, "layer_types", None) or ())[: len(shapes)]
    if odd := sorted(set(kinds) - set(ATTENTIONS)):
        raise failure(f"The model {name!r} cannot share a batch: its layers use {', '.join(odd)}.")
    window = int(getattr(text, "sliding_window", None) or 0)
    longest = int(getattr(text, "max_position_embeddings", 0) or 2**31)
    return Loaded(model, tokenizer, where, kind, shapes, kinds, window, longest)


def probe(model: Any, device: Any) -> tuple[Shape, ...]:
    """Find what each layer keeps of a token, by running one."""
    from transformers import DynamicCache

    cache = DynamicCache(config=model.config)
    with torch.inference_mode():
        model(input_ids=torch.zeros(1, 1, dtype=torch.long, device=device), past_key_values=cache, use_cache=True)
    shapes: list[Shape] = []
    for layer in cache.layers:
        keys, values = getattr(layer, "keys", None), getattr(layer, "values", None)
        if keys is None or values is None or keys.dim() != 4:
            raise failure("This architecture keeps a state that many conversations cannot share in one batch.")
        shapes.append((int(keys.shape[1]), int(keys.shape[3]), int(values.shape[3])))
    return tuple(shapes)


def failure(sentence: str) -> EngineError:
    """Make an error that is not retryable: somebody has to do something."""
    return EngineError(CODE, sentence)


def _look(name: str) -> None:
    """Tell what a folder lacks before a library stumbles over it."""
    if not name:
        raise failure("No language model is named: set transformers.model to a folder or to the name of a model.")
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if folder.exists() or name.startswith((".", "/", "~")) or name.count("/") > 1:
            raise failure(f"There is no model folder at {name!r}.")
        return
    if not (folder / "config.json").is_file():
        raise failure(f"The folder {name!r} holds no model: config.json is missing.")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise failure(f"The folder {name!r} holds no usable model: config.json is damaged ({_line(error)}).") from error
    if not isinstance(config, dict) or "model_type" not in config:
        raise failure(f"The folder {name!r} holds no usable model: config.json names no model_type.")
    weights = [*folder.glob("*.safetensors"), *folder.glob("*.bin")]
    if not weights:
        raise failure(f"The folder {name!r} is incomplete: it holds no weights (*.safetensors). Fetch it again.")
    for index in folder.glob("*.safetensors.index.json"):
        shards = set(json.loads(index.read_text(encoding="utf-8")).get("weight_map", {}).values())
        if gone := sorted(shard for shard in shards if not (folder / shard).is_file()):
            raise failure(f"The folder {name!r} is incomplete: {gone[0]} is missing. Fetch it again.")
    if not any((folder / file).is_file() for file in ("tokenizer.json", "tokenizer.model", "vocab.json")):
        raise failure(f"The folder {name!r} is incomplete: it holds no tokenizer (tokenizer.json). Fetch it again.")


def _explain(name: str, error: Exception) -> str:
    if isinstance(error, EngineError):
        return error.message
    text = _line(error)
    if type(error).__name__ in ("LocalEntryNotFoundError", "OfflineModeIsEnabled") or (
        isinstance(error, OSError) and not Path(name).expanduser().is_dir()
    ):
        return f"The model {name!r} is not on this machine. Fetch it first (companion models pull {name})."
    if type(error).__name__ == "SafetensorError" or "safetensor" in text.lower():
        return f"The weights of {name!r} are damaged or half-written ({text}). Fetch it again."
    if "size mismatch" in str(error) or "ignore_mismatched_sizes" in str(error):
        return f"The weights of {name!r} do not fit its config.json. Fetch it again."
    if isinstance(error, ValueError | KeyError) and ("architecture" in text or "Unrecognized" in text):
        return f"The model {name!r} is no causal language model that transformers knows ({text})."
    if "out of memory" in text.lower() or isinstance(error, MemoryError):
        return f"The model {name!r} does not fit into memory. Take a smaller one, or transformers.dtype = bfloat16."
    return f"The model {name!r} cannot be loaded: {type(error).__name__}: {text}"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split())[:200]
