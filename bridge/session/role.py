"""Keeps which companion a session plays: the one that it began with, and the one that takes its place between turns."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from bridge.session.companion import Companion
from bridge.session.driven import guarded
from engines.api import EngineError

Release: TypeAlias = Callable[[], None]  # the session needs a companion no longer


@dataclass(slots=True)
class _Leaving:
    """A companion that has left, and the tasks that still use its engines."""

    companion: Companion
    release: Release
    tasks: set[asyncio.Task[None]]


class Role:
    """One session's companion: `companion` now, and whoever is offered next.

    `session` is its name, by which dialogues know it. Each companion comes with what is called when nothing of the
    session uses it any more.
    """

    def __init__(self, session: str, companion: Companion, release: Release) -> None:
        self.companion = companion
        self._session = session
        self._release = release
        self._next: tuple[Companion, Release] | None = None
        self._leaving: list[_Leaving] = []

    @property
    def offered(self) -> bool:
        """Return whether another companion waits for its turn."""
        return self._next is not None

    def offer(self, companion: Companion, release: Release) -> None:
        """Have `companion` play from the next turn on; one that was offered before never comes on."""
        if self._next is not None:
            self._next[1]()
        self._next = (companion, release)

    def change(self, tasks: Iterable[asyncio.Task[None]]) -> Companion:
        """Let the one that was offered play; the one before is kept until `tasks`, which may use it, are over."""
        assert self._next is not None, "somebody was offered"
        left = _Leaving(self.companion, self._release, set(tasks))
        (self.companion, self._release), self._next = self._next, None
        self._leaving.append(left)
        self._let_go()
        return self.companion

    def done(self, task: asyncio.Task[None]) -> None:
        """Note that a task of the session is over."""
        for left in self._leaving:
            left.tasks.discard(task)
        self._let_go()

    def close(self) -> None:
        """Let go of all: the session and its tasks are over."""
        if self._next is not None:
            self._next[1]()
            self._next = None
        for left in self._leaving:
            left.tasks.clear()
        self._leaving.append(_Leaving(self.companion, self._release, set()))
        self._let_go()

    def _let_go(self) -> None:
        for left in [left for left in self._leaving if not left.tasks]:
            self._leaving.remove(left)
            engines = left.companion.engines
            for dialogue in filter(None, (engines.dialogue, engines.understudy)):
                with contextlib.suppress(EngineError), guarded("dialogue"):
                    dialogue.forget(self._session)
            left.release()
