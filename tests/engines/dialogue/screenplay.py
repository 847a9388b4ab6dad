"""Plays both sides of a conversation with a card: what the user says goes in, what is heard comes back into history."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Literal, cast

from engines.api import Message, Request, Tool, ToolResult
from engines.dialogue.card.book import Book, read_book
from engines.dialogue.card.engine import CardDialogue
from engines.identity import Identity, load_identity, shipped
from engines.jobs import Dialogue
from engines.words.text import plain

NOON = datetime(2025, 3, 4, 15, 12, tzinfo=UTC)


@cache
def identity(name: str) -> Identity:
    """A shipped identity, read once."""
    return load_identity(shipped()[name])


def run(reply: Coroutine[None, None, list[str]]) -> list[str]:
    """Runs a reply to its end without a loop: it must never wait."""
    try:
        reply.send(None)
    except StopIteration as end:
        return cast("list[str]", end.value)
    raise AssertionError("the reply waits for something")


@cache
def book(name: str) -> Book:
    """All that a shipped identity knows."""
    return read_book(identity(name))


async def pieces_of(dialogue: Dialogue, request: Request) -> list[str]:
    """The reply in its pieces."""
    async with aclosing(dialogue.reply(request)) as reply:
        return [piece async for piece in reply if isinstance(piece, str)]


@dataclass
class Scene:
    """One session with a companion; `heard` bounds how many words of the next reply reach the user."""

    dialogue: CardDialogue
    session: str = "s"
    user: str = ""
    states: Mapping[str, str] = field(default_factory=dict)
    tools: Sequence[Tool] = ()
    results: Mapping[str, ToolResult] = field(default_factory=dict)
    history: list[Message] = field(default_factory=list)
    calls: list[tuple[str, Mapping[str, object]]] = field(default_factory=list)

    def request(self, occasion: Literal["user", "greeting", "scene"] = "user") -> Request:
        """What the bridge would ask now."""
        return Request(
            session=self.session,
            occasion=occasion,
            history=tuple(self.history),
            user=self.user,
            language="en",
            now=NOON,
            scene=self.states,
            tools=tuple(self.tools),
            call=self._call,
        )

    async def _call(self, name: str, arguments: Mapping[str, object]) -> ToolResult:
        self.calls.append((name, arguments))
        return self.results.get(name, ToolResult("ok", ""))

    def greet(self) -> str:
        """The companion opens the conversation."""
        return self._reply("greeting", None)

    def say(self, text: str, *, heard: int | None = None) -> str:
        """The user says something; the reply, of which only `heard` words (all when None) are heard."""
        self.history.append(Message("user", text))
        return self._reply("user", heard)

    def event(self, text: str) -> str:
        """Something happens in the scene."""
        self.history.append(Message("scene", text))
        return self._reply("scene", None)

    def guess(self, partial: str) -> str:
        """A speculative reply to words that may not be the last ones; nobody hears it."""
        self.history.append(Message("user", partial))
        reply = "".join(run(pieces_of(self.dialogue, self.request())))
        self.history.pop()
        return reply

    def _reply(self, occasion: Literal["user", "greeting", "scene"], heard: int | None) -> str:
        reply = "".join(run(pieces_of(self.dialogue, self.request(occasion))))
        words = plain(reply).split()[:heard]
        if words:
            self.history.append(Message("companion", " ".join(words)))
        return reply


@cache
def _dialogue(name: str, seed: int) -> CardDialogue:
    return CardDialogue(identity(name), seed=seed)


def scene(name: str, *, seed: int = 0, session: str = "s", **options: object) -> Scene:
    """A new session with a shipped identity; one of the same name and seed before it is forgotten."""
    dialogue = _dialogue(name, seed)
    dialogue.forget(session)
    return Scene(dialogue, session, **options)  # type: ignore[arg-type]  # fields by name
