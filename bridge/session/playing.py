"""Holds one reply that is made or heard, or begun before anybody asked for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from bridge.core.pacer import Pacer
from bridge.core.timeline import Ticks
from bridge.session.reply import Progress
from engines.api import Request, ToolResult

# Makes a request from what runs its tools.
Ask: TypeAlias = Callable[[Callable[[str, Mapping[str, object]], Awaitable[ToolResult]]], Request]


class Playing:
    """The reply that is being made or heard; `asked_at` is when the user was done, `started_at` when it began.

    One that is begun ahead has a number, `guess`, and no turn until it is `confirmed`.
    """

    def __init__(
        self, turn: int, lead: Ticks, asked_at: float, started_at: float, *, guess: int = 0, late: float = 0.0
    ) -> None:
        self.turn = turn
        self.guess = guess
        self.asked_at = asked_at
        self.started_at = started_at
        self.request: Request | None = None
        self.confirmed: asyncio.Event | None = asyncio.Event() if guess else None
        self.pacer = Pacer(lead, late)
        self.progress = Progress()
        self.task: asyncio.Task[None] | None = None
        self.first_media_at: float | None = None
        self.end_sent = False
        self.reason: Literal["complete", "cut", "failed", "too_long"] = "complete"
        self.room = asyncio.Event()
        self.mark: Callable[[bytes], bytes] | None = None  # lays the mark under what leaves, all of it in order

    def stages(self, since: float) -> dict[str, float]:
        """Return the seconds from `since` to each stage that the reply has reached."""
        reached = {
            "first_token": self.progress.first_token_at,
            "first_speech": self.progress.first_speech_at,
            "first_media": self.first_media_at,
        }
        return {stage: max(0.0, at - since) for stage, at in reached.items() if at is not None}


def same_ground(one: Request, other: Request) -> bool:
    """Return whether two requests would get the same answer, but for how the user's last words are written."""
    return replace(one, now=other.now, call=other.call, age=other.age, history=one.history[:-1]) == replace(
        other, history=other.history[:-1]
    )
