"""The articulation face: every piece of speech with the frames that begin in it. Nothing to download."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import aclosing
from functools import lru_cache

import numpy as np

from engines.api import EngineError, FaceBlock, FaceStyle, Rig, Speech, Stream
from engines.face import life, rigs
from engines.face.emotion import Mood, canonical
from engines.face.performance import Performance
from engines.face.profiles import Look, draw
from engines.face.rigs import HEAD, quantise


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
        """Draw frames first..first+count of the life clock, from blocks that are kept: small calls are cheap.

        Somebody who begins to listen, or has done, goes evenly from the first of `style.listening` to the last.
        """
        if any(style.listening):
            return FaceBlock(first, self._listening(style, first, count), "exact")
        width = len(self.rig(style.profile, style.fps).names)
        key = (style.profile, style.fps, style.seed, canonical(style.emotion), style.intensity)
        numbers = range(first // life.BLOCK, -(-(first + count) // life.BLOCK))
        low = (first - numbers.start * life.BLOCK) * width
        weights = b"".join([_idle(*key, number) for number in numbers])[low : low + count * width]
        return FaceBlock(first, weights, "exact")

    def _listening(self, style: FaceStyle, first: int, count: int) -> bytes:
        if not self.rig(style.profile, style.fps).names or not count:
            return b""
        start, end = style.listening
        how = (start + (end - start) * (np.arange(count) + 1) / count).astype(np.float32)
        rows = life.listening(life.life(style.seed, style.fps, first, count), how)
        moods = Mood(style.emotion, style.intensity).weights(np.zeros(count))
        return quantise(draw(style.profile, Look(rows, moods)), signed=len(HEAD))


@lru_cache(maxsize=256)
def _idle(profile: str, fps: int, seed: int, emotion: str, intensity: float, number: int) -> bytes:
    rows = life.block(seed, fps, number)
    moods = Mood(emotion, intensity).weights(np.zeros(rows.shape[1]))
    return quantise(draw(profile, Look(rows, moods)), signed=len(HEAD)) if profile != "none" else b""
