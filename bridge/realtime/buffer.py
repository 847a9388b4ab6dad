"""Keeps the sound that a client appends: passed on at once where the bridge finds turns, else held until a commit."""

from __future__ import annotations

from typing import Final

from bridge.realtime.effects import Effect, Say
from bridge.realtime.refused import Refused
from bridge.realtime.settings import SoundFormat
from bridge.realtime.sound import Ear, decoded
from protocol import messages as m

LONGEST: Final = 120  # seconds that are held
SHORTEST: Final = 100  # ms that can be committed
PER_MS: Final = 2 * m.MIC_RATE // 1000  # bytes


class Buffer:
    """The input audio buffer of one connection."""

    def __init__(self, form: SoundFormat) -> None:
        self.form = form
        self.samples = 0  # that were passed on
        self._ear = Ear(form)
        self._held: list[bytes] = []
        self._size = 0  # bytes of what is held
        self._since = 0  # bytes since the last commit

    def append(self, audio: str, *, hold: bool) -> list[Effect]:
        """Take sound in base64; Refused when it is none, or too much."""
        return self.take(decoded(audio), hold=hold)

    def take(self, audio: bytes, *, hold: bool) -> list[Effect]:
        """Take sound; Refused when it is too much."""
        frames = self._ear.push(audio)
        size = sum(map(len, frames))
        self._since += size
        if not hold:
            return self._passed(frames)
        if self._size + size > LONGEST * 1000 * PER_MS:
            self.clear()
            raise Refused("buffer_full", f"{LONGEST} s of sound were not committed and are dropped", "audio")
        self._held += frames
        self._size += size
        return []

    def commit(self, *, hold: bool) -> list[Effect]:
        """Let go of what is held, as one utterance; Refused if that is next to nothing."""
        rest = self._ear.flush()
        length = (self._since + sum(map(len, rest))) // PER_MS
        if length < SHORTEST:
            self.clear()
            sentence = f"the buffer holds {length} ms of sound; at least {SHORTEST} ms can be committed"
            raise Refused("input_audio_buffer_commit_empty", sentence)
        self._since = 0
        if not hold:
            return self._passed(rest)
        frames, self._held, self._size = [*self._held, *rest], [], 0
        began = Say(m.Talk(on=True, pts=self.samples))
        return [began, *self._passed(frames), Say(m.Talk(on=False, pts=self.samples))]

    def clear(self) -> None:
        """Drop what is held."""
        self._ear = Ear(self.form)
        self._held, self._size, self._since = [], 0, 0

    def recast(self, form: SoundFormat) -> None:
        """Take sound in another format from now on."""
        if form != self.form:
            self.form = form
            self.clear()

    def _passed(self, frames: list[bytes]) -> list[Effect]:
        said: list[Effect] = []
        for frame in frames:
            said.append(Say(m.Mic(pts=self.samples, data=frame)))
            self.samples += len(frame) // 2
        return said
