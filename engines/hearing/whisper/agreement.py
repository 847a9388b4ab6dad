"""What is certain of an utterance while it is being said: local agreement between two hypotheses. Pure.

A recogniser that hears a growing window again and again gives a new hypothesis each time; words that two in a row agree
on are taken for certain, and the window may begin after them. After Machacek, Dabre, Bojar, "Turning Whisper into
Real-Time Transcription System" (2023), LocalAgreement-2. All times are samples since the beginning of the utterance.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engines.text.han import alike

ECHO: Final = 4000  # samples after a cut in which the last word before it may be heard again
SENTENCE_ENDS: Final = (".", "!", "?", "…", "。", "！", "？")


@dataclass(frozen=True, slots=True)
class HeardWord:
    """A word as the model writes it, the white space before it included, with its times and probability."""

    text: str
    start: int
    end: int
    probability: float = 1.0


class Agreement:
    """The words of one utterance: `settled` ones, whose sound is no longer looked at, and those of the window."""

    def __init__(self) -> None:
        self.settled: tuple[HeardWord, ...] = ()
        self.agreed: tuple[HeardWord, ...] = ()  # of the window
        self.latest: tuple[HeardWord, ...] = ()  # the last hypothesis about the window
        self.begin = 0  # where the window begins

    @property
    def certain(self) -> tuple[HeardWord, ...]:
        """All words that will not change any more; it only ever grows at its end."""
        return self.settled + self.agreed

    @property
    def words(self) -> tuple[HeardWord, ...]:
        """The certain words and what the last hypothesis has after them."""
        return self.certain + self._after(self.latest)

    def push(self, hypothesis: Sequence[HeardWord]) -> None:
        """Take what is heard in the window now."""
        hypothesis = self.fresh(hypothesis)
        count = _alike(self.latest, hypothesis)
        if count > len(self.agreed) and _alike(self.agreed, hypothesis) == len(self.agreed):
            # What was shown stays as it was shown.
            self.agreed += hypothesis[len(self.agreed) : count]
        self.latest = hypothesis

    def fresh(self, hypothesis: Sequence[HeardWord]) -> tuple[HeardWord, ...]:
        """Return the hypothesis without the end of the last settled word, which a cut may have left in the window."""
        words = tuple(hypothesis)
        if self.settled and words and words[0].end - self.begin <= ECHO and _same(words[0], self.settled[-1]):
            return words[1:]
        return words

    def trim(self) -> bool:
        """Begin the window after agreed words, at the end of a sentence if one ended late enough; whether it moved."""
        if not self.agreed:
            return False
        middle = (self.begin + self.agreed[-1].end) // 2
        ends = [i for i, w in enumerate(self.agreed) if w.text.rstrip().endswith(SENTENCE_ENDS) and w.end >= middle]
        self._settle(self.agreed[: (ends[-1] if ends else len(self.agreed) - 1) + 1])
        return True

    def cut(self, hypothesis: Sequence[HeardWord], at: int) -> None:
        """Settle a full window that ends at `at`: all its words but one that the end may have cut."""
        words = self.fresh(hypothesis)
        whole = words[:-1] if len(words) > 1 else ()
        if whole and whole[-1].end > self.begin:
            self._settle(whole)
        else:
            # Nothing to go by: the sound before is given up rather than heard for ever.
            self.settled += words
            self.agreed = self.latest = ()
            self.begin = at

    def _settle(self, words: tuple[HeardWord, ...]) -> None:
        self.settled += words
        self.begin = words[-1].end
        self.agreed = self.agreed[len(words) :]
        self.latest = tuple(word for word in self.latest if word.end > self.begin)

    def _after(self, hypothesis: tuple[HeardWord, ...]) -> tuple[HeardWord, ...]:
        count = len(self.agreed)
        if _alike(self.agreed, hypothesis) == count:
            return hypothesis[count:]
        end = self.agreed[-1].end
        return tuple(word for word in hypothesis if (word.start + word.end) // 2 > end)


def written(words: Sequence[HeardWord]) -> str:
    """Join the words to a line of text."""
    return " ".join("".join(word.text for word in words).split())


def plain(text: str) -> str:
    """Reduce a word or a line to its letters and digits, in lower case; Chinese to Simplified signs."""
    return "".join(
        c for c in alike(unicodedata.normalize("NFKC", text)).casefold() if c.isalnum() or c.isspace()
    ).strip()


def _same(one: HeardWord, other: HeardWord) -> bool:
    return plain(one.text) == plain(other.text)


def _alike(one: Sequence[HeardWord], other: Sequence[HeardWord]) -> int:
    """Count the words at the beginning that are the same, case and punctuation aside."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if not _same(a, b):
            break
        count += 1
    return count
