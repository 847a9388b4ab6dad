"""Tool calls without a mark of their own: JSON, a Python call or fenced code where a line begins. Pure.

They count as calls only where they name a tool that is offered; anything else is what the model says.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from engines.dialogue.calls import LONGEST

SHOWN: Final = 100  # characters in which a bare call shows that it is one

_FENCED: Final = re.compile(r"```(?:json|tool_call|tool_code|python)?\s*[\[{A-Za-z]", re.IGNORECASE)
_FENCE_BEGUN: Final = re.compile(r"`{1,3}|```[a-z_]{0,9}\s{0,4}", re.IGNORECASE)
_OBJECT: Final = re.compile(r"(?:\[\s*)?\{\s*[\"'}]")
_OBJECT_BEGUN: Final = re.compile(r"(?:\[\s{0,8})?(?:\{\s{0,8})?")


class Beginnings:
    """Tell where a bare call begins; `tools` are the names that are offered."""

    def __init__(self, tools: Collection[str]) -> None:
        self._tools = frozenset(tools)
        names = "|".join(map(re.escape, self._tools))
        self._python = re.compile(rf"(?:\[\s*)?(?:{names})\(" if names else r"(?!)")

    def begins(self, line: str) -> bool | None:
        """Say whether a line begins with a bare call, None while it cannot be known."""
        if _OBJECT.match(line) or self._python.match(line):
            return True
        name = line.removeprefix("[").lstrip()
        open_ = _OBJECT_BEGUN.fullmatch(line) or any(tool.startswith(name) for tool in self._tools)
        return None if open_ and len(line) < SHOWN else False


def fence(text: str) -> int | None:
    """Find where fenced code at the beginning of `text` ends, 3 if it can hold no call; None while it is open."""
    if not _FENCED.match(text):
        return None if _FENCE_BEGUN.fullmatch(text) else 3
    end = text.find("```", 3)
    if end >= 0:
        return end + 3
    return None if len(text) < LONGEST else len(text)


class Braces:
    """Find where a value ends that begins with a bracket, or with a name before one."""

    def __init__(self) -> None:
        self.text = ""
        self._depth = 0
        self._quote = ""
        self._skip = False

    def push(self, text: str) -> int:
        """Return where in `text` the value ends, -1 if it goes on."""
        for at, character in enumerate(text):
            if self._skip:
                self._skip = False
            elif self._quote:
                self._quote = "" if character == self._quote else self._quote
                self._skip = character == "\\"
            elif character in "\"'":
                self._quote = character
            elif character in "{[(":
                self._depth += 1
            elif character in "}])":
                self._depth -= 1
                if self._depth <= 0:
                    self.text += text[: at + 1]
                    return at + 1
        self.text += text
        return -1
