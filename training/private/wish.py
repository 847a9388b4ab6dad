"""How private a tuning is to be, and what follows from it for the persons that there are."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from training.private.accountant import Accountant, PrivacyError, Promise, promise
from training.private.people import grouped
from training.tune.tokens import Example

METHODS: Final = ("lora", "ia3", "houlsby", "full")  # what learns by gradients that can be cut, and by nothing else


@dataclass(frozen=True, slots=True)
class Privacy:
    """An epsilon to keep. `delta` 0 takes a tenth of one in the number of persons, `crowd` 0 an eighth of them a step.

    `clip` is the longest pull of one person. `seed` makes the noise repeatable, for tests and measurements alone.
    """

    epsilon: float
    delta: float = 0.0
    crowd: int = 0
    clip: float = 0.5
    accountant: Accountant = "prv"
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What is promised, and the examples of each person."""

    promise: Promise
    persons: Sequence[Sequence[Example]]


def kept(wish: Privacy, method: str, learned: Sequence[Example], epochs: float) -> Kept:
    """Reckon the noise for the persons of what is learned; PrivacyError when the wish cannot be kept."""
    if method not in METHODS:
        raise PrivacyError("bad_privacy", f"{method} cannot be learned privately; there are: {', '.join(METHODS)}")
    persons = grouped(((each.person, each) for each in learned), chance=random.Random(0))
    crowd = wish.crowd or max(1, min(len(persons), max(4, len(persons) // 8)))
    steps = max(1, round(epochs * len(persons) / crowd))
    made = promise(
        wish.epsilon,
        wish.delta or 0.1 / max(2, len(persons)),
        persons=len(persons),
        crowd=crowd,
        steps=steps,
        clip=wish.clip,
        accountant=wish.accountant,
        seeded=wish.seed is not None,
    )
    return Kept(made, persons)


def told(promise: Promise) -> str:
    """Say a promise to people."""
    return (
        f"Of each of {promise.persons} persons the adapter tells no more than epsilon {promise.epsilon:.2f} allows "
        f"(delta {promise.delta:.2g}): whatever it says became at most exp({promise.epsilon:.2f}) times as likely by "
        f"their being there. Noise of {promise.sigma:.2f} times the longest pull of one person, over {promise.steps} "
        f"steps of about {promise.crowd:g} persons. It covers the adapter, not this folder."
    )
