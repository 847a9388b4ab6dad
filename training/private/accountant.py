"""Reckons what learning with noise tells of one person at most: (epsilon, delta), by the accountants of opacus.

The promise: whether or not any one person is in the data, each possible outcome is at most exp(epsilon) times as
likely, but for a chance of delta. Small is good: at 0 nothing is told, 1 is strong, 8 is usual for language, beyond
about 10 it says little.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Final, Literal, TypeAlias

Accountant: TypeAlias = Literal["prv", "rdp"]
Unit: TypeAlias = Literal["person", "site"]

ORDERS: Final = (*(1 + x / 10 for x in range(1, 100)), *range(11, 64), 80, 96, 128, 192, 256, 512, 1024)
LOUDEST: Final = 2.0  # times what all persons of a step may say together; beyond, the noise is all that is learnt
TOLERANCE: Final = 0.02  # of epsilon, below what was asked for
SHARP: Final = 0.985  # of what is allowed, that is spent at least


class PrivacyError(Exception):
    """What was asked for cannot be promised; `code` for machines, `message` says what could be."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Promise:
    """What was promised, and by what means.

    `sigma` is the noise in multiples of `clip`, the longest gradient of one person. In each of `steps` every one of
    `persons` is in with chance `q`. `seeded` says that the noise can be made again by whoever knows the seed.
    """

    epsilon: float
    delta: float
    unit: Unit
    sigma: float
    q: float
    steps: int
    accountant: Accountant
    clip: float
    persons: int
    seeded: bool = False

    @property
    def crowd(self) -> float:
        """Return how many persons a step has on average."""
        return self.q * self.persons

    def facts(self) -> dict[str, float | int | str | bool]:
        """Return it as it stands in identity.json under `privacy.dp`."""
        return {**asdict(self), "epsilon": round(self.epsilon, 4), "sigma": round(self.sigma, 4)}


