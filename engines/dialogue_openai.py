"""Dialogue by any OpenAI-compatible endpoint: Ollama, vLLM, LM Studio, llama.cpp, a hosted one.

It knows requests, retries and tool rounds. How an answer is put together stands in `engines.openai_reply`, what errors
mean in `engines.openai_errors`, what the model is told in `engines.prompting`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import Any, Final
from urllib.parse import urlsplit

from engines.api import EngineError, Request, Stream, ToolResult
from engines.identity import Identity
from engines.openai_errors import CODE, RetryBudget, explain, failures
from engines.openai_reply import Answer, Call
from engines.prompting import ChatMessage, functions, greeting, prompt

log = logging.getLogger("engines.openai")

PAUSE: Final = 0.25  # seconds before the first retry; twice as long before each further one
RESULT: Final = 4000  # characters of a tool's result that the model is told


class OpenAiDialogue:
    """Converses as `identity` by the model called `model` ("": the first that the endpoint has).

    `connect_s`, `first_token_s` and `stall_s` bound the waiting for a connection, for the first and for each later
    piece; an answer has `max_tokens` at most and `tool_rounds` rounds of tool calls. `retries` are made before
    anything was said, and only while all requests together can pay for them (RetryBudget); an endpoint at which nobody
    answers is left alone for `away_s`. All its errors have the code `dialogue_failed`.
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
        away_s: float = 5.0,
    ) -> None:
        self._identity = identity
        self._url = base_url.rstrip("/")
        self._wanted = model
        self._key = api_key
        self._connect, self._first_token, self._stall = connect_s, first_token_s, stall_s
        self._limits: dict[str, float] = {"temperature": temperature, "max_tokens": max_tokens}
        self._budget = max(256, context_tokens - max_tokens)
        self._retries, self._rounds = retries, tool_rounds
        self._paying = RetryBudget()
        self._client: Any = None
        self._model = model
        self._reached = False
        self._away = away_s
        self._away_until = 0.0

    @property
    def model(self) -> str:
        """The model that answers, "" while the endpoint cannot be reached."""
        return self._model if self._reached else ""

    async def start(self) -> None:
        """Asks the endpoint which models it has; EngineError with what to do when it is away or lacks the model."""
        client = self._opened()
        try:
            async with asyncio.timeout(self._connect + self._first_token):
                page = await client.models.list()
            known = [str(item.id) for item in page.data or []]
        except failures() as error:
            failure = explain(error, url=self._url, model=self._wanted)
            status = getattr(error, "status_code", None)
            if status in (404, 405, 501) or (isinstance(status, int) and status >= 500 and self._wanted):
                known = []  # an endpoint without a list of models
            else:
                raise failure from error
        if not self._wanted and not known:
            raise EngineError(CODE, f"{self._url} does not say which models it has: set openai.model.")
        if self._wanted and known and not any(_names(self._wanted, one) for one in known):
            raise EngineError(CODE, f"{self._url} has no model {self._wanted!r}; it has: {', '.join(known[:20])}.")
        self._model = self._wanted or known[0]
        self._reached = True

    async def close(self) -> None:
        """Closes its connections."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.close()

    def forget(self, session: str) -> None:
        """Nothing is kept of a session."""

    async def reply(self, request: Request) -> Stream[str]:
        """The reply as the model writes it; the card's own greeting where it has one."""
        met = any(said.role == "companion" for said in request.history)
        if request.occasion == "greeting" and not met and (hello := greeting(request, self._identity)):
            yield hello
            return
        told = prompt(request, self._identity, budget=self._budget)
        messages: list[ChatMessage | dict[str, Any]] = list(told.messages)
        # Endpoints allow no dots in the names of functions.
        names = {tool.name.replace(".", "_"): tool.name for tool in request.tools}
        offered = functions([replace(tool, name=tool.name.replace(".", "_")) for tool in request.tools])
        for number in range(self._rounds + 1):
            # In the last round there are no tools: it has to speak.
            tools = offered if number < self._rounds else []
            answer = Answer()
            async with aclosing(self._answer(messages, tools, answer)) as pieces:
                async for piece in pieces:
                    yield piece
            if not answer.calls:
                return
            if answer.text.strip():
                yield " "
            messages += await _called(request, answer, names)

    async def _answer(self, messages: Sequence[Any], tools: list[dict[str, object]], answer: Answer) -> Stream[str]:
        """One answer's text, tried again as long as nothing was said; EngineError when that does not help."""
        loop = asyncio.get_running_loop()
        for attempt in range(self._retries + 3):  # two of them to adapt
            if loop.time() < self._away_until:
                raise EngineError(CODE, f"Nothing answers at {self._url} at the moment.", retryable=True)
            self._paying.earn()
            try:
                async with (
                    self._streaming(messages, tools) as stream,
                    aclosing(self._pieces(stream, answer)) as pieces,
                ):
                    async for piece in pieces:
                        yield piece
                if not answer.finish:
                    raise EngineError(CODE, f"The answer of {self._url} ended in the middle.", retryable=True)
                if not answer.text.strip() and not answer.calls:
                    filtered = answer.finish == "content_filter"
                    why = "was held back by its filter" if filtered else "is empty"
                    raise EngineError(CODE, f"The answer of {self._url} {why}.", retryable=not filtered)
                self._reached = True
                return
            except EngineError as failure:
                self._note(failure, loop.time())
                if self._adapt(failure):
                    answer.reset()
                    continue
                silent = not answer.text.strip()
                late = "in time" in failure.message  # the user has waited long enough
                if not (failure.retryable and silent and not late and attempt < self._retries and self._paying.spend()):
                    raise
                log.info("asking the endpoint again", extra={"attempt": attempt + 1})
            answer.reset()
            await asyncio.sleep(PAUSE * 2**attempt)

    def _adapt(self, failure: EngineError) -> bool:
        """Whether the endpoint refuses one of our settings by its name; then it gets it by another, or not at all."""
        if "max_completion_tokens" in failure.message and "max_tokens" in self._limits:
            self._limits["max_completion_tokens"] = self._limits.pop("max_tokens")
            return True
        return "temperature" in failure.message and self._limits.pop("temperature", None) is not None

    def _note(self, failure: EngineError, now: float) -> None:
        if failure.message.startswith(("Nothing answers", "The connection")):
            self._reached = False
        if failure.message.startswith("Nothing answers"):
            self._away_until = max(self._away_until, now + self._away)

    @asynccontextmanager
    async def _streaming(self, messages: Sequence[Any], tools: list[dict[str, object]]) -> AsyncIterator[Any]:
        more: dict[str, Any] = {"tools": tools} if tools else {}
        try:
            async with asyncio.timeout(self._first_token):
                stream = await self._opened().chat.completions.create(
                    model=self._model or self._wanted,
                    messages=messages,
                    stream=True,
                    **self._limits,
                    **more,
                )
        except failures() as error:
            raise explain(error, url=self._url, model=self._model) from error
        try:
            yield stream
        finally:
            await stream.close()

    async def _pieces(self, stream: Any, answer: Answer) -> Stream[str]:
        """The text as it comes, each piece in time."""
        chunks = aiter(stream)
        patience = self._first_token
        while True:
            try:
                async with asyncio.timeout(patience):
                    chunk = await anext(chunks, None)
            except failures() as error:
                raise explain(error, url=self._url, model=self._model) from error
            if chunk is None:
                return
            patience = self._stall
            if piece := answer.push(chunk):
                yield piece

    def _opened(self) -> Any:
        if self._client is None:
            try:
                import openai
            except ImportError as error:
                sentence = "An OpenAI-compatible endpoint needs a package: pip install 'companion-bridge[openai]'"
                raise EngineError(CODE, sentence) from error
            self._client = openai.AsyncOpenAI(
                base_url=self._url,
                api_key=self._key or "none",  # a server of one's own asks for none, the client insists on one
                max_retries=0,
                timeout=openai.Timeout(None, connect=self._connect),
                http_client=openai.DefaultAsyncHttpxClient(trust_env=not _here(self._url), verify=_trust(self._url)),
            )
        return self._client


