"""What one session is given of the memory of a server."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.memory.keeper import Memory
from bridge.memory.store import Owner


@dataclass(frozen=True, slots=True)
class Remembered:
    """Whose memory it is, and whether they have agreed to be remembered."""

    memory: Memory
    owner: Owner
    agreed: bool
