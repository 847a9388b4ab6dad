"""One companion of a room: it speaks when the floor is its own, and knows what everybody has said."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from bridge.core.history import History
from bridge.core.turn_events import Event, PlaybackEnded, PlaybackStarted
from bridge.rooms.spread import Spread
from bridge.session.companion import Companion
from bridge.session.idle import IdleFace
from bridge.session.opening import Hooks, Opening, Shared
from bridge.session.role import Release, Role
from bridge.session.sources import passages
from bridge.session.speaking import Speaking
from bridge.session.terms import told_identity
from bridge.session.tool_calls import ToolCalls
from engines.api import Message, Occasion, Request, Tool, ToolResult
from protocol import messages as m

MOST_LINES: Final = 8  # that wait to be said as they stand; the oldest go


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a companion is told beside what was said: to whom it speaks, when, where, what can be done there.

    `room` says who is there, for a language model; `aside` is what only this reply is to know of.
    """

    user: str
    now: datetime
    scene: Mapping[str, str]
    tools: tuple[Tool, ...]
    room: str
    age: float
    aside: tuple[Message, ...] = ()


class Part:
    """One companion by its `id` on the wire. `happened` is told of what becomes of its replies."""

    def __init__(
        self,
        id: str,
        shared: Shared,
        opening: Opening,
        release: Release,
        *,
        spread: Spread,
        calls: ToolCalls,
        happened: Callable[[Part, PlaybackStarted | PlaybackEnded], None],
        wake: Callable[[], None],
        place: m.Place | None = None,
    ) -> None:
        self.id = id
        self.place = place
        self.history = History()
        self.lines: deque[str] = deque(maxlen=MOST_LINES)
        self.speaking: Speaking
        self._shared = shared
        self._opening = opening
        self._spread = spread
        self._calls = calls
        self._happened = happened
        self._wake = wake
        self._role = Role(opening.name, shared.companion, release)
        self._idle = IdleFace(
            shared.companion.engines.face, opening.rig, opening.hello.face.fps, opening.seed, shared.companion.warmth
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._group: asyncio.TaskGroup | None = None

    def begin(self, group: asyncio.TaskGroup, now: float) -> None:
        """Come on; its replies are tasks of `group`."""
        self._group = group
        self._idle.begin(now)
        self.speaking = Speaking(
            self._shared,
            self._opening,
            Hooks(self._decide, self._spawn, self._wake),
            idle=self._idle,
            history=self.history,
            calls=self._calls,
            out=self._spread,
            wear=bytes,
            recall=_nothing_recalled,
        )

    def close(self) -> None:
        """Leave: the room and its tasks are over."""
        self._role.close()

    @property
    def companion(self) -> Companion:
        """Return whoever plays it now."""
        return self._role.companion

    @property
    def name(self) -> str:
        """Return the companion's name."""
        return self.companion.name

    def told(self, language: str) -> m.CastTold:
        """Return how it is told to somebody who speaks `language`."""
        return m.CastTold(companion=self.id, identity=told_identity(self.companion, language), place=self.place)

    def recast(self, companion: Companion, release: Release) -> None:
        """Go on as `companion` from its next turn on."""
        self._role.offer(companion, release)

    # ---------------------------------------------------------------------------------------------- what is said

    def hears(self, by: str, text: str) -> None:
        """Note what somebody else has said."""
        self.history.recall(Message("user", text, by))

    def sees(self, event: str) -> None:
        """Note what has happened."""
        self.history.event(event)

    def speak(self, turn: int, circumstances: Circumstances, *, words: str = "", asked_at: float) -> None:
        """Begin turn `turn`: answer what was said last, or say `words` as they stand."""
        if self._role.offered and not self.speaking.busy:
            self.speaking.recast(self._role.change(self._tasks), asyncio.get_running_loop().time())
        ask = partial(self.request, circumstances)
        self.speaking.start(turn, ask, utterance=0, asked_at=asked_at, words=words)

    def request(
        self, around: Circumstances, call: Callable[[str, Mapping[str, object]], Awaitable[ToolResult]]
    ) -> Request:
        """Return what its dialogue is asked now; `call` runs tools."""
        said = self.history.messages() + around.aside
        occasion: Occasion = "greeting" if not said else "scene" if said[-1].role == "scene" else "user"
        return Request(
            self._opening.name,
            occasion,
            said,
            around.user,
            self.companion.language,
            around.now,
            around.scene,
            around.tools,
            call,
            passages=passages(self.companion.documents, said) if occasion == "user" else (),
            age=around.age,
            instructions=around.room,
        )

    # --------------------------------------------------------------------------------------------------- inside

    def _decide(self, event: Event) -> None:
        if isinstance(event, PlaybackStarted | PlaybackEnded):
            self._happened(self, event)

    def _spawn(self, body: Coroutine[None, None, None]) -> asyncio.Task[None]:
        assert self._group is not None, "the room runs before anybody speaks"
        task = self._group.create_task(body)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._role.done(task)

    def end(self) -> None:
        """Stop what it does."""
        for task in self._tasks:
            task.cancel()


async def _nothing_recalled(request: Request, confirmed: asyncio.Event | None) -> Request:
    """Return the request as it is: what is remembered of one user is not told before others."""
    return request
