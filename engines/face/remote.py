"""A face at an address; see engines/remote. Speech goes there and frames come back, the sound itself stays here."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from typing import Final

from engines.api import EngineError, FaceBlock, FaceStyle, Failure, Rig, Speech, Stream
from engines.face import idling, rigs
from engines.remote import parcels as p
from engines.remote.client import Line

AHEAD_S: Final = 3.0  # of speech that may be there without its frames: more than any face looks ahead
CODE: Final = "face_failed"


class RemoteFace:
    """Whatever face runs at the address; what it does while nobody speaks is drawn here, where it costs less."""

    def __init__(self, *, address: str, api_key: str = "", patience_s: float = 5.0) -> None:
        self.name = "remote"
        self._line = Line(address, "face", api_key=api_key, code=CODE, setting="remote.address")
        self._patience = patience_s

    async def start(self) -> None:
        """Ask what it is; it must draw the channels that are known here."""
        about = await self._line.about()
        if about.channels != rigs.widths():
            sentence = "the face at the address draws other channels: run the same version at both ends"
            raise EngineError(CODE, sentence, kind=Failure.FOREIGN, setting="remote.address")
        self.name = f"remote {about.name}"

    async def close(self) -> None:
        """Close what is open."""
        await self._line.close()

    @property
    def retries(self) -> int:
        """Return how many requests were asked again because an engine was lost."""
        return self._line.retries

    def rig(self, profile: str, fps: int) -> Rig:
        """Name the channels of `profile`; raises EngineError for one, or a frame rate, that it cannot draw."""
        return rigs.rig(profile, fps)

    def idle(self, style: FaceStyle, first: int, count: int) -> FaceBlock:
        """Draw frames first..first+count of the life clock."""
        return idling.idle(style, first, count)

    async def animate(self, speech: Stream[Speech], style: FaceStyle) -> Stream[Speech | FaceBlock]:
        """Yield every piece, preceded by the frames that were drawn there."""
        width = len(self.rig(style.profile, style.fps).names)
        given = _Given()
        async with aclosing(speech) as pieces:
            if not width:
                async for piece in pieces:
                    yield piece
                return
            ask = p.Ask("face", style=style, patience=self._patience)
            async with aclosing(self._line.ask(ask, given.parcels(pieces))) as parcels:
                async for parcel in parcels:
                    match parcel:
                        case p.Drawn(block):
                            if len(block.weights) % width:
                                raise EngineError(CODE, "the face there draws other channels", kind=Failure.BROKEN)
                            yield block
                        case p.Passed():
                            yield given.passed()
                        case _:
                            pass
        if given.waiting:
            raise EngineError(CODE, "the face there left speech without its frames", kind=Failure.BROKEN)


class _Given:
    """The speech that has gone there; no more of it than AHEAD_S waits for its frames."""

    def __init__(self) -> None:
        self.waiting: deque[Speech] = deque()
        self._room = asyncio.Event()
        self._room.set()
        self._seconds = 0.0

    async def parcels(self, speech: Stream[Speech]) -> Stream[p.Parcel]:
        """Yield the speech as it travels."""
        async for piece in speech:
            self.waiting.append(piece)
            self._count(piece.samples / piece.rate)
            yield p.Spoken(piece)
            await self._room.wait()

    def passed(self) -> Speech:
        """Return the next piece, whose frames have come."""
        if not self.waiting:
            raise EngineError(CODE, "the face there passed on what nobody gave it", kind=Failure.BROKEN)
        piece = self.waiting.popleft()
        self._count(-piece.samples / piece.rate)
        return piece

    def _count(self, seconds: float) -> None:
        self._seconds += seconds
        if self._seconds < AHEAD_S:
            self._room.set()
        else:
            self._room.clear()
