"""One worker of `bench.rolling`: `python -m bench.seat FD`; its engines say which session asked which question."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bench.machine import runner
from bridge.command.serving import at_rest
from bridge.fleet.worker import work
from bridge.server.neighbours import Neighbours
from bridge.server.server import Server
from bridge.session.companion import Companion
from bridge.setup.config import Config
from bridge.setup.sections import LimitsSection, ServerSection
from engines.api import Request
from testkit.scripted.engines import ScriptedTts, scripted_engines

MS_PER_WORD = 120
WORDS = "and this is said at some length so that there is something to lose"


def answer(asked: str, number: int) -> str:
    """Return what is said to the `number`th question of a session: only who knows the whole conversation can tell."""
    return f"{asked} is question {number} {WORDS}."


def sound(asked: str, number: int) -> bytes:
    """Return how that sounds."""
    return ScriptedTts(ms_per_word=MS_PER_WORD).pcm(answer(asked, number))


def _said(request: Request) -> str:
    asked = [message.text for message in request.history if message.role == "user"]
    return answer(asked[-1], len(asked))


@asynccontextmanager
async def opening(neighbours: Neighbours) -> AsyncIterator[Server]:
    """Make the server of one worker."""
    engines = scripted_engines(replies=_said, first=0.1, every=0.005, ms_per_word=MS_PER_WORD)
    config = Config(server=ServerSection(port=0), limits=LimitsSection(sessions=1000, sessions_per_user=1000))
    async with Server(config, Companion(engines, "bench"), neighbours=neighbours, listens=False) as server:
        at_rest()
        yield server


def main() -> None:
    """Run the process that the front starts."""
    with runner() as loop:
        loop.run(work(int(sys.argv[1]), "", opening))


if __name__ == "__main__":
    main()
