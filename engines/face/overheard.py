"""A voice known by its sound alone, for as long as no phones come: its lips, and what it does, in stream time."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Final

import numpy as np

from engines.api import Speech
from engines.face.coarticulation import TRACKS, Contacts
from engines.face.lips_audio import LOOK_S, SEAL, TEETH, LipsFromSound
from engines.face.prosody import Event
from engines.sound.arrays import Doubles, Floats

LONG_S: Final = 0.25  # a longer piece does not wait for the next one
KEPT_S: Final = 0.1  # how far before what was drawn last it may be asked again


class Overheard:
    """What is heard from `since` (s of the stream) on, in samples at `rate`."""

    def __init__(self, rate: int, since: float) -> None:
        self._rate = rate
        self._since = since
        self._ear = LipsFromSound(rate)

    def push(self, newest: Speech, waiting: deque[Speech]) -> Iterator[Speech]:
        """Hear the newest piece; take from `waiting`, which ends with it, those that can be drawn now."""
        self._ear.push(newest.pcm)
        after = sum(piece.samples for piece in waiting)
        while waiting:
            after -= waiting[0].samples
            if after < LOOK_S * self._rate and waiting[0].samples < LONG_S * self._rate:
                return
            yield waiting.popleft()

    def events(self) -> list[Event]:
        """Return what the voice did, as far as it was not yet told of."""
        return [Event(kind, at + self._since) for kind, at in self._ear.events()]

    def move(self, times: Doubles) -> tuple[Floats, Contacts, Floats]:
        """Compute movements and visemes at ascending `times` (s of the stream), and contacts at all but the first."""
        told = self._ear.shown(times - self._since)
        seal, touch = told[SEAL], told[TEETH] * (1.0 - told[SEAL])
        self._ear.forget(float(times[-1]) - self._since - KEPT_S)
        return told[:TRACKS], Contacts(seal[1:], touch[1:], np.zeros(len(times) - 1, np.float32)), told[TEETH + 1 :]
