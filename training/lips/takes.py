"""A take: one sentence in one voice, its sound and the true times of its phones and words."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engines.api import Speech
from engines.sound.audio import resample
from engines.sound.phones import split
from training.lips.metrics import Phone


@dataclass(frozen=True, slots=True)
class Take:
    """`speech` as an engine would yield it with exact times, and `truth` in seconds; `voice` is "engine name"."""

    voice: str
    text: str
    speech: Speech
    truth: tuple[Phone, ...]

    @property
    def seconds(self) -> float:
        """How long the sound is."""
        return self.speech.samples / self.speech.rate

    def pcm(self, rate: int) -> NDArray[np.int16]:
        """Return the sound at another rate."""
        return np.frombuffer(resample(self.speech.pcm, self.speech.rate, rate), "<i2").astype(np.int16)


def true_phones(speech: Speech) -> tuple[Phone, ...]:
    """Return the phones of a piece whose times are exact; a bilabial stop counts as shut until its burst.

    espeak-ng's burst is where its event lies; what `engines.voices.reading.times` moved is only the start. A plosive's
    shut part is given where the piece says no more as the whole of it.
    """
    return tuple(Phone(p.ipa, p.start / speech.rate, p.end / speech.rate) for p in speech.phones)


def parts(phones: tuple[Phone, ...]) -> tuple[Phone, ...]:
    """Return tokens of several sounds as one phone a sound, each with its share of the time."""
    out: list[Phone] = []
    for phone in phones:
        start = phone.start
        for ipa, share in split(phone.ipa):
            end = start + share * (phone.end - phone.start)
            out.append(replace(phone, ipa=ipa, start=start, end=end))
            start = end
    return tuple(out)
