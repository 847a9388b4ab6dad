"""The articulation face: every piece of speech with the frames that begin in it. Nothing to download."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing

from engines.api import EngineError, FaceBlock, FaceStyle, Rig, Speech, Stream
from engines.face import rigs
from engines.face.idling import idle
from engines.face.performance import Performance


class ArticulationFace:
    """Implement `engines.jobs.Face`; `lead_ms` (0..100) is how far the mouth moves ahead of its sound."""

    def __init__(self, *, lead_ms: float = 25.0) -> None:
        if not 0.0 <= lead_ms <= 100.0:
            raise EngineError("face_failed", f"A face can lead its voice by 0 to 100 ms, not by {lead_ms:g} ms.")
        self._lead = lead_ms / 1000.0

    @property
    def name(self) -> str:
        """Always "articulation"."""
        return "articulation"

    async def start(self) -> None:
        """Load nothing."""

    async def close(self) -> None:
        """Release nothing."""

    def rig(self, profile: str, fps: int) -> Rig:
        """Name the channels of `profile`; raises EngineError for one, or a frame rate, that it cannot draw."""
        return rigs.rig(profile, fps)

    async def animate(self, speech: Stream[Speech], style: FaceStyle) -> Stream[Speech | FaceBlock]:
        """Yield every piece, preceded by the frames that begin in it, in blocks of up to FRAMES frames.

        Raises EngineError for a style it cannot draw and for pieces of different rates. Profile "none" has no frames.
        """
        drawn = self.rig(style.profile, style.fps)
        performance: Performance | None = None
        waiting: deque[Speech] = deque()
        async with aclosing(speech) as pieces:
            async for piece in pieces:
                if not drawn.names:
                    yield piece
                    continue
                if performance is None:
                    performance = Performance(style, self._lead, piece.rate)
                waiting.append(piece)
                for ready in performance.ready(waiting):
                    for block in performance.frames(ready):
                        yield block
                        await asyncio.sleep(0)
                    yield ready
        while performance is not None and waiting:
            for block in performance.frames(waiting[0]):
                yield block
            yield waiting.popleft()

    def idle(self, style: FaceStyle, first: int, count: int) -> FaceBlock:
        """Draw frames first..first+count of the life clock."""
        return idle(style, first, count)