async def _called(request: Request, answer: Answer, names: Mapping[str, str]) -> list[dict[str, Any]]:
    """What the model is told after its calls were run, side by side."""

    async def run(call: Call) -> ToolResult:
        arguments = call.parsed()
        if arguments is None:
            return ToolResult("failed", "the arguments are not a JSON object")
        return await request.call(names.get(call.name, call.name), arguments)

    results = await asyncio.gather(*(run(call) for call in answer.calls))
    calls = [
        {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments or "{}"}}
        for c in answer.calls
    ]
    told = [
        {
            "role": "tool",
            "tool_call_id": call.id,
            "content": json.dumps({"status": result.status, "value": result.value[:RESULT]}, ensure_ascii=False),
        }
        for call, result in zip(answer.calls, results, strict=True)
    ]
    return [{"role": "assistant", "content": answer.text or None, "tool_calls": calls}, *told]


def _names(wanted: str, known: str) -> bool:
    """Whether a name as people write it means a model as the endpoint lists it."""
    return wanted == known or known.startswith(f"{wanted}:") or known.rpartition("/")[2] == wanted


def _trust(url: str) -> ssl.SSLContext | bool:
    """Whom to trust: the usual authorities, and nobody where no TLS is spoken, which spares reading them."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if url.startswith("http://") else True


def _here(url: str) -> bool:
    """Whether the address is on this machine, where no proxy of the environment belongs in between."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
