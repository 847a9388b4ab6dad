"""Phone and word times for a voice that gives none: espeak-ng's rendering of the same text, stretched onto its sound.

`align(reference, pcm, rate)` takes a piece of speech with exact phones and words and the sound of another voice that
says the same words, a clause or a sentence at a time, and returns the phones and words in samples of that sound, to be
labelled "aligned". With `tempo` the sound may be a beginning only: how much of the reference it says is found with it
(a path with an open end, Tormene et al. 2009). `joined` makes the several pieces of a reference one. Both are pure: no
state, no I/O, numpy alone.

Method: dynamic time warping (Sakoe and Chiba 1978, every frame of the sound gets one frame of the reference) over
mel-cepstra with their slopes. Vocal tract length is matched by warping the reference's frequencies (Lee and Rose 1996);
then a regression from the reference's features to the sound's, fitted along the first path, replaces its voice before
the second. Both sounds are first cut to where they are loud: silence has no place to align.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from engines.api import Phone, Speech, Word
from engines.sound.arrays import Doubles, Floats

HOP_S: Final = 0.005
MOST_FRAMES: Final = 3000  # longer sounds are compared in longer steps, so that work and memory stay bounded
WINDOW_S: Final = 0.025
FFT: Final = 1024
BANDS: Final = 40
CEPSTRA: Final = 12
LOW_HZ, HIGH_HZ = 60.0, 6500.0
FLOOR_DB: Final = 50.0  # below the loud frames; what is quieter than that is all the same
SPAN_DB: Final = 45.0  # a sound begins and ends where it is this much below its loudest frame

WARPS: Final = (0.85, 0.92, 1.0, 1.08, 1.16)
COARSE: Final = 3  # warps are tried on every third frame
LOUDNESS: Final = 2.0  # weight of the first cepstrum, and of the slopes
SLOPES: Final = 2.0
RIDGE: Final = 100.0
STEPS: Final = (0.10, 0.0, 0.10, 0.25)  # cost of advancing 0, 1, 2 or 3 frames of the reference per frame of sound
TEMPO: Final = 0.5  # cost per second of straying further than STRAY_S from an even tempo
STRAY_S: Final = 0.15
EDGE: Final = 0.3  # cost of each frame of the reference left out at either end, at most EDGES of them
EDGES: Final = 12
OPEN: Final = 1.5  # of the sound's length at an even tempo, which a beginning may have said at most
OPEN_FRAMES: Final = 20
EARLY_S: Final = 0.005  # paths change sounds when the new one prevails, half a window after it begins
ONSET_S: Final = 0.020  # and a sound after a pause is heard by then only where it has grown loud

SHORTEST_S: Final = 0.010
PAUSE_S: Final = 0.050  # a pause of the reference with less silence than this in the sound was not made
PAUSE_DB: Final = 30.0
BREATH_S: Final = 0.140  # silence longer than any closure, inside a sound of the reference, is a pause
QUIET_DB: Final = 45.0


def joined(pieces: Sequence[Speech]) -> Speech:
    """Join pieces of one rate; raises ValueError for none or for different rates."""
    if not pieces or any(piece.rate != pieces[0].rate for piece in pieces):
        raise ValueError("pieces of one rate are needed")
    phones: list[Phone] = []
    words: list[Word] = []
    at = 0
    for piece in pieces:
        phones += [replace(phone, start=phone.start + at, end=phone.end + at) for phone in piece.phones]
        words += [replace(word, start=word.start + at, end=word.end + at) for word in piece.words]
        at += piece.samples
    pcm = b"".join(piece.pcm for piece in pieces)
    return replace(pieces[0], pcm=pcm, phones=tuple(phones), words=tuple(words))


def align(
    reference: Speech, pcm: bytes, rate: int, tempo: float | None = None
) -> tuple[tuple[Phone, ...], tuple[Word, ...]]:
    """Find the phones and words of `reference` in `pcm` (s16le mono at `rate`), in its samples.

    With a `tempo` (about how many seconds of the sound a second of the reference takes) the sound need not be all of
    it: phones and words that begin after its end are left out.

    The phones follow one another without gaps from 0 to the end of the sound. Silence is one pause, and so is sound for
    which the reference has no phones; its words then share the sound as they share the reference.
    """
    length = len(pcm) // 2
    if not length:
        return (), tuple(replace(word, start=0, end=0) for word in reference.words)
    hop = max(HOP_S, length / rate / MOST_FRAMES, reference.samples / reference.rate / MOST_FRAMES)
    sound = _power(pcm, rate, hop)
    model = _power(reference.pcm, reference.rate, hop)
    spoken = [phone for phone in reference.phones if phone.ipa]
    if not spoken or len(sound) < 4 or len(model) < 4 or not sound.any() or not model.any():
        scale = length / max(1, reference.samples)
        words = [replace(w, start=round(w.start * scale), end=round(w.end * scale)) for w in reference.words]
        return (Phone("", 0, length),), tuple(words)
    here, there = _path(model, reference.rate, sound, rate, hop, tempo)
    if tempo is not None:
        reference = _begun(reference, here[-2] * reference.rate)

    def moved(sample: int) -> int:
        seconds = np.interp(sample / reference.rate, here, there) - EARLY_S
        return min(length, max(0, round(float(seconds) * rate)))

    levels = _levels(sound)
    placed = [moved(phone.start) for phone in reference.phones]
    for number, phone in enumerate(reference.phones):
        if phone.ipa and (number == 0 or not reference.phones[number - 1].ipa):
            placed[number] = max(placed[number] - round(ONSET_S * rate), placed[number - 1] if number else 0)
    begins = {phone.start: start for phone, start in zip(reference.phones, placed, strict=True)}
    kept = [
        (phone, start)
        for phone, start, end in zip(reference.phones, placed, [*placed[1:], length], strict=True)
        if phone.ipa or start == 0 or end == length or _silent(levels, start / rate / hop, end / rate / hop, hop)
    ]
    phones = _phones([phone for phone, _ in kept], [start for _, start in kept], length, rate)
    phones = _breathe(phones, levels, hop, rate)
    words = []
    for word in reference.words:
        start = begins.get(word.start, moved(word.start))
        words.append(replace(word, start=start, end=max(start, moved(word.end))))
    return tuple(phones), tuple(words)


def _begun(reference: Speech, end: float) -> Speech:
    """Return what of a reference begins before sample `end`; of its sounds the first in any case."""
    words = tuple(word for word in reference.words if word.start < end)
    phones = tuple(phone for phone in reference.phones if phone.start < end)
    return replace(reference, phones=phones or reference.phones[:1], words=words)


# ------------------------------------------------------------------------------------------------- what is compared


def _power(pcm: bytes, rate: int, hop: float) -> Floats:
    """Compute the power spectrum of pre-emphasised frames, centred on multiples of `hop` seconds."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32) / 32768.0
    width = round(WINDOW_S * rate)
    at = np.round(np.arange(int(len(samples) / rate / hop) + 1) * hop * rate).astype(np.int64)
    raised = np.pad(np.diff(samples, prepend=samples[:1]) + 0.03 * samples, (width // 2, width))
    frames = sliding_window_view(raised, width)[at] * np.hanning(width).astype(np.float32)
    size = max(FFT, 1 << (width - 1).bit_length())
    return np.asarray(np.abs(np.fft.rfft(frames, size)) ** 2, np.float32)


def _mel(hertz: Doubles) -> Doubles:
    return np.asarray(1127.0 * np.log1p(hertz / 700.0))


@lru_cache(maxsize=64)
def _bank(bins: int, rate: int, warp: float) -> Floats:
    """Make triangular filters, `bins` x BANDS, over frequencies multiplied by `warp`."""
    low, high = _mel(np.array([LOW_HZ, HIGH_HZ]))
    edges = np.linspace(low, high, BANDS + 2)
    place = _mel(np.linspace(0.0, rate / 2, bins) * warp)[:, None]
    rising = (place - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - place) / (edges[2:] - edges[1:-1])
    return np.asarray(np.clip(np.minimum(rising, falling), 0.0, None), np.float32)


@lru_cache
def _cosines() -> Floats:
    """Make the DCT-II, BANDS x CEPSTRA."""
    phase = (np.arange(BANDS)[:, None] + 0.5) * np.arange(CEPSTRA)
    return np.asarray(np.sqrt(2.0 / BANDS) * np.cos(np.pi / BANDS * phase), np.float32)


def _slopes(rows: Floats, reach: int = 3) -> Floats:
    padded = np.pad(rows, ((reach, reach), (0, 0)), mode="edge")
    count = len(rows)
    rises = [n * (padded[reach + n :][:count] - padded[reach - n :][:count]) for n in range(1, reach + 1)]
    return np.asarray(sum(rises) / (2 * sum(n * n for n in range(1, reach + 1))), np.float32)


def _features(power: Floats, rate: int, warp: float) -> tuple[Floats, int]:
    """Normalise cepstra and slopes from the first to the last loud frame; also the number of the first."""
    bands = power @ _bank(power.shape[1], rate, warp)
    levels = 10.0 * np.log10(bands + 1e-12)
    levels = np.maximum(levels, np.percentile(levels.max(1), 95) - FLOOR_DB)
    total = 10.0 * np.log10(bands.sum(1) + 1e-12)
    loud = np.flatnonzero(total > total.max() - SPAN_DB)
    first, last = int(loud[0]), int(loud[-1]) + 1
    cepstra = levels @ _cosines()
    inside = cepstra[first:last]
    cepstra = (cepstra - inside.mean(0)) / (inside.std(0) + 1e-6)
    cepstra[:, 0] *= LOUDNESS
    return np.hstack([cepstra, SLOPES * _slopes(cepstra)])[first:last].astype(np.float32), first


def _stretched(rows: Floats, count: int) -> tuple[Floats, Doubles]:
    """Read `rows` at `count` evenly spaced places, and tell those places."""
    places = np.linspace(0.0, len(rows) - 1, count)
    below = np.minimum(places.astype(np.int64), max(0, len(rows) - 2))
    share = (places - below)[:, None].astype(np.float32)
    return rows[below] + (rows[np.minimum(below + 1, len(rows) - 1)] - rows[below]) * share, places


# ------------------------------------------------------------------------------------------------------ how it is laid


def _path(
    model: Floats, model_rate: int, sound: Floats, rate: int, hop: float, tempo: float | None
) -> tuple[Doubles, Doubles]:
    """Find places in the reference (s, ascending) and where each is heard in the sound."""
    heard, begin = _features(sound, rate, 1.0)
    tried, whole = [], tempo is None
    for warp in WARPS:
        rows, first = _features(model, model_rate, warp)
        rows, places = _stretched(rows, len(heard) if tempo is None else max(2, round(len(rows) * tempo)))
        rows = rows if tempo is None else rows[: round(OPEN * len(heard)) + OPEN_FRAMES]
        tried.append((_warp(rows[::COARSE], heard[::COARSE], hop * COARSE, whole)[1], rows, places, first))
    _, rows, places, first = min(tried, key=lambda one: one[0])
    path, _ = _warp(rows, heard, hop, whole)
    width = rows.shape[1]
    known = np.hstack([rows, np.ones((len(rows), 1), np.float32)])
    met = known[path]
    identity = np.eye(width + 1, width, dtype=np.float32)
    own = np.linalg.solve(met.T @ met + RIDGE * np.eye(width + 1), met.T @ heard + RIDGE * identity)
    path, _ = _warp(np.asarray(known @ own, np.float32), heard, hop, whole)
    frames, which = np.unique(path, return_inverse=True)
    counts = np.bincount(which)
    ends = np.cumsum(counts)
    there = begin + 0.5 * (ends - counts + ends - 1)
    here = first + places[frames]
    ends_here = np.concatenate([[here[0] - 1e4], here, [here[-1] + 1e4]])
    ends_there = np.concatenate([[there[0] - 1e4], there, [there[-1] + 1e4]])
    return ends_here * hop, ends_there * hop


def _warp(rows: Floats, heard: Floats, hop: float, whole: bool) -> tuple[NDArray[np.int64], float]:
    """Assign to each frame of `heard` the frame of `rows` that it says; also the best path's cost per frame.

    Where what is heard is not the `whole`, a frame of it takes about a frame of `rows`, and it ends anywhere.
    """
    count, width = len(heard), len(rows)
    squares = (rows * rows).sum(1) + (heard * heard).sum(1)[:, None] - 2.0 * heard @ rows.T
    cost = np.sqrt(np.maximum(squares, 0.0))
    cost /= np.median(cost) + 1e-9
    even = count / width if whole else 1.0
    stray = np.abs(np.arange(width) * even - np.arange(count)[:, None]) * hop
    cost += TEMPO * np.maximum(stray - STRAY_S, 0.0)
    most = len(STEPS) - 1
    edges = min(EDGES, width)
    reached = np.full(width + most, np.inf, np.float32)
    now = np.full(width, np.inf, np.float32)
    now[:edges] = cost[0, :edges] + EDGE * np.arange(edges)
    taken = np.zeros((count, width), np.int8)
    column = np.arange(width)
    fees = np.array(STEPS, np.float32)[:, None]
    for frame in range(1, count):
        reached[most:] = now
        choices = sliding_window_view(reached, width)[::-1] + fees
        taken[frame] = choices.argmin(0)
        now = choices[taken[frame], column] + cost[frame]
    edges = edges if whole else width
    left_out = now + EDGE * (width - 1 - column) if whole else now
    at = width - edges + int(left_out[width - edges :].argmin())
    total = float(left_out[at]) / count
    path = np.empty(count, np.int64)
    for frame in range(count - 1, -1, -1):
        path[frame] = at
        at -= int(taken[frame, at])
    return path, total


# ---------------------------------------------------------------------------------------------------- what comes of it


def _phones(reference: Sequence[Phone], starts: Sequence[int], length: int, rate: int) -> list[Phone]:
    """Place the reference's phones from `starts` on, in order, each sound with some time of its own."""
    least, lead = round(SHORTEST_S * rate), round(PAUSE_S * rate)
    out: list[Phone] = []
    at = 0
    sounds_left = sum(1 for phone in reference if phone.ipa)
    for number, (phone, following) in enumerate(zip(reference, [*starts[1:], length], strict=True)):
        if number == 0 and phone.ipa and starts[0] > lead:
            out.append(Phone("", 0, starts[0]))
            at = starts[0]
        sounds_left -= bool(phone.ipa)
        end = max(following, at + least) if phone.ipa else following
        end = max(at, min(end, length - least * sounds_left))
        if end > at:
            out.append(replace(phone, start=at, end=end))
            at = end
    if out:
        out[-1] = replace(out[-1], end=length)
    return out or [Phone("", 0, length)]


def _silent(levels: Doubles, first: float, end: float, hop: float) -> bool:
    """Say whether frames first..end hold silence as long as a pause."""
    inside = levels[round(first) : round(end)]
    return bool((inside < -PAUSE_DB).sum() * hop >= PAUSE_S)


def _levels(power: Floats) -> Doubles:
    """Measure decibels a frame below the loudest."""
    levels = 10.0 * np.log10(power.sum(1).astype(np.float64) + 1e-12)
    return np.asarray(levels - levels.max())


def _breathe(phones: list[Phone], levels: Doubles, hop: float, rate: int) -> list[Phone]:
    """Put a pause into every phone that holds a long silence."""
    quiet = np.concatenate([[False], levels < -QUIET_DB, [False]])
    edges = np.flatnonzero(np.diff(quiet.astype(np.int8)))
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        low, high = round(float(first) * hop * rate), round(float(end - 1) * hop * rate)
        if high - low >= BREATH_S * rate:
            phones = _paused(phones, low, high)
    return phones


def _paused(phones: list[Phone], low: int, high: int) -> list[Phone]:
    """End the sound that holds most of the silence low..high before it, or begin it after, whichever is nearer."""
    number = max(range(len(phones)), key=lambda n: min(phones[n].end, high) - max(phones[n].start, low))
    phone = phones[number]
    low, high = max(low, phone.start), min(high, phone.end)
    if not phone.ipa or high <= low:
        return phones
    before, after = phones[:number], phones[number + 1 :]
    if low - phone.start >= phone.end - high:
        kept = [replace(phone, end=low)] if low > phone.start else []
        if after:
            after[0] = replace(after[0], start=high)
            return [*before, *kept, Phone("", low, high), *after]
        return [*before, *kept, Phone("", low, phone.end)]
    kept = [replace(phone, start=high)]
    if before:
        before[-1] = replace(before[-1], end=low)
        return [*before, Phone("", low, high), *kept, *after]
    return [Phone("", phone.start, high), *kept, *after]
