"""The sound of a microphone in steps of one length, however its frames come."""

from __future__ import annotations

from typing import Final

from engines.api import MIC_RATE, Stream

BLOCK: Final = 2 * MIC_RATE // 10  # bytes; a tenth of a second


async def in_blocks(audio: Stream[bytes]) -> Stream[bytes]:
    """Yield the same samples in pieces of BLOCK; the last is shorter, half a sample at the end is left out."""
    held = bytearray()
    async for data in audio:
        held += data
        while len(held) >= BLOCK:
            block = bytes(held[:BLOCK])
            del held[:BLOCK]
            yield block
    if whole := len(held) // 2 * 2:
        yield bytes(held[:whole])
