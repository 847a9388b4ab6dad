"""Dialogue by any OpenAI-compatible endpoint: Ollama, vLLM, LM Studio, llama.cpp, a hosted one.

It knows rounds of tools, retries, and which settings an endpoint does not take. Requests and their failures stand in
`engines.dialogue.openai.endpoint` and `failures`, how an answer is put together in `answer`, how it is read in
`engines.dialogue.reading`, what the model is told in `engines.dialogue.prompting`.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from engines.api import Cut, Failure, Request, Said, Stream, Tool
from engines.dialogue.openai.answer import Answer
from engines.dialogue.openai.assembly import Assembly
from engines.dialogue.openai.choice import named, offered
from engines.dialogue.openai.endpoint import Endpoint
from engines.dialogue.openai.failures import (
    AGAIN,
    EndpointError,
    RetryBudget,
    away,
    broken,
    empty,
    late,
    missing,
    nameless,
    spent,
    withheld,
)
from engines.dialogue.openai.request import body
from engines.dialogue.openai.rounds import carried_out
from engines.dialogue.openai.ways import LEAST, Ways
from engines.dialogue.openai.wire import Chunk
from engines.dialogue.prompting import greeting
from engines.dialogue.reading import Reading
from engines.identity import Identity

log = logging.getLogger("engines.openai")

PAUSE: Final = 0.25  # seconds before the first retry; twice as long before each further one
GRACE: Final = 2.0  # seconds that more may come after an answer says that it has ended
PIECE: Final = 2000  # characters that are given out at once
OVER: Final = Chunk()


class OpenAiDialogue:
    """Converse as `identity` by the model called `model` ("": the first that the endpoint has).

    `connect_s`, `first_token_s` and `stall_s` bound the waiting for a connection, for the first and for each later
    piece; an answer has `max_tokens` at most and `tool_rounds` rounds of tool calls. `retries` of each kind of failure
    are made before anything was said, while all requests together can pay for them (RetryBudget) and the user has not
    waited for `first_token_s`; an endpoint at which nobody answers is left alone for `away_s`. `thought_open` is for
    servers whose answers begin inside a thought, `vision` for models that can be shown pictures. `offered` names the
    models that people may choose from (`engines.dialogue.openai.choice`). All its errors have the code
    `dialogue_failed`.
    """

    name = "openai"

    def __init__(
        self,
        identity: Identity,
        *,
        base_url: str = "http://127.0.0.1:11434/v1",
        model: str = "",
        api_key: str = "",
        connect_s: float = 3.0,
        first_token_s: float = 15.0,
        stall_s: float = 8.0,
        temperature: float = 0.8,
        max_tokens: int = 400,
        context_tokens: int = 4096,
        retries: int = 2,
        tool_rounds: int = 4,
        thought_open: bool = False,
        offered: Sequence[str] = (),
        vision: bool = False,
        away_s: float = 5.0,
    ) -> None:
        self._identity = identity
        self._endpoint = Endpoint(base_url, key=api_key, connect_s=connect_s)
        self._wanted = model
        self._connect, self._first_token, self._stall = connect_s, first_token_s, stall_s
        # How the endpoint likes to be asked for a model, by its name; what is learnt of one says little of another.
        usual = Ways({"temperature": temperature, "max_tokens": max_tokens}, max(LEAST, context_tokens - max_tokens))
        self._ways = defaultdict[str, Ways](lambda: usual)
        self._offered = tuple(offered)
        self._models: tuple[str, ...] = ()
        self._retries, self._rounds = retries, tool_rounds
        self._paying = {kind: RetryBudget() for kind in AGAIN}
        self._thought_open = thought_open
        self._vision = vision
        self._model = model
        self._reached = False
        self._away = away_s
        self._away_until = 0.0

    @property
    def model(self) -> str:
        """Name the model that answers, "" while the endpoint cannot be reached."""
        return self._model if self._reached else ""

    @property
    def vision(self) -> bool:
        """Say whether the model is shown the pictures that tools bring."""
        return self._vision

    async def start(self) -> None:
        """Ask the endpoint which models it has; EngineError with what to do when it is away or lacks the model."""
        try:
            known = await self._endpoint.models(self._connect + self._first_token)
        except EndpointError as failure:
            # Some endpoints have no list, or cannot make one now.
            listless = failure.status in (404, 405, 501) or (failure.status >= 500 and self._wanted)
            if not listless:
                raise
            known = []
        if not self._wanted and not known:
            raise nameless(self._endpoint.url)
        if self._wanted and known and not any(named(self._wanted, one) for one in known):
            raise missing(self._endpoint.url, self._wanted, known)
        self._model = self._wanted or known[0]
        self._models = offered(known, self._offered, own=self._model, here=self._endpoint.here)
        self._reached = True

    def models(self) -> tuple[str, ...]:
        """Return the models that people may choose from, as the endpoint lists them; () where there is no choice."""
        return self._models

    async def close(self) -> None:
        """Close its connections."""
        await self._endpoint.close()

    async def ask(self, system: str, words: str, *, most: int) -> str:
        """Return the model's answer to something beside the conversation."""
        model = self._model or self._wanted
        limits = self._ways[model].limits
        asking = {
            "model": model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": words}],
            "stream": True,
            **{name: min(most, value) if name != "temperature" else 0.0 for name, value in limits.items()},
        }
        loop = asyncio.get_running_loop()
        now = loop.time()
        if now < self._away_until:
            raise away(self._endpoint.url)
        answer = Answer(Reading(thinking=self._thought_open), Assembly([]))
        async with (
            self._endpoint.answer(asking, within=self._first_token, now=datetime.min.replace(tzinfo=UTC)) as chunks,
            aclosing(self._pieces(chunks, answer, now + self._first_token)) as pieces,
        ):
            async for _ in pieces:
                pass
        return answer.text

    def forget(self, session: str) -> None:
        """Forget a session; nothing is kept of one."""

    async def reply(self, request: Request) -> Stream[Said]:
        """Yield the reply as the model writes it; the card's own greeting where it has one."""
        met = any(said.role == "companion" for said in request.history)
        if request.occasion == "greeting" and not met and (hello := greeting(request, self._identity)):
            yield hello
            return
        said = False
        rounds: list[list[dict[str, Any]]] = []
        # Endpoints allow no dots in the names of functions.
        names = {tool.name.replace(".", "_"): tool.name for tool in request.tools}
        for number in range(self._rounds + 1):
            # In the last round there are no tools: it has to speak.
            tools = request.tools if number < self._rounds else ()
            answer: Answer | None = None
            apart = said
            async with aclosing(self._answer(request, rounds, tools, said=said)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Answer):
                        answer = piece
                        continue
                    if piece:
                        # What follows a tool's answer is a sentence of its own.
                        yield f" {piece}" if apart and not piece[0].isspace() else piece
                        apart, said = False, True
                    else:
                        yield ""
            assert answer is not None
            calls = answer.calls if tools else []
            if not calls:
                if cut := answer.cut:
                    self._tell(cut)
                    yield cut
                return
            rounds.append(await carried_out(request, answer.text, calls, names, len(rounds), vision=self._vision))

    def _tell(self, cut: Cut) -> None:
        log.warning("the answer was cut", extra={"reason": cut.why, "setting": cut.setting})

    # ---------------------------------------------------------------------------------------------- one answer

    async def _answer(
        self, request: Request, rounds: Sequence[list[dict[str, Any]]], tools: Sequence[Tool], *, said: bool
    ) -> Stream[str | Answer]:
        """Yield the text of one answer and then the answer; ask again as long as nothing of it was said."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        model = self._asked(request)
        ways = self._ways[model]
        tries: Counter[Failure] = Counter()
        while True:
            now = loop.time()
            if now < self._away_until:
                raise away(self._endpoint.url)
            for budget in self._paying.values():
                budget.earn()
            # An answer that stays empty may have met a stop; a model that fails may fail over tools.
            asked = replace(ways, stops=ways.stops and not tries[Failure.EMPTY])
            if tries[Failure.FAULTY] >= self._retries > 0:
                asked = replace(asked, tools=False)
            asking = self._body(request, rounds, tools, asked)
            answer = self._read(request, tools)
            try:
                async with (
                    self._endpoint.answer(asking, within=self._first_token, now=request.now) as chunks,
                    aclosing(self._pieces(chunks, answer, now + self._first_token)) as pieces,
                ):
                    async for piece in pieces:
                        yield piece
                self._judge(answer, said=said)
            except EndpointError as failure:
                self._note(failure, loop.time())
                if not answer.silent:
                    raise
                if (other := ways.adapted(failure)) is not None and (
                    failure.kind is not Failure.TOO_LONG
                    or self._body(request, rounds, tools, other)["messages"] != asking["messages"]
                ):
                    ways = other
                    continue
                pause = self._pause(failure, tries[failure.kind], loop.time() - begun)
                if pause is None:
                    raise
                tries[failure.kind] += 1
                log.info("asking the endpoint again", extra={"reason": failure.kind, "attempt": tries.total()})
                await asyncio.sleep(pause)
            else:
                self._settle(model, ways, answer)
                yield answer
                return

    def _read(self, request: Request, tools: Sequence[Tool]) -> Answer:
        names = sorted({name for tool in tools for name in (tool.name, tool.name.replace(".", "_"))})
        reading = Reading(
            tools=names,
            thinking=self._thought_open,
            own=(self._identity.name, *self._identity.name.split()[:1]),
            others=(request.user,),
        )
        return Answer(reading, Assembly(names))

    async def _pieces(self, chunks: Stream[Chunk | None], answer: Answer, deadline: float) -> Stream[str]:
        """Yield the text as it comes, each piece in time; "" while the model thinks."""
        loop = asyncio.get_running_loop()
        signs = 0
        while not answer.over:
            try:
                async with asyncio.timeout_at(deadline):
                    chunk = await anext(chunks, OVER)
            except TimeoutError as error:
                if answer.finish:
                    break
                raise late(self._endpoint.url, begun=signs > 0) from error
            except EndpointError:
                if answer.finish:
                    break
                raise
            if chunk is None:
                answer.whole = True
            if chunk is None or chunk is OVER:
                break
            said = answer.push(chunk)
            if answer.signs > signs:
                signs, deadline = answer.signs, loop.time() + self._stall
                if not said:
                    yield ""
            if answer.finish:
                deadline = min(deadline, loop.time() + GRACE)
            for at in range(0, len(said), PIECE):
                yield said[at : at + PIECE]
        if (answer.finish or answer.whole) and (said := answer.close()):
            yield said

    def _judge(self, answer: Answer, *, said: bool) -> None:
        """Raise what is wrong with an answer that has ended."""
        if answer.finish == "error" or not (answer.finish or answer.whole or answer.over):
            raise broken(self._endpoint.url, "ended in the middle")
        if said or answer.calls or not answer.silent:
            return
        match answer.cut:
            case Cut(why="length"):
                raise spent(self._endpoint.url)
            case Cut(why="withheld"):
                raise withheld(self._endpoint.url)
            case _:
                raise empty(self._endpoint.url)

    def _asked(self, request: Request) -> str:
        """Return the model that answers: what is asked for, where it is offered."""
        return request.model if request.model in self._models else self._model or self._wanted

    def _settle(self, model: str, ways: Ways, answer: Answer) -> None:
        """Keep what made an answer come: so one may ask this endpoint."""
        self._reached = True
        before = self._ways[model]
        if ways != before:
            log.warning("the endpoint does not take what it was asked for", extra={"setting": ways.changed(before)})
            self._ways[model] = ways
        if answer.unopened and not self._thought_open:
            log.warning("an answer began inside a thought", extra={"setting": "openai.thought_open"})

    def _pause(self, failure: EndpointError, tried: int, waited: float) -> float | None:
        """Choose the seconds until it is asked again; None when it is not."""
        if failure.kind not in AGAIN or tried >= self._retries:
            return None
        pause = PAUSE * 2**tried if failure.wait is None else failure.wait
        if waited + pause > self._first_token or not self._paying[failure.kind].spend():
            return None
        return pause

    def _body(
        self, request: Request, rounds: Sequence[list[dict[str, Any]]], tools: Sequence[Tool], ways: Ways
    ) -> dict[str, Any]:
        return body(request, self._identity, model=self._asked(request), rounds=rounds, tools=tools, ways=ways)

    def _note(self, failure: EndpointError, now: float) -> None:
        if failure.kind in (Failure.AWAY, Failure.BROKEN):
            self._reached = False
        if failure.kind is Failure.AWAY:
            self._away_until = max(self._away_until, now + self._away)
