"""How an outlet stands, as whoever runs a stream is told it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

# It is sent to; it waits for somebody's consent; it is tried again; it said no.
State: TypeAlias = Literal["works", "waits", "away", "refused"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one tool stands, and `why` in a sentence where it does not work."""

    tool: str
    state: State
    why: str = ""


REASON: Final = 200  # characters of a `why`
