"""Lines as JSON, one each: from a file, as it grows, or from standard input; and how an object becomes a line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from show.lines import Line, Role, line
from show.sources.mending import Trouble

LONGEST: Final = 64 * 1024  # bytes of a line
LOOK_S: Final = 0.2  # seconds between two looks at a file's end
ROLES: Final = ("viewer", "member", "moderator", "owner")


def line_of(said: object, platform: str = "feed") -> Line | None:
    """Return the line of chat in an object: `text`, `name`, and perhaps `user`, `role`, `gift`; None for no line."""
    if not isinstance(said, Mapping):
        return None
    text, name = said.get("text", ""), said.get("name") or said.get("user") or ""
    gift, role = said.get("gift", 0.0), said.get("role", "viewer")
    if not isinstance(text, str) or not isinstance(name, str) or not name:
        return None
    amount = float(gift) if isinstance(gift, int | float) and not isinstance(gift, bool) else 0.0
    known = cast("Role", role) if role in ROLES else "viewer"
    return line(platform, said.get("user") or name, name, text, role=known, gift=amount, id=said.get("id", ""))


def read(raw: str | bytes) -> Line | None:
    """Return the line in one line of a file; None for what is none."""
    try:
        return line_of(json.loads(raw))
    except (ValueError, RecursionError):
        return None


async def chat(path: Path, *, follow: bool = True) -> AsyncGenerator[Line, None]:
    """Yield the lines of a file, and with `follow` those that are written into it; Trouble where there is none."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Trouble("bad_channel", f"{path}: {error.strerror}", final=True) from error
    held = b""
    with file:
        while True:
            piece: Any = file.readline(LONGEST)
            if not piece:
                if not follow:
                    return
                await asyncio.sleep(LOOK_S)
                continue
            held += piece
            if not held.endswith(b"\n") and len(held) < LONGEST and follow:
                continue  # half of a line that is being written
            if (found := read(held)) is not None:
                yield found
            held = b""
