"""Plays a scene to whoever is at the other end of some lines: events and times go in, actions come out.

A scene is a generator. It acts on its stage, yields the time until which it wishes to wait, and goes on then or when
something happened. Nothing here knows a socket or a clock.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from protocol.codec import Wire

Scene: TypeAlias = Generator[float, None, None]
LOST: Final = 1006  # the close code of a line that was lost without a word


@dataclass(frozen=True, slots=True)
class Opened:
    """A line stands: `subprotocols` are those that a client offered, or the one that a server chose."""

    line: int
    subprotocols: tuple[str, ...] = ()
    target: str = "/"


@dataclass(frozen=True, slots=True)
class Came:
    """A WebSocket message came."""

    line: int
    data: Wire


@dataclass(frozen=True, slots=True)
class Ponged:
    """A WebSocket ping was answered."""

    line: int


@dataclass(frozen=True, slots=True)
class Shut:
    """The other end closed a line, or it was lost."""

    line: int
    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answered:
    """A plain HTTP request was answered, or the upgrade of a line refused."""

    line: int
    status: int
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Ended:
    """The client's process has ended by itself; `words` is the end of what it wrote to stderr."""

    code: int
    words: str = ""


Event: TypeAlias = Opened | Came | Ponged | Shut | Answered | Ended


@dataclass(frozen=True, slots=True)
class Connect:
    """Open a line to a server."""

    line: int
    subprotocols: tuple[str, ...] = ()
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """Ask for a path by plain HTTP."""

    line: int
    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Send:
    """Send a WebSocket message, in so many frames."""

    line: int
    data: Wire
    frames: int = 1


@dataclass(frozen=True, slots=True)
class Ping:
    """Send a WebSocket ping."""

    line: int


@dataclass(frozen=True, slots=True)
class Close:
    """Close a line in order."""

    line: int
    code: int = 1000
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cut:
    """Drop a line without a word."""

    line: int


@dataclass(frozen=True, slots=True)
class Freeze:
    """Let a line die in silence: from now on nothing is read from it, answered or said."""

    line: int


Action: TypeAlias = Connect | Request | Send | Ping | Close | Cut | Freeze


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was seen of one rule in one scene; `why` says what was wrong."""

    rule: str
    scene: str
    kept: bool
    why: str = ""


class Over(Exception):
    """The scene cannot go on: the other end is not there, or has left."""


@dataclass
class Stage:
    """What a scene sees and does; `now` is seconds of any clock."""

    scene: str = ""
    now: float = 0.0
    actions: list[Action] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def judge(self, rule: str, kept: bool, why: str = "") -> bool:
        """Note whether a rule was kept here; what was broken once stays broken."""
        known = self.verdicts.get(rule)
        if known is None or (known.kept and not kept):
            self.verdicts[rule] = Verdict(rule, self.scene, kept, "" if kept else why)
        return kept

    def take(self, event: Event) -> None:
        """Note an event; stages of clients and of servers know more about it."""
        raise NotImplementedError

    def until(self, ready: Callable[[], bool], within: float) -> Generator[float, None, bool]:
        """Wait until something is so, for at most `within` seconds; whether it is."""
        end = self.now + within
        while not ready():
            if self.now >= end:
                return False
            yield end
        return True

    def rest(self, seconds: float) -> Scene:
        """Let time pass."""
        yield from self.until(lambda: False, seconds)


class Play:
    """One performance: tell it events and times, and carry out what it answers."""

    def __init__(self, stage: Stage, scene: Callable[[Any], Scene]) -> None:
        self.stage = stage
        self.deadline: float | None = None
        self.over = False
        self._scene = scene(stage)

    def begin(self, now: float) -> list[Action]:
        """Raise the curtain."""
        return self._go(now)

    def receive(self, event: Event, now: float) -> list[Action]:
        """Take what happened."""
        self.stage.now = max(self.stage.now, now)
        self.stage.take(event)
        return self._go(now)

    def expire(self, now: float) -> list[Action]:
        """Go on, since the deadline has come."""
        return self._go(now)

    def _go(self, now: float) -> list[Action]:
        self.stage.now = max(self.stage.now, now)
        if not self.over:
            try:
                self.deadline = next(self._scene)
            except (StopIteration, Over):
                self.over, self.deadline = True, None
        done, self.stage.actions = self.stage.actions, []
        return done
