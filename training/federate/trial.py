"""One try of a round as the aggregator sees it: who is in, what has come, and the sum of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from training.federate.combine import clipped, combined, outlyingness
from training.federate.messages import Letters, Member, Reveal, Score, Turn, Update
from training.federate.plan import Plan
from training.federate.ring import Ring, Vector, decode, floats, unpacked
from training.federate.unmask import unmasked


@dataclass(slots=True)
class Trial:
    """What has come in this try. `lines` has everybody who was there when it began; `length` is of an update."""

    turn: Turn
    plan: Plan
    lines: dict[str, int]
    length: int
    members: dict[str, Member] = field(default_factory=dict)
    letters: dict[str, Letters] = field(default_factory=dict)
    updates: dict[str, Vector] = field(default_factory=dict)
    hidden: dict[str, Ring] = field(default_factory=dict)
    reveals: dict[str, Reveal] = field(default_factory=dict)
    scores: dict[str, Score] = field(default_factory=dict)
    cut: int = 0

    @property
    def needed(self) -> int:
        """Return how many sites this try takes; with secure sums more than half of those who have shown keys."""
        return max(self.plan.least, len(self.members) // 2 + 1) if self.plan.secure else self.plan.least

    @property
    def survivors(self) -> list[str]:
        """Return whose updates have come, sorted."""
        return sorted(self.hidden if self.plan.secure else self.updates)

    def take(self, site: str, update: Update) -> None:
        """Keep an update; `bad_update` when it cannot be one."""
        if self.plan.secure:
            self.hidden[site] = unpacked(update.numbers, self.length)
        else:
            # The site has cut a noisy update before the noise; cutting the noise would take the privacy off.
            most = 0.0 if self.plan.unit == "site" else self.plan.clip
            self.updates[site] = clipped(floats(update.numbers, self.length), most)
        self.cut += update.cut
        if update.before is not None:
            self.scores[site] = update.before

    def complete(self, reveal: Reveal) -> bool:
        """Say whether a site has told what it was asked for, and nothing more."""
        alive = set(self.survivors)
        return reveal.seeds.keys() == alive and reveal.keys.keys() == self.letters.keys() - alive

    def combined(self) -> Vector:
        """Return the one update of all that have come."""
        if self.plan.secure:
            sharers = {name: self.members[name] for name in self.letters}
            order = sorted(self.members)
            total = unmasked(self.hidden, sharers, self.reveals, order, self.turn, self.needed)
            return (decode(total, self.plan.reach) / sum(self._part(name) for name in self.hidden)).astype(np.float32)
        names = self.survivors
        return combined(
            [self.updates[name] for name in names],
            [1 if self.plan.equal else self.lines[name] for name in names],
            self.plan.way,
            trim=self.plan.trim,
        )

    def outlying(self) -> dict[str, float]:
        """Say how far each update lies from the others; nothing when they are hidden."""
        names = sorted(self.updates)
        far = outlyingness([self.updates[name] for name in names]) if names else []
        return {name: round(value, 2) for name, value in zip(names, far, strict=True)}

    def before(self) -> float | None:
        """Return the mean loss of the weights that the try began with, by tokens; None when nobody tells."""
        tokens = sum(score.tokens for score in self.scores.values())
        return sum(score.loss * score.tokens for score in self.scores.values()) / tokens if tokens else None

    def _part(self, site: str) -> float:
        """Return a site's part of the masked mean, as the site itself has reckoned it."""
        if self.plan.equal:
            return 1 / len(self.letters)
        return self.members[site].lines / sum(self.members[name].lines for name in self.letters)
