"""One loaded model, shared by every identity of the process that names it: its batch, its template, its adapters."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import torch

from engines.api import EngineError, Tool
from engines.device.loop import DeviceLoop, open_device
from engines.device.queue import out_of_memory
from engines.device.rows import Rows
from engines.device.sampling import Sampling
from engines.dialogue.transformers.batch import CODE, Batch
from engines.dialogue.transformers.generation import Generation, WindowDecoder
from engines.dialogue.transformers.loading import DType, Loaded, choose_device, failure, load
from engines.dialogue.transformers.runner import Runner
from engines.dialogue.transformers.template import Template, template_of
from engines.measures.work import Work

log = logging.getLogger("engines.dialogue.transformers")
T = TypeVar("T")

STAGE: Final = "llm"
COUNTS: Final = 4096  # texts whose length in tokens is remembered


@dataclass(frozen=True, slots=True)
class Plan:
    """Holds what makes two identities share a model: all of it must be the same."""

    model: str
    device: str
    dtype: DType
    attention: str
    context: int
    rows: int
    chunk: int
    graphs: bool
    threads: int
    patience: float
    sampling: Sampling


_brains: dict[Plan, Brain] = {}


class Brain:
    """Runs one loaded model; made by `open_brain`, it lives until its last user has closed it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.users = 0
        self.context = plan.context
        self._ready: asyncio.Task[None] | None = None
        self._loop: DeviceLoop | None = None
        self.batch: Batch | None = None
        self._loaded: Loaded | None = None
        self._template: Template | None = None
        self._decode: Callable[[list[int]], str] | None = None
        self._adapters: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._adapting = asyncio.Lock()
        # Templates and tokenizers take milliseconds for a long conversation: too many for the event loop.
        self._pen = ThreadPoolExecutor(1, thread_name_prefix="prompt")

    async def begin(self) -> None:
        """Load and warm up, once for all users."""
        if self._ready is None:
            self._ready = asyncio.ensure_future(self._begin())
        await asyncio.shield(self._ready)

    async def _begin(self) -> None:
        plan = self.plan
        device = str(await asyncio.to_thread(choose_device, plan.device))
        self._loop = open_device(device, lane=STAGE)
        self._loaded = await self._loop.call(self._load, code=CODE, name="load")
        self._template = template_of(self._loaded.tokenizer, self._loaded.model.generation_config)
        if self._template.kind != "own":
            log.warning("no chat template", extra={"model": plan.model, "instead": self._template.kind})
        self._decode = _decoding(self._loaded.tokenizer)
        self.batch = await self._loop.call(self._build, code=CODE, name="load")
        self._loop.attach(self.batch)
        await self._loop.call(self._warm, code=CODE, name="warm")

    def _load(self) -> Loaded:
        plan = self.plan
        if plan.threads:
            torch.set_num_threads(plan.threads)
        return load(plan.model, device=plan.device, dtype=plan.dtype, attention=plan.attention)

    def _build(self) -> Batch:
        loaded, plan = self._the(self._loaded), self.plan
        self.context = min(plan.context, loaded.longest)
        try:
            rows = Rows(
                loaded.shapes, loaded.kinds, loaded.window, plan.rows, self.context, loaded.dtype, loaded.device
            )
        except Exception as error:
            if not out_of_memory(error):
                raise
            size = sum(heads * (key + value) for heads, key, value in loaded.shapes) * loaded.dtype.itemsize
            need = size * self.context * plan.rows / 2**30
            raise failure(
                f"There is no memory for {plan.rows} conversations of {self.context} tokens ({need:.1f} GiB): lower "
                "transformers.batch or transformers.context."
            ) from error
        runner = Runner(loaded.model, rows, loaded.device, graphs=plan.graphs)
        batch = Batch(
            self._the(self._loop),
            runner,
            name=STAGE,
            ends=self._the(self._template).ends,
            chunk=plan.chunk,
            patience=plan.patience,
        )
        batch.sampling = plan.sampling
        return batch

    def _warm(self) -> None:
        """Run every kernel once, and capture the graphs."""
        runner = self._the(self.batch).runner
        for width in (self.plan.chunk, 16, 1):
            runner.run(0, [[0] * min(width, self.context)], [0], ["__base__"])
        runner.capture()

    # ------------------------------------------------------------------------------------------------- use

    @property
    def template(self) -> Template:
        """Say how conversations are written for it."""
        return self._the(self._template)

    async def adapt(self, folder: Path) -> str:
        """Load the LoRA adapter in `folder`, unless it is; return the name to ask for it by."""
        key = str(folder)
        async with self._adapting:
            if key not in self._adapters:
                name = f"adapter{len(self._adapters) + 1}"
                await self._the(self._loop).call(partial(self._adapt, folder, name), code=CODE, name="load")
                self._adapters[key] = name
        return self._adapters[key]

    def _adapt(self, folder: Path, name: str) -> None:
        try:
            from peft import PeftModel
        except ImportError as error:
            raise failure(
                "An identity has a LoRA adapter: install peft to use it (pip install 'companion-bridge[llm]')."
            ) from error
        if not (folder / "adapter_config.json").is_file():
            raise failure(f"There is no adapter at {folder}: adapter_config.json is missing.")
        runner = self._the(self.batch).runner
        try:
            with warnings.catch_warnings():
                # Some versions of peft ask transformers for what it has deprecated.
                warnings.simplefilter("ignore", FutureWarning)
                if runner.adapted:
                    runner.model.load_adapter(str(folder), adapter_name=name, is_trainable=False)
                else:
                    runner.model = PeftModel.from_pretrained(runner.model, str(folder), adapter_name=name)
            runner.model.eval()
        except Exception as error:  # peft, safetensors and torch each raise their own
            text = " ".join(str(error).split())[:200]
            raise failure(f"The adapter {folder.name!r} does not fit the model: {text}") from error
        runner.adapted = True

    async def compose(self, work: Callable[[], T]) -> T:
        """Run work on prompts off the event loop: the only place where `count` and `written` may be called."""
        return await asyncio.get_running_loop().run_in_executor(self._pen, work)

    def count(self, text: str) -> int:
        """Count the tokens of a text; those of earlier turns are remembered."""
        known = self._counts.get(text)
        if known is None:
            known = self._counts[text] = len(self.template.encode(text))
            while len(self._counts) > COUNTS:
                del self._counts[next(iter(self._counts))]
        return known

    def written(self, messages: Sequence[dict[str, Any]], tools: Sequence[Tool], *, thinking: bool) -> Prompt:
        """Write the conversation as tokens."""
        text, opened = self.template.render(messages, tools, thinking=thinking)
        return Prompt(tuple(self.template.encode(text)), opened)

    def write(self, prompt: Prompt, *, session: str, adapter: str, most: int, seed: str) -> Generation:
        """Begin an answer; read it by `Generation.pieces(brain.withdraw)`."""
        loop = self._the(self._loop)
        generation = Generation(
            session=session,
            adapter=adapter,
            prompt=prompt.tokens,
            most=most,
            seed=seed,
            decoder=WindowDecoder(self._the(self._decode), self.template.hidden),
            home=asyncio.get_running_loop(),
            since=loop.clock(),
        )
        self._the(self.batch).submit(generation)
        return generation

    def withdraw(self, generation: Generation) -> None:
        """End an answer."""
        self._the(self.batch).withdraw(generation)

    def forget(self, session: str) -> None:
        """Drop what was kept for a session."""
        if self.batch is not None:
            self.batch.forget(session)

    def work(self) -> tuple[Work, ...]:
        """List the measures of its device."""
        return self._loop.work() if self._loop else ()

    async def close(self) -> None:
        """Let one user go; the last one lets the model go."""
        self.users -= 1
        if self.users:
            return
        if _brains.get(self.plan) is self:
            del _brains[self.plan]
        if self._ready is not None:
            self._ready.cancel()
            await asyncio.gather(self._ready, return_exceptions=True)
        loop, batch = self._loop, self.batch
        if loop is not None:
            if batch is not None:
                loop.detach(batch)
                batch.fail(EngineError(CODE, "The language model was closed."))
            self._loaded = self.batch = self._loop = None
            await loop.close()
        self._pen.shutdown(wait=False)

    def _the(self, part: T | None) -> T:
        if part is None:
            raise EngineError(CODE, "The language model is not loaded.")
        return part


@dataclass(frozen=True, slots=True)
class Prompt:
    """Holds tokens to be continued; `opened`: in the middle of a thought."""

    tokens: tuple[int, ...]
    opened: bool


def open_brain(plan: Plan) -> Brain:
    """Return the brain of `plan`, new if nobody uses it; begin it, and close it once for each open."""
    brain = _brains.get(plan)
    if brain is None:
        brain = _brains[plan] = Brain(plan)
    brain.users += 1
    return brain


def _decoding(tokenizer: Any) -> Callable[[list[int]], str]:
    """Make a decoder that shares nothing with the encoder in the other thread."""
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is None:
        return partial(tokenizer.decode, skip_special_tokens=False, clean_up_tokenization_spaces=False)
    return partial(type(backend).from_str(backend.to_str()).decode, skip_special_tokens=False)
