"""Says what one attribute of many people tells of another that it must not tell of. Pure.

A trade, a nature or a pastime may not be told by gender, origin, skin or age, nor a voice or an accent by skin or
origin. The mutual information of each such pair stands beside what shuffling gives.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from engines.identity.fields import Json
from studio.evaluate.measures import Measure, Section, Wanted
from studio.evaluate.numbers.information import SHUFFLES, Shared, shared

GROUPS: Final = ("presentation", "ancestry", "skin", "age")
AUDITED: Final = (
    *((what, group) for what in ("profession", "temperament", "interests") for group in GROUPS),
    *((what, group) for what in ("voice.pitch", "voice.rate", "voice.energy", "voice.style", "accent")
      for group in ("ancestry", "skin")),
)  # fmt: skip
SEVERAL: Final = ("temperament", "interests", "features")  # attributes of several values, parted by commas
NEAR_NOTHING: Final = 0.02  # bits above the floor that are let pass


def audited(rows: Sequence[Mapping[str, str]], *, seed: int = 0, shuffles: int = SHUFFLES) -> dict[str, Shared]:
    """Return what each audited attribute tells of each group, by "profession × presentation"; rows are people."""
    found: dict[str, Shared] = {}
    for what, group in AUDITED:
        pairs = [(next(iter(values(what, row)), ""), group_of(group, row)) for row in rows]
        pairs = [pair for pair in pairs if all(pair)]
        if len(pairs) > 1:
            a, b = zip(*pairs, strict=True)
            found[f"{what} × {group}"] = shared(a, b, seed=seed, shuffles=shuffles)
    return found


def is_told(pair: Shared, shuffles: int = SHUFFLES) -> bool:
    """Say whether one attribute tells of another: by more than next to nothing, and more than any shuffle did."""
    return pair.excess > NEAR_NOTHING and pair.p <= 1 / (1 + shuffles) + 1e-12


def information(rows: Sequence[Mapping[str, str]], *, seed: int = 0, shuffles: int = SHUFFLES) -> Section:
    """Return the section of a study; the value of a measure is the bits above the floor, if chance cannot give them."""
    measures: list[Measure] = []
    table: list[Json] = []
    for name, pair in audited(rows, seed=seed, shuffles=shuffles).items():
        told = is_told(pair, shuffles)
        line = f"{pair.bits:.4f} bits, by chance {pair.floor:.4f} (95 %: {pair.high:.4f}), p {pair.p:.4f}, n {pair.n}"
        value = pair.excess if told else 0.0
        wanted = Wanted(at_most=NEAR_NOTHING)
        measures.append(Measure(f"information.{name}", value, None, wanted, (line,), unit="bits"))
        numbers = {"bits": pair.bits, "floor": pair.floor, "high": pair.high, "excess": pair.excess, "p": pair.p}
        table.append({"pair": name, "n": pair.n, "told": told, **{key: round(at, 6) for key, at in numbers.items()}})
    return Section("information", tuple(measures), {"table": table, "shuffles": shuffles})


def values(key: str, row: Mapping[str, str]) -> list[str]:
    """Return the values of an attribute of one person; ages go by tens of years."""
    value = group_of(key, row)
    return [part for part in value.split(", ") if part] if key in SEVERAL else [value] if value else []


def group_of(key: str, row: Mapping[str, str]) -> str:
    """Return the group that somebody belongs to by an attribute, "" for none."""
    value = row.get(key, "")
    return f"{int(value) // 10 * 10}s" if key == "age" and value else value
