"""One streamed answer of an OpenAI-compatible endpoint, put together from its deltas. Pure.

What is a thought (`<think>...</think>`, or whatever an endpoint sends beside `content`) is not spoken. Tool calls come
in pieces by `index`; servers that give every call the same index tell them apart by `id` or by sending each one whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

OPEN: Final = ("<think>", "<thinking>", "<thought>")
CLOSE: Final = ("</think>", "</thinking>", "</thought>")
ARGUMENTS: Final = 16_384  # characters of one call's arguments
CALLS: Final = 8  # tool calls of one answer


class Thoughts:
    """Takes thoughts out of a stream of text; where it was cut changes nothing."""

    def __init__(self) -> None:
        self._held = ""
        self._inside = False

    def push(self, text: str) -> str:
        """What of the text so far is to be spoken and was not given out yet."""
        self._held += text
        spoken = ""
        while True:
            marks = CLOSE if self._inside else OPEN
            found = min(((at, mark) for mark in marks if (at := self._held.find(mark)) >= 0), default=None)
            keep = _begun(self._held, marks) if found is None else 0
            if found is None:
                spoken += "" if self._inside else self._held[: len(self._held) - keep]
                self._held = self._held[len(self._held) - keep :]
                return spoken
            at, mark = found
            spoken += "" if self._inside else self._held[:at]
            self._held = self._held[at + len(mark) :]
            self._inside = not self._inside

    def flush(self) -> str:
        """What was held back because it could have been a mark."""
        rest, self._held = "" if self._inside else self._held, ""
        return rest


def _begun(text: str, marks: tuple[str, ...]) -> int:
    """How many characters at the end may be the beginning of a mark."""
    longest = max(map(len, marks)) - 1
    for size in range(min(longest, len(text)), 0, -1):
        if any(mark.startswith(text[-size:]) for mark in marks):
            return size
    return 0


@dataclass(slots=True)
class Call:
    """A tool that the model wants to be run; `arguments` is JSON, whole when the answer is."""

    id: str
    name: str
    arguments: str = ""

    def parsed(self) -> Mapping[str, object] | None:
        """The arguments as an object, None when they are none."""
        try:
            value = json.loads(self.arguments or "{}")
        except ValueError:
            return None
        return value if isinstance(value, dict) else None


@dataclass(slots=True)
class Answer:
    """What has come of one answer; `finish` says why it ended, "" until it has."""

    text: str = ""
    finish: str = ""
    calls: list[Call] = field(default_factory=list)
    _thoughts: Thoughts = field(default_factory=Thoughts)
    _by_index: dict[int, Call] = field(default_factory=dict)

    def reset(self) -> None:
        """Begin anew: what came is forgotten."""
        self.text, self.finish, self.calls = "", "", []
        self._thoughts, self._by_index = Thoughts(), {}

    def push(self, chunk: Any) -> str:
        """One chunk of the stream (as the client decodes it); what of it is to be spoken."""
        choices = getattr(chunk, "choices", None) or []
        if not choices:
            return ""
        choice = choices[0]
        delta = getattr(choice, "delta", None)
        content = getattr(delta, "content", None)
        spoken = self._thoughts.push(content) if isinstance(content, str) else ""
        for piece in getattr(delta, "tool_calls", None) or []:
            self._collect(piece)
        if finish := getattr(choice, "finish_reason", None):
            self.finish = str(finish)
            spoken += self._thoughts.flush()
        self.text += spoken
        return spoken

    def _collect(self, piece: Any) -> None:
        function = getattr(piece, "function", None)
        name = getattr(function, "name", None) or ""
        index, known = getattr(piece, "index", None) or 0, getattr(piece, "id", None) or ""
        call = self._by_index.get(index)
        if (
            call is None
            or (known and call.id and known != call.id)
            or (name and call.arguments and call.parsed() is not None)
        ):
            if len(self.calls) >= CALLS or not (name or known):
                return
            call = Call(known or f"call_{len(self.calls)}", name)
            self.calls.append(call)
            self._by_index[index] = call
        elif name and not call.name:
            call.name = name
        arguments = getattr(function, "arguments", None) or ""
        if isinstance(arguments, dict):  # some servers do not encode them
            arguments = json.dumps(arguments)
        call.arguments = (call.arguments + str(arguments))[:ARGUMENTS]
