"""Finds the mark in any recording: where it begins, whose it is, and how surely.

Blind: it needs the key, not the original. The sound is brought to 24 kHz, each short spectrum is made flat (what is
left of the voice is noise then), its peaks are cut, and whole periods are added up. What 48 correlations say at each of
the 15360 places where a period may begin is compared with all 65536 payloads.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from engines.provenance.audio.code import nearest, word
from engines.provenance.audio.spectrum import EDGES, GROUPS, PUBLIC, SYNC, Floats, keyed, samples

RATE: Final = 24_000
WINDOW: Final = 256  # samples of a short spectrum
PEAK: Final = 1.5  # standard deviations at which peaks are cut
WHOLE: Final = 30.0  # s: up to here a recording is also looked at as one
PIECE: Final = 8.0  # s of one look at a longer one
STEP: Final = 4.0  # s between two looks
LONGEST: Final = 3600.0  # s that are looked at
SHORTEST: Final = 0.64  # s; less tells nothing
LOOKS: Final = 2000  # spectra that tell of the noise
PLACES: Final = 32  # places that are decoded
# The greatest score of a recording without a mark has this distribution (Gumbel), by bench/marks.py; a recording is
# said to be marked where chance would do that once in a million times.
MODE: Final = 5.99
SCALE: Final = 0.19
CHANCE: Final = 1e-6
# Playing at a wrong rate, as a wrong header makes it, shifts everything by one of these.
SPEEDS: Final = (1.0, 48_000 / 44_100, 44_100 / 48_000, 24_000 / 22_050, 22_050 / 24_000, 1.5, 2.0, 0.5, 2 / 3)


@dataclass(frozen=True, slots=True)
class Found:
    """What a recording tells: whether there is a mark, whose, and how likely chance would say so.

    `score` is in standard deviations; `start` is where in the recording (s) the look began that found it, `speed` how
    much too fast it plays. Without a mark `payload` is -1.
    """

    marked: bool
    payload: int
    score: float
    chance: float
    start: float = 0.0
    speed: float = 1.0


NOTHING: Final = Found(False, -1, 0.0, 1.0)


def detect(sound: Floats, rate: int, *, key: bytes = PUBLIC, speeds: tuple[float, ...] = (1.0,)) -> Found:
    """Look for the mark of `key` in mono samples of any scale; silence and less than 0.64 s tell nothing."""
    best, looks = NOTHING, 0
    sound = sound[: round(LONGEST * rate)]
    for speed in speeds:
        flat = _flat(_at_rate(sound, rate, speed))
        for start, piece in _pieces(flat):
            looks += 1
            payload, score = _decode(piece, key)
            if score > best.score:
                best = Found(False, payload, score, 1.0, start * speed, speed)
    if not looks:
        return NOTHING
    chance = min(1.0, looks * -math.expm1(-math.exp(-(best.score - MODE) / SCALE)))
    if chance > CHANCE:
        return Found(False, -1, best.score, chance)
    return Found(True, best.payload, best.score, chance, best.start, best.speed)


def agreement(sound: Floats, rate: int, payload: int, *, key: bytes = PUBLIC) -> float:
    """Return the best score of one known payload: above 6 it is there, though it may be too weak to be read."""
    signs = np.concatenate([np.ones(SYNC), word(payload)])
    scores = [np.max(np.abs(signs @ _correlated(piece, key))) for _, piece in _pieces(_flat(_at_rate(sound, rate, 1)))]
    return float(max(scores, default=0.0)) / math.sqrt(GROUPS)


# ------------------------------------------------------------------------------------------------ parts


def _at_rate(sound: Floats, rate: int, speed: float) -> Floats:
    """Resample to RATE, slower by `speed`."""
    if rate == RATE and speed == 1.0:
        return sound.astype(np.float64)
    import soxr

    resampled: Floats = soxr.resample(sound.astype(np.float32), rate / speed, RATE).astype(np.float64)
    return resampled


def _pieces(flat: Floats) -> Iterator[tuple[float, Floats]]:
    """Yield (start in seconds, samples) of every look."""
    seconds = len(flat) / RATE
    if seconds < SHORTEST or not flat.any():
        return
    if seconds <= WHOLE:
        yield 0.0, flat
    if seconds > PIECE * 1.25:
        for start in np.arange(0.0, seconds - PIECE / 2, STEP):
            piece = flat[round(start * RATE) : round((start + PIECE) * RATE)]
            if piece.any():
                yield float(start), piece


def _flat(sound: Floats) -> Floats:
    """Return the sound with all its short spectra made flat, limited to the mark's bands, its peaks cut."""
    if not sound.any():
        return np.zeros_like(sound)
    hop, window = WINDOW // 2, np.sqrt(np.hanning(WINDOW + 1)[:WINDOW])
    padded = np.concatenate([np.zeros(WINDOW), sound, np.zeros(2 * WINDOW)])
    count = (len(padded) - WINDOW) // hop + 1
    out = np.zeros(len(padded))
    frequencies = np.fft.rfftfreq(WINDOW, 1 / RATE)
    inside = (frequencies > EDGES[0] - RATE / WINDOW) & (frequencies < EDGES[-1] + RATE / WINDOW)
    quiet = 1e-6 * float(np.mean(sound**2)) * WINDOW + 1e-12
    floor = _floor(padded, count, window)
    for first in range(0, count, 4096):
        last = min(count, first + 4096)
        rows = np.arange(first, last)[:, None] * hop + np.arange(WINDOW)[None, :]
        spectra = np.fft.rfft(padded[rows] * window, axis=1)
        power = np.pad(np.abs(spectra) ** 2, ((0, 0), (1, 1)), mode="edge")
        around = (power[:, :-2] + power[:, 1:-1] + power[:, 2:]) / 3
        # Where hardly more is heard than the noise of the recording, hardly anything can be of the mark.
        voice = np.clip(1 - floor / (around + quiet), 0, 1)
        even = np.where(inside, spectra * np.sqrt(voice / (around + quiet)), 0)
        pieces = np.fft.irfft(even, WINDOW, axis=1) * window
        for each, row in zip(range(first, last), pieces, strict=True):
            out[each * hop : each * hop + WINDOW] += row
    flat = out[WINDOW : WINDOW + len(sound)]
    spread = 1.4826 * float(np.median(np.abs(flat[np.abs(flat) > 0]))) if flat.any() else 0.0
    return np.clip(flat, -PEAK * spread, PEAK * spread)


