"""Remembers what was said, and of the companion's words only those that were heard."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from bridge.core.timeline import SpokenWord, Ticks
from engines.api import Message

LONGEST: Final = 200  # messages kept


@dataclass(slots=True)
class _Reply:
    turn: int
    words: list[SpokenWord] = field(default_factory=list)
    heard: Ticks | None = None  # where it was cut
    _message: Message | None = None  # as it is told, until it changes

    def add(self, word: SpokenWord) -> None:
        self.words.append(word)
        self._message = None

    def cut(self, heard: Ticks) -> None:
        self.heard = heard
        self._message = None

    @property
    def message(self) -> Message:
        # Every turn is told all that went before; joining it afresh each time would grow with the square of a talk.
        if self._message is None:
            spoken = join(word for word in self.words if self.heard is None or word.pts < self.heard)
            self._message = Message("companion", spoken)
        return self._message


class History:
    """The conversation of one session, oldest first, bounded to LONGEST messages."""

    def __init__(self) -> None:
        self._said: list[Message | _Reply] = []

    def user(self, text: str, *, again: bool = False) -> None:
        """Note what the user said; `again` when it takes up the words before it, the answer to which was not heard."""
        if again:
            self._reopen(text)
        self._add(Message("user", text))

    def answered(self, turn: int, text: str) -> None:
        """Note what the user said that turn `turn` answers, if it has become known after that began."""
        for at, said in enumerate(self._said):
            if isinstance(said, _Reply) and said.turn == turn:
                self._said.insert(at, Message("user", text))
                return
        self._add(Message("user", text))

    def supposing(self, text: str, *, again: bool = False) -> tuple[Message, ...]:
        """Return what `messages` would be if the user said `text` now; nothing is changed."""
        supposed = History()
        supposed._said = list(self._said)
        supposed.user(text, again=again)
        return supposed.messages()

    def event(self, text: str) -> None:
        """Note what happened in the scene."""
        self._add(Message("scene", text))

    def happened(self, text: str) -> None:
        """Put the scene last, because the companion is to speak of it; with `text` if something was said since."""
        said = self.messages()
        if not said or said[-1].role != "scene":
            self.event(text)

    def reply(self, turn: int) -> None:
        """Begin the companion's turn `turn`."""
        self._add(_Reply(turn))

    def spoken(self, turn: int, word: SpokenWord) -> None:
        """Add `word`, which counts as said when the playhead has reached it."""
        if reply := self._reply(turn):
            reply.add(word)

    def recall(self, message: Message) -> None:
        """Add what was said elsewhere."""
        self._add(message)

    def erase(self, turn: int, message: Message) -> None:
        """Forget the reply of turn `turn`, or (0) the last contribution that is `message`."""
        for at in range(len(self._said) - 1, -1, -1):
            said = self._said[at]
            if (said.turn == turn) if isinstance(said, _Reply) else (not turn and said == message):
                del self._said[at]
                return

    def cut(self, turn: int, heard: Ticks) -> None:
        """Drop the words of turn `turn` that begin after `heard`: they were never said. The last cut holds."""
        if reply := self._reply(turn):
            reply.cut(heard)

    def text(self, turn: int) -> str:
        """Return the words of turn `turn`."""
        reply = self._reply(turn)
        return reply.message.text if reply else ""

    @property
    def turn(self) -> int:
        """Return the companion's newest turn, 0 before the first."""
        return next((said.turn for said in reversed(self._said) if isinstance(said, _Reply)), 0)

    def messages(self) -> tuple[Message, ...]:
        """Return all contributions that have words, oldest first."""
        plain = [said if isinstance(said, Message) else said._message or said.message for said in self._said]
        return tuple([message for message in plain if message.text])

    def forget(self) -> None:
        """Drop all that went before the user's last words."""
        last = next((at for at in range(len(self._said) - 1, -1, -1) if _by_user(self._said[at])), len(self._said))
        del self._said[:last]

    def _reopen(self, text: str) -> None:
        """Drop the words with which `text` begins and what was answered to them; events since then stay."""
        for at in range(len(self._said) - 1, -1, -1):
            said = self._said[at]
            if isinstance(said, Message) and said.role == "user":
                if text.startswith(said.text):
                    self._said[at:] = [later for later in self._said[at + 1 :] if isinstance(later, Message)]
                return

    def _reply(self, turn: int) -> _Reply | None:
        for said in reversed(self._said):
            if isinstance(said, _Reply) and said.turn == turn:
                return said
        return None

    def _add(self, said: Message | _Reply) -> None:
        self._said.append(said)
        del self._said[:-LONGEST]


def _by_user(said: Message | _Reply) -> bool:
    return isinstance(said, Message) and said.role == "user"


def join(words: Iterable[SpokenWord]) -> str:
    """Words as they are written, with what stands between them."""
    return "".join(word.gap + word.text for word in words).strip()
