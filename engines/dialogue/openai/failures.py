"""What goes wrong between here and an OpenAI-compatible endpoint: of which kind it is, and what a person is told.

The endpoint's own words are read once, here, for the kind and the parameter that it refuses. They go no further than
the debug log: neither players nor the ordinary log see them, and nothing is decided by them later.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import SplitResult, urlunsplit

from engines.api import EngineError, Failure
from engines.dialogue.openai.wire import Complaint

CODE: Final = "dialogue_failed"


class EndpointError(EngineError):
    """Says how an endpoint failed; `wait` is how many seconds it asks for, `parameter` the one that it does not take.

    `status` is that of its HTTP response, 0 where there was none.
    """

    def __init__(
        self, message: str, kind: Failure, *, setting: str = "", wait: float | None = None, parameter: str = ""
    ) -> None:
        super().__init__(CODE, message, retryable=kind in PASSING, kind=kind, setting=setting)
        self.wait = wait
        self.parameter = parameter
        self.status = 0


# Kinds of failure after which the same request may succeed.
PASSING: Final = frozenset(
    {Failure.AWAY, Failure.LATE, Failure.BUSY, Failure.BROKEN, Failure.FAULTY, Failure.EMPTY, Failure.OTHER}
)
# Kinds after which it is asked again before a word was said, each with a budget of its own.
AGAIN: Final = (Failure.BUSY, Failure.BROKEN, Failure.FAULTY, Failure.EMPTY)


@dataclass(slots=True)
class RetryBudget:
    """Let all requests together pay for retries: each earns `share` of one, at most `most` are saved up.

    While an endpoint is down, retries are a tenth of the load instead of a multiple of it.
    """

    share: float = 0.1
    most: float = 5.0
    saved: float = 5.0

    def earn(self) -> None:
        """Count a request."""
        self.saved = min(self.most, self.saved + self.share)

    def spend(self) -> bool:
        """Pay for a retry; False when there is nothing left to pay with."""
        if self.saved < 1:
            return False
        self.saved -= 1
        return True


def away(url: str) -> EndpointError:
    """Say that nothing answers."""
    sentence = f"Nothing answers at {url}. Start the model server, or set openai.base_url to where it listens."
    return EndpointError(sentence, Failure.AWAY, setting="openai.base_url")


def late(url: str, *, begun: bool) -> EndpointError:
    """Say that it is silent for too long: before its first words, or (`begun`) between them."""
    setting = "openai.stall_s" if begun else "openai.first_token_s"
    sentence = f"The language model at {url} did not answer in time: make it faster, or raise {setting}."
    return EndpointError(sentence, Failure.LATE, setting=setting)


def broken(url: str, how: str = "broke off") -> EndpointError:
    """Say that the connection broke off, or that what came cannot be read."""
    return EndpointError(f"The connection to the language model at {url} {how}.", Failure.BROKEN)


def overlong(url: str) -> EndpointError:
    """Say that more came than an answer can have."""
    return EndpointError(f"The language model at {url} sends more than an answer can have.", Failure.BROKEN)


def foreign(url: str) -> EndpointError:
    """Say that something else listens there."""
    sentence = f"What {url} sends is not an OpenAI-compatible stream. Set openai.base_url to an address ending in /v1."
    return EndpointError(sentence, Failure.FOREIGN, setting="openai.base_url")


def empty(url: str) -> EndpointError:
    """Say that an answer has no words."""
    return EndpointError(f"The answer of the language model at {url} is empty.", Failure.EMPTY)


def spent(url: str) -> EndpointError:
    """Say that all tokens went into thinking."""
    sentence = f"The language model at {url} used up its answer with thinking: raise openai.max_tokens."
    return EndpointError(sentence, Failure.SPENT, setting="openai.max_tokens")


def withheld(url: str) -> EndpointError:
    """Say that the endpoint's filter holds the answer back."""
    return EndpointError(f"The answer of the language model at {url} was held back by its filter.", Failure.WITHHELD)


def missing(url: str, model: str, known: Sequence[str]) -> EndpointError:
    """Say that it has other models; only names that look like names are shown."""
    names = ", ".join(name for name in known[:20] if _MODEL.fullmatch(name))
    return EndpointError(f"{url} has no model {model!r}; it has: {names}.", Failure.MISSING, setting="openai.model")


def nameless(url: str) -> EndpointError:
    """Say that it does not tell its models, and that none was named."""
    sentence = f"{url} does not say which models it has: set openai.model."
    return EndpointError(sentence, Failure.MISSING, setting="openai.model")


_MODEL: Final = re.compile(r"[\w./:@+-]{1,100}")


