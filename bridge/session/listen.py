"""Cuts sound into utterances: microphone frames in; the beginning, the audio and the end of each utterance out.

Voice detection runs inline, window by window, so a frame costs no queue and no thread. Time is counted in samples of
the microphone. Who has the floor is not decided here.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final, TypeAlias

from bridge.core.segmenter import Hysteresis, Segmenter
from engines.api import MIC_RATE
from engines.jobs import VadStream

PRE_ROLL: Final = 0.3  # seconds before speech was certain that belong to it
MAX_GAP: Final = 2 * MIC_RATE  # samples; the longest gap that is heard as silence and the longest overlap


@dataclass(frozen=True, slots=True)
class Began:
    """Utterance `utterance` begins; `pressed` by push-to-talk."""

    utterance: int
    pressed: bool = False


@dataclass(frozen=True, slots=True)
class Sound:
    """More audio of the utterance that has begun."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Paused:
    """Within utterance `utterance` there is silence now, or (`paused` False) no longer."""

    utterance: int
    paused: bool


@dataclass(frozen=True, slots=True)
class Ended:
    """The utterance is over; `pressed` by push-to-talk, `cut` because it reached the longest allowed."""

    utterance: int
    pressed: bool = False
    cut: bool = False


Heard: TypeAlias = Began | Sound | Paused | Ended


class Listener:
    """One microphone; without `vad` only push-to-talk begins an utterance."""

    def __init__(self, vad: VadStream | None, window: int, hysteresis: Hysteresis, *, longest: float) -> None:
        self._vad = vad
        self._window = window * 2
        self._segmenter = Segmenter(hysteresis, MIC_RATE)
        self._longest = round(longest * MIC_RATE)
        self._buffer = bytearray()  # less than a window, not yet judged
        self._before: deque[bytes] = deque(maxlen=max(1, round(PRE_ROLL * MIC_RATE / window)))
        self._expected: int | None = None  # the pts that comes next
        self._samples = 0  # of the utterance
        self.utterance = 0  # the running one, or the last
        self.pressed = False  # push-to-talk is down
        self.muted = False  # the loudspeaker plays and the microphone would hear it

    @property
    def speaking(self) -> bool:
        """Return whether an utterance has begun and not ended."""
        return self.pressed or self._segmenter.speaking

    def hear(self, pts: int, data: bytes) -> list[Heard]:
        """Take one frame, `pts` in samples since the microphone opened."""
        heard: list[Heard] = []
        if pts == self._expected:
            self._expected = pts + len(data) // 2
        else:
            data = self._continuous(pts, data, heard)
        if self.pressed:
            return self._pressed_sound(data)
        if self._vad is None or self.muted:
            self._rest()
            return heard
        if not self._buffer and len(data) == self._window:
            # The usual case: a frame is a window.
            self._judge(self._vad.probability(data), data, heard)
            return heard
        self._buffer += data
        while len(self._buffer) >= self._window:
            window = bytes(self._buffer[: self._window])
            del self._buffer[: self._window]
            self._judge(self._vad.probability(window), window, heard)
        return heard

    def press(self) -> list[Heard]:
        """Press push-to-talk."""
        if self.pressed:
            return []
        heard = self.stop()
        self.pressed = True
        self.utterance += 1
        self._samples = 0
        return [*heard, Began(self.utterance, pressed=True)]

    def release(self) -> list[Heard]:
        """Release push-to-talk."""
        if not self.pressed:
            return []
        self.pressed = False
        self._rest()
        return [Ended(self.utterance, pressed=True)]

    def close(self, utterance: int) -> list[Heard]:
        """Take `utterance` as ended in its pause; what comes next may begin another."""
        if self.pressed or not self._segmenter.pausing or utterance != self.utterance:
            return []
        self._segmenter.reset()
        return [Ended(utterance)]

    def stop(self) -> list[Heard]:
        """End what is running: the microphone is gone."""
        if self.pressed:
            return self.release()
        running = self._segmenter.speaking
        self._rest()
        return [Ended(self.utterance)] if running else []

    def _judge(self, probability: float, window: bytes, heard: list[Heard]) -> None:
        segmenter = self._segmenter
        pausing = segmenter.pausing
        change = segmenter.push(probability, len(window) // 2)
        if change is None and not segmenter.speaking:
            self._before.append(window)
        elif change is True:
            self.utterance += 1
            lead = b"".join(self._before)
            self._before.clear()
            self._samples = (len(lead) + len(window)) // 2
            heard += (Began(self.utterance), Sound(lead + window))
        elif change is False:
            heard += (Sound(window), Ended(self.utterance))
        else:
            self._samples += len(window) // 2
            heard.append(Sound(window))
            if segmenter.pausing != pausing:
                heard.append(Paused(self.utterance, not pausing))
            if self._samples >= self._longest:
                segmenter.reset()
                heard.append(Ended(self.utterance, cut=True))

    def _pressed_sound(self, data: bytes) -> list[Heard]:
        self._samples += len(data) // 2
        if self._samples < self._longest:
            return [Sound(data)] if data else []
        self.pressed = False
        return [Sound(data), Ended(self.utterance, pressed=True, cut=True)]

    def _continuous(self, pts: int, data: bytes, heard: list[Heard]) -> bytes:
        """Return the frame with silence for what is missing before it, and without what was heard already.

        A longer gap, or a microphone that was opened anew, ends what was being heard, unless push-to-talk is down.
        """
        data, self._expected, goes_on = continued(self._expected, pts, data)
        if not goes_on and not self.pressed:
            heard += self.stop()
        return data

    def _rest(self) -> None:
        if self._buffer or self._before or self._segmenter.speaking:
            self._segmenter.reset()
            self._buffer.clear()
            self._before.clear()
            if self._vad is not None:
                self._vad.reset()


def continued(expected: int | None, pts: int, data: bytes) -> tuple[bytes, int, bool]:
    """Join a frame to what came before it, of which `expected` is the pts that comes next; None: nothing did.

    Returns the frame with silence for what is missing before it and without what was heard already, the pts that comes
    next, and whether it goes on with what was heard, which it does not over more than MAX_GAP.
    """
    after = pts + len(data) // 2
    if expected is None or pts == expected:
        return data, after, True
    if 0 < pts - expected <= MAX_GAP:
        return bytes(2 * (pts - expected)) + data, after, True
    if 0 < pts < expected <= pts + MAX_GAP:
        return data[2 * (expected - pts) :], max(expected, after), True
    return data, after, False
