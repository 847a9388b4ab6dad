"""A guard model on this disk, by transformers: one question at a time, in a thread of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from engines.api import EngineError
from engines.device.making import MAKING
from engines.guard.second import CODE

ANSWER: Final = 48  # tokens


class Local:
    """Loads the model in `folder` on `device` ("cpu", "cuda", "cuda:1")."""

    def __init__(self, folder: Path, *, device: str = "cpu") -> None:
        self._folder = folder
        self._device = device
        self._thread: ThreadPoolExecutor | None = None
        self._model: Any = None
        self._tokenizer: Any = None

    async def start(self) -> None:
        """Load the model; EngineError when it cannot be."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="guard model")
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._load)
        except ImportError as error:
            raise EngineError(CODE, "a guard model on this disk needs 'companion-bridge[llm]'") from error
        except Exception as error:  # whatever the library raises for a folder that is not whole
            raise EngineError(CODE, f"the guard model in {self._folder} cannot be loaded: {error}") from error

    async def close(self) -> None:
        """Let the model go."""
        if self._thread is not None:
            self._thread.shutdown(wait=False, cancel_futures=True)
            self._thread = self._model = self._tokenizer = None

    async def answer(self, asked: str, said: str) -> str:
        """Return what the model writes; EngineError when it cannot."""
        if self._thread is None or self._model is None:
            raise EngineError(CODE, "the guard model has not been started")
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._write, asked, said)
        except Exception as error:  # out of memory, a template that fails
            raise EngineError(CODE, f"the guard model failed: {type(error).__name__}") from error

    def _load(self) -> None:
        models = import_module("transformers")
        if not self._folder.is_dir():
            raise FileNotFoundError("there is no such folder")
        self._tokenizer = models.AutoTokenizer.from_pretrained(str(self._folder), local_files_only=True)
        with MAKING:
            model = models.AutoModelForCausalLM.from_pretrained(str(self._folder), local_files_only=True)
        self._model = model.to(self._device).eval()

    def _write(self, asked: str, said: str) -> str:
        torch = import_module("torch")
        talk = [{"role": "user", "content": asked or "Hello."}, {"role": "assistant", "content": said}]
        text = self._tokenizer.apply_chat_template(talk, tokenize=False)
        given = self._tokenizer(text, return_tensors="pt", add_special_tokens=False).to(self._device)
        with torch.inference_mode():
            written = self._model.generate(
                **given, max_new_tokens=ANSWER, do_sample=False, pad_token_id=self._tokenizer.eos_token_id
            )
        return str(self._tokenizer.decode(written[0][given["input_ids"].shape[1] :], skip_special_tokens=True))
