"""Dialogue by a local language model of transformers: every session's answer is written in one batch.

The identity is the system prompt, tools are offered in the model's own format, and what the model thinks is not said.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from engines.api import EngineError, Request, Stream, Tool, ToolResult
from engines.device_sampling import Sampling
from engines.identity import Identity
from engines.llm.brain import Brain, Plan, Prompt, open_brain
from engines.llm.loading import DType
from engines.llm.reading import Call, Reading
from engines.measures import Work
from engines.prompting import greeting, prompt

log = logging.getLogger("engines.llm")

CODE: Final = "dialogue_failed"
ADAPTER: Final = "assets/x_adapter/ai/adapter_config.json"  # where an identity keeps its LoRA
ROUNDS: Final = 4  # times that tools may be called in one reply
RESULT: Final = 4000  # characters of a tool's answer
FITTINGS: Final = 3  # times that a prompt is made smaller


class TransformersDialogue:
    """Converses as `identity`.

    `model` is a folder, or the name of a model that is on this machine. `batch` conversations are kept in memory,
    `context` tokens each; `max_tokens` bounds one answer. `seed` fixes what is drawn for the same conversation.
    `stop` are texts that end an answer; `thinking` lets models think that can, unheard. `adapter` is the folder of a
    LoRA, "" for the identity's own. `graphs` uses CUDA graphs; `threads` bounds those of a CPU (0: as torch likes);
    `step_s` is how long one step may take. EngineError `dialogue_failed` from `start` says what is wrong.
    """

    name = "transformers"

    def __init__(
        self,
        identity: Identity,
        *,
        model: str = "",
        device: str = "auto",
        dtype: DType = "auto",
        attention: Literal["auto", "sdpa", "eager"] = "auto",
        context: int = 4096,
        batch: int = 16,
        prefill: int = 512,
        max_tokens: int = 300,
        temperature: float = 0.7,
        top_p: float = 0.9,
        top_k: int = 40,
        min_p: float = 0.0,
        repetition_penalty: float = 1.0,
        seed: int = 0,
        stop: Sequence[str] = (),
        thinking: bool = False,
        adapter: str = "",
        graphs: bool = True,
        threads: int = 0,
        step_s: float = 60.0,
    ) -> None:
        # Without torch this import fails, and the loader says what to install.
        import torch  # noqa: F401 - only whether it can be

        self._identity = identity
        self._plan = Plan(
            model=str(Path(model).expanduser()) if model and Path(model).expanduser().is_dir() else model,
            device=device,
            dtype=dtype,
            attention=attention,
            context=context,
            rows=batch,
            chunk=prefill,
            graphs=graphs,
            threads=threads,
            patience=step_s,
            sampling=Sampling(temperature, top_p, top_k, min_p, repetition_penalty),
        )
        self._most = max_tokens
        self._seed = seed
        self._stop = tuple(stop)
        self._thinking = thinking
        self._folder = adapter
        self._adapter = ""
        self._brain: Brain | None = None

    @property
    def model(self) -> str:
        """The model's name."""
        name = self._plan.model
        if not name or not Path(name).is_dir():
            return name
        path = Path(name).resolve()
        # The hub's cache calls a model's folder models--OWNER--NAME/snapshots/REVISION.
        kept = path.parents[1].name if path.parent.name == "snapshots" else path.name
        return kept.removeprefix("models--").replace("--", "/")

    async def start(self) -> None:
        """Loads the model, or takes the one that another identity has loaded; warms up."""
        if self._brain is not None:
            return
        brain = self._brain = open_brain(self._plan)
        try:
            await brain.begin()
            if folder := self._adapter_folder():
                self._adapter = await brain.adapt(folder)
            told = await brain.compose(partial(prompt, _nothing(), self._identity, budget=1, measure=brain.count))
        except BaseException:
            await self.close()
            raise
        room = brain.context - self._most
        if told.size >= room:
            await self.close()
            raise EngineError(
                CODE,
                f"The persona of {self._identity.name} takes {told.size} tokens, and {room} are left beside "
                "an answer: raise transformers.context or lower transformers.max_tokens.",
            )

    async def close(self) -> None:
        """Lets go of the model; the last identity that uses it frees its memory."""
        brain, self._brain = self._brain, None
        if brain is not None:
            await brain.close()

    def forget(self, session: str) -> None:
        """The session is over: drop what was kept for it."""
        if self._brain is not None:
            self._brain.forget(self._owner(session))

    def work(self) -> tuple[Work, ...]:
        """The measures of the model's device."""
        return self._brain.work() if self._brain is not None else ()

    async def reply(self, request: Request) -> Stream[str]:
        """The reply as the model writes it. EngineError when the model fails or says nothing."""
        if request.occasion == "greeting" and not request.history and (hello := greeting(request, self._identity)):
            yield hello
            return
        more: list[dict[str, Any]] = []
        said = False
        for turn in range(ROUNDS + 1):
            tools = request.tools if turn < ROUNDS else ()
            written = await self._prompt(request, more, tools)
            words: list[str] = []
            calls: list[Call] = []
            async with aclosing(self._write(request, written, tools, turn)) as items:
                async for item in items:
                    if isinstance(item, Call):
                        calls.append(item)
                        continue
                    # What follows a tool's answer is a sentence of its own.
                    yield f" {item}" if said and not words else item
                    words.append(item)
            said = said or any(c.isalnum() for c in "".join(words))
            if not calls:
                break
            more += _called("".join(words), calls)
            for number, call in enumerate(calls):
                more.append(_answered(number, call, await _use(request, call)))
        if not said:
            raise EngineError(CODE, f"{self.model} gave no words.", retryable=True)

    async def _write(self, request: Request, written: Prompt, tools: Sequence[Tool], turn: int) -> Stream[str | Call]:
        brain = self._running()
        reading = Reading((*self._stop, *brain.template.stops), tools=bool(tools), thinking=written.opened)
        generation = brain.write(
            written,
            session=self._owner(request.session),
            adapter=self._adapter,
            most=min(self._most, brain.context - len(written.tokens)),
            seed=f"{self._seed}|{request.session}|{len(request.history)}|{turn}",
        )
        async with aclosing(generation.pieces(brain.withdraw)) as pieces:
            async for piece in pieces:
                for item in reading.push(piece):
                    yield item
                if reading.stopped:
                    return
        for item in reading.finish():
            yield item

    # ------------------------------------------------------------------------------------------- the prompt

    async def _prompt(self, request: Request, more: Sequence[dict[str, Any]], tools: Sequence[Tool]) -> Prompt:
        """The conversation and what the tools said, within the context: the oldest turns go, the persona never."""
        return await self._running().compose(partial(self._compose, request, more, tools))

    def _compose(self, request: Request, more: Sequence[dict[str, Any]], tools: Sequence[Tool]) -> Prompt:
        brain = self._running()
        room = brain.context - self._most
        budget = room
        for _ in range(FITTINGS):
            told = prompt(request, self._identity, budget=budget, measure=brain.count, control=brain.template.control)
            written = brain.written([*map(dict, told.messages), *more], tools, thinking=self._thinking)
            excess = len(written.tokens) - room
            if excess <= 0:
                return written
            budget -= excess
        if tools:
            log.warning("tools do not fit the context", extra={"tools": len(tools)})
            return self._compose(request, more, ())
        raise EngineError(CODE, "These words are too long for the language model; say it in fewer.")

    def _adapter_folder(self) -> Path | None:
        if self._folder:
            return Path(self._folder).expanduser()
        own = self._identity.origin / ADAPTER
        return own.parent if own.is_file() else None

    def _owner(self, session: str) -> str:
        return f"{self._identity.id}/{session}"

    def _running(self) -> Brain:
        if self._brain is None:
            raise EngineError(CODE, "The language model is not running.")
        return self._brain


def _nothing() -> Request:
    """A request in which nothing was said."""

    async def call(name: str, arguments: Mapping[str, object]) -> ToolResult:
        return ToolResult("failed", "there are no tools")

    return Request("", "user", (), "", "", datetime(2000, 1, 1, tzinfo=UTC), {}, (), call)


async def _use(request: Request, call: Call) -> ToolResult:
    if call.fault:
        return ToolResult("failed", call.fault)
    return await request.call(call.name, call.arguments)


def _called(words: str, calls: Sequence[Call]) -> list[dict[str, Any]]:
    """What the model wrote, as templates take it."""
    wanted = [
        {
            "type": "function",
            "id": f"call{number:05}",
            "function": {"name": call.name or "unknown", "arguments": dict(call.arguments)},
        }
        for number, call in enumerate(calls)
    ]
    return [{"role": "assistant", "content": words, "tool_calls": wanted}]


def _answered(number: int, call: Call, result: ToolResult) -> dict[str, Any]:
    content = (
        result.value[:RESULT]
        if result.status == "ok"
        else json.dumps({"status": result.status, "message": result.value[:RESULT]}, ensure_ascii=False)
    )
    return {"role": "tool", "name": call.name or "unknown", "tool_call_id": f"call{number:05}", "content": content}
