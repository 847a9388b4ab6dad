"""What goes wrong between here and an OpenAI-compatible endpoint, as sentences with a remedy; and when to try again.

Knows the client's exceptions by their names and the status that they carry.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any, Final

from engines.api import EngineError

CODE: Final = "dialogue_failed"
DETAIL: Final = 160  # characters of what the endpoint itself says


@dataclass(slots=True)
class RetryBudget:
    """All requests together pay for retries: each earns `share` of one, at most `most` are saved up.

    While an endpoint is down, retries are a tenth of the load instead of a multiple of it.
    """

    share: float = 0.1
    most: float = 5.0
    saved: float = 5.0

    def earn(self) -> None:
        """A request was made."""
        self.saved = min(self.most, self.saved + self.share)

    def spend(self) -> bool:
        """Whether a retry is paid for."""
        if self.saved < 1:
            return False
        self.saved -= 1
        return True


@cache
def failures() -> tuple[type[Exception], ...]:
    """All that the client raises: its own errors, those of its HTTP library while it streams, and of broken JSON."""
    client: Any = import_module("openai")
    bases = (kind.__module__.partition(".")[0] for kind in client.DefaultAsyncHttpxClient.__mro__)
    http: Any = import_module(next(name for name in bases if name.startswith("httpx")))
    return (client.OpenAIError, http.HTTPError, http.StreamError, ValueError, OSError, TimeoutError)


def explain(error: Exception, *, url: str, model: str) -> EngineError:
    """The EngineError that stands for what the client raised; `retryable` when the same may work in a moment."""
    status = getattr(error, "status_code", None)
    kind = type(error).__name__
    detail = _detail(error)
    if isinstance(status, int):
        return _refusal(status, detail, url, model)
    if {"ConnectError", "ConnectTimeout", "ConnectionRefusedError"} & _causes(error):
        sentence = f"Nothing answers at {url}. Start the model server, or set openai.base_url to where it listens."
        return _error(sentence, retryable=True)
    if "Timeout" in kind or isinstance(error, TimeoutError):
        return _error(f"The language model at {url} did not answer in time.", retryable=True)
    if kind in ("APIConnectionError", "RemoteProtocolError", "ReadError", "WriteError") or isinstance(error, OSError):
        return _error(f"The connection to the language model at {url} broke off.", retryable=True)
    if isinstance(error, ValueError):
        sentence = (
            f"What {url} sends is not an OpenAI-compatible stream. Set openai.base_url to an address ending in /v1."
        )
        return _error(sentence, retryable=True)
    return _error(f"The language model at {url} failed: {detail or kind}", retryable=True)


def _refusal(status: int, detail: str, url: str, model: str) -> EngineError:
    said = f" ({detail})" if detail else ""
    match status:
        case 401 | 403:
            return _error(f"{url} refuses the key: set openai.api_key (or COMPANION_OPENAI_API_KEY){said}.")
        case 404:
            return _error(f"{url} has no model {model!r}, or is not the right address: see openai.model{said}.")
        case 429:
            return _error(f"{url} asks for fewer requests{said}.", retryable=True)
        case 400 | 413 | 422:
            return _error(f"{url} does not accept the request{said}. Is openai.context_tokens right for {model!r}?")
        case _:
            return _error(f"The language model at {url} failed with status {status}{said}.", retryable=status >= 500)


def _error(sentence: str, *, retryable: bool = False) -> EngineError:
    return EngineError(CODE, sentence, retryable=retryable)


def _detail(error: Exception) -> str:
    body = getattr(error, "body", None)
    text = str(body.get("message") or "") if isinstance(body, dict) else ""
    return " ".join(text.split())[:DETAIL].rstrip(".")


def _causes(error: BaseException | None) -> set[str]:
    names: set[str] = set()
    while error is not None and len(names) < 8:
        names.add(type(error).__name__)
        error = error.__cause__ or error.__context__
    return names
