"""Tells the painter who is to be painted: attributes as numbers. What nobody said is chosen by the seed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.identity.attributes import Attributes
from studio.errors import StudioError
from studio.portrait.words import AGES, TOLD, VALUES

Floats = NDArray[np.float32]
Traits = Mapping[str, str]

BOTH: Final = "androgynous"  # halfway between the two values that the painter knows
NEUTRAL: Final = "calm"
# What is likely for somebody of whom little was said; all else is equally likely.
USUAL: Final[Mapping[str, Mapping[str, float]]] = {
    "glasses": {"none": 6, "dark": 1, "gold": 0.5, "red": 0.3},
    "colour": {"black": 4, "brown": 3, "blonde": 2, "red": 1, "grey": 1, "pink": 0.1, "blue": 0.1},
    "beard": {"none": 3, "stubble": 1, "full": 1, "moustache": 0.3, "goatee": 0.3},
}
# The same for darker skin, where nobody said otherwise.
DARKER: Final = ("tan", "brown", "deep")
DARK: Final[Mapping[str, Mapping[str, float]]] = {
    "eyes": {"dark": 12, "green": 1, "pale": 0.2},
    "colour": {"black": 8, "brown": 3, "grey": 1, "blonde": 0.2, "red": 0.1, "pink": 0.1, "blue": 0.1},
}
STYLES: Final[Mapping[str, Mapping[str, float]]] = {
    "female": {"long": 3, "bob": 3, "wavy": 3, "curly": 1, "tied": 2, "braids": 1, "afro": 1, "short": 1},
    "male": {"short": 6, "cropped": 3, "receding": 1, "bald": 1, "curly": 1, "afro": 1},
}


def traits(person: Attributes, seed: int) -> dict[str, str]:
    """Return a value for each trait; a presentation may be "androgynous"."""
    random = np.random.default_rng((seed, 41))
    # Each trait is drawn whether it is needed or not, so that saying one changes no other.
    lots = {name: random.random() for name in VALUES}
    worn = person.outer.colour if person.outer.kind not in ("", "none") else person.inner.colour or person.outer.colour
    glasses = person.glasses
    said = {
        "presentation": person.presentation,
        "skin": value("skin", person.skin),
        "age": aged(person.age),
        "hair": value("hair", person.hair.style),
        "colour": value("colour", person.hair.colour),
        "eyes": value("eyes", person.eyes),
        "glasses": "none" if glasses.shape == "none" else value("glasses", glasses.frame or (glasses.shape and "dark")),
        "beard": value("beard", person.facial_hair.style),
        "clothes": value("clothes", worn),
        "mood": NEUTRAL,
    }  # fmt: skip
    found: dict[str, str] = {}
    for name, values in VALUES.items():
        usual = (DARK if found.get("skin") in DARKER and name in DARK else USUAL).get(name)
        odds = dict.fromkeys(values, 0.0) | dict(usual) if usual else dict.fromkeys(values, 1.0)
        if name == "hair":
            odds = dict(STYLES.get(found["presentation"], STYLES["male"]))
        if name == "beard" and found["presentation"] != "male":
            odds = {"none": 1.0}
        found[name] = said[name] or _drawn(odds, lots[name])
    return found


def value(trait: str, word: str) -> str:
    """Return the value of a trait that a word of the vocabulary belongs to; "" for none, and for words unknown here."""
    return next((name for name, words in VALUES[trait].items() if word and word in words), "")


def aged(years: int) -> str:
    """Return the value for an age in years: the nearest; "" for 0, which is unsaid."""
    if not years:
        return ""
    return min(AGES, key=lambda name: max(AGES[name][0] - years, years - AGES[name][1], 0))


def unknown(person: Attributes) -> list[str]:
    """Return what was said of a person that the painter cannot show, for the report."""
    said = {"eyes": person.eyes, "beard": person.facial_hair.style, "glasses": person.glasses.frame}
    lost = [f"{name}: {word}" for name, word in said.items() if word and not value(name, word)]
    if person.headwear not in ("", "none"):
        lost.append(f"headwear: {person.headwear}")
    return (
        lost
        + [f"feature: {word}" for word in person.features]
        + ([f"ancestry: {person.ancestry}"] if person.ancestry else [])
    )


def numbers(chosen: Traits) -> Floats:
    """Return traits as one row of numbers (TOLD,): ones where a value holds, halves for both presentations."""
    row: list[float] = []
    for name, values in VALUES.items():
        if name == "presentation" and chosen[name] == BOTH:
            row += [0.5] * len(values)
        else:
            row += [float(each == chosen[name]) for each in values]
    return np.array(row, np.float32)


def nearest(row: Floats) -> dict[str, str]:
    """Return the strongest value of each trait of a row (TOLD,)."""
    found, at = {}, 0
    for name, values in VALUES.items():
        part = row[at : at + len(values)]
        found[name] = list(values)[int(np.argmax(part))]
        at += len(values)
    return found


def changed(chosen: Traits, wish: str) -> dict[str, str]:
    """Return traits with one changed, as `skin=olive` says; StudioError `bad_option` names what there is."""
    name, _, wanted = wish.partition("=")
    name, wanted = name.strip().replace("_", " "), wanted.strip()
    name = {"hair style": "hair", "hair colour": "colour", "facial hair": "beard"}.get(name, name)
    if name not in VALUES:
        raise StudioError("bad_option", f"the painter has no trait {name!a}; it has {', '.join(VALUES)}")
    known = [*VALUES[name], *([BOTH] if name == "presentation" else [])]
    found = wanted if wanted in known else value(name, wanted)
    if not found:
        raise StudioError("bad_option", f"{name} may be {', '.join(known)}, not {wanted!a}")
    return {**chosen, name: found}


def _drawn(odds: Mapping[str, float], lot: float) -> str:
    parts = np.cumsum(list(odds.values()))
    return list(odds)[int(np.searchsorted(parts, lot * parts[-1], side="right"))]


__all__ = ["TOLD", "aged", "changed", "nearest", "numbers", "traits", "unknown", "value"]
