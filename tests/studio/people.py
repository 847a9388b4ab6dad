"""People whom the offline writer makes, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Literal

from engines.api import Message, Request, ToolResult
from engines.dialogue.card.engine import CardDialogue
from engines.identity import load_identity
from engines.words.text import plain
from studio.draft.drawing import Person, drawn
from studio.draft.offline import OfflineWriter
from studio.draft.texts import Texts
from studio.draft.wanted import Wanted, wanted
from studio.tongue.reading import reader
from studio.tongue.tables import tongue


def wish(sentence: str, language: str = "en") -> Wanted:
    """Read a sentence."""
    return wanted(reader(language).read(sentence), reader(language))


def person(sentence: str = "", seed: int = 0, language: str = "en") -> Person:
    """Draw somebody."""
    return drawn(wish(sentence, language), tongue(language), f"{seed}:{sentence}")


def texts(who: Person) -> Texts:
    """Write somebody."""
    return OfflineWriter(who, tongue(who.language), "").texts()


async def _talk(folder: Path, lines: Sequence[str]) -> list[str]:
    dialogue = CardDialogue(load_identity(folder))
    await dialogue.start()
    history: list[Message] = []
    heard: list[str] = []
    for line in ("", *lines):
        occasion: Literal["user", "greeting"] = "user" if line else "greeting"
        if line:
            history.append(Message("user", line))
        request = Request(
            session="test", occasion=occasion, history=tuple(history), user="", language="",
            now=datetime(2026, 5, 1, 10, 0).astimezone(), scene={}, tools=(), call=_no_tool,
        )  # fmt: skip
        async with aclosing(dialogue.reply(request)) as reply:
            said = "".join([piece async for piece in reply if isinstance(piece, str)])
        heard.append(said)
        history.append(Message("companion", plain(said)))
    await dialogue.close()
    return heard


async def _no_tool(name: str, arguments: object) -> ToolResult:
    return ToolResult("failed", "")


def talk(folder: Path, lines: Sequence[str]) -> list[str]:
    """Talk with the person in a folder by the card engine; the greeting comes first."""
    return asyncio.run(_talk(folder, lines))
