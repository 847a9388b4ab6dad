"""One streamed answer of an endpoint, put together from its chunks. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from engines.api import Cut
from engines.dialogue.calls import Call, distinct
from engines.dialogue.openai.assembly import Assembly
from engines.dialogue.openai.wire import CallPiece, Choice, Chunk, Delta, Part
from engines.dialogue.reading import Item, Reading

LONGEST: Final = 65_536  # characters of one answer, thoughts that stand in it included
THOUGHT: Final = 262_144  # characters of thoughts that come beside it


class Answer:
    """Collect one answer. `finish` is why the endpoint ended it, "" until it has."""

    def __init__(self, reading: Reading, tools: Assembly) -> None:
        self._reading = reading
        self._assembly = tools
        self._written: list[Call] = []  # calls that stood in the text
        self._said: list[str] = []
        self._size = 0
        self._beside = 0  # characters of thoughts that came beside the text
        self._streamed = False
        self._overlong = False
        self.finish = ""
        self.whole = False  # the endpoint has said that this is all
        self.signs = 0  # chunks that held something

    @property
    def text(self) -> str:
        """Return what was said."""
        return "".join(self._said)

    @property
    def silent(self) -> bool:
        """Say whether nothing was said."""
        return not self.text.strip()

    @property
    def thought(self) -> bool:
        """Say whether it has thought."""
        return self._reading.thought or self._beside > 0

    @property
    def unopened(self) -> bool:
        """Say whether a thought was closed that had not been opened."""
        return self._reading.unopened

    @property
    def over(self) -> bool:
        """Say whether nothing more of it is read."""
        return self._reading.stopped or self._overlong

    @property
    def calls(self) -> list[Call]:
        """List the tools that it wants, without those that broke off with it."""
        calls = distinct(self._assembly.calls() + self._written)
        return [call for call in calls if not call.fault] if self._limited else calls

    @property
    def cut(self) -> Cut | None:
        """Say why there is no more of it; None when it is whole."""
        if self._reading.ended == "loop":
            return Cut("loop")
        if self._reading.stopped:
            return None
        if self._limited:
            return Cut("length", "openai.max_tokens")
        return Cut("withheld") if self.finish == "content_filter" else None

    @property
    def _limited(self) -> bool:
        return self._overlong or self.finish in ("length", "max_tokens", "MAX_TOKENS")

    def push(self, chunk: Chunk) -> str:
        """Read one chunk; return what of it is to be said."""
        choice = next((one for one in chunk.choices or () if not one.index), None)
        if choice is None or self.over:
            return ""
        said = "".join(self._content(choice))
        if choice.finish_reason and choice.finish_reason != "null":
            self.finish = choice.finish_reason
        return said

    def close(self) -> str:
        """End the answer; return the rest of what is to be said."""
        return "" if self.over else self._heard(self._reading.finish(whole=not self._limited))

    def _content(self, choice: Choice) -> list[str]:
        delta = choice.delta or choice.message or Delta()
        if choice.delta is None and choice.message is not None and self._streamed:
            return []  # the whole answer once more, after its pieces
        self._streamed = self._streamed or choice.delta is not None
        parts = [choice.text or "", delta.refusal or "", *_parts(delta.content)]
        texts = [part if isinstance(part, str) else part.words for part in parts]
        said = [self._take(text) for text in texts if text]
        for piece in delta.tool_calls or ():
            self._assembly.add(piece)
            self.signs += 1
        if delta.function_call is not None:  # as it was before there were several
            self._assembly.add(CallPiece(index=0, function=delta.function_call))
            self.signs += 1
        if delta.thought or any(isinstance(part, Part) and part.thought for part in parts):
            self.signs += 1
            self._beside += max(_length(delta.reasoning_content), _length(delta.reasoning), 1)
            self._overlong = self._overlong or self._beside > THOUGHT
        return said

    def _take(self, text: str) -> str:
        self.signs += 1
        self._size += len(text)
        if self._size <= LONGEST:
            return self._heard(self._reading.push(text))
        said = self._heard(self._reading.push(text[: LONGEST - self._size]))
        self._overlong = True
        return said

    def _heard(self, items: list[Item]) -> str:
        said = ""
        for item in items:
            if isinstance(item, Call):
                self._written.append(item)
            else:
                said += item
        if said:
            self._said.append(said)
        return said


def _parts(content: str | Sequence[Part | str] | Part | None) -> list[Part | str]:
    """List the parts of a content."""
    if content is None:
        return []
    return [content] if isinstance(content, str | Part) else list(content)


def _length(thought: Any) -> int:
    return len(thought) if isinstance(thought, str) else 0
