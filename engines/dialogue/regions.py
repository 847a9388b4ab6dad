"""What may stand between two marks of a model's message, and which marks end it. Pure tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

THOUGHT: Final = 65_536  # characters of a thought that are kept in case they are the answer

HEADER: Final = 200  # characters of a channel's name and all that stands with it

ENDS: Final = frozenset({"|end|", "|call|", "start", "|channel|", "role"})
OTHERS: Final = frozenset(
    {"user", "human", "system", "developer", "tool", "ipython", "observation", "function", "environment"}
)
OURS: Final = frozenset({"assistant", "model", "bot", "gpt"})


@dataclass(slots=True)
class Region:
    """Holds what stands between two marks: its kind, the marks that end it, the name and value of what opened it."""

    kind: Literal["thought", "call", "header", "other"]
    closers: frozenset[str]
    opening: str = ""
    value: str = ""
    depth: int = 1


THINKING: Final = frozenset({"/think"})
CALLING: Final = {
    "tool_call": frozenset({"/tool_call", "tool_call", "|end|"}),
    "function": frozenset({"/function", "/tool_call", "|end|"}),
    "invoke": frozenset({"/invoke", "|end|"}),
    "python": ENDS,
    "mistral": ENDS,
    "list": ENDS | {"/tool_call"},
    "begin": frozenset({"|tool_call_end|", "|end|"}),
    "action": frozenset({"|end_action|", "|end|"}),
}
