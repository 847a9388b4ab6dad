"""Every outlet that was asked for, as one: faces, words and cues go to all of them, and each takes what it can."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from outlets.address import Address
from outlets.datagrams import Datagrams
from outlets.frame import REST, Frame, reader
from outlets.sockets import ObsTalk, Socket, VtsTalk
from outlets.standing import Standing

EASE_S: Final = 0.1  # in which a face comes to rest when nothing more is to be shown


class Outlet(Protocol):
    """One tool; nothing here waits."""

    address: Address
    sent: int
    lost: int

    @property
    def standing(self) -> Standing:
        """Return how it stands now."""
        ...

    async def run(self) -> None:
        """Keep it, until it is cancelled or there is no use in it."""
        ...

    def face(self, frame: Frame, now: float) -> None:
        """Show a frame at `now`, seconds of the loop's clock."""
        ...

    def words(self, text: str, now: float) -> None:
        """Show what was said so far."""
        ...

    def cue(self, name: str, now: float) -> None:
        """Show an emotion or a gesture."""
        ...

    def close(self, now: float) -> None:
        """Leave the face at rest."""
        ...


@dataclass(frozen=True, slots=True)
class Tokens:
    """VTube Studio's token: what is kept, and what keeps a new one."""

    kept: str
    keep: Callable[[str], None]


class Cast:
    """The outlets of one companion, fed with the values of a session's face channels."""

    def __init__(self, outlets: Sequence[Outlet]) -> None:
        self.outlets = tuple(outlets)
        self._names: tuple[str, ...] = ()
        self._read: Callable[[Sequence[float]], Frame] | None = None
        self._line = ""

    def standings(self) -> tuple[Standing, ...]:
        """Return how each outlet stands now."""
        return tuple(outlet.standing for outlet in self.outlets)

    def wears(self, names: Sequence[str]) -> None:
        """Take the channels of the session that is shown now; ValueError when they are not ARKit's."""
        if tuple(names) != self._names:
            self._names, self._read = tuple(names), reader(names)

    def face(self, values: Sequence[float], now: float) -> None:
        """Show the values of the channels, in their own units."""
        if self._read is not None:
            self.show(self._read(values), now)

    def show(self, frame: Frame, now: float) -> None:
        """Show a frame."""
        for outlet in self.outlets:
            outlet.face(frame, now)

    def begin(self) -> None:
        """Begin a reply: nothing of it was said."""
        self._line = ""

    def word(self, text: str, gap: str, now: float) -> None:
        """Add words to what was said."""
        self._line = f"{self._line}{gap if self._line else ''}{text}"[-2000:]
        for outlet in self.outlets:
            outlet.words(self._line, now)

    def silence(self, now: float) -> None:
        """Take the subtitle away."""
        self._line = ""
        for outlet in self.outlets:
            outlet.words("", now)

    def cue(self, name: str, now: float) -> None:
        """Show an emotion or a gesture."""
        for outlet in self.outlets:
            outlet.cue(name, now)

    def rest(self, now: float) -> None:
        """Show a face at rest."""
        self.show(REST, now)


@asynccontextmanager
async def opened(
    addresses: Sequence[Address], name: str, tokens: Mapping[str, Tokens], *, midnight: float = 0.0
) -> AsyncIterator[Cast]:
    """Open the outlets of the companion called `name`; `tokens` are VTube Studio's by address.

    `midnight` is how many seconds of the day had passed at time 0 of the loop's clock. A tool that is not there yet, or
    whose host is not known, is waited for.
    """
    loop = asyncio.get_running_loop()
    outlets = [_outlet(address, name, tokens, midnight) for address in addresses]
    running = [loop.create_task(outlet.run()) for outlet in outlets]
    try:
        yield Cast(outlets)
    finally:
        for outlet in outlets:
            outlet.close(loop.time())
        if any(isinstance(outlet, Socket) for outlet in outlets):
            await asyncio.wait(running, timeout=EASE_S)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _outlet(address: Address, name: str, tokens: Mapping[str, Tokens], midnight: float) -> Datagrams | Socket:
    match address.tool:
        case "vts":
            return _live2d(address, tokens.get(str(address), Tokens("", lambda _: None)))
        case "obs":
            return Socket(address, lambda: ObsTalk(address))
        case _:
            return Datagrams(address, name, midnight=midnight)


def _live2d(address: Address, tokens: Tokens) -> Socket:
    newest = tokens.kept

    def keep(token: str) -> None:
        nonlocal newest
        newest = token
        tokens.keep(token)

    return Socket(address, lambda: VtsTalk(address, newest, keep))
