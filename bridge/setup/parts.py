"""Holds companions as they are loaded: one version of their files each, counted by who uses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from bridge.session.companion import Companion
from bridge.setup.config import Config
from bridge.setup.people import Stamp
from engines.jobs import Engine

Release: TypeAlias = Callable[[], None]
Recast: TypeAlias = Callable[[Companion, Release], None]


@dataclass(slots=True, eq=False)
class Loaded:
    """A companion as one version of its files has it, with the engines that are its alone and how many use it."""

    companion: Companion
    own: tuple[Engine, ...] = ()
    users: int = 0
    current: bool = True


@dataclass(slots=True, eq=False)
class Part:
    """One identity in one language: the version that is loaded, and whom to tell of another."""

    config: Config
    origin: Path
    stamp: Stamp | None
    loaded: Loaded
    used_at: float = 0.0
    seen: Stamp | None = None  # another one, seen once: its files may still be written
    followers: list[tuple[str, Recast]] = field(default_factory=list)

    @property
    def idle(self) -> bool:
        """Return whether nobody talks to it."""
        return not self.loaded.users and not self.followers


class Engagement:
    """One session's hold of a companion; `companion` is what it begins with, `release` lets go of that one."""

    def __init__(self, companion: Companion, release: Release, part: Part, voice: str) -> None:
        self.companion = companion
        self.release = release
        self._part = part
        self._voice = voice
        self._following: tuple[str, Recast] | None = None

    def follow(self, recast: Recast) -> None:
        """Call `recast` with every later version, until `leave`."""
        self._following = (self._voice, recast)
        self._part.followers.append(self._following)

    def leave(self) -> None:
        """Follow no longer."""
        if self._following is not None:
            self._part.followers.remove(self._following)
            self._following = None


def voiced(companion: Companion, voice: str) -> Companion:
    """Return the companion with another voice of its synthesizer, its own where it lacks that one."""
    if voice not in companion.voices:
        return companion
    engines = replace(companion.engines, voice=replace(companion.engines.voice, name=voice))
    return replace(companion, engines=engines)
