"""Plays conversations with a dialogue and its gates, and measures how long the words take.

Every conversation is a session of its own. `now` is a fixed instant, so that a companion without a model says the same
again. CPU time is that of this process; waiting is by the loop's clock, and counts only for engines that wait.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from engines.api import EngineError, Message, Request, ToolResult
from engines.jobs import Dialogue, Documents
from engines.words.text import plain
from studio.evaluate.talk.gating import Gating, told

NOW: Final = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
REPLY: Final = 6000  # characters of one reply that are kept


class OutOfTimeError(Exception):
    """The replies or the seconds that an evaluation may take are spent."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said and answered.

    Times are milliseconds from the question to the first word and to the end: of this process's CPU, and of waiting.
    `gate` names the category by which a gate stepped in, `error` why there is no reply.
    """

    said: str
    reply: str
    first_cpu_ms: float = 0.0
    cpu_ms: float = 0.0
    first_wait_ms: float = 0.0
    wait_ms: float = 0.0
    gate: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What talking may take: replies in all, seconds for one, and seconds in all by the loop's clock."""

    replies: int = 4000
    reply_s: float = 60.0
    total_s: float = 1800.0


class Player:
    """Talks with `dialogue`, which has been started, in `language`; every reply passes the gates of `gating`.

    `documents` are what a language model is given to read with every question.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        language: str,
        *,
        gating: Gating | None = None,
        documents: Documents | None = None,
        bounds: Bounds | None = None,
    ) -> None:
        self.dialogue, self.language = dialogue, language
        self._gating, self._documents = gating or Gating(), documents
        self._bounds = bounds or Bounds()
        self._replies = 0
        self._began: float | None = None

    @property
    def scripted(self) -> bool:
        """Say whether no language model answers, so that a reply costs next to nothing."""
        return not self.dialogue.model

    async def converse(self, lines: Sequence[str], session: str) -> list[Turn]:
        """Say the lines, one after another, and return the turns.

        What fails gives a turn with an `error` and ends the conversation. OutOfTimeError when nothing is left to spend.
        """
        history: list[Message] = []
        turns: list[Turn] = []
        try:
            for line in lines:
                history.append(Message("user", line))
                turn = await self._turn(line, tuple(history), session)
                turns.append(turn)
                if turn.error:
                    break
                history.append(Message("companion", turn.reply))
        finally:
            self.dialogue.forget(session)
        return turns

    async def _turn(self, line: str, history: tuple[Message, ...], session: str) -> Turn:
        loop = asyncio.get_running_loop()
        self._began = loop.time() if self._began is None else self._began
        if self._replies >= self._bounds.replies or loop.time() - self._began > self._bounds.total_s:
            raise OutOfTimeError
        self._replies += 1
        request = Request(session, "user", history, "", self.language, NOW, {}, (), _no_tool)
        try:
            async with asyncio.timeout(self._bounds.reply_s):
                return await self._answered(line, request)
        except TimeoutError:
            return Turn(line, "", error=f"no whole answer within {self._bounds.reply_s:g} seconds")
        except EngineError as failure:
            return Turn(line, "", error=failure.message)

    async def _answered(self, line: str, request: Request) -> Turn:
        if self._documents is not None and not self.scripted:
            request = replace(request, passages=self._documents.passages_for(request.history))
        request, instead = await self._gating.heard(request)
        if instead is not None:
            return Turn(line, instead.text, gate=instead.category)
        turn = await self._spoken(line, request)
        passed = await self._gating.said(turn.reply, request, anew=not self.scripted)
        if passed.wish:
            request = told(request, passed.wish)
            turn = await self._spoken(line, request)
            passed = await self._gating.said(turn.reply, request, anew=False)
        return replace(turn, reply=passed.text, gate=passed.category)

    async def _spoken(self, line: str, request: Request) -> Turn:
        """Ask the dialogue once."""
        loop = asyncio.get_running_loop()
        cpu, began = time.process_time(), loop.time()
        first_cpu = first_wait = 0.0
        pieces: list[str] = []
        size = 0
        async with aclosing(self.dialogue.reply(request)) as reply:
            async for piece in reply:
                if not isinstance(piece, str) or not piece:
                    continue
                if not pieces:
                    first_cpu, first_wait = time.process_time() - cpu, loop.time() - began
                pieces.append(piece)
                size += len(piece)
                if size > REPLY:
                    break
        taken, waited = time.process_time() - cpu, loop.time() - began
        text = plain("".join(pieces))[:REPLY]
        return Turn(line, text, first_cpu * 1e3, taken * 1e3, first_wait * 1e3, waited * 1e3)


async def _no_tool(name: str, arguments: Mapping[str, object]) -> ToolResult:
    return ToolResult("failed", "")
