"""One answer being written: asked for on the event loop, written in the device's thread, read as a stream."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from engines.api import EngineError, Stream

INCOMPLETE: Final = 8  # tokens of which a character may consist


class Decoder(Protocol):
    """Turn tokens into text as they come, whole characters only."""

    def push(self, token: int) -> str:
        """Return the text that is certain by now, "" while a character is incomplete."""
        ...


@dataclass(eq=False, slots=True)
class Generation:
    """Holds a prompt and what comes after it.

    `seed` fixes what is drawn; at most `most` tokens are written. `adapter` is the name of a loaded one, "" for none.
    """

    session: str
    adapter: str
    prompt: Sequence[int]
    most: int
    seed: str
    decoder: Decoder
    home: asyncio.AbstractEventLoop
    since: float
    cancelled: bool = False
    limited: bool = False  # it ended because there was no room for more
    token: int = 0  # the last one written, not yet in the cache
    written: int = 0
    random: random.Random = field(init=False)
    _pieces: deque[str] = field(default_factory=deque)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _over: bool = False
    _error: EngineError | None = None

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 - a choice of words

    # ------------------------------------------------------------------------ called on the event loop `home`

    def give(self, piece: str) -> None:
        """Add more text."""
        self._pieces.append(piece)
        self._news.set()

    def end(self, error: EngineError | None = None) -> None:
        """End the text."""
        if not self._over:
            self._over, self._error = True, error
            self._news.set()

    async def pieces(self, withdraw: Callable[[Generation], None]) -> Stream[str]:
        """Yield the text; closing it early withdraws the generation before its next step."""
        try:
            while True:
                while self._pieces:
                    yield self._pieces.popleft()
                if self._over:
                    break
                self._news.clear()
                await self._news.wait()
        finally:
            self.cancelled = True
            if not self._over:
                withdraw(self)
        if self._error is not None:
            raise self._error.again()


class WindowDecoder:
    """Decode incrementally; tokens in `hidden` are left out.

    What a token adds is the difference of two decodings of a short window that begins at a whole character, since many
    tokenizers decode a token by its neighbours. Text that ends in U+FFFD is an incomplete character and waits.
    """

    def __init__(self, decode: Callable[[list[int]], str], hidden: frozenset[int]) -> None:
        self._decode = decode
        self._hidden = hidden
        self._tokens: list[int] = []  # the window: what was told already, then what was not
        self._told = 0

    def push(self, token: int) -> str:
        """Do as `Decoder.push`."""
        if token in self._hidden:
            return ""
        self._tokens.append(token)
        before, now = self._decode(self._tokens[: self._told]), self._decode(self._tokens)
        if len(now) <= len(before) or (now.endswith("\ufffd") and len(self._tokens) - self._told < INCOMPLETE):
            return ""
        self._tokens = self._tokens[self._told :]
        self._told = len(self._tokens)
        return now[len(before) :]
