"""What was said, and of the companion's words only those that were heard."""

from __future__ import annotations

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

    @property
    def text(self) -> str:
        return join([word.text for word in self.words if self.heard is None or word.pts < self.heard])


class History:
    """The conversation of one session, oldest first, bounded to LONGEST messages."""

    def __init__(self) -> None:
        self._said: list[Message | _Reply] = []

    def user(self, text: str, *, again: bool = False) -> None:
        """The user said `text`; `again` when it takes up the words before it, which nobody answered."""
        if again:
            while self._said and not self._heard(self._said[-1]):
                self._said.pop()
            if self._said and isinstance(last := self._said[-1], Message) and last.role == "user":
                self._said.pop()
        self._add(Message("user", text))

    def supposing(self, text: str, *, again: bool = False) -> tuple[Message, ...]:
        """All contributions that would have words if the user said `text` now; nothing is changed."""
        supposed = History()
        supposed._said = list(self._said)
        supposed.user(text, again=again)
        return supposed.messages()

    def scene(self, text: str) -> None:
        """Something happened in the scene."""
        self._add(Message("scene", text))

    def happened(self, text: str) -> None:
        """The companion is to speak of what happened: the scene comes last, with `text` if something was said since."""
        said = self.messages()
        if not said or said[-1].role != "scene":
            self.scene(text)

    def reply(self, turn: int) -> None:
        """The companion begins turn `turn`."""
        self._add(_Reply(turn))

    def spoken(self, turn: int, word: SpokenWord) -> None:
        """The companion will have said `word` when the playhead gets there."""
        if reply := self._reply(turn):
            reply.words.append(word)

    def cut(self, turn: int, heard: Ticks) -> None:
        """Turn `turn` was heard up to `heard`: words that begin later were never said. The last cut holds."""
        if reply := self._reply(turn):
            reply.heard = heard

    def text(self, turn: int) -> str:
        """The words of turn `turn`."""
        reply = self._reply(turn)
        return reply.text if reply else ""

    def messages(self) -> tuple[Message, ...]:
        """All contributions that have words."""
        plain = [said if isinstance(said, Message) else Message("companion", said.text) for said in self._said]
        return tuple(message for message in plain if message.text)

    def _reply(self, turn: int) -> _Reply | None:
        for said in reversed(self._said):
            if isinstance(said, _Reply) and said.turn == turn:
                return said
        return None

    def _add(self, said: Message | _Reply) -> None:
        self._said.append(said)
        del self._said[:-LONGEST]

    @staticmethod
    def _heard(said: Message | _Reply) -> bool:
        return bool(said.text)


def join(words: list[str]) -> str:
    """Words as a line of text; scripts without spaces get none."""
    line = ""
    for word in words:
        wide = line[-1:] >= "\u2e80" or word[:1] >= "\u2e80"
        line += word if not line or wide else " " + word
    return line
