"""Asks a model in a folder, by transformers, and holds it to the schema token by token, by llguidance.

At each step the library says which tokens can still lead to a value of the schema, and all others are ruled out; so
even a small model writes what can be read. Without the library the model is merely asked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from studio.errors import StudioError
from studio.writer.models import Said

TOKENS: Final = 3000  # of an answer
HEAT: Final = 0.8


class LocalModel:
    """A causal language model of transformers; with `constrain` false it is not held to the schema."""

    def __init__(self, folder: Path, *, constrain: bool = True, tokens: int = TOKENS) -> None:
        self._folder, self._tokens = folder, tokens
        self._constrain = constrain and find_spec("llguidance") is not None
        self._loaded: Any = None

    @property
    def name(self) -> str:
        """Return the folder's name."""
        return f"transformers {self._folder.name}"

    def close(self) -> None:
        """Let the weights go."""
        self._loaded = None

    def ask(self, talk: Sequence[Said], schema: Mapping[str, Any], seed: int) -> str:
        """Return the answer; the same seed gives the same on the same machine and packages."""
        loaded = self._load()
        import torch

        tokenizer, model = loaded.tokenizer, loaded.model
        prompt = self._prompt(tokenizer, talk)
        given = tokenizer(prompt, return_tensors="pt", add_special_tokens=False).to(loaded.device)
        held = [_Held(tokenizer, model, schema, given["input_ids"].shape[1])] if self._constrain else []
        torch.manual_seed(seed & 0x7FFFFFFF)
        with torch.inference_mode():
            out = model.generate(
                **given,
                max_new_tokens=self._tokens,
                do_sample=True,
                temperature=HEAT,
                top_k=50,
                logits_processor=held,
                pad_token_id=tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id,
            )
        said: str = tokenizer.decode(out[0][given["input_ids"].shape[1] :], skip_special_tokens=True)
        return said

    def _load(self) -> Any:
        if self._loaded is None:
            try:
                # By name, so that torch is loaded only when a model is asked.
                loading = import_module("engines.dialogue.transformers.loading")
            except ImportError as error:
                sentence = "a model in a folder needs packages: pip install 'companion-bridge[llm,studio]'"
                raise StudioError("missing_package", sentence) from error
            self._loaded = loading.load(str(self._folder), device="auto", dtype="auto", attention="auto")
        return self._loaded

    def _prompt(self, tokenizer: Any, talk: Sequence[Said]) -> str:
        messages = [{"role": each.role, "content": each.text} for each in talk]
        if tokenizer.chat_template:
            made: str = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
            return made
        return "\n\n".join(each.text for each in talk) + "\n\n"


class _Held:
    """Rules out, at every step, the tokens that lead out of the schema."""

    def __init__(self, tokenizer: Any, model: Any, schema: Mapping[str, Any], start: int) -> None:
        import llguidance
        import llguidance.hf

        self._start, self._end = start, tokenizer.eos_token_id
        size = max(int(model.config.get_text_config(decoder=True).vocab_size), len(tokenizer))
        known = llguidance.hf.from_tokenizer(tokenizer, size)
        # No white space between the parts: a small model would write nothing else.
        options = {"whitespace_flexible": False}
        grammar = llguidance.LLMatcher.grammar_from_json_schema(json.dumps({**schema, "x-guidance": options}))
        self._matcher = llguidance.LLMatcher(known, grammar)

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """Return the scores with what is ruled out at minus infinity."""
        import numpy as np
        import torch

        if input_ids.shape[1] > self._start and not self._matcher.is_stopped():
            self._matcher.consume_token(int(input_ids[0, -1]))
        if error := self._matcher.get_error():
            raise StudioError("bad_model", f"the model cannot be held to the schema: {error[:200]}")
        if self._matcher.is_stopped():
            scores[:, :] = float("-inf")
            scores[:, self._end] = 0.0
            return scores
        bits = np.unpackbits(np.frombuffer(self._matcher.compute_bitmask(), np.uint8), bitorder="little")
        allowed = torch.from_numpy(bits[: scores.shape[1]].astype(bool)).to(scores.device)
        return scores.masked_fill(~allowed, float("-inf"))
