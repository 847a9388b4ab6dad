"""Draws people by chance, each trait apart from the others, so that a painter learns them apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from engines.identity.attributes import Attributes, FacialHair, Garment, Glasses, Hair
from studio.head.plan import Plan, plan
from studio.portrait.words import AGES, VALUES

# How often a style is drawn for those whom it is rare among; 1 for all others.
RARE: Final[Mapping[str, Mapping[str, float]]] = {
    "female": {"bald": 0.25, "receding": 0.15, "cropped": 0.5},
    "male": {"bob": 0.45, "long": 0.45, "wavy": 0.45, "tied": 0.35, "braids": 0.35},
}
SHAPES: Final = ("round", "square")  # of glasses
OUTERS: Final = ("none", "none", "sweater", "hoodie", "turtleneck")
INNERS: Final = ("t-shirt", "shirt", "top")
MILD: Final = 0.75  # of the sculptor's local changes
REST: Final[Mapping[str, float]] = {
    "browInnerUp": 0.10, "eyeWideLeft": 0.18, "eyeWideRight": 0.18, "mouthSmileLeft": 0.08, "mouthSmileRight": 0.08,
}  # fmt: skip
# Weights of ARKit's shapes, stronger than in talk: a mood has to be seen on 64 pixels.
MOODS: Final[Mapping[str, Mapping[str, float]]] = {
    "calm": {},
    "happy": {
        "mouthSmileLeft": 0.95, "mouthSmileRight": 0.95, "cheekSquintLeft": 0.6, "cheekSquintRight": 0.6,
        "jawOpen": 0.20, "mouthUpperUpLeft": 0.35, "mouthUpperUpRight": 0.35,
    },
    "sad": {
        "mouthFrownLeft": 1.0, "mouthFrownRight": 1.0, "browInnerUp": 0.9, "mouthShrugLower": 0.5,
        "eyeBlinkLeft": 0.22, "eyeBlinkRight": 0.22,
    },
    "surprised": {
        "jawOpen": 0.50, "browInnerUp": 0.9, "browOuterUpLeft": 0.9, "browOuterUpRight": 0.9, "eyeWideLeft": 0.9,
        "eyeWideRight": 0.9,
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """One person: values of traits by name, and the plan of the head."""

    traits: Mapping[str, str]
    plan: Plan


def person(random: np.random.Generator) -> Person:
    """Draw a person whose traits are chosen one by one; only the ancestry follows from the skin."""
    traits = {name: str(random.choice(list(values))) for name, values in VALUES.items()}
    sex = traits["presentation"]
    styles = list(VALUES["hair"])
    odds = np.array([RARE[sex].get(style, 1.0) for style in styles])
    traits["hair"] = str(random.choice(styles, p=odds / odds.sum()))
    if sex == "female" or random.random() < 0.35:
        traits["beard"] = "none"
    return planned(traits, random)


def planned(traits: Mapping[str, str], random: np.random.Generator) -> Person:
    """Plan the head of somebody with these traits; what they leave open is drawn."""

    def word(trait: str) -> str:
        return str(random.choice(VALUES[trait][traits[trait]]))

    low, high = AGES[traits["age"]]
    outer = str(random.choice(OUTERS))
    worn = word("clothes")
    attributes = Attributes(
        age=int(random.integers(low, high + 1)),
        presentation=traits["presentation"],
        skin=traits["skin"],
        hair=Hair(word("colour"), word("hair")),
        eyes=word("eyes"),
        glasses=Glasses(str(random.choice(SHAPES)), traits["glasses"] if traits["glasses"] != "none" else "dark"),
        facial_hair=FacialHair(word("beard")),
        outer=Garment(outer, worn),
        inner=Garment(str(random.choice(INNERS)), worn if outer == "none" else "white"),
        headwear="none",
    )
    made = plan(attributes, int(random.integers(1 << 31)), level=2)
    milder = {name: MILD * weight for name, weight in made.changes.items()}
    return Person(dict(traits), replace(made, rest=REST, changes=milder))


def repainted(first: Person, random: np.random.Generator) -> Person:
    """Return somebody of the same shape with another skin, colour of hair and of eyes."""
    others = {name: str(random.choice(list(VALUES[name]))) for name in ("skin", "colour", "eyes")}
    second = planned({**first.traits, **others}, random)
    skin = replace(second.plan.skin, brows=first.plan.skin.brows, age=first.plan.skin.age)
    kept = replace(first.plan, skin=skin, eyes=second.plan.eyes, hair_colour=second.plan.hair_colour,
                   beard_colour=second.plan.beard_colour)  # fmt: skip
    return Person(second.traits, kept)


def face(mood: str, random: np.random.Generator) -> dict[str, float]:
    """Return weights of ARKit's shapes for a mood, never twice the same, with eyes that look a little aside."""
    found = {name: weight * float(random.uniform(0.8, 1.1)) for name, weight in MOODS[mood].items()}
    side, up = random.normal(0, 0.12, 2)
    left, right = ("In", "Out") if side > 0 else ("Out", "In")
    ways = {f"eyeLook{left}Right": abs(side), f"eyeLook{right}Left": abs(side)}
    ways |= {f"eyeLook{'Up' if up > 0 else 'Down'}{eye}": abs(up) for eye in ("Left", "Right")}
    return {**found, **{name: float(weight) for name, weight in ways.items()}}


def one_of(options: Sequence[str], random: np.random.Generator) -> str:
    """Draw one."""
    return options[int(random.integers(len(options)))]
