"""One stream's face: phones or sound to articulation, with life and mood around it, to weights.

Frames of a piece are made when the piece comes, so they know what follows only within it: at a piece's end the last
sound is held unless a pause follows, and the next piece's frames take over smoothly from what was shown. A mouth that
moves does so `lead` before its sound; lips that close meet early and part on time. A piece without phones gets what
`engines.face.lips_audio` makes of its sound, labelled "audio", without lead: what it hears ahead is spent on hearing
right. So that there is something to hear, a short piece of that kind waits for the next ones, LOOK_S of sound at most.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final, assert_never

import numpy as np

from engines.api import EngineError, FaceBlock, FaceStyle, Phone, Source, Speech
from engines.face import life
from engines.face.coarticulation import TRACKS, Contacts, Segment, contacts, tracks
from engines.face.emotion import Mood
from engines.face.emphasis import BEFORE_S, SWAY_FALL_S, SWAY_RISE_S, Activity, Beats
from engines.face.loudness import VowelGain, decibels
from engines.face.overheard import Overheard
from engines.face.profiles import Look, Mouth, draw
from engines.face.prosody import PAUSE_S
from engines.face.rigs import HEAD, quantise
from engines.sound.arrays import Doubles, Floats
from engines.sound.phones import REST, sound, split

MEMORY_S: Final = 1.2  # how long past sounds are kept
SEAM_S: Final = 0.08  # how long a piece takes to be rid of what the piece before showed
START_S: Final = 0.04  # and the first piece of the face at rest
STRESS: Final = (0.94, 1.08, 1.0)  # jaw opening of a vowel with no, primary and secondary stress
FRAMES: Final = 256  # the most frames in one block


class Performance:
    """One stream's face: what was said of late, and what the face showed last."""

    def __init__(self, style: FaceStyle, lead: float, rate: int) -> None:
        self._style = style
        self._lead = lead
        self._rate = rate
        self._samples = 0
        self._frames = 0
        self._segments = [Segment(-0.1, 0.0, REST)]
        self._tail = Phone("", 0, 0)  # the phone that ended the last piece, in samples of the stream
        self._tail_parts = 1
        self._tail_gain = 1.0
        self._shown = np.zeros((TRACKS + 2, 1), np.float32)
        self._seam = (0.0, START_S, self._shown)  # when it began, how long it is, and how far the frames stood apart
        self._overheard = False  # whether the last piece was known by its sound alone
        self._touched = (0.0, 0.0)
        self._gain = VowelGain()
        self._ear: Overheard | None = None
        self._mood = Mood(style.emotion, style.intensity)
        self._activity = Activity()
        self._sway = Activity(SWAY_RISE_S, SWAY_FALL_S)
        self._beats = Beats(style.seed + style.origin)

    def ready(self, waiting: deque[Speech]) -> Iterator[Speech]:
        """Take from `waiting`, whose last piece is new, those that can be drawn; draw each before the next."""
        newest = waiting[-1]
        if newest.rate != self._rate:
            raise EngineError("face_failed", f"Speech changed its rate from {self._rate} to {newest.rate} Hz.")
        if newest.phones:
            while waiting:
                yield waiting.popleft()
            return
        if self._ear is None:
            since = (self._samples + sum(piece.samples for piece in waiting) - newest.samples) / self._rate
            self._ear = Overheard(self._rate, since)
            self._speaks(since, False)
        yield from self._ear.push(newest, waiting)

    def frames(self, piece: Speech) -> list[FaceBlock]:
        """Draw the frames that begin in the next piece of the stream, as blocks."""
        fps, rate, began = self._style.fps, self._rate, self._samples / self._rate
        spoken = self._hear(piece)
        first = self._frames
        self._samples += piece.samples
        self._frames = -(-self._samples * fps // rate)
        times = np.arange(first - 1, self._frames) / fps
        moods = self._feel(piece, times[1:], began)
        if len(times) == 1:
            return []
        now = times[1:]
        moving, mouth = self._move(times) if spoken else self._overhear(times)
        self._join(moving, times, heard_on=self._overheard and not spoken)
        self._overheard = not spoken
        shown = moving[:, 1:]
        for contact, last in zip((mouth.seal, mouth.teeth), self._touched, strict=True):
            if spoken and contact[0] - last > 0.5 and len(contact) > 3 and (contact[1:4] >= 1.0).all():
                contact[0] = 0.5 * (contact[0] + last)
        self._touched = (float(mouth.seal[-1]), float(mouth.teeth[-1]))
        rows = self._live(first + self._style.origin, now, shown)
        activity = self._activity.values(now)
        rows[life.GAZE_YAW] += activity * rows[life.TALK_YAW]
        rows[life.GAZE_PITCH] += activity * rows[life.TALK_PITCH]
        rows[life.YAW : life.ROLL + 1] += self._sway.values(now) * rows[life.SWAY_YAW : life.SWAY_ROLL + 1]
        shown = np.delete(shown, (TRACKS, TRACKS + 1), axis=0)
        look = Look(rows, moods, Mouth(shown, mouth.seal, mouth.teeth, mouth.vowel), activity)
        weights = quantise(draw(self._style.profile, look), signed=len(HEAD))
        self._forget(self._samples / rate - MEMORY_S)
        source: Source = piece.source if spoken else "audio"
        size = FRAMES * (len(weights) // len(now))
        return [
            FaceBlock(first + at * FRAMES, weights[at * size : (at + 1) * size], source)
            for at in range(-(-len(now) // FRAMES))
        ]

    def _hear(self, piece: Speech) -> bool:
        """Take in what the piece says; False when it has no phones and only its loudness is known."""
        for timed in piece.cues:
            if timed.cue.kind == "gesture":
                at = (self._samples + timed.start) / self._rate
                self._beats.gesture(timed.cue.name, at, timed.cue.intensity)
        if piece.phones:
            self._ear = None
            self._read(piece)
            return True
        start, end = self._samples / self._rate, (self._samples + piece.samples) / self._rate
        self._listen()
        self._segments.append(Segment(start, end, REST))
        self._tail = Phone("", self._samples, self._samples)
        self._tail_parts = 1
        return False

    def _listen(self) -> None:
        """Take in what the voice did. Nothing acts before it is known, so what is drawn stays as it is."""
        assert self._ear is not None
        for kind, known in self._ear.events():
            match kind:
                case "stress":
                    self._beats.stress(known + self._lead + BEFORE_S, 1.0)
                case "pause":
                    self._speaks(known, False)
                    self._beats.pause(known, known + PAUSE_S)
                case "speech":
                    self._speaks(known, True)
                case _:
                    assert_never(kind)

    def _read(self, piece: Speech) -> None:
        """Append the piece's phones as segments, gaps as pauses, joining a phone that the cut divided."""
        phones: list[Phone] = []
        at = 0
        for phone in piece.phones:
            start, end = max(at, phone.start), min(piece.samples, phone.end)
            if end <= start:
                continue
            if start > at:
                phones.append(Phone("", at, start))
            phones.append(Phone(phone.ipa, start, end, phone.stress))
            at = end
        if at < piece.samples:
            phones.append(Phone("", at, piece.samples))
        vowels = [sound(split(phone.ipa)[0][0]).vowel for phone in phones]
        spans = [(phone.start, phone.end) for phone, vowel in zip(phones, vowels, strict=True) if vowel]
        levels = iter(decibels(piece.pcm, spans))
        for number, (phone, vowel) in enumerate(zip(phones, vowels, strict=True)):
            begin, end = self._samples + phone.start, self._samples + phone.end
            gain = STRESS[phone.stress] * self._gain.gain(next(levels)) if vowel else 1.0
            if number == 0 and phone.ipa == self._tail.ipa and self._tail.end == begin and self._tail.end > 0:
                begin, gain = self._tail.start, self._tail_gain
                del self._segments[-self._tail_parts :]
            elif vowel and phone.stress == 1:
                self._beats.stress(begin / self._rate, gain)
            self._add(Phone(phone.ipa, begin, end, phone.stress), gain)

    def _speaks(self, at: float, speaking: bool) -> None:
        """Note that speech begins or pauses `at` (s)."""
        self._activity.turn(at, speaking)
        self._sway.turn(at, speaking)

    def _add(self, phone: Phone, gain: float) -> None:
        """Append one phone, in samples of the stream."""
        parts = split(phone.ipa)
        start, end = phone.start / self._rate, phone.end / self._rate
        for ipa, share in parts[:-1]:
            until = start + share * (phone.end - phone.start) / self._rate
            self._segments.append(Segment(start, until, sound(ipa), gain))
            start = until
        self._segments.append(Segment(start, end, sound(parts[-1][0]), gain))
        pause = not parts[0][0]
        self._speaks(phone.start / self._rate, not pause)
        if pause and phone.start >= max(1, self._samples):
            self._beats.pause(start, end)
        self._tail, self._tail_parts, self._tail_gain = phone, len(parts), gain

    def _move(self, times: Doubles) -> tuple[Floats, Contacts]:
        """Move by phones: movements at `times`, nod and brow, visemes where needed; contacts at all but the first."""
        rows = tracks(self._segments, times + self._lead, self._style.profile != "arkit52")
        mouth = contacts(self._segments, times[1:], self._lead, self._style.fps)
        return np.insert(rows, TRACKS, self._beats.marks(times + self._lead), axis=0), mouth

    def _overhear(self, times: Doubles) -> tuple[Floats, Contacts]:
        """Move by the sound alone."""
        assert self._ear is not None
        heard, mouth, visemes = self._ear.move(times)
        needed = visemes[: 0 if self._style.profile == "arkit52" else len(visemes)]
        return np.concatenate([heard, self._beats.marks(times + self._lead), needed]), mouth

    def _join(self, moving: Floats, times: Doubles, *, heard_on: bool) -> None:
        """Let `moving` start from what the last frame showed; its first column is that frame, drawn anew.

        Where sound is heard on, what is shown follows from it alone, and only an older seam may not yet be over.
        """
        known = len(self._shown)
        if not heard_on:
            length = SEAM_S if times[0] >= 0.0 else START_S
            self._seam = (float(times[0]), length, self._shown - moving[:known, :1])
        since, length, error = self._seam
        if np.abs(error).max() > 1e-6 and times[0] - since < length:
            left = 1.0 - life.smooth((times - since) / length)
            moving[: len(error)] += error * left.astype(np.float32)
        self._shown = moving[:, -1:].copy()

    def _feel(self, piece: Speech, times: Doubles, began: float) -> Floats | None:
        """Compute moods x `times` of weights, with the changes that the piece's cues ask for."""
        parts: list[tuple[int, Floats | None]] = []
        low = 0
        for timed in sorted(piece.cues, key=lambda timed: timed.start):
            if timed.cue.kind != "emotion":
                continue
            at = began + timed.start / self._rate
            high = int(np.searchsorted(times, at))
            if high > low:
                parts.append((high - low, self._mood.weights(times[low:high])))
                low = high
            self._mood.change(timed.cue.name, timed.cue.intensity, at)
        if low < len(times):
            parts.append((len(times) - low, self._mood.weights(times[low:])))
        if all(weights is None for _, weights in parts):
            return None
        height = next(len(weights) for _, weights in parts if weights is not None)
        filled = [np.zeros((height, count), np.float32) if weights is None else weights for count, weights in parts]
        return np.concatenate(filled, axis=1)

    def _live(self, first: int, times: Doubles, moving: Floats) -> Floats:
        """Compute life's rows with the speech's nods, brows, blinks and gestures in them."""
        rows = life.life(self._style.seed, self._style.fps, first, len(times)).copy()
        rows[life.PITCH] += moving[TRACKS]
        rows[life.BROW] += moving[TRACKS + 1]
        lids = self._beats.lids(times)
        if lids is not None:
            np.maximum(rows[life.BLINK], lids, out=rows[life.BLINK])
        head = self._beats.head(times)
        if head is not None:
            rows[life.YAW] += head[0]
            rows[life.PITCH] += head[1]
        return rows

    def _forget(self, before: float) -> None:
        """Drop sounds and events that no later frame can feel."""
        kept = next(n for n, segment in enumerate(self._segments) if segment.end > before or segment.end == self._end)
        del self._segments[:kept]
        self._beats.forget(before)

    @property
    def _end(self) -> float:
        return self._segments[-1].end
