"""Dialogue by a local language model of transformers: every session's answer is written in one batch.

The identity is the system prompt, tools are offered in the model's own format, and what the model thinks is not said.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Literal

from engines.api import Cut, EngineError, Failure, Request, Said, Stream, Tool, ToolResult
from engines.device.sampling import Sampling
from engines.dialogue.calls import Call, distinct
from engines.dialogue.prompting import greeting, prompt
from engines.dialogue.reading import Reading
from engines.dialogue.transformers.brain import Brain, Plan, Prompt, open_brain
from engines.dialogue.transformers.loading import DType
from engines.dialogue.transformers.rounds import answered, called, use
from engines.identity import Identity
from engines.measures.work import Work

log = logging.getLogger("engines.dialogue.transformers")

CODE: Final = "dialogue_failed"
ADAPTER: Final = "assets/x_adapter/ai/adapter_config.json"  # where an identity keeps its LoRA
ROUNDS: Final = 4  # times that tools may be called in one reply
FITTINGS: Final = 3  # times that a prompt is made smaller


class TransformersDialogue:
    """Converse as `identity`.

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
        self.brain: Brain | None = None

    @property
    def model(self) -> str:
        """Name the model."""
        name = self._plan.model
        if not name or not Path(name).is_dir():
            return name
        path = Path(name).resolve()
        # The hub's cache calls a model's folder models--OWNER--NAME/snapshots/REVISION.
        kept = path.parents[1].name if path.parent.name == "snapshots" else path.name
        return kept.removeprefix("models--").replace("--", "/")

    async def start(self) -> None:
        """Load the model, or take the one that another identity has loaded; warm up."""
        if self.brain is not None:
            return
        brain = self.brain = open_brain(self._plan)
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
        """Let go of the model; the last identity that uses it frees its memory."""
        brain, self.brain = self.brain, None
        if brain is not None:
            await brain.close()

    async def ask(self, system: str, words: str, *, most: int) -> str:
        """Return the model's answer to something beside the conversation."""
        brain = self._running()
        messages = [{"role": "system", "content": system}, {"role": "user", "content": words}]
        written = await brain.compose(partial(brain.written, messages, (), thinking=False))
        room = brain.context - len(written.tokens)
        if room < 1:
            raise EngineError(CODE, "These words are too long for the language model.", kind=Failure.TOO_LONG)
        reading = Reading(brain.template.stops, thinking=written.opened)
        own = self._owner("aside")
        generation = brain.write(
            written, session=own, adapter=self._adapter, most=min(most, room), seed=f"{self._seed}|aside"
        )
        said: list[str] = []
        try:
            async with aclosing(generation.pieces(brain.withdraw)) as pieces:
                async for piece in pieces:
                    said += [item for item in reading.push(piece) if isinstance(item, str)]
                    if reading.stopped:
                        break
            said += [item for item in reading.finish(whole=not generation.limited) if isinstance(item, str)]
        finally:
            brain.forget(own)
        return "".join(said)

    def forget(self, session: str) -> None:
        """Drop what was kept for a session that is over."""
        if self.brain is not None:
            self.brain.forget(self._owner(session))

    def work(self) -> tuple[Work, ...]:
        """List the measures of the model's device."""
        return self.brain.work() if self.brain is not None else ()

    async def reply(self, request: Request) -> Stream[Said]:
        """Yield the reply as the model writes it. EngineError when the model fails or says nothing."""
        if request.occasion == "greeting" and not request.history and (hello := greeting(request, self._identity)):
            yield hello
            return
        rounds: list[list[dict[str, Any]]] = []
        said = False
        for turn in range(ROUNDS + 1):
            tools = request.tools if turn < ROUNDS else ()
            words: list[str] = []
            calls: list[Call] = []
            cut: Cut | None = None
            async with aclosing(self._write(request, rounds, tools, turn)) as items:
                async for item in items:
                    match item:
                        case Call():
                            calls.append(item)
                        case Cut():
                            cut = item
                        case str():
                            # What follows a tool's answer is a sentence of its own.
                            yield f" {item}" if said and not words and item else item
                            words += [item] if item else []
            said = said or any(c.isalnum() for c in "".join(words))
            calls = distinct(calls) if tools else []
            if not calls:
                break
            rounds.append(
                [
                    *called("".join(words), calls),
                    *[answered(number, call, await use(request, call)) for number, call in enumerate(calls)],
                ]
            )
        if not said:
            if cut is not None and cut.why == "length":
                sentence = f"{self.model} used up its answer before it said a word: raise {cut.setting}."
                raise EngineError(CODE, sentence, kind=Failure.SPENT, setting=cut.setting)
            raise EngineError(CODE, f"{self.model} gave no words.", retryable=True, kind=Failure.EMPTY)
        if cut is not None:
            log.warning("the answer was cut", extra={"reason": cut.why, "setting": cut.setting})
            yield cut

    async def _write(
        self, request: Request, rounds: Sequence[list[dict[str, Any]]], tools: Sequence[Tool], turn: int
    ) -> Stream[str | Call | Cut]:
        brain = self._running()
        written = await self._prompt(request, rounds, tools)
        reading = Reading(
            (*self._stop, *brain.template.stops),
            tools=[tool.name for tool in tools],
            thinking=written.opened,
            own=(self._identity.name, *self._identity.name.split()[:1]),
            others=(request.user,),
        )
        generation = brain.write(
            written,
            session=self._owner(request.session),
            adapter=self._adapter,
            most=min(self._most, brain.context - len(written.tokens)),
            seed=f"{self._seed}|{request.session}|{len(request.history)}|{turn}",
        )
        async with aclosing(generation.pieces(brain.withdraw)) as pieces:
            async for piece in pieces:
                items = reading.push(piece)
                for item in items:
                    yield item
                if reading.ended == "loop":
                    yield Cut("loop")
                if reading.stopped:
                    return
                if not items and reading.thought:
                    yield ""
        for item in reading.finish(whole=not generation.limited):
            if not (generation.limited and isinstance(item, Call) and item.fault):
                yield item
        if reading.ended == "loop":
            yield Cut("loop")
        elif generation.limited and not reading.stopped:
            yield Cut("length", "transformers.max_tokens")

    # ------------------------------------------------------------------------------------------- the prompt

    async def _prompt(self, request: Request, rounds: Sequence[list[dict[str, Any]]], tools: Sequence[Tool]) -> Prompt:
        """Write the conversation and what the tools said, within the context: old turns go, the persona never."""
        return await self._running().compose(partial(self._compose, request, rounds, tools))

    def _compose(self, request: Request, rounds: Sequence[list[dict[str, Any]]], tools: Sequence[Tool]) -> Prompt:
        brain = self._running()
        room = brain.context - self._most
        for first in range(max(1, len(rounds))):
            # Rounds go whole: a tool's answer makes no sense without its call.
            more = [message for one in rounds[first:] for message in one]
            budget = room
            for _ in range(FITTINGS):
                told = prompt(
                    request, self._identity, budget=budget, measure=brain.count, control=brain.template.control
                )
                written = brain.written([*map(dict, told.messages), *more], tools, thinking=self._thinking)
                excess = len(written.tokens) - room
                if excess <= 0:
                    return written
                budget -= excess
        if tools:
            log.warning("tools do not fit the context", extra={"tools": len(tools)})
            return self._compose(request, rounds, ())
        raise EngineError(
            CODE,
            "These words are too long for the language model; say it in fewer.",
            kind=Failure.TOO_LONG,
            setting="transformers.context",
        )

    def _adapter_folder(self) -> Path | None:
        if self._folder:
            return Path(self._folder).expanduser()
        own = self._identity.origin / ADAPTER
        return own.parent if own.is_file() else None

    def _owner(self, session: str) -> str:
        return f"{self._identity.id}/{session}"

    def _running(self) -> Brain:
        if self.brain is None:
            raise EngineError(CODE, "The language model is not running.")
        return self.brain


def _nothing() -> Request:
    """Make a request in which nothing was said."""

    async def call(name: str, arguments: Mapping[str, object]) -> ToolResult:
        return ToolResult("failed", "there are no tools")

    return Request("", "user", (), "", "", datetime(2000, 1, 1, tzinfo=UTC), {}, (), call)
