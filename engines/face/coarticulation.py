"""From sounds in time to the movements of jaw, lips and tongue, frame by frame, with the contacts that must not fail.

Movements blend by dominance functions (Cohen and Massaro 1993) with rules of JALI (Edwards et al. 2016): rounded lips
start early and end late, sounds of the tongue alone leave the lips to their neighbours. Contacts are laid over that.
Times are seconds of one stream; it knows nothing of profiles, weights or emotion.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engines.sound.arrays import Floats
from engines.sound.phones import VISEMES, Sound

Bools = NDArray[np.bool_]

JAW, ROUND, SPREAD, BARE, TONGUE = range(5)
TRACKS: Final = 5

INSET_S: Final = 0.030  # how far inside its ends a sound holds its targets, at most a quarter of it
JAW_S: Final = 0.036  # how fast dominance fades outside: jaw, lips, heavy lips before and after, tongue
LIPS_S: Final = 0.060
HEAVY_S: Final = (0.110, 0.090)
TONGUE_S: Final = 0.030
REACH_S: Final = 0.6  # nothing acts further than this
PAUSE_S: Final = 0.2  # a shorter pause does not bring the mouth all the way to rest
BLOCK: Final = 256  # frames blended at once

REST_FADE_S: Final = 0.070  # the jaw between a sound and a long pause
REST_S: Final = 0.090  # how long into a pause the mouth takes before rest rules
ONSET_S: Final = 0.080  # and how long before a pause's end it begins to part

RAMPS_S: Final = (0.045, 0.041)  # lips close before a contact and open after it
SOFT_S: Final = (
    0.020  # and every contact is blurred by so much to either side, so that it begins and ends without a jerk
)
NEARLY_S: Final = (0.010, 0.008)  # so much of a ramp lies within its contact: there it is all but closed
ALL_BUT: Final = 0.96  # a seal stronger than this is one: no channel's 256 steps tell them apart
OPEN_S: Final = (0.030, 0.030)  # and keep open around the middle of a vowel
# The share of a plosive's time for which its lips are shut; a nasal's and a fricative's contact lasts all of it.
SHUT: Final = {"p": 0.65, "b": 0.7, "ɓ": 0.7}
HELD: Final = (0.1, 0.85)  # labiodental contact within its sound
MIDDLE: Final = (0.3, 0.7)  # the part of a vowel that is never sealed
UNDER: Final = 0.5  # the most that a contact may show in the middle of a vowel, or a seal under a labiodental


class Segment(NamedTuple):
    """One sound from `start` to `end` (s); `gain` multiplies its jaw opening."""

    start: float
    end: float
    sound: Sound
    gain: float = 1.0


def _rows(segments: Sequence[Segment]) -> Floats:
    """Arrange segments as columns of numbers: pulls and fading times, then targets."""
    rows = []
    if not segments[-1].sound.ipa:
        segments = [*segments[:-1], segments[-1]._replace(end=segments[-1].end + PAUSE_S + REST_S)]
    long_pause = [not sound.ipa and end - start >= PAUSE_S for start, end, sound, _ in segments]
    for number, (start, end, sound, gain) in enumerate(segments):
        inset = settle = min(INSET_S, 0.25 * (end - start))
        jaw_pull = sound.jaw_pull
        if not sound.ipa:
            jaw_pull = min(1.0, max(0.15, (end - start) / PAUSE_S))
            settle = min(REST_S, 0.5 * (end - start))
            inset = min(ONSET_S, 0.25 * (end - start))
        before, after = HEAVY_S if sound.heavy else (LIPS_S, LIPS_S)
        opens = REST_FADE_S if long_pause[number] or (number > 0 and long_pause[number - 1]) else JAW_S
        closes = REST_FADE_S if any(long_pause[number : number + 2]) else JAW_S
        timing = (start + settle, end - inset, jaw_pull, sound.lip_pull, 1 / before, 1 / after, 1 / opens, 1 / closes)
        targets = (min(1.0, sound.jaw * gain), sound.round, sound.spread, sound.bare, sound.tongue)
        rows.append((*timing, *targets))
    rows[0] = (-1e6, *rows[0][1:])
    rows[-1] = (rows[-1][0], 1e6, *rows[-1][2:])
    return np.array(rows, np.float32).T


def _window(segments: Sequence[Segment], low: float, high: float) -> Sequence[Segment]:
    """Return the segments that act between `low` and `high`, at least one."""
    first, last = 0, len(segments)
    while first < last - 1 and segments[first].end < low - REACH_S:
        first += 1
    while last > first + 1 and segments[last - 1].start > high + REACH_S:
        last -= 1
    return segments[first:last]


def tracks(segments: Sequence[Segment], times: NDArray[np.float64], visemes: bool = False) -> Floats:
    """Compute movements at ascending `times` (s): TRACKS rows 0..1, then with `visemes` 15 more that sum to 1.

    `segments` follow one another without gaps; before the first and after the last its own targets hold.
    """
    out = np.empty((TRACKS + (len(VISEMES) if visemes else 0), len(times)), np.float32)
    for at in range(0, len(times), BLOCK):
        block = times[at : at + BLOCK]
        near = _window(segments, float(block[0]), float(block[-1]))
        origin = float(block[0])
        near_rows = _rows([Segment(s - origin, e - origin, sound, gain) for s, e, sound, gain in near])
        starts, ends, jaw_pull, lip_pull, lips_before, lips_after, jaw_before, jaw_after = near_rows[:8, :, None]
        t = (block - origin).astype(np.float32)
        early, late = np.maximum(starts - t, 0.0), np.maximum(t - ends, 0.0)
        scaled = early * jaw_before + late * jaw_after
        jaw = jaw_pull * np.exp(-scaled * scaled)
        scaled = early * lips_before + late * lips_after
        lips = lip_pull * np.exp(-scaled * scaled)
        scaled = (early + late) * np.float32(1 / TONGUE_S)
        tongue = np.exp(-scaled * scaled)
        part = out[:, at : at + BLOCK]
        targets = near_rows[8:]
        part[JAW] = targets[0] @ jaw / (jaw.sum(0) + 1e-30)
        part[ROUND : BARE + 1] = targets[1:4] @ lips / (lips.sum(0) + 1e-30)
        part[TONGUE] = targets[4] @ tongue / (tongue.sum(0) + 1e-30)
        if visemes:
            kinds = np.zeros((len(VISEMES), len(near)), np.float32)
            kinds[[segment.sound.viseme for segment in near], np.arange(len(near))] = 1.0
            part[TRACKS:] = kinds @ jaw / (jaw.sum(0) + 1e-30)
    return out


class Contacts(NamedTuple):
    """Contacts a frame: `seal` and `teeth` 0..1 (1: touching), and `vowel` 0..1 (1: in the middle of one)."""

    seal: Floats
    teeth: Floats
    vowel: Floats


def _envelope(
    spans: Sequence[tuple[float, float, float]], times: NDArray[np.float64], ramps: tuple[float, float]
) -> Floats:
    """Compute the strongest of spans (start, end, strength) at `times`, with ramps around each, blurred."""
    if not spans:
        return np.zeros(len(times), np.float32)
    start, end, strength = np.array(spans).T[:, :, None]
    blurred = np.zeros(len(times))
    for shift, share in ((-SOFT_S, 0.25), (0.0, 0.5), (SOFT_S, 0.25)):
        moved = times + shift
        shape = np.minimum((moved - start) * (1 / ramps[0]), (end - moved) * (1 / ramps[1]))
        shape += 1.0
        np.clip(shape, 0.0, 1.0, out=shape)
        shape *= shape * (3.0 - 2.0 * shape)
        shape *= strength
        blurred += share * shape.max(0)
    return blurred.astype(np.float32)


def _eased(spans: Sequence[tuple[float, float, float, float]]) -> list[tuple[float, float, float]]:
    """Turn contacts (start, end, strength, earliness) into spans for `_envelope`."""
    return [(start - early + NEARLY_S[0], end - NEARLY_S[1], strength) for start, end, strength, early in spans]


def _keep(
    contact: Floats, spans: Sequence[tuple[float, float, float]], times: NDArray[np.float64], vowel: Bools, wanted: int
) -> Bools:
    """Mark the frames that each full contact needs, set them to 1, and return them.

    All frames within the span, or the nearest ones when fewer than `wanted` lie there; those beyond the first spare the
    middle of vowels.
    """
    held = np.zeros(len(times), np.bool_)
    for start, end, strength in spans:
        if strength < 1.0:
            continue
        low, high = np.searchsorted(times, (start - 1e-9, end + 1e-9))
        if high - low < wanted:
            if end < times[0] or start > times[-1]:
                continue
            middle = 0.5 * (start + end)
            around = np.arange(max(0, low - wanted), min(len(times), high + wanted))
            nearest = around[np.argsort(np.abs(times[around] - middle) + vowel[around], kind="stable")][:wanted]
            held[[frame for rank, frame in enumerate(nearest) if rank == 0 or not vowel[frame]]] = True
        held[low:high] = True
    contact[held] = 1.0
    return held


def contacts(segments: Sequence[Segment], times: NDArray[np.float64], lead: float, fps: int) -> Contacts:
    """Compute contacts at the frame `times` (s, ascending, as heard): lips meet `lead` s early and part on time.

    Every full seal and labiodental contact gets two frames (one below 30 fps) within its sound or next to it; the
    middle of a vowel shows at most UNDER of either.
    """
    seals: list[tuple[float, float, float, float]] = []
    teeth: list[tuple[float, float, float, float]] = []
    middles: list[tuple[float, float]] = []
    last, vocalic = 1.0, False
    for start, end, sound, _ in segments:
        length = end - start
        early = min(lead, 0.25 * last)
        if sound.vowel and vocalic:
            middles[-1] = (middles[-1][0], start + MIDDLE[1] * length)
        elif sound.vowel:
            middles.append((start + MIDDLE[0] * length, start + MIDDLE[1] * length))
        elif sound.seal:
            seals.append((start, start + SHUT.get(sound.ipa[0], 1.0) * length, sound.seal, early))
        elif sound.teeth:
            teeth.append((start + HELD[0] * length, start + HELD[1] * length, sound.teeth, early))
        last, vocalic = length, sound.vowel
    vowel = _envelope([(start, end, 1.0) for start, end in middles], times, OPEN_S)
    most = 1.0 - (1.0 - UNDER) * vowel
    seal = np.minimum(_envelope(_eased(seals), times, RAMPS_S), most)
    touch = np.minimum(_envelope(_eased(teeth), times, RAMPS_S), most)
    middle = vowel >= 1.0
    wanted = 2 if fps >= 30 else 1
    touched = _keep(touch, [span[:3] for span in teeth], times, middle, wanted)
    seal[touched] = np.minimum(seal[touched], UNDER)
    sealed = _keep(seal, [span[:3] for span in seals], times, middle, wanted)
    seal[seal > ALL_BUT] = 1.0
    np.minimum(touch, 1.0 - seal, out=touch, where=sealed | ~touched)
    return Contacts(seal, touch, vowel)
