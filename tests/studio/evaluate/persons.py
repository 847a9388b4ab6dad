"""Small people and companions for tests of the evaluation."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engines.api import EngineError, Request, Stream
from engines.guard.verdicts import ALLOWED, Line, Verdict
from engines.identity import Identity, load_identity

HEAD: dict[str, Any] = {
    "name": "Ada Quill", "description": "Ada Quill is a librarian.", "tags": [], "creator": "", "character_version": "",
    "mes_example": "", "extensions": {}, "system_prompt": "", "post_history_instructions": "", "first_mes": "Hello.",
    "alternate_greetings": [], "personality": "", "scenario": "", "creator_notes": "", "group_only_greetings": [],
}  # fmt: skip
COMETS = "A comet is a ball of ice and dust. Its tail always points away from the Sun."
TIDES = "Tides are made by the Moon, which pulls at the sea. They come about twice a day."


def entry(name: str, content: str, *keys: str) -> dict[str, Any]:
    """Write an entry of a lorebook."""
    return {
        "name": name, "keys": [name, *keys], "content": content, "extensions": {}, "enabled": True,
        "insertion_order": 0, "use_regex": False,
    }  # fmt: skip


def step(ask: str, *accept: str, answer: str = "", **more: Any) -> dict[str, Any]:
    """Write a step of a lesson."""
    return {"explain": "Listen.", "ask": ask, "accept": [*accept], "answer": answer, **more}


def card(*entries: dict[str, Any], own: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    """Write a card of V3 with a lorebook, our extension `own`, and further fields."""
    data = {**HEAD, "character_book": {"entries": [*entries]}, "extensions": {"companion_bridge": {**(own or {})}}}
    return {"spec": "chara_card_v3", "spec_version": "3.0", "data": {**data, **fields}}


def write(root: Path, document: Mapping[str, Any], facts: Mapping[str, Any] | None = None, **files: bytes) -> Path:
    """Write the folder of a person; `files` are further ones, "__" for "/" and "_dot_" for "." in their names."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "card.json").write_text(json.dumps(document), encoding="utf-8")
    (root / "identity.json").write_text(json.dumps({"schema": 1, "language": "en", **(facts or {})}), encoding="utf-8")
    for name, data in files.items():
        path = root / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def identity(root: Path, *entries: dict[str, Any], facts: Mapping[str, Any] | None = None, **fields: Any) -> Identity:
    """Write a person and load it."""
    return load_identity(write(root, card(*entries, **fields), facts))


class Says:
    """Answers by a function of the user's words."""

    def __init__(self, answer: Callable[[str], str] | str, *, model: str = "", name: str = "scripted") -> None:
        self._answer = answer
        self.model, self.name = model, name
        self.asked: list[Request] = []
        self.forgotten: list[str] = []
        self.started = self.closed = 0

    async def start(self) -> None:
        """Count."""
        self.started += 1

    async def close(self) -> None:
        """Count."""
        self.closed += 1

    def forget(self, session: str) -> None:
        """Note it."""
        self.forgotten.append(session)

    async def reply(self, request: Request) -> Stream[str]:
        """Say it in two pieces, a sign of life before them."""
        self.asked.append(request)
        said = self._answer if isinstance(self._answer, str) else self._answer(request.history[-1].text)
        yield ""
        yield said[:3]
        yield said[3:]


class Fails(Says):
    """Fails when it is asked, or when it starts."""

    def __init__(self, *, starts: bool = True, name: str = "scripted") -> None:
        super().__init__("", name=name)
        self._starts = starts

    async def start(self) -> None:
        """Start, or not."""
        if not self._starts:
            raise EngineError("dialogue_failed", "no such model")

    async def reply(self, request: Request) -> Stream[str]:
        """Fail."""
        raise EngineError("dialogue_failed", "it broke off")
        yield ""


class Forbids:
    """A gate that steps in at a word."""

    name = "forbids"

    def __init__(self, word: str, heard: Verdict = ALLOWED, said: Verdict = ALLOWED, rest: str = "") -> None:
        self._word, self._heard, self._said, self._rest = word, heard, said, rest

    async def start(self) -> None:
        """Need nothing."""

    async def close(self) -> None:
        """Release nothing."""

    async def heard(self, request: Request) -> Verdict:
        """Judge the user's words."""
        return self._heard if self._word in request.history[-1].text else ALLOWED

    async def said(self, line: Line) -> Verdict:
        """Judge the companion's."""
        return self._said if self._word in line.text else ALLOWED

    async def rest(self, request: Request, said: str) -> str:
        """Owe something, or nothing."""
        return self._rest
