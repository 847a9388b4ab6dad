"""Judges what a fake avatar experienced: one list of sentences, empty when all was well."""

from __future__ import annotations

from array import array
from itertools import pairwise

from testkit.avatar import Avatar
from testkit.scripted.media import BLOCK_HZ, TONES


def troubles(avatar: Avatar, *, late_s: float = 1 / 60, missing: int = 0) -> list[str]:
    """Return broken promises, gaps in the sound, and faces that came later than `late_s` or not at all."""
    found = list(avatar.faults)
    found += [f"turn {gap.turn}: {gap.seconds:.3f} s of silence at {gap.pts}" for gap in avatar.gaps]
    for turn in avatar.turns.values():
        late = max(turn.offsets, default=0.0)
        if late > late_s:
            found.append(f"turn {turn.id}: a face came {late:.3f} s after its sound")
        if turn.missing > missing:
            found.append(f"turn {turn.id}: {turn.missing} frames were never there")
        if turn.end is not None and turn.over_at is None:
            found.append(f"turn {turn.id} was never heard to its end")
    return found


def frame_numbers(avatar: Avatar, turn: int) -> list[int]:
    """Return what the scripted face wrote into each frame that came, in order (modulo 65536)."""
    assert avatar.welcome
    names = avatar.welcome.face.names
    low, high = names.index("jawOpen"), names.index("mouthClose")
    return [row[low] + 256 * row[high] for _, (_, row) in sorted(avatar.turns[turn].faces.items())]


def tones(pcm: bytes, rate: int) -> list[int]:
    """Return which of the scripted voice's tones sounds in each 20 ms of `pcm`.

    Word number modulo 16, or -1 for none.
    """
    samples, block = array("h", pcm), rate // BLOCK_HZ
    found = []
    for start in range(0, len(samples) - block + 1, block):
        part = samples[start : start + block]
        rising = sum(a < 0 <= b for a, b in pairwise(part)) + 1
        hz = rising * BLOCK_HZ
        found.append(TONES.index(hz) if hz in TONES and max(part) > 1000 else -1)
    return found
