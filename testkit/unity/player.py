"""The C# client without a game, as a process that is told what to do line by line."""

from __future__ import annotations

from contextlib import AbstractContextManager

from testkit.player import Player, running
from testkit.unity.toolchain import OUT


def playing(url: str, *options: str) -> AbstractContextManager[Player]:
    """Yield a client that talks to `url`."""
    return running(["mono", "--debug", str(OUT / "Player.exe"), url, *options])
