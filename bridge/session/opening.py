"""Holds what a session is opened with: what all sessions of a server share, and what is its own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from bridge.core.timeline import MEDIA_RATE, Ticks
from bridge.core.turn_events import Event
from bridge.memory.session import Remembered
from bridge.metrics import Metrics
from bridge.session.companion import Companion, Rules
from engines.api import Rig, Tool, ToolResult
from protocol import messages as m

Away: TypeAlias = Callable[..., Awaitable[Any]]
Spawn: TypeAlias = Callable[[Coroutine[None, None, None]], asyncio.Task[None]]


class Toolbox(Protocol):
    """Tools that the server itself runs, beside those of a scene."""

    @property
    def tools(self) -> tuple[Tool, ...]:
        """Return what can be called now."""
        ...

    async def call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        """Call one, within a time; whatever goes wrong is told in the result."""
        ...


@dataclass(frozen=True, slots=True)
class Shared:
    """What a session shares with others of its server: the companion it begins with, the rules, the metrics.

    `clock` tells the dialogue the date and time, `identities` are those that clients may ask for, `toolbox` has the
    server's own tools. `rooms` says that clients may share one. `away` runs what takes long, off the loop.
    """

    companion: Companion
    rules: Rules
    metrics: Metrics
    clock: Callable[[], datetime]
    identities: tuple[m.ListedIdentity, ...] = ()
    toolbox: Toolbox | None = None
    rooms: bool = False
    away: Away = asyncio.to_thread

    def agreed(self, audio: m.HelloAudio) -> Shared:
        """Return the same, with the lead that this client asks for."""
        if audio.lead_ms is None:
            return self
        return replace(self, rules=replace(self.rules, lead=Ticks(audio.lead_ms * MEDIA_RATE // 1000)))


@dataclass(frozen=True, slots=True)
class Opening:
    """What one session begins with.

    `name`, `token` and `watch` are its identifier and the secrets of those who may resume and watch it, `user` is who
    was authenticated, `rig` the face that was agreed, `seed` fixes blinks and gaze, `note` is told in the welcome.
    `remembered` is whose memory it has, None where nobody is remembered.
    """

    name: str
    token: str
    watch: str
    user: str
    hello: m.Hello
    rig: Rig
    seed: int
    note: str = ""
    remembered: Remembered | None = None


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the parts of a session may ask of it.

    `decide` tells an event to the turn-taking, `spawn` starts a task in the session's group, `wake` makes its own task
    look at the deadlines.
    """

    decide: Callable[[Event], None]
    spawn: Spawn
    wake: Callable[[], None]
