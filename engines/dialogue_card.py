"""Dialogue from a character card alone: rules, retrieval and a lesson book instead of a language model.

It answers from what the card holds and says so when that is not enough. `python -m engines.dialogue_card PATH` talks
with an identity in the terminal.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

from engines.api import EngineError, Request, Stream, ToolResult
from engines.card.book import Book, read_book
from engines.card.mind import think
from engines.card.speech import Reply
from engines.card.state import Draft, Sessions
from engines.card.tools import Use
from engines.card.words import harmless
from engines.identity import Identity, IdentityError

SESSIONS: Final = 1024  # conversations that are remembered
RESULT: Final = 400  # characters of a tool's answer that are said

_PIECE: Final = re.compile(r"\s*\S+|\s+$")


class CardDialogue:
    """Converses as `identity`; the same seed, session name and conversation give the same words.

    `sessions` bounds how many conversations are remembered; the one that was silent longest is forgotten first.
    `start` raises EngineError `dialogue_failed` when the card's own phrases, answers or course cannot be used.
    """

    name = "scripted"
    model = ""

    def __init__(self, identity: Identity, *, seed: int = 0, sessions: int = SESSIONS) -> None:
        self._identity = identity
        self._book: Book | None = None
        self._seed = seed
        self._sessions = Sessions(sessions)

    async def start(self) -> None:
        """Reads the card; about 0.1 s for a large one."""
        self._read()

    async def close(self) -> None:
        """Nothing to release."""

    @property
    def remembered(self) -> int:
        """How many conversations are remembered now."""
        return len(self._sessions)

    def forget(self, session: str) -> None:
        """The session is over: drop what was kept for it."""
        self._sessions.forget(session)

    async def reply(self, request: Request) -> Stream[str]:
        """The reply in words, each with the white space before it."""
        session = self._sessions[request.session]
        reply = Reply(self._read(), request, session.settle(request.history), self._seed)
        use = think(reply)
        if use:
            reply.say("tool_start")
        reply.finish()
        draft = session.plan(reply.state, request.history)
        for piece in pieces(reply.text):
            yield piece
        if use:
            said = reply.text
            _report(reply, use, await request.call(use.tool.name, use.arguments))
            _keep(draft, reply)
            for piece in pieces(reply.text[len(said) :]):
                yield piece

    def _read(self) -> Book:
        if self._book is None:
            try:
                self._book = read_book(self._identity)
            except IdentityError as error:
                raise EngineError("dialogue_failed", error.message) from error
        return self._book


def pieces(text: str) -> list[str]:
    """A text cut as language models cut: words with the white space before them."""
    return _PIECE.findall(text)


def _keep(draft: Draft, reply: Reply) -> None:
    reply.finish()
    draft.state = reply.state


def _report(reply: Reply, use: Use, result: ToolResult) -> None:
    """Speaks of what came of a tool."""
    value = harmless(result.value)[:RESULT].strip()
    words = value if any(c.isalpha() for c in value) and not value.startswith(("{", "(")) else ""
    match result.status:
        case "ok" if words and words.lower() not in ("ok", "done", "true", "success"):
            reply.say("tool_said", value=words[:1].upper() + words[1:] + ("" if words[-1] in ".!?" else "."))
        case "ok":
            reply.say("tool_done")
        case "failed" if words:
            reply.say("tool_failed_said", value=words.rstrip(".!?"))
        case "failed":
            reply.say("tool_failed")
        case "timeout":
            reply.say("tool_timeout")
        case "cancelled":
            reply.say("tool_cancelled")


if __name__ == "__main__":
    from engines.card.terminal import main

    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
