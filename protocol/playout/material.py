"""The sound and the faces of the traces: formulas, so that every sample and every byte tells where it belongs."""

from __future__ import annotations

from array import array
from typing import Final

TICKS: Final = 48_000  # per second of the media clock
CHANNELS: Final = 3
RANGES: Final = ((0.0, 1.0), (0.0, 1.0), (-0.5, 127 / 256))


def sample(turn: int, number: int) -> int:
    """Give sample `number` of a turn, -32768..32767: far from its neighbours, and from the same one of other turns."""
    return (number * 7919 + turn * 10_007) % 65_536 - 32_768


def pcm(turn: int, first: int, count: int) -> bytes:
    """Give s16le samples `first` to `first + count` of a turn."""
    samples = array("h", (sample(turn, number) for number in range(first, first + count)))
    if array("H", [1]).tobytes() != b"\x01\x00":
        samples.byteswap()
    return samples.tobytes()


def row(turn: int, frame: int) -> tuple[int, ...]:
    """Give the bytes of a frame of a turn; idle life (turn 0) counts its frames, modulo 256."""
    if turn == 0:
        return (frame % 256,) * CHANNELS
    return tuple((frame * frame + 50 * channel + turn) % 256 for channel in range(CHANNELS))


def face(turn: int, first: int, count: int) -> bytes:
    """Give `count` frames of a turn, as `media.face` carries them."""
    return bytes(byte for frame in range(first, first + count) for byte in row(turn, frame))


def weights(octets: tuple[float, ...]) -> tuple[float, ...]:
    """Turn bytes of a frame, or a blend of them, into weights (SPEC section 6.4)."""
    return tuple(low + (high - low) * octet / 255 for (low, high), octet in zip(RANGES, octets, strict=True))