@lru_cache(maxsize=256)
def spent(sigma: float, q: float, steps: int, delta: float, accountant: Accountant = "prv") -> float:
    """Return the epsilon of so many steps; for a chance `q` of 1 everybody is in every step."""
    if not steps:
        return 0.0
    if not sigma:
        return math.inf
    from opacus.accountants import create_accountant

    counting = create_accountant(accountant)
    counting.history = [(sigma, q, steps)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of orders at the end of the list: a bound all the same, only not the best
        try:
            if accountant == "rdp":
                return float(counting.get_epsilon(delta=delta, alphas=ORDERS))
            # The estimate lies within the error of the truth; the upper end is the promise.
            return float(counting.get_epsilon(delta=delta, eps_error=TOLERANCE / 2))
        except (RuntimeError, ValueError, OverflowError, MemoryError) as error:
            raise PrivacyError(
                "no_account", f"the accountant {accountant} cannot reckon sigma {sigma:.3g} over {steps} steps: {error}"
            ) from error


def promise(
    epsilon: float,
    delta: float,
    *,
    persons: int,
    crowd: float,
    steps: int,
    clip: float,
    unit: Unit = "person",
    accountant: Accountant = "prv",
    seeded: bool = False,
) -> Promise:
    """Return the least noise that keeps (epsilon, delta) over `steps` with `crowd` of `persons` in each, on average.

    PrivacyError `bad_privacy` for what is no budget; `epsilon_too_small` when the noise would drown what is learnt:
    it says which epsilon, how few steps or how many persons would do.
    """
    _sensible(epsilon, delta, persons, crowd, steps, clip)
    q = min(1.0, crowd / persons)
    sigma = least_sigma(epsilon, delta, q, steps, near=0.03 if accountant == "prv" else 0.003)
    if sigma > LOUDEST * crowd:
        raise PrivacyError("epsilon_too_small", _what_could_be(epsilon, delta, persons, crowd, steps))
    if accountant == "prv":
        sigma = _lower(sigma, epsilon, delta, q, steps)
    told = spent(sigma, q, steps, delta, accountant)
    return Promise(told, delta, unit, sigma, q, steps, accountant, clip, persons, seeded)


def _sensible(epsilon: float, delta: float, persons: int, crowd: float, steps: int, clip: float) -> None:
    numbers = all(math.isfinite(value) and value > 0 for value in (epsilon, delta, crowd, clip))
    if not numbers or steps < 1:
        raise PrivacyError("bad_privacy", "epsilon, delta, steps, clip and the persons of a step are more than nothing")
    if persons < 2:
        raise PrivacyError("bad_privacy", "one person cannot hide: privacy takes the lines of two persons at least")
    if crowd > persons:
        raise PrivacyError("bad_privacy", f"a step cannot have {crowd:g} of {persons} persons")
    if delta >= 1 / persons:
        raise PrivacyError(
            "bad_privacy",
            f"with delta {delta:g} one of {persons} persons may be given away whole; take {0.1 / persons:.1g} or less",
        )


def least_sigma(epsilon: float, delta: float, q: float, steps: int, *, near: float = 0.003) -> float:
    """Return the least sigma by Rényi accounting, at most the share `near` too large; infinity beyond all reason."""
    low, high = 0.0, 1.0
    while spent(high, q, steps, delta, "rdp") > epsilon:
        low, high = high, 2 * high
        if high > 1e5:
            return math.inf
    while high - low > near * high:
        middle = (low + high) / 2
        if spent(middle, q, steps, delta, "rdp") > epsilon:
            low = middle
        else:
            high = middle
    return high


def _lower(sigma: float, epsilon: float, delta: float, q: float, steps: int) -> float:
    """Return the least sigma by the closer accountant, which never needs more than the other, but for its own error.

    A look by it takes about a second, so the next sigma is read off the line through the last two, in logarithms: on
    it epsilon falls nearly straight.
    """
    wanted = epsilon - TOLERANCE / 2
    low, high = 0.7 * sigma, 1.02 * sigma
    seen: list[tuple[float, float]] = []
    at = 0.92 * sigma
    while high - low > 0.01 * high:
        told = spent(at, q, steps, delta, "prv")
        low, high = (at, high) if told > wanted else (low, at)
        if SHARP * wanted <= told <= wanted:
            break
        seen = [*seen[-1:], (math.log(at), math.log(told))]
        at = _aimed(seen, math.log((1 + SHARP) / 2 * wanted))
        if not low < at < high:
            at = (low + high) / 2
    return high


def _aimed(seen: Sequence[tuple[float, float]], wanted: float) -> float:
    """Return where epsilon will be as wanted (a logarithm), by the line through what was seen, two points at most."""
    (x, y), *more = reversed(seen)
    slope = (y - more[0][1]) / (x - more[0][0]) if more and x != more[0][0] else -1.2
    return math.exp(x + (wanted - y) / slope) if slope else 0.0


def _what_could_be(epsilon: float, delta: float, persons: int, crowd: float, steps: int) -> str:
    q, most = min(1.0, crowd / persons), LOUDEST * crowd
    fewer = steps
    while fewer > 1 and spent(most, q, fewer, delta, "rdp") > epsilon:
        fewer //= 2
    enough = persons
    while enough < 10**9 and spent(most, min(1.0, crowd / enough), steps, delta, "rdp") > epsilon:
        enough *= 2
    ways = [f"epsilon {math.ceil(10 * spent(most, q, steps, delta, 'rdp')) / 10:g} with these {steps} steps"]
    if spent(most, q, fewer, delta, "rdp") <= epsilon:
        ways.append(f"{fewer} steps")
    if enough < 10**9:
        ways.append(f"about {enough} persons")
    return (
        f"epsilon {epsilon:g} cannot be kept with {persons} persons, {crowd:g} in a step, over {steps} steps: the "
        f"noise would be more than {LOUDEST:g} times what they can say together. What could be: {'; or '.join(ways)}."
    )
