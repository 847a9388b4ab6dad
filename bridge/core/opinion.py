"""Weighs how finished the user sounds: what their words say and what their voice says, as one likelihood."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log
from typing import Final

SURE: Final = 0.8  # likelihood of the turn's end from which a pause may end an utterance
UNLIKELY: Final = 0.5  # likelihood below which words that may still change are not answered ahead
MOVING: Final = 0.05  # likelihood that somebody has finished whose mouth still moves
EXTREME: Final = 0.01  # no judge counts for more than this far from certainty


@dataclass(slots=True)
class Opinion:
    """Likelihoods 0..1 that the turn is over by the words and by the voice; None: nobody has judged.

    Recognisers lag: words are `lagging` when more of what was said before the pause may be to come. `trust` is how much
    of the voice's log odds counts, 0..1. While the `mouth` is seen to move, nothing of this counts for an end.
    """

    by_words: float | None = None
    by_voice: float | None = None
    lagging: bool = False
    trust: float = 1.0
    mouth: bool = False

    @property
    def likelihood(self) -> float | None:
        """Return the weighed likelihood, little while the mouth moves; None: nobody has judged."""
        weighed = self._weighed
        return min(MOVING, MOVING if weighed is None else weighed) if self.mouth else weighed

    @property
    def _weighed(self) -> float | None:
        """Add both as independent evidence, in log odds; of one alone return what it says, of none None.

        That lagging words are unfinished says nothing against a voice that sounds finished.
        """
        words, voice = self.by_words, self.tempered
        if words is None or voice is None:
            return voice if words is None else words
        if self.lagging and words < 0.5 <= voice:
            return voice
        return 1 / (1 + exp(-_log_odds(words) - _log_odds(voice)))

    @property
    def tempered(self) -> float | None:
        """Return what the voice says as far as it is trusted."""
        return None if self.by_voice is None else 1 / (1 + exp(-self.trust * _log_odds(self.by_voice)))

    @property
    def voice_is_sure(self) -> bool:
        """Return whether the voice sounds finished and the words do not contradict it."""
        return (self.by_voice or 0.0) >= SURE and (self.likelihood or 0.0) >= 0.5

    def forget(self) -> None:
        """Drop both: the user goes on."""
        self.by_words = self.by_voice = None
        self.mouth = False


def _log_odds(likely: float) -> float:
    bounded = min(1 - EXTREME, max(EXTREME, likely))
    return log(bounded / (1 - bounded))
