"""How long whom is waited for: the numbers that turn-taking goes by, and the few judgements that are only numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

BACKCHANNELS = frozenset(
    {"ah", "aha", "cool", "great", "hm", "hmm", "huh", "mhm", "mm", "mm-hm", "mmhm", "nice", "oh", "ok", "okay"}
    | {"really", "right", "sure", "uh", "uh-huh", "uhhuh", "wow", "yeah", "yep", "yes", "i", "see"}
)
SURE: Final = 0.8  # likelihood of the turn's end from which a pause may end an utterance
UNLIKELY: Final = 0.5  # likelihood below which words that may still change are not answered ahead


@dataclass(frozen=True, slots=True)
class Policy:
    """Durations in seconds.

    `endpoint_after`: how long after speech the floor stays the user's when nothing tells whether they have finished;
    `endpoint_least` and `endpoint_most`: when they surely have, and surely have not. `close_after`: how much silence
    ends an utterance that sounds finished, if voice detection has not ended it before (0: it alone does).
    `barge_in_after`: how much speech over a reply makes it a barge-in. `transcript_wait`: how long the words may lag
    behind the end of speech.

    `tries`: how many answers to one utterance may be begun before the user's turn is over (0: none).
    `stable_after`: how long words and silence must last for one, twice as long if the words came before the silence;
    `hold_for`: how long one is kept.
    """

    endpoint_after: float = 0.25
    barge_in_after: float = 0.4
    transcript_wait: float = 8.0
    endpoint_least: float = 0.0
    endpoint_most: float = 1.0
    close_after: float = 0.0
    tries: int = 0
    stable_after: float = 0.15
    hold_for: float = 5.0
    backchannels: frozenset[str] = BACKCHANNELS

    def is_backchannel(self, text: str) -> bool:
        """Whether these words only say "go on"; no words at all do too."""
        return all(word.strip(".,!?") in self.backchannels for word in text.lower().split())

    def wait(self, likely: float | None) -> float:
        """How long the floor stays the user's when their turn is over with likelihood `likely`; None is no opinion.

        0.5 is no opinion either; from there the wait falls and rises in proportion.
        """
        if likely is None:
            return self.endpoint_after
        extreme = self.endpoint_least if likely >= 0.5 else self.endpoint_most
        bounded = min(extreme, self.endpoint_after) if likely >= 0.5 else max(extreme, self.endpoint_after)
        return self.endpoint_after + (bounded - self.endpoint_after) * min(1.0, abs(likely - 0.5) * 2)
