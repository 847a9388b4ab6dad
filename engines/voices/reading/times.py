"""From what espeak-ng rendered to one piece of speech: sounds, words and cues timed in samples, silence trimmed.

Pure arithmetic on the PCM and its events. It does not know the library, and of the text only which characters belong
together as a word.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engines.api import Phone, Speech, Word
from engines.sound.audio import resample, resampled_length
from engines.voices.reading.text import UNSPACED, Stretch, script

QUIET = 4  # the largest value, of 32767, that is still silence
LEAD = 0.03  # seconds of silence kept before the first sound
CLOSURE = 0.12  # seconds, the longest closure
CLOSURE_AFTER_PAUSE = 0.08
CLOSURE_AT_START = 0.05
SLACK = 0.004  # seconds by which a burst may come before its event
SHORT_PAUSE = 0.04  # seconds; a shorter gap belongs to the sound before it
SHORTEST, WIDENED = 0.01, 0.03  # seconds; a sound shorter than the one gets the other from its neighbour
STOPS = frozenset("pbtdkɡgqɢcɟʔʈɖɓɗɠ")  # first letters of plosives and affricates
VOICELESS = frozenset("ptkqcʈ")
ECHO = 0.12  # of the loudest sound around a closure: what a voice with an echo leaves of it in there
LANGUAGE_SWITCH = re.compile(r"\([^)]*\)?")  # events hold 8 bytes, so the end may be missing


@dataclass(frozen=True, slots=True)
class Event:
    """A word begins (`token` is None) at character `position` of the stretch, or a phone: its token, "" for a pause."""

    sample: int
    position: int
    token: str | None


@dataclass(slots=True)
class Sound:
    """A phone on its way: in samples of the rendering, in word number `word` of the stretch."""

    ipa: str
    stress: int
    start: int
    end: int
    word: int


def piece(
    pcm: npt.NDArray[np.int16],
    events: Sequence[Event],
    stretch: Stretch,
    phrase: str,
    *,
    from_rate: int,
    to_rate: int,
    pause: float,
) -> Speech:
    """Make a stretch of `phrase`, rendered at `from_rate`, speech at `to_rate` with `pause` seconds after it."""
    lead = round(CLOSURE_AT_START * from_rate)
    pcm = np.concatenate([np.zeros(lead, np.int16), pcm])
    spans = words(stretch, phrase, events)
    found = sounds(events, [begin for begin, _ in spans], stretch, lead, len(pcm))
    mend(found, pcm, from_rate)
    close(found, pcm, from_rate)
    widen(found, from_rate)
    begin, end = trim(found, pcm, from_rate)
    silence = np.zeros(max(1, round(pause * from_rate)), np.int16)
    kept = np.concatenate([pcm[begin:end], silence])
    length = resampled_length(len(kept), from_rate, to_rate)

    def at(sample: int) -> int:
        return (2 * (sample - begin) * to_rate + from_rate) // (2 * from_rate)

    phones = _cover([Phone(s.ipa, at(s.start), at(s.end), s.stress) for s in found if s.ipa], length)
    shown = [Word(phrase[a:b], at(start), at(stop), a) for a, b, start, stop in _spread(found, spans, phrase)]
    if not shown and spans:
        shown = [Word(phrase[spans[0][0] : spans[-1][1]], 0, length, spans[0][0])]
    return Speech(
        resample(kept.astype("<i2").tobytes(), from_rate, to_rate), to_rate, tuple(phones), tuple(shown), source="exact"
    )


def words(stretch: Stretch, phrase: str, events: Sequence[Event]) -> list[tuple[int, int]]:
    """Yield spans of the phrase that are shown as words: between blanks, and at word events in scripts without."""
    spans = [match.span() for match in re.compile(r"\S+").finditer(phrase, stretch.start, stretch.end)]
    begins = {_origin(stretch, event.position) for event in events if event.token is None}
    cuts = [c for c in sorted(begins) if script(phrase[c]) in UNSPACED and unicodedata.category(phrase[c])[0] != "M"]
    return [pair for a, b in spans for pair in pairwise([a, *(c for c in cuts if a < c < b), b])]


def sounds(events: Sequence[Event], begins: Sequence[int], stretch: Stretch, lead: int, length: int) -> list[Sound]:
    """Yield phones with their words; word numbers never go back, pauses merge, `lead` samples stand before all."""
    found: list[Sound] = []
    word = 0
    for event in events:
        if event.token is None:
            word = max(word, bisect_right(begins, _origin(stretch, event.position)) - 1)
            continue
        token = LANGUAGE_SWITCH.sub("", event.token)
        if event.token and not token:
            continue
        ipa = token.replace("ˈ", "").replace("ˌ", "")
        stress = 1 if "ˈ" in token else 2 if "ˌ" in token else 0
        if found and not ipa and not found[-1].ipa:
            continue
        if found and ipa and found[-1].ipa and all(unicodedata.category(char) in ("Lm", "Mn", "Sk") for char in ipa):
            found[-1].ipa += ipa  # palatalised and such: the sound before it goes on
            continue
        found.append(Sound(ipa, stress, event.sample + lead, length, word))
    for sound, after in pairwise(found):
        sound.end = max(after.start, sound.start)
    return found


def mend(found: list[Sound], pcm: npt.NDArray[np.int16], rate: int) -> None:
    """Give gaps that are no pauses (glottal stops, glides between vowels) to the sound before them."""
    for before, gap in pairwise(found):
        if not before.ipa or gap.ipa:
            continue
        quiet = np.abs(pcm[gap.start : gap.end].astype(np.int32)) <= QUIET
        if len(quiet) < SHORT_PAUSE * rate or quiet.mean() < 0.5:
            before.end = gap.start = gap.end
    found[:] = [sound for sound in found if sound.ipa or sound.end > sound.start]


def close(found: list[Sound], pcm: npt.NDArray[np.int16], rate: int) -> None:
    """Begin every plosive and affricate where its closure does, for espeak-ng's event is the burst.

    The closure is the run of silence before it, or of mere echo before a voiceless or very short one.
    """
    for number, sound in enumerate(found):
        if not sound.ipa or sound.ipa[0] not in STOPS:
            continue
        previous = found[number - 1] if number else None
        longest = CLOSURE if previous and previous.ipa else CLOSURE_AFTER_PAUSE if number > 1 else CLOSURE_AT_START
        floor = max(sound.start - round(longest * rate), previous.start if previous else 0)
        for stop in (sound.start, sound.start - round(SLACK * rate)):
            loud = np.flatnonzero(np.abs(pcm[floor:stop].astype(np.int32)) > QUIET)
            start = floor + int(loud[-1]) + 1 if len(loud) else floor
            if stop - start > SLACK * rate:
                break
        else:
            short = sound.end - sound.start < SHORT_PAUSE * rate
            start = _echoed(pcm, floor, sound.start, rate) if short or sound.ipa[0] in VOICELESS else sound.start
        if start < sound.start:
            sound.start = start
            if previous:
                previous.end = start


def _echoed(pcm: npt.NDArray[np.int16], floor: int, burst: int, rate: int) -> int:
    """Find where the run of near silence that ends at a burst begins, not before `floor`."""
    around = np.abs(pcm[floor : burst + round(CLOSURE_AT_START * rate)].astype(np.int32))
    loud = np.flatnonzero(around[: burst - floor] > ECHO * max(1, int(around.max(initial=0))))
    start = floor + int(loud[-1]) + 1 if len(loud) else floor
    return start if burst - start > 2 * SLACK * rate else burst


def widen(found: Sequence[Sound], rate: int) -> None:
    """Give a sound with next to no time of its own, as /l/ between vowel and stop, the end of the one before it."""
    for before, sound in pairwise(found):
        if before.ipa and sound.ipa and sound.end - sound.start < SHORTEST * rate:
            before.end = sound.start = sound.start - min(round(WIDENED * rate), (before.end - before.start) // 3)


def trim(found: list[Sound], pcm: npt.NDArray[np.int16], rate: int) -> tuple[int, int]:
    """Choose first sample and end of what to keep: a short lead or a whole first closure, nothing after the last."""
    voiced = [sound for sound in found if sound.ipa]
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > QUIET)
    if not voiced or not len(loud):
        found.clear()
        return 0, round(LEAD * rate)
    first, last = int(loud[0]), int(loud[-1]) + 1
    begin = max(min(voiced[0].start, first - round(LEAD * rate)), first - round(CLOSURE_AT_START * rate), 0)
    voiced[-1].end = end = max(last, voiced[-1].start + 1)
    for sound in voiced:
        sound.start, sound.end = max(sound.start, begin), max(sound.end, begin)
    return begin, end


def _origin(stretch: Stretch, position: int) -> int:
    """Find the character of the phrase behind a 1-based position; a blank counts to the word before it."""
    if not stretch.origin:
        return stretch.start
    return stretch.origin[min(max(position - 1, 0), len(stretch.origin) - 1)]


def _cover(phones: Sequence[Phone], length: int) -> list[Phone]:
    """Put pauses between the phones, so that they cover 0..length; those without length are left out."""
    covered: list[Phone] = []
    reached = 0
    for phone in phones:
        start, end = max(phone.start, reached), min(phone.end, length)
        if start >= end:
            continue
        if start > reached:
            covered.append(Phone("", reached, start))
        covered.append(Phone(phone.ipa, start, end, phone.stress))
        reached = end
    if reached < length:
        covered.append(Phone("", reached, length))
    return covered


def _spread(found: Sequence[Sound], spans: Sequence[tuple[int, int]], phrase: str) -> list[tuple[int, int, int, int]]:
    """Spread words as (first character, end, first sample, end): one word in "in the" to espeak-ng, two to a reader.

    The sounds of such a group are dealt out by length in letters; what has no letters stays with the word before it.
    """
    spoken = [[sound for sound in found if sound.ipa and sound.word == number] for number in range(len(spans))]
    heads = [number for number, group in enumerate(spoken) if group]
    shown: list[tuple[int, int, int, int]] = []
    for head, following in pairwise([*heads, len(spans)]):
        group = spoken[head]
        parts = [spans[head] if shown else (spans[0][0], spans[head][1])]
        for first, end in spans[head + 1 : following]:
            if any(map(str.isalnum, phrase[first:end])) and len(parts) < len(group):
                parts.append((first, end))
            else:
                parts[-1] = (parts[-1][0], end)
        letters = sum(end - first for first, end in parts)
        dealt = read = 0
        for number, (first, end) in enumerate(parts, start=1):
            read += end - first
            until = min(max(round(len(group) * read / letters), dealt + 1), len(group) - len(parts) + number)
            shown.append((first, end, group[dealt].start, group[until - 1].end))
            dealt = until
    return shown
