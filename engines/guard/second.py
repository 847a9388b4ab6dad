"""A second opinion by a guard model, behind an address or on this disk: what it is asked, and how its answer is read.

The form is that of Qwen3Guard: the model is given the user's words and the companion's as a conversation, and answers
"Safety: Safe|Controversial|Unsafe" and "Categories: ...". Others that answer so will do. Every question is bounded in
time; one that is not answered is counted and leaves the filter's verdict as it is.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Final, Literal, Protocol, TypeAlias

from engines.api import EngineError
from engines.measures.work import Tally, Work

Level: TypeAlias = Literal["safe", "controversial", "unsafe"]

TEXT: Final = 2000  # characters of each party that are shown
AT_ONCE: Final = 16  # questions; one more is not asked
CODE: Final = "gate_failed"

_LEVEL: Final = re.compile(r"safety\s*:\s*(safe|controversial|unsafe)\b", re.IGNORECASE)
_KINDS: Final = re.compile(r"categor(?:y|ies)\s*:\s*([^\n]{1,200})", re.IGNORECASE)
# Its categories as ours, the gravest first.
_OURS: Final = (
    ("suicide", "self_harm"), ("self-harm", "self_harm"), ("violent", "violence"), ("sexual", "sexual"),
    ("hate", "hate"), ("unethical", "hate"), ("non-violent illegal", "illegal"), ("illegal", "illegal"),
    ("pii", "personal"), ("personally", "personal"), ("politically", "persuasion"), ("jailbreak", "jailbreak"),
    ("copyright", "copyright"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a guard model thinks of a text; `category` is one of ours, "other" for one that we do not know."""

    level: Level
    category: str = ""


class Model(Protocol):
    """What writes the answer to such a question."""

    async def start(self) -> None:
        """Load; EngineError when it cannot work."""
        ...

    async def close(self) -> None:
        """Let go."""
        ...

    async def answer(self, asked: str, said: str) -> str:
        """Return what the model writes of `said` as the reply to `asked`; EngineError when it cannot."""
        ...


class Second:
    """Asks a guard model, at most `wait_s` seconds for each question."""

    def __init__(self, model: Model, *, wait_s: float = 0.8) -> None:
        self._model = model
        self._wait = wait_s
        self._running = 0
        self._tally = Tally("guard", "opinion")

    async def start(self) -> None:
        """Get the model ready."""
        await self._model.start()

    async def close(self) -> None:
        """Let the model go."""
        await self._model.close()

    def work(self) -> tuple[Work, ...]:
        """Measure the questions: `items` were answered, `failed` not, `hung` not in time."""
        return (self._tally.value(waiting=self._running, limit=AT_ONCE),)

    async def opinion(self, asked: str, said: str) -> Opinion:
        """Return what the model thinks; EngineError when it does not answer in time or in no way that can be read."""
        if self._running >= AT_ONCE:
            self._tally.failed += 1
            raise EngineError(CODE, "the guard model is asked too much", retryable=True)
        self._running += 1
        began = asyncio.get_running_loop().time()
        try:
            written = await self._in_time(self._model.answer(asked[-TEXT:], said[-TEXT:]))
            opinion = read(written)
        except EngineError:
            self._tally.failed += 1
            raise
        finally:
            self._running -= 1
        self._tally.ran(1, asyncio.get_running_loop().time() - began)
        return opinion

    async def _in_time(self, answer: Awaitable[str]) -> str:
        try:
            async with asyncio.timeout(self._wait):
                return await answer
        except TimeoutError as error:
            self._tally.hung += 1
            raise EngineError(
                CODE, f"the guard model did not answer within {self._wait:g} s", retryable=True
            ) from error


def read(written: str) -> Opinion:
    """Read what a guard model wrote; EngineError for something else."""
    level = _LEVEL.search(written[:TEXT])
    if level is None:
        raise EngineError(CODE, "the guard model's answer says nothing of safety")
    found: Level = (
        "safe" if level[1].lower() == "safe" else "unsafe" if level[1].lower() == "unsafe" else "controversial"
    )
    if found == "safe":
        return Opinion("safe")
    kinds = _KINDS.search(written[:TEXT])
    named = kinds[1].lower() if kinds else ""
    return Opinion(found, next((ours for theirs, ours in _OURS if theirs in named), "other"))