def refusal(
    status: int, told: Complaint, *, url: str, model: str, sent: Collection[str], wait: float | None = None
) -> EndpointError:
    """Make the failure that an HTTP status stands for, or 0 and a code; `sent` are the parameters of the request."""
    status = status or _status(told.code)
    match status:
        case 401 | 402 | 403:
            sentence = f"{url} refuses the key: set openai.api_key (or COMPANION_OPENAI_API_KEY)."
            return EndpointError(sentence, Failure.REFUSED, setting="openai.api_key")
        case 429 if "insufficient_quota" in told.code:
            sentence = f"{url} has no credit left for the key: top it up, or set another openai.api_key."
            return EndpointError(sentence, Failure.REFUSED, setting="openai.api_key")
        case 404:
            sentence = f"{url} has no model {model!r}, or is not the right address: see openai.model."
            return EndpointError(sentence, Failure.MISSING, setting="openai.model")
        case 405 | 501:
            return foreign(url)
        case 408:
            return late(url, begun=False)
        case 429:
            return EndpointError(f"{url} asks for fewer requests.", Failure.BUSY, wait=wait)
        case 503 | 529:
            return EndpointError(f"The language model at {url} is busy (status {status}).", Failure.BUSY, wait=wait)
        case _ if status >= 500:
            sentence = f"The language model at {url} failed with status {status}."
            return EndpointError(sentence, Failure.FAULTY, wait=wait)
        case 413:
            return _too_long(url, model)
        case _ if parameter := _refused(told, sent):
            sentence = f"{url} does not accept the request's {parameter} with {model!r}."
            return EndpointError(sentence, Failure.PARAMETER, setting=SETTINGS.get(parameter, ""), parameter=parameter)
        case _ if _LONG.search(f"{told.code} {told.message}"):
            return _too_long(url, model)
        case _:
            sentence = f"{url} does not accept the request. Is openai.context_tokens right for {model!r}?"
            return EndpointError(sentence, Failure.PARAMETER, setting="openai.context_tokens")


def _status(code: str) -> int:
    """Find the HTTP status that belongs to an error which came without one."""
    return next((status for word, status in STATUSES.items() if word in code), 500)


STATUSES: Final = {
    "insufficient_quota": 429,
    "rate_limit": 429,
    "overloaded": 503,
    "model_not_found": 404,
    "api_key": 401,
    "authentication": 401,
    "permission": 403,
    "context_length": 400,
    "invalid_request": 400,
}


def _too_long(url: str, model: str) -> EndpointError:
    sentence = f"{url} does not accept the request: it is too long. Is openai.context_tokens right for {model!r}?"
    return EndpointError(sentence, Failure.TOO_LONG, setting="openai.context_tokens")


# The setting behind a parameter of the request.
SETTINGS: Final = {
    "temperature": "openai.temperature",
    "max_tokens": "openai.max_tokens",
    "max_completion_tokens": "openai.max_tokens",
    "tools": "openai.tool_rounds",
}
_LONG: Final = re.compile(r"context|too (?:long|large|many tokens)|exceed|maximum (?:length|prompt)", re.IGNORECASE)
_DISLIKED: Final = re.compile(
    r"support|unrecogni[sz]ed|unknown|unexpected|permitted|allowed|invalid|deprecated|extra|require|enable|must",
    re.IGNORECASE,
)


def _refused(told: Complaint, sent: Collection[str]) -> str:
    """Find the parameter of the request that an error is about, "" if it names none."""
    if told.parameter in sent:
        return told.parameter
    if not _DISLIKED.search(told.message):
        return ""
    for name in sorted(sent, key=len, reverse=True):
        spelled = r"tools?\b|tool[ _]choice" if name == "tools" else name
        if found := re.search(rf"(?<![\w.]){spelled}(?!\w)", told.message):
            # "Use 'max_completion_tokens' instead" names the remedy after the fault.
            before = told.message[: found.start()].rstrip(" '\"`")
            if not before.lower().endswith(("use", "instead of")):
                return name
    return ""


def wait_of(headers: Mapping[str, str], now: datetime | None) -> float | None:
    """Read the seconds that `Retry-After` asks for, a number or a date; None when there is nothing to read."""
    if (told := headers.get("retry-after-ms", "").strip()) and _NUMBER.fullmatch(told):
        return float(told) / 1000
    told = headers.get("retry-after", "").strip()
    if _NUMBER.fullmatch(told):
        return float(told)
    until, since = _date(told), _date(headers.get("date", ""))
    # The endpoint's own clock where it tells it, for its date means nothing on another.
    since = since or now
    return max(0.0, (until - since).total_seconds()) if until is not None and since is not None else None


_NUMBER: Final = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


def _date(text: str) -> datetime | None:
    if len(text) > 64:
        return None
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def shown(url: SplitResult) -> str:
    """Write an address as it may be shown: without name, password and query."""
    return urlunsplit((url.scheme, url.netloc.rpartition("@")[2], url.path, "", "")) or "the address"
