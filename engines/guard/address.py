"""A guard model behind an OpenAI-compatible address."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any, Final

from engines.api import EngineError
from engines.guard.second import CODE
from engines.text.redaction import redacted

ANSWER: Final = 96  # tokens
BODY: Final = 64 * 1024  # bytes of an answer
CONNECTIONS: Final = 16


class Address:
    """Asks `model` at `base_url`; `wait_s` bounds each request beside what the caller allows."""

    def __init__(self, base_url: str, model: str, *, api_key: str = "", wait_s: float = 5.0) -> None:
        self._url = f"{base_url.rstrip('/')}/chat/completions"
        self._model = model
        self._key = api_key
        self._wait = wait_s
        self._client: Any = None

    async def start(self) -> None:
        """Open the connections; EngineError when the package for it is not installed."""
        try:
            http = import_module("httpx2")
        except ImportError as error:
            raise EngineError(CODE, "a guard model behind an address needs 'companion-bridge[openai]'") from error
        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        limits = http.Limits(max_connections=CONNECTIONS)
        self._client = http.AsyncClient(headers=headers, timeout=self._wait, limits=limits, trust_env=False)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def answer(self, asked: str, said: str) -> str:
        """Return what the model writes; EngineError for anything else."""
        if self._client is None:
            raise EngineError(CODE, "the guard model has not been started")
        body = {
            "model": self._model,
            "temperature": 0,
            "max_tokens": ANSWER,
            "messages": [{"role": "user", "content": asked or "Hello."}, {"role": "assistant", "content": said}],
        }
        try:
            async with self._client.stream("POST", self._url, json=body) as response:
                data = b""
                async for chunk in response.aiter_bytes():
                    data += chunk
                    if len(data) > BODY:
                        raise EngineError(CODE, "the guard model's answer is too long")
                return _content(response.status_code, data)
        except EngineError:
            raise
        except Exception as error:  # whatever the library raises, of which there is much
            raise EngineError(CODE, redacted(f"the guard model cannot be asked: {type(error).__name__}")) from error


def _content(status: int, data: bytes) -> str:
    if status != 200:
        raise EngineError(CODE, f"the guard model's address answered {status}")
    try:
        content = json.loads(data)["choices"][0]["message"]["content"]
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise EngineError(CODE, "the guard model's address sent what cannot be read") from error
    if not isinstance(content, str):
        raise EngineError(CODE, "the guard model's address sent no text")
    return content
