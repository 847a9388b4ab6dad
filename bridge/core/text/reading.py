"""Where the reading of a marked-up text stands: what all kinds of marks share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from bridge.core.text.blocks import Lines
from bridge.core.text.code import Code
from bridge.core.text.flow import Flow

# Where to read on; None: more text must decide what stands here.
Next: TypeAlias = int | None


@dataclass(slots=True)
class Reading:
    """One text being read; `final` when no more of it comes.

    `emotions` are the bare tags that mean a mood, `code` says what becomes of blocks of code, `inner` reads what stands
    within a link. `before` is the character that was read last, `open` are the marks of stress that wait for their
    partners, and `dropping` is what ends a part that has no words. `pairs` are the brackets of the text that was
    searched last, by their kind: to search it for each of them would take the square of its length.
    """

    emotions: frozenset[str]
    code: Code
    inner: Callable[[str], None]
    flow: Flow = field(default_factory=Flow)
    lines: Lines = field(default_factory=Lines)
    final: bool = False
    before: str = "\n"
    open: list[tuple[str, int]] = field(default_factory=list)
    dropping: str = ""
    pairs: dict[str, tuple[str, dict[int, int]]] = field(default_factory=dict)

    def announce(self) -> None:
        """Say that there is code, where that is wanted."""
        if self.code.words:
            if not self.flow.breaks:
                self.flow.end_line()
            self.flow.say(self.code.words)
            self.flow.end_line()
