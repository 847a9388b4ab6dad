"""Asks a model behind an OpenAI-compatible endpoint, with structured outputs where it has them.

Servers differ in what they take: first the schema is sent as `response_format: json_schema`, then, if that is refused,
`json_object`, then nothing but the words of the prompt. What a server refused once it is not asked again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

from engines.api import Failure
from engines.dialogue.openai.endpoint import Endpoint
from engines.dialogue.openai.failures import EndpointError
from engines.dialogue.openai.wire import Chunk, Part
from studio.errors import StudioError
from studio.writer.models import Said
from studio.writer.schema import LONGEST

WITHIN: Final = 60.0  # seconds until an answer begins
WHOLE: Final = 300.0  # seconds until it is whole
WAYS: Final = ("json_schema", "json_object", "words")
# What a server answers that does not take a parameter, or the schema in it.
REFUSING: Final = (400, 404, 415, 422, 500, 501)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)  # what dates in answers are compared with; none is waited for


class RemoteModel:
    """A model of an endpoint; without a name the first that the endpoint lists."""

    def __init__(self, url: str, *, model: str = "", key: str = "") -> None:
        self._url, self._key, self._model = url, key, model
        self._ways = list(WAYS)

    @property
    def name(self) -> str:
        """Return the model's name."""
        return f"openai {self._model or 'model'}"

    def ask(self, talk: Sequence[Said], schema: Mapping[str, Any], seed: int) -> str:
        """Return the answer, by the strictest way that the server takes."""
        return asyncio.run(self._ask(talk, schema, seed))

    def close(self) -> None:
        """Hold nothing: each question opens a connection of its own."""

    async def _ask(self, talk: Sequence[Said], schema: Mapping[str, Any], seed: int) -> str:
        endpoint = Endpoint(self._url, key=self._key)
        try:
            if not self._model:
                listed = await endpoint.models(WITHIN)
                if not listed:
                    raise StudioError("bad_model", f"{endpoint.url} lists no model: name one with --model-name")
                self._model = listed[0]
            while True:
                body = {**_body(self._model, talk, seed), **_format(self._ways[0], schema)}
                try:
                    async with asyncio.timeout(WHOLE):
                        return await self._answer(endpoint, body)
                except TimeoutError as error:
                    raise StudioError("model_failed", f"{endpoint.url} did not finish within {WHOLE:g} s") from error
                except EndpointError as error:
                    if len(self._ways) == 1 or not _refuses(error):
                        raise
                    del self._ways[0]
        finally:
            await endpoint.close()

    async def _answer(self, endpoint: Endpoint, body: Mapping[str, Any]) -> str:
        pieces: list[str] = []
        async with endpoint.answer(body, within=WITHIN, now=_EPOCH) as chunks:
            async for chunk in chunks:
                pieces += _words(chunk) if chunk else ()
                if sum(map(len, pieces)) > LONGEST:
                    break
        return "".join(pieces)


def _refuses(error: EndpointError) -> bool:
    """Say whether a server does not take the way in which it was asked, rather than failing for another reason."""
    return error.kind == Failure.PARAMETER or error.status in REFUSING


def _body(model: str, talk: Sequence[Said], seed: int) -> dict[str, Any]:
    messages = [{"role": each.role, "content": each.text} for each in talk]
    return {"model": model, "messages": messages, "stream": True, "temperature": 0.8, "seed": seed & 0x7FFFFFFF}


def _format(way: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    match way:
        case "json_schema":
            named = {"name": "person", "strict": True, "schema": schema}
            return {"response_format": {"type": "json_schema", "json_schema": named}}
        case "json_object":
            return {"response_format": {"type": "json_object"}}
        case _:
            return {}


def _words(chunk: Chunk) -> Iterator[str]:
    """Yield the words of an event, or of a whole answer."""
    for choice in (chunk.choices or ())[:1]:
        said = choice.delta or choice.message
        content = said.content if said else choice.text
        with suppress(ValueError):
            yield from _texts(content)


def _texts(content: Any) -> Iterator[str]:
    match content:
        case str():
            yield content
        case Part():
            yield content.words
        case None:
            return
        case dict():
            yield json.dumps(content)
        case _:
            for part in content:
                yield part if isinstance(part, str) else part.words
