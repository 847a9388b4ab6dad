"""What training reads: a dialogue, whose it is and what it is about. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Role: TypeAlias = Literal["system", "user", "assistant"]
ROLES: Final = ("system", "user", "assistant")


@dataclass(frozen=True, slots=True)
class Line:
    """What one party says."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Dialogue:
    """Lines of people and of the one whose manner is learned, the assistant.

    `person` is who talked with the assistant, "" if nobody knows: the unit of held-out parts and of privacy. `topic` is
    what it is about. `source` says where it was read, for people.
    """

    lines: tuple[Line, ...]
    person: str = ""
    topic: str = ""
    source: str = ""

    @property
    def text(self) -> str:
        """Return all that is said, a line each."""
        return "\n".join(line.text for line in self.lines)


def merged(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Join neighbouring lines of the same role, and leave empty ones out; chat templates want roles to alternate."""
    joined: list[Line] = []
    for line in lines:
        text = line.text.strip()
        if not text:
            continue
        if joined and joined[-1].role == line.role:
            joined[-1] = Line(line.role, f"{joined[-1].text}\n{text}")
        else:
            joined.append(Line(line.role, text))
    return tuple(joined)


def trainable(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Return the lines from a user's first to the assistant's last, system lines first; () if none is left."""
    every = merged(lines)
    system = [line for line in every if line.role == "system"]
    talk = list(merged(line for line in every if line.role != "system"))
    while talk and talk[0].role == "assistant":
        talk.pop(0)
    while talk and talk[-1].role == "user":
        talk.pop()
    return (*system, *talk) if talk else ()


def digest(dialogues: Iterable[Dialogue]) -> str:
    """Return the SHA-256 of dialogues in their order: who, about what, what is said."""
    made = hashlib.sha256()
    for each in dialogues:
        row = [each.person, each.topic, [[line.role, line.text] for line in each.lines]]
        made.update(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))
        made.update(b"\n")
    return made.hexdigest()
