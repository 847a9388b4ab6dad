"""Dialogue from a character card alone: rules, retrieval and a lesson book instead of a language model.

It answers from what the card holds and says so when that is not enough. `python -m engines.dialogue.card.terminal PATH`
talks with an identity in the terminal.
"""

from __future__ import annotations

import re
from typing import Final

from engines.api import EngineError, Request, Stream, ToolResult
from engines.dialogue.card.book import Book, read_book
from engines.dialogue.card.mind import refuse, think
from engines.dialogue.card.speech import Reply
from engines.dialogue.card.state import Draft, Sessions, State
from engines.dialogue.card.tongues import chosen, refusal, switched
from engines.dialogue.card.tools import Use
from engines.identity import Identity, IdentityError
from engines.words.text import harmless

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
        self._books: dict[str, Book] = {}
        self._seed = seed
        self._sessions = Sessions(sessions)

    def prepare(self) -> None:
        """Read the card; about 0.1 s for a large one."""
        self._read()

    async def start(self) -> None:
        """Read the card, unless that was done."""
        self.prepare()

    async def close(self) -> None:
        """Release nothing."""

    @property
    def remembered(self) -> int:
        """Count the conversations that are remembered now."""
        return len(self._sessions)

    def forget(self, session: str) -> None:
        """Drop what was kept for a session that is over."""
        self._sessions.forget(session)

    async def reply(self, request: Request) -> Stream[str]:
        """Return the reply in words, each with the white space before it."""
        session = self._sessions[request.session]
        reply, lacking = self._begin(request, session.settle(request.history))
        use = None
        if lacking:
            refuse(reply, lacking)
        else:
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

    def _begin(self, request: Request, state: State) -> tuple[Reply, str]:
        """Begin a reply in the language of the user's words, and say which language is lacking for it, "" if none."""
        spoken = self._identity.languages
        last = request.history[-1] if request.history else None
        heard = last.text if last and last.role == "user" and request.occasion == "user" else ""
        code, lacking = chosen(heard, state, spoken)
        book = self._read(code)
        if code != (state.tongue or spoken[0]):
            state = switched(state, book, code)
        return Reply(book, request, state, self._seed), lacking if refusal(lacking, spoken) else ""

    def _read(self, code: str = "") -> Book:
        """Read the card in one of its languages, its own by default; once."""
        code = code or self._identity.languages[0]
        if code not in self._books:
            try:
                self._books[code] = read_book(self._identity.speaking(code))
            except IdentityError as error:
                raise EngineError("dialogue_failed", error.message) from error
        return self._books[code]


def pieces(text: str) -> list[str]:
    """Return a text cut as language models cut: words with the white space before them."""
    return _PIECE.findall(text)


def _keep(draft: Draft, reply: Reply) -> None:
    reply.finish()
    draft.state = reply.state


def _report(reply: Reply, use: Use, result: ToolResult) -> None:
    """Speak of what came of a tool."""
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
