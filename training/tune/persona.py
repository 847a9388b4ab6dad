"""What an adapter is trained behind: the persona that the live server sends, a short one, or none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal, TypeAlias

from engines.api import Request, ToolResult
from engines.dialogue.prompting import prompt
from engines.identity import Identity

Persona: TypeAlias = Literal["served", "short", "none"]
BUDGET: Final = 2000  # tokens, as a usual server has them


def system_of(identity: Identity, kind: Persona) -> str:
    """Return the system message: "served" is the server's own, to the letter, but for who the visitor is."""
    match kind:
        case "none":
            return ""
        case "short":
            return identity.description or f"You are {identity.name}."
        case "served":
            return str(prompt(_nothing(), identity, budget=BUDGET).messages[0]["content"])


def _nothing() -> Request:
    """Make a request in which nothing was said."""

    async def call(name: str, arguments: Mapping[str, object]) -> ToolResult:
        return ToolResult("failed", "there are no tools")

    return Request("", "user", (), "", "", datetime(2000, 1, 1, tzinfo=UTC), {}, (), call)
