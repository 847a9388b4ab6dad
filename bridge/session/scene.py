"""Keeps the states of the scene around the avatar."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

MAX_STATES: Final = 128


class Scene:
    """The states of one session's scene, bounded to MAX_STATES."""

    def __init__(self) -> None:
        self.states: dict[str, str] = {}

    def update(self, states: Mapping[str, str]) -> None:
        """Replace states by key; "" removes one. Beyond MAX_STATES the oldest go."""
        for key, value in states.items():
            self.states.pop(key, None)
            if value:
                self.states[key] = value
        while len(self.states) > MAX_STATES:
            del self.states[next(iter(self.states))]
