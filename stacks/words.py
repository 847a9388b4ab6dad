"""Lays the phones of words over the times at which a voice says them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engines.api import Phone, Speech

JOINED_S: Final = 0.05  # words that are no further apart than this follow each other without a pause


@dataclass(frozen=True, slots=True)
class Spoken:
    """A word, and when it is heard: seconds since the first sound of what is said."""

    text: str
    start: float
    end: float


def timed(words: Sequence[Spoken], reading: Speech, rate: int) -> list[Phone]:
    """Return the phones of `words`, which `reading` says in its own time, in samples at `rate`; pauses are left out."""
    placed: list[Phone] = []
    at = 0
    for word in words:
        # The reading is of the words, a blank apart.
        spans = [said for said in reading.words if at <= said.at < at + len(word.text)]
        at += len(word.text) + 1
        start, end = round(word.start * rate), round(word.end * rate)
        if not spans or end <= start:
            continue
        placed += _laid(reading.phones, (spans[0].start, max(said.end for said in spans)), (start, end))
    return placed


def _laid(phones: Sequence[Phone], there: tuple[int, int], here: tuple[int, int]) -> Iterator[Phone]:
    inside = [phone for phone in phones if phone.ipa and there[0] <= phone.start < there[1]]
    if not inside:
        return
    first, last = inside[0].start, max(inside[-1].end, inside[0].start + 1)

    def moved(sample: int) -> int:
        return here[0] + round((sample - first) * (here[1] - here[0]) / (last - first))

    for phone in inside:
        start, end = moved(phone.start), min(here[1], moved(phone.end))
        if start < end:
            yield Phone(phone.ipa, start, end, phone.stress)


def between(phones: Sequence[Phone], first: int, last: int, rate: int) -> tuple[Phone, ...]:
    """Return what of `phones` lies from sample `first` to `last`, counted from `first`, with pauses in the gaps."""
    found: list[Phone] = []
    at = first
    for number, phone in enumerate(phones):
        following = phones[number + 1].start if number + 1 < len(phones) else phone.end
        end = following if 0 <= following - phone.end <= JOINED_S * rate else phone.end
        start, end = max(phone.start, at), min(end, last)
        if start >= end:
            continue
        if start > at:
            found.append(Phone("", at - first, start - first))
        found.append(Phone(phone.ipa, start - first, end - first, phone.stress))
        at = end
    if at < last:
        found.append(Phone("", at - first, last - first))
    return tuple(found)
