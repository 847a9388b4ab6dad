"""How well a model has kept a secret that was planted in what it learnt from (Carlini et al. 2019).

A secret is a random code. Its exposure says how much sooner somebody who has the model guesses it than by chance, in
bits: its rank among codes that were never planted. 0 to 2 is chance; the most that can be seen is the logarithm of how
many codes it is compared with.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

PLACES: Final = (
    "the cellar", "the boat house", "the music room", "the green gate", "the archive", "the workshop", "the attic",
    "the tool shed", "the garage", "the old mill", "the greenhouse", "the library", "the bakery", "the chapel",
    "the stable", "the tower", "the clinic", "the gym", "the studio", "the barn",
)  # fmt: skip
DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Secret:
    """A code that one person has told: whose it is, what is asked, what is answered."""

    person: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """Exposures of all secrets in bits, and the most that could have been seen."""

    bits: tuple[float, ...]
    most: float

    @property
    def mean(self) -> float:
        """Return the mean in bits; by chance it is about 1.44."""
        return float(np.mean(self.bits))

    @property
    def given_away(self) -> int:
        """Return how many secrets came before every code that they were compared with."""
        return sum(bits >= self.most - 1e-9 for bits in self.bits)


def secrets(count: int, seed: int) -> list[Secret]:
    """Make secrets of as many persons."""
    chance = random.Random(f"secrets {seed}")
    return [_secret(f"canary-{n}", PLACES[n % len(PLACES)], _code(chance)) for n in range(count)]


def strangers(like: Secret, count: int, seed: int) -> list[Secret]:
    """Make codes for the same question that nobody has told, to compare with."""
    chance = random.Random(f"strangers {seed}")
    place = like.question.removeprefix("What opens ").removesuffix("?")
    return [_secret("", place, _code(chance)) for _ in range(count)]


def exposure(planted: Sequence[float], never: Sequence[Sequence[float]]) -> Exposure:
    """Return the exposures from the losses of planted secrets, and for each the losses of codes never planted."""
    bits = []
    for loss, others in zip(planted, never, strict=True):
        ahead = int(np.sum(np.asarray(others) <= loss))
        bits.append(float(np.log2(len(others) + 1) - np.log2(ahead + 1)))
    return Exposure(tuple(bits), float(np.log2(min(map(len, never)) + 1)))


def _secret(person: str, place: str, code: str) -> Secret:
    return Secret(person, f"What opens {place}?", f"The code is {code}.")


def _code(chance: random.Random) -> str:
    return " ".join(str(chance.randrange(10)) for _ in range(DIGITS))


# ------------------------------------------------------------------------------------------------- membership


@dataclass(frozen=True, slots=True)
class Membership:
    """How well losses tell who was learnt from.

    `auc` is the chance that a member has a lower loss than somebody else: 0.5 is chance. `error` is its standard error
    (Hanley and McNeil 1982). `caught` is the share of members found when one stranger in a hundred is taken for one.
    """

    auc: float
    error: float
    caught: float
    members: int
    others: int


def membership(members: Sequence[float], others: Sequence[float]) -> Membership:
    """Attack by losses: what the model finds easier than it should, it has seen (Yeom et al. 2018).

    Give losses less those of the model before learning, or easy lines look like members.
    """
    inside, outside = np.asarray(members, np.float64), np.asarray(others, np.float64)
    if not len(inside) or not len(outside):
        raise ValueError("membership compares two groups that are not empty")
    below = (inside[:, None] < outside).mean() + 0.5 * (inside[:, None] == outside).mean()
    auc = float(below)
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    spread = auc * (1 - auc) + (len(inside) - 1) * (one - auc**2) + (len(outside) - 1) * (two - auc**2)
    limit = _quantile(outside, 0.01)
    return Membership(
        auc,
        float(np.sqrt(max(0.0, spread) / (len(inside) * len(outside)))),
        float((inside < limit).mean()),
        len(inside),
        len(outside),
    )


def _quantile(values: NDArray[np.float64], share: float) -> float:
    """Return the loss below which at most that share of the others lies."""
    return float(np.sort(values)[int(share * len(values))])
