"""Chooses by a seed what nobody said of a person, so that all appearances of one person show the same one. Pure.

Each thing is drawn from a stream of its own, so that saying one thing changes no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from engines.identity import vocabulary as words
from engines.identity.attributes import Attributes
from studio.head import choices

GROWN: Final = (9, 18)  # years between which a child's face becomes an adult's


def completed(given: Attributes, seed: int) -> tuple[Attributes, dict[str, str]]:
    """Return a person of whom age, presentation, ancestry, skin, hair, eyes and beard are told, and what was chosen."""
    chosen: dict[str, str] = {}

    def said(name: str, value: str, options: Sequence[str], weights: Sequence[float] | None = None) -> str:
        if value:
            return value
        chosen[name] = pick(seed, name, options, weights)
        return chosen[name]

    age = given.age or int(stream(seed, "age").integers(22, 58))
    if not given.age:
        chosen["age"] = str(age)
    presentation = said("presentation", given.presentation, words.PRESENTATIONS, (0.46, 0.46, 0.08))
    ancestry = said("ancestry", given.ancestry, *choices.ancestries(given.skin))
    skin = said("skin", given.skin, *choices.skins(ancestry))
    colour = said("hair colour", given.hair.colour, *choices.hair_colours(ancestry, age))
    style = said("hair style", given.hair.style, *choices.hair_styles(presentation, ancestry, age))
    eyes = said("eyes", given.eyes, *choices.eye_colours(ancestry))
    beard = given.facial_hair.style or (
        "none" if grown(age) < 1 or presentation != "male" else said("facial hair", "", *choices.beards(age))
    )
    whole = replace(
        given, age=age, presentation=presentation, ancestry=ancestry, skin=skin, eyes=eyes,
        hair=replace(given.hair, colour=colour, style=style), facial_hair=replace(given.facial_hair, style=beard),
    )  # fmt: skip
    return whole, chosen


def grown(age: int) -> float:
    """Return how much of an adult's face a person of `age` years has, 0 to 1."""
    return float(np.clip((age - GROWN[0]) / (GROWN[1] - GROWN[0]), 0, 1))


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the chance of one thing."""
    return np.random.default_rng((seed, 2, *name.encode()))


def pick(seed: int, name: str, options: Sequence[str], weights: Sequence[float] | None) -> str:
    """Draw one of the options."""
    parts = None if weights is None else np.array(weights) / sum(weights)
    return str(stream(seed, name).choice(np.array(options, dtype=object), p=parts))
