"""What passes between the parts of the pipeline: plain words, and cues that stood between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Tag:
    """A cue that stood between the words."""

    kind: Literal["emotion", "gesture"]
    name: str
    intensity: float


Piece: TypeAlias = str | Tag
