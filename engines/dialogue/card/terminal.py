"""A conversation with an identity in the terminal, to try a card by hand. It plays the bridge's part: the history."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from datetime import datetime
from pathlib import Path
from typing import Literal

from engines.api import Message, Request, ToolResult
from engines.dialogue.card.engine import CardDialogue
from engines.identity import IdentityError, load_identity, shipped
from engines.jobs import Dialogue
from engines.words.text import plain


def main(paths: Sequence[Path]) -> int:
    """Talk with the identity at the first path, the teacher when there is none, until the input ends."""
    try:
        identity = load_identity(paths[0] if paths else shipped()["teacher"])
    except IdentityError as error:
        print(error.message, file=sys.stderr)
        return 1
    asyncio.run(_converse(CardDialogue(identity), identity.name))
    return 0


async def _converse(dialogue: Dialogue, name: str) -> None:
    history: list[Message] = []
    await _turn(dialogue, name, history, "greeting")
    while line := await asyncio.to_thread(sys.stdin.readline):
        if not sys.stdin.isatty():
            print(f"> {line.strip()}")
        history.append(Message("user", line.strip()))
        await _turn(dialogue, name, history, "user")


async def _turn(dialogue: Dialogue, name: str, history: list[Message], occasion: Literal["user", "greeting"]) -> None:
    request = Request(
        session="terminal",
        occasion=occasion,
        history=tuple(history),
        user="",
        language="",
        now=datetime.now().astimezone(),
        scene={},
        tools=(),
        call=_no_tool,
    )
    said = ""
    print(f"{name}: ", end="")
    async with aclosing(dialogue.reply(request)) as reply:
        async for piece in reply:
            if isinstance(piece, str):
                print(piece, end="", flush=True)
                said += piece
    print()
    history.append(Message("companion", plain(said)))


async def _no_tool(name: str, arguments: Mapping[str, object]) -> ToolResult:
    return ToolResult("failed", "")


if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
