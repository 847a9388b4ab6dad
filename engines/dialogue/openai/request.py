"""What an endpoint is asked, in the ways that it likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from engines.api import Request, Tool
from engines.dialogue.marks import CONTROL
from engines.dialogue.openai.rounds import fitting, size
from engines.dialogue.openai.ways import LEAST, Ways
from engines.dialogue.prompting import functions, prompt
from engines.identity import Identity

NAME: Final = 40  # characters of a user's name that may begin a line


def body(
    request: Request,
    identity: Identity,
    *,
    model: str,
    rounds: Sequence[list[dict[str, Any]]],
    tools: Sequence[Tool],
    ways: Ways,
) -> dict[str, Any]:
    """Write the request; what tools said takes its room from the conversation, and goes in whole rounds."""
    kept = fitting(rounds, ways.budget // 2)
    budget = max(LEAST, ways.budget - sum(map(size, kept)))
    told = prompt(request, identity, budget=budget, control=CONTROL)
    written: dict[str, Any] = {
        "model": model,
        "messages": [*told.messages, *(message for one in kept for message in one)],
        "stream": True,
        **ways.limits,
    }
    if ways.stops:
        written["stop"] = _stops(request)
    if tools and ways.tools:
        # Endpoints allow no dots in the names of functions.
        written["tools"] = functions([replace(tool, name=tool.name.replace(".", "_")) for tool in tools])
    return written


def _stops(request: Request) -> list[str]:
    """List the texts with which the user's line would begin; most endpoints take four at most."""
    user = " ".join(request.user.split())
    return [f"\n{name}:" for name in dict.fromkeys(["User", user]) if name and len(name) <= NAME]
