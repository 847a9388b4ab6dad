"""What a model writes, read as it comes: words to say, calls of tools, and thoughts, which are never said.

Push text in pieces of any size; where it was cut never changes what comes out. Marks are taken out first
(`engines.dialogue.markup`), then the lines of other speakers (`lines`), then what is said over and over (`loops`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final, Literal, TypeAlias

from engines.dialogue.calls import Call
from engines.dialogue.lines import Lines
from engines.dialogue.loops import Loops
from engines.dialogue.markup import Markup

Item: TypeAlias = str | Call

_SURROGATE: Final = re.compile("[\ud800-\udfff]")


class Reading:
    """Read one message. `stops` are texts that end it; `own` and `others` are names of those who speak.

    `tools` are the names of the tools that are offered: a message that is bare JSON, or a fenced one, is a call only if
    it names one of them. `thinking` says that a thought is open already; a message that never closes it has none.
    """

    def __init__(
        self,
        stops: Sequence[str] = (),
        *,
        tools: Collection[str] = (),
        thinking: bool = False,
        own: Iterable[str] = (),
        others: Iterable[str] = (),
    ) -> None:
        self._markup = Markup(stops, tools=tools, thinking=thinking)
        self._lines = Lines(own, others)
        self._loops = Loops()
        self._half = ""  # of a character that some servers cut in two
        self.ended: Literal["", "stop", "loop"] = ""

    @property
    def stopped(self) -> bool:
        """Say whether nothing more of the message is read."""
        return bool(self.ended)

    @property
    def thought(self) -> bool:
        """Say whether the model has thought."""
        return self._markup.thought

    @property
    def unopened(self) -> bool:
        """Say whether a thought was closed that had not been opened."""
        return self._markup.unopened

    def push(self, text: str) -> list[Item]:
        """Read more of the message; return what is certain by now."""
        text, self._half = self._half + text, ""
        if _SURROGATE.search(text):
            if "\ud800" <= text[-1] <= "\udbff":
                text, self._half = text[:-1], text[-1]
            text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return self._pass_on([] if self.ended else self._markup.push(text))

    def finish(self, *, whole: bool = True) -> list[Item]:
        """Read the rest, once the model has ended; `whole` says that it had no more to write."""
        if self.ended:
            return []
        items = self._pass_on(self._markup.push("\ufffd") if self._half else [])
        items += self._pass_on(self._markup.finish(whole=whole))
        if not self.ended and (rest := self._said(self._lines.push("", final=True))):
            items.append(rest)
        return items

    def _pass_on(self, items: Sequence[Item]) -> list[Item]:
        """Pass on the companion's own words and calls, until it is over or stuck."""
        passed: list[Item] = []
        for item in items:
            if self.ended:
                break
            if isinstance(item, Call):
                passed.append(item)
            elif said := self._said(self._lines.push(item)):
                passed.append(said)
        if self._markup.ended:
            self.ended = self.ended or "stop"
        return passed

    def _said(self, words: str) -> str:
        said = self._loops.push(words)
        if self._loops.found:
            self.ended = "loop"
        elif self._lines.over:
            self.ended = "stop"
        return said
