"""Turns attributes and a seed into everything that a head needs to be told. It makes nothing.

What nobody said is chosen by the seed, each thing from a stream of its own, so that saying one thing changes no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from engines.identity import vocabulary as words
from engines.identity.attributes import Attributes
from studio.head import choices
from studio.head.anatomy import Build
from studio.head.lashes import Lashes
from studio.head.palette import HAIR, Colour
from studio.head.skin.brows import Brows
from studio.head.skin.paint import Skin
from studio.head.unsaid import completed, grown, stream
from studio.head.variety import changes

REAL: Final = "real"
TOON: Final = "toon"
STYLES: Final = (REAL, TOON)
LEVELS: Final = 3

Weights = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Dress:
    """Clothes by kind and colour ("none" for no piece), glasses, and what is on the head."""

    inner: str = "t-shirt"
    inner_colour: str = "white"
    outer: str = "none"
    outer_colour: str = "navy"
    glasses: str = "none"
    frame: str = "dark"
    headwear: str = "none"
    headwear_colour: str = "navy"


@dataclass(frozen=True, slots=True)
class Plan:
    """One head: `changes` are weights of targets, `rest` weights of ARKit shapes that the face rests in.

    `hair` is a style of the vocabulary and `variant` a number that chooses among its variants. `chosen` are the words
    for what nobody said.
    """

    seed: int
    style: str
    level: int
    build: Build
    changes: Weights
    rest: Weights
    skin: Skin
    eyes: str
    lashes: Lashes
    hair: str
    variant: int
    hair_colour: Colour
    beard: str
    beard_colour: Colour
    dress: Dress
    chosen: Mapping[str, str] = field(default_factory=dict)


def plan(given: Attributes, seed: int, *, style: str = REAL, level: int = 1) -> Plan:
    """Plan a head; `level` 0 is the finest."""
    whole, chosen = completed(given, seed)
    age, presentation, ancestry, skin = whole.age, whole.presentation, whole.ancestry, whole.skin
    adult, male, hair = grown(age), _male(seed, presentation), whole.hair.colour
    dress = _dress(given, seed, presentation, chosen)
    monk = float(stream(seed, "monk").uniform(words.MONK[skin][0] - 0.3, words.MONK[skin][1] + 0.3))
    random = stream(seed, "looks")
    hair_colour = _varied(HAIR[hair], random)
    beard_colour = _varied(HAIR[given.facial_hair.colour], random) if given.facial_hair.colour else hair_colour
    brow = tuple(0.75 * c + 0.25 * d for c, d in zip(_brow(hair_colour, hair), HAIR["dark"], strict=True))
    warmth = choices.warmth(given.temperament)
    painted = Skin(
        monk=float(np.clip(monk, 1, 10)),
        blood=float(np.clip(random.normal(0, 0.10), -0.2, 0.25)),
        age=age,
        freckles=0.75 if "freckles" in given.features else _freckles(random, monk, hair),
        moles=int(random.integers(0, 4)),
        brows=_brows(random, male, bushy="bushy eyebrows" in given.features, adult=adult),
        hair=hair_colour,
        brow=(brow[0], brow[1], brow[2]),
        beard=beard_colour,
        laughter=0.9 if "laugh lines" in given.features else 0.25 * warmth,
        lipstick=_lipstick(random, presentation, age, given.audience),
        lip=tuple(random.choice(choices.LIPS)),
        lashes=0.35 + 0.45 * (1 - male),
        smooth=style == TOON,
    )
    return Plan(
        seed=seed,
        style=style,
        level=level,
        build=_build(given, seed, age, male, ancestry),
        changes=changes(seed=seed, male=male, adult=adult, features=given.features),
        rest=choices.resting(given.temperament, seed),
        skin=painted,
        eyes=whole.eyes,
        lashes=Lashes(length=0.78 + 0.26 * (1 - male), width=0.00036 + 0.00012 * (1 - male)),
        hair=whole.hair.style,
        variant=int(stream(seed, "variant").integers(0, 60)),
        hair_colour=hair_colour,
        beard=whole.facial_hair.style,
        beard_colour=beard_colour,
        dress=dress,
        chosen=chosen,
    )


# ------------------------------------------------------------------------------------------------ parts


def _male(seed: int, presentation: str) -> float:
    low, high = {"female": (0.0, 0.14), "male": (0.86, 1.0)}.get(presentation, (0.40, 0.60))
    return float(stream(seed, "male").uniform(low, high))


def _build(given: Attributes, seed: int, age: int, male: float, ancestry: str) -> Build:
    random = stream(seed, "build")
    muscle, weight = {"slim": (0.45, 0.30), "sturdy": (0.60, 0.74), "athletic": (0.80, 0.48)}.get(
        given.build, (0.52, 0.48)
    )
    mix = choices.mixture(ancestry, random)
    return Build(
        age=float(age),
        male=male,
        ancestry=mix,
        muscle=float(np.clip(muscle + random.normal(0, 0.05), 0.2, 0.95)),
        weight=float(np.clip(weight + random.normal(0, 0.06), 0.15, 0.9)),
    )


def _varied(colour: Colour, random: np.random.Generator) -> Colour:
    light, warm = 1 + 0.10 * random.normal(), 0.06 * random.normal()
    found = np.clip(np.array(colour) * light * (1 + warm, 1.0, 1 - warm), 0.004, 0.85)
    return (float(found[0]), float(found[1]), float(found[2]))


def _brow(hair: Colour, name: str) -> Colour:
    """Return the colour of the brows: darker than light hair, natural under dyed hair."""
    if name in ("pink", "blue"):
        return HAIR["dark"]
    darker = {"blonde": 0.45, "white": 0.55, "grey": 0.55, "red": 0.7}.get(name, 0.85)
    return (hair[0] * darker, hair[1] * darker, hair[2] * darker)


def _freckles(random: np.random.Generator, monk: float, hair: str) -> float:
    chance = 0.75 if hair == "red" else 0.22 if monk < 4.5 else 0.0
    return float(random.uniform(0.15, 0.55)) if random.random() < chance else 0.0


def _brows(random: np.random.Generator, male: float, *, bushy: bool, adult: float) -> Brows:
    thickness = 0.0049 + 0.0027 * male + 0.0006 * random.normal()
    return Brows(
        thickness=float(np.clip(thickness * (0.8 + 0.2 * adult) + 0.0022 * bushy, 0.0042, 0.0105)),
        fullness=float(
            np.clip((0.66 + 0.22 * male + 0.08 * random.normal() + 0.25 * bushy) * (0.75 + 0.25 * adult), 0.5, 1.2)
        ),
        arch=float(np.clip(0.0006 - 0.0016 * male + 0.0006 * random.normal(), -0.0022, 0.0022)),
        height=float(np.clip(0.0006 - 0.0014 * male + 0.0005 * random.normal(), -0.002, 0.002)),
        bushy=0.6 if bushy else 0.0,
    )


def _lipstick(random: np.random.Generator, presentation: str, age: int, audience: str) -> float:
    drawn = float(random.uniform(0.10, 0.55))
    if presentation != "female" or age < 17 or audience == "children":
        return 0.0
    return drawn * (0.7 if age > 60 else 1.0)


def _dress(given: Attributes, seed: int, presentation: str, chosen: dict[str, str]) -> Dress:
    inner, outer, headwear = choices.clothes(given.profession, stream(seed, "clothes"), presentation)
    random = stream(seed, "colours")
    dress = Dress(
        inner=given.inner.kind or inner,
        inner_colour=given.inner.colour or str(random.choice(choices.INNER_COLOURS)),
        outer=given.outer.kind or (outer if not given.inner.kind else "none"),
        outer_colour=given.outer.colour or choices.outer_colour(given.outer.kind or outer, random),
        glasses=given.glasses.shape or ("round" if given.glasses.frame else "none"),
        frame=given.glasses.frame or "dark",
        headwear=given.headwear or headwear,
        headwear_colour=choices.hat_colour(given.headwear or headwear),
    )
    if not given.inner.kind:
        chosen["inner"] = dress.inner
    if not given.outer.kind:
        chosen["outer"] = dress.outer
    return dress