def _floor(padded: Floats, count: int, window: Floats) -> Floats:
    """Return the power of the noise in each bin: what the quietest spectra have, brought to a mean."""
    some = np.arange(0, count, max(1, count // LOOKS))[:, None] * (WINDOW // 2) + np.arange(WINDOW)[None, :]
    power = np.abs(np.fft.rfft(padded[some] * window, axis=1)) ** 2
    # Of noise a share of 15 % lies below 0.1625 of its mean (an exponential distribution).
    floor: Floats = np.percentile(power, 15, axis=0) / 0.1625
    return floor


def _correlated(piece: Floats, key: bytes) -> Floats:
    """Return what each group says at each place of a period, in standard deviations; (48, 15360)."""
    size = samples(RATE)
    folded = np.pad(piece, (0, -len(piece) % size)).reshape(-1, size).sum(axis=0)
    shape = keyed(key)
    turned = np.fft.rfft(folded)[shape.numbers] * np.exp(-1j * shape.phases)
    says = np.empty((GROUPS, size))
    for group in range(GROUPS):
        tones = np.zeros(size // 2 + 1, complex)
        own = shape.groups == group
        tones[shape.numbers[own]] = turned[own]
        wave = np.fft.irfft(tones, size)
        says[group] = wave / (wave.std() or 1.0)
    return says


def _decode(piece: Floats, key: bytes) -> tuple[int, float]:
    """Return the likeliest payload and its score."""
    says = _correlated(piece, key)
    sync = says[:SYNC].sum(axis=0)
    coded = (says[SYNC:] ** 2).sum(axis=0)
    likely = np.abs(sync) / math.sqrt(SYNC) + (coded - (GROUPS - SYNC)) / math.sqrt(2 * (GROUPS - SYNC))
    best, most = -1, 0.0
    for place in np.argsort(-likely)[:PLACES]:
        # A sound that was turned upside down says the opposite of everything.
        side = 1.0 if sync[place] >= 0 else -1.0
        payload, agrees = nearest(side * says[SYNC:, place])
        score = (agrees + abs(float(sync[place]))) / math.sqrt(GROUPS)
        if score > most:
            best, most = payload, score
    return best, most
