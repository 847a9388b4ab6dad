"""What Whisper writes that nobody said, and how it is told from speech. Pure.

The measures are those of Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision" (2022), section
4.5: the probability of no speech, the mean log-probability, the compression ratio. Phrases that the model is known to
invent (it learned them from the ends of videos) are dropped only when the sound speaks against them as well.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from engines.hearing.whisper.agreement import HeardWord, plain, written

LOOP: Final = 4  # times that a phrase is said in a row before it counts as a loop
LOOP_WORDS: Final = 8  # words of the longest phrase that is looked for
DOUBTFUL: Final = 0.5  # probability of a word below which silence speaks against it
HEARD: Final = 0.3  # share of loud frames below which a phrase was hardly heard

PHANTOMS: Final = frozenset(
    {
        "you", "thank you", "thank you very much", "thank you so much", "thanks", "thanks for watching",
        "thank you for watching", "thanks for listening", "thank you for listening", "please subscribe",
        "like and subscribe", "see you next time", "see you in the next video", "bye", "bye bye", "the end", "so", "oh",
        "subtitles by the amaraorg community", "subtitles by amaraorg", "transcription by castingwords", "music",
        "applause", "silence", "untertitel der amaraorgcommunity", "untertitel im auftrag des zdf",
        "untertitelung des zdf", "vielen dank", "vielen dank fürs zuschauen", "bis zum nächsten mal",
        "soustitres réalisés par la communauté damaraorg", "merci davoir regardé", "merci",
        "subtítulos realizados por la comunidad de amaraorg", "gracias por ver el video", "gracias",
        "sottotitoli creati dalla comunità amaraorg",
        "ご視聴ありがとうございました", "谢谢观看", "시청해주셔서 감사합니다",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Above `no_speech` and below `logprob` there was no speech; above `compression` the text repeats itself."""

    no_speech: float = 0.6
    logprob: float = -1.0
    compression: float = 2.4


@dataclass(frozen=True, slots=True)
class Measures:
    """How sure the model was of one window: two probabilities' logarithm and how well its text compresses."""

    no_speech: float
    logprob: float
    compression: float

    def speech(self, limits: Thresholds) -> bool:
        """Say whether there was speech at all."""
        return not (self.no_speech > limits.no_speech and self.logprob < limits.logprob)

    def trusted(self, limits: Thresholds) -> bool:
        """Say whether the text needs no second try."""
        return self.compression <= limits.compression and self.logprob >= limits.logprob


def compression(text: str) -> float:
    """Count the text's bytes for each byte of its zlib form."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0


def believed(
    words: Sequence[HeardWord], measures: Measures, limits: Thresholds, loudness: Callable[[int, int], float]
) -> tuple[HeardWord, ...]:
    """Keep the words that were probably said; `loudness` gives the share of loud frames between two samples."""
    if not measures.speech(limits):
        return ()
    kept = tuple(w for w in words if w.probability >= DOUBTFUL or loudness(w.start, w.end) > 0)
    if measures.compression > limits.compression:
        kept = unlooped(kept)
    if plain(written(kept)) in PHANTOMS and _unheard(kept, measures, limits, loudness):
        return ()
    return kept


def unlooped(words: Sequence[HeardWord]) -> tuple[HeardWord, ...]:
    """Keep a phrase that comes LOOP times in a row or oftener only once."""
    kept: list[HeardWord] = []
    at = 0
    while at < len(words):
        size, times = _loop(words, at)
        kept += words[at : at + size]
        at += size * times
    return tuple(kept)


def _loop(words: Sequence[HeardWord], at: int) -> tuple[int, int]:
    for size in range(1, LOOP_WORDS + 1):
        phrase = [plain(word.text) for word in words[at : at + size]]
        times = 1
        while [plain(word.text) for word in words[at + times * size : at + (times + 1) * size]] == phrase:
            times += 1
        if times >= LOOP:
            return size, times
    return 1, 1


def _unheard(
    words: Sequence[HeardWord], measures: Measures, limits: Thresholds, loudness: Callable[[int, int], float]
) -> bool:
    certainty = sum(word.probability for word in words) / len(words)
    heard = loudness(words[0].start, words[-1].end)
    return measures.no_speech > limits.no_speech / 2 or certainty < DOUBTFUL or heard < HEARD
