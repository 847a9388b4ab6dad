"""Holds the numbers that turn-taking goes by, and the judgements that are only numbers."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.core.opinion import SURE, Opinion

BACKCHANNELS = frozenset(
    {"ah", "aha", "cool", "great", "hm", "hmm", "huh", "mhm", "mm", "mm-hm", "mmhm", "nice", "oh", "ok", "okay"}
    | {"really", "right", "sure", "uh", "uh-huh", "uhhuh", "wow", "yeah", "yep", "yes", "i", "see"}
)


@dataclass(frozen=True, slots=True)
class Policy:
    """Durations in seconds; the defaults are those that ship, and stand nowhere else.

    `endpoint_after`: how long after speech the floor stays the user's when nothing tells whether they have finished;
    `endpoint_least` and `endpoint_most`: when they surely have, and surely have not. `close_after`: how much silence
    ends an utterance that sounds finished, if voice detection has not ended it before (0: it alone does);
    `close_voice_after`: how much when it is the voice that sounds so, since the words are still judged then;
    `voice_trust`: how much of what the voice says counts, 0..1.
    `barge_in_after`: how much speech over a reply makes it a barge-in. `reopen_within`: of how much of a reply the user
    may have heard, and still be answered anew with what they go on to say.

    `tries`: how many answers to one utterance may be begun before the user's turn is over (0: none).
    `stable_after`: how long words and silence must last for one, twice as long if the words came before the silence;
    `hold_for`: how long one is kept.
    """

    endpoint_after: float = 0.25
    endpoint_least: float = 0.0
    endpoint_most: float = 1.0
    close_after: float = 0.15
    close_voice_after: float = 0.06
    voice_trust: float = 0.25
    barge_in_after: float = 0.4
    reopen_within: float = 0.4
    tries: int = 2
    stable_after: float = 0.15
    hold_for: float = 5.0
    backchannels: frozenset[str] = BACKCHANNELS

    def is_backchannel(self, text: str) -> bool:
        """Tell whether these words only say "go on"; no words at all do too."""
        return all(word.strip(".,!?") in self.backchannels for word in text.lower().split())

    def wait(self, likely: float | None) -> float:
        """Return how long the floor stays the user's when their turn is over with likelihood `likely`; None: unknown.

        0.5 is no opinion either; from there the wait falls and rises in proportion.
        """
        if likely is None:
            return self.endpoint_after
        extreme = self.endpoint_least if likely >= 0.5 else self.endpoint_most
        bounded = min(extreme, self.endpoint_after) if likely >= 0.5 else max(extreme, self.endpoint_after)
        return self.endpoint_after + (bounded - self.endpoint_after) * min(1.0, abs(likely - 0.5) * 2)

    def close(self, opinion: Opinion) -> float | None:
        """Return how much silence ends an utterance of which this is thought, None if voice detection alone does."""
        if not self.close_after:
            return None
        if opinion.voice_is_sure:
            return min(self.close_voice_after, self.close_after)
        return self.close_after if (opinion.likelihood or 0.0) >= SURE else None
