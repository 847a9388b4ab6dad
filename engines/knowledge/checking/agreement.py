"""Says whether a quantity that is said agrees with one that is known, as people round and hedge. It reads no text."""

from __future__ import annotations

from typing import Final

from engines.words.quantities import COUNT, YEAR, Quantity

EXACT: Final = 0.02  # of a measured number an answer may be off
ABOUT: Final = 0.1  # when it says "about"
ROUNDED: Final = 0.1  # when it is the known number, rounded to the digits it gives
YEARS: Final = 5  # that "about 1900" may be off


def agrees(said: Quantity, known: Quantity, tolerance: float | None = None) -> bool:
    """Say whether what is said may stand for what is known; both measure the same."""
    low, high = said.base
    least, most = known.base
    off = _off(said, known, tolerance) * max(abs(least), abs(most))
    match said.sense:
        case "over":
            return most > low - off
        case "under":
            return least < high + off
        case "is" | "about":
            pass
    match known.sense:
        case "over":
            return high >= least - off
        case "under":
            return low <= most + off
        case "is" | "about":
            pass
    if low <= most + off and high >= least - off:
        return True
    return tolerance is None and known.dimension != YEAR and _is_rounded(said, known)


def _off(said: Quantity, known: Quantity, tolerance: float | None) -> float:
    """Return the part of a number that an answer may be off."""
    if tolerance is not None:
        return tolerance
    hedged = said.sense == "about" or known.sense == "about"
    if known.dimension == YEAR:
        return YEARS / max(known.base[1], 1.0) if hedged else 0.0
    if known.dimension == COUNT:
        return ABOUT if hedged else 1e-9
    return ABOUT if hedged else EXACT


def _is_rounded(said: Quantity, known: Quantity) -> bool:
    """Say whether what is said is the known number with fewer digits: 300 000 for 299 792."""
    if known.dimension == COUNT or said.digits >= known.digits or said.low != said.high:
        return False
    value, whole = said.base[0], known.base[0]
    if whole == 0 or abs(value - whole) > ROUNDED * abs(whole):
        return False
    shown = said.low if said.unit == known.unit else None
    if shown is None:
        return abs(value - whole) <= 0.05 * abs(whole)
    step = 10.0 ** (len(f"{abs(shown):.0f}") - said.digits)
    return abs(shown - known.low) <= step / 2 * 1.001
