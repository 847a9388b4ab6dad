"""Draws a face while nobody speaks: life alone, purely from the session's life clock, and kept in blocks."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from engines.api import FaceBlock, FaceStyle
from engines.face import life, rigs
from engines.face.emotion import Mood, canonical
from engines.face.profiles import Look, draw
from engines.face.rigs import HEAD, quantise


def idle(style: FaceStyle, first: int, count: int) -> FaceBlock:
    """Draw frames first..first+count of the life clock, from blocks that are kept: small calls are cheap.

    Somebody who begins to listen, or has done, goes evenly from the first of `style.listening` to the last.
    """
    width = len(rigs.rig(style.profile, style.fps).names)
    if any(style.listening):
        return FaceBlock(first, _listening(style, first, count) if width else b"", "exact")
    key = (style.profile, style.fps, style.seed, canonical(style.emotion), style.intensity)
    numbers = range(first // life.BLOCK, -(-(first + count) // life.BLOCK))
    low = (first - numbers.start * life.BLOCK) * width
    weights = b"".join([_idle(*key, number) for number in numbers])[low : low + count * width]
    return FaceBlock(first, weights, "exact")


def _listening(style: FaceStyle, first: int, count: int) -> bytes:
    if not count:
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
