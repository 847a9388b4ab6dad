"""Makes SmolLM2-135M-Instruct a folder that transformers loads, from the GGUF that a package carries.

The weights are those of the Q4_1 file, unpacked to float32: every run and every engine sees the same numbers. It is a
real model for tests and tuning, too small to be a mind for people.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from engines.device.making import MAKING
from testkit.kept import once
from testkit.real.packages import SMOLLM2_GGUF, cache, folder

NAME: Final = "smollm2-135m-instruct"
FILE: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"


def smollm2() -> Path:
    """Return the folder of the model, converted once (about a minute); raises Unavailable with the reason."""
    return once(cache() / NAME, lambda made: _convert(folder(SMOLLM2_GGUF), made))


def _convert(source: Path, made: Path) -> None:
    """Write config, tokenizer, chat template and float32 safetensors into `made`."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    with MAKING:
        loaded: Any = AutoModelForCausalLM.from_pretrained(source, gguf_file=FILE, dtype=torch.float32)
    config = loaded.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    with MAKING:
        plain: Any = AutoModelForCausalLM.from_config(config)
    plain.load_state_dict(loaded.state_dict())
    plain.save_pretrained(made)
    tokenizer: Any = AutoTokenizer.from_pretrained(source, gguf_file=FILE)
    tokenizer.save_pretrained(made)
    json.loads((made / "config.json").read_text(encoding="utf-8"))  # whole, or the folder does not appear


if __name__ == "__main__":
    print(smollm2())
