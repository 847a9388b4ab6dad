"""Holds what is likely for a person of whom little was said, as weighted lists. It decides nothing itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from engines.identity import vocabulary as words
from studio.head.palette import HATS

Odds = tuple[Sequence[str], Sequence[float]]

# Parts of the data's three corners: african, asian, caucasian.
MIXTURES: Final[Mapping[str, tuple[float, float, float]]] = {
    "african": (1.0, 0.0, 0.05),
    "central asian": (0.0, 0.60, 0.40),
    "east asian": (0.0, 1.0, 0.05),
    "european": (0.0, 0.05, 1.0),
    "indigenous american": (0.05, 0.65, 0.30),
    "latin american": (0.20, 0.25, 0.55),
    "middle eastern": (0.10, 0.05, 0.85),
    "mixed": (0.4, 0.3, 0.3),
    "pacific islander": (0.35, 0.45, 0.20),
    "south asian": (0.20, 0.15, 0.65),
    "southeast asian": (0.15, 0.80, 0.05),
}
_SKIN: Final[Mapping[str, Mapping[str, float]]] = {
    "african": {"brown": 4, "deep": 4, "tan": 1},
    "central asian": {"light": 3, "olive": 3, "fair": 1},
    "east asian": {"light": 5, "fair": 2, "olive": 2},
    "european": {"fair": 4, "light": 4, "olive": 1},
    "indigenous american": {"tan": 4, "olive": 2, "brown": 1},
    "latin american": {"olive": 4, "tan": 3, "light": 2},
    "middle eastern": {"olive": 5, "light": 2, "tan": 2},
    "mixed": {"olive": 3, "tan": 3, "light": 2, "brown": 2},
    "pacific islander": {"tan": 4, "brown": 3},
    "south asian": {"tan": 4, "brown": 4, "olive": 2},
    "southeast asian": {"olive": 4, "tan": 4},
}
_DARK_HAIR: Final = {"black": 6.0, "dark": 3.0, "brown": 0.6}
_HAIR: Final[Mapping[str, Mapping[str, float]]] = {
    "european": {"brown": 4, "dark": 3, "blonde": 3, "auburn": 1.3, "red": 0.7, "black": 0.8},
    "latin american": {"dark": 5, "black": 3, "brown": 2},
    "middle eastern": {"black": 4, "dark": 4, "brown": 1},
    "mixed": {"dark": 4, "black": 3, "brown": 2},
    "central asian": {"black": 4, "dark": 4, "brown": 1},
}
_EYES: Final[Mapping[str, Mapping[str, float]]] = {
    "european": {"blue": 4, "brown": 4, "hazel": 2, "green": 1.6, "grey": 1.4, "amber": 0.4},
    "latin american": {"brown": 5, "dark": 3, "hazel": 1, "green": 0.4},
    "middle eastern": {"brown": 5, "dark": 3, "hazel": 1, "green": 0.5},
    "central asian": {"brown": 4, "dark": 4, "hazel": 0.6},
    "mixed": {"brown": 5, "dark": 2, "hazel": 1.5, "green": 0.6},
}
LIPS: Final = ((0.42, 0.10, 0.10), (0.38, 0.06, 0.09), (0.45, 0.14, 0.12), (0.33, 0.05, 0.06))  # linear
INNER_COLOURS: Final = (
    "white",
    "white",
    "cream",
    "grey",
    "navy",
    "blue",
    "teal",
    "green",
    "mustard",
    "red",
    "pink",
    "black",
)
_OUTER_COLOURS: Final[Mapping[str, tuple[str, ...]]] = {
    "lab coat": ("white",),
    "overalls": ("navy", "blue", "grey"),
    "apron": ("beige", "navy", "green", "black"),
    "blazer": ("navy", "grey", "black", "brown"),
    "coat": ("navy", "grey", "beige", "black"),
}
_OUTER_ELSE: Final = ("navy", "teal", "grey", "mustard", "green", "red", "beige", "purple", "brown")
# Words in a profession: what is worn under, over, on the head.
_TRADES: Final[tuple[tuple[tuple[str, ...], tuple[str, str, str]], ...]] = (
    (("doctor", "nurse", "scien", "chemi", "pharmac", "biolog", "physic", "dentist", "vet"), ("shirt", "lab coat", "none")),
    (("chef", "cook", "baker", "pastry"), ("shirt", "apron", "chef's hat")),
    (("barista", "waiter", "waitress", "potter", "florist", "gardener", "butcher", "carpenter"), ("shirt", "apron", "none")),
    (("builder", "construction", "site", "foreman", "miner"), ("t-shirt", "overalls", "hard hat")),
    (("mechanic", "plumber", "farmer", "painter", "electrician", "engineer"), ("t-shirt", "overalls", "none")),
    (("law", "manager", "bank", "director", "consult", "diplomat", "journalist", "presenter", "host"), ("shirt", "blazer", "none")),
    (("teach", "librar", "professor", "histor", "tutor", "archiv", "curator", "therap"), ("shirt", "cardigan", "none")),
    (("student", "gamer", "stream", "program", "developer", "hack", "skater", "coach"), ("t-shirt", "hoodie", "none")),
    (("artist", "design", "architect", "writer", "poet", "philosoph", "director"), ("top", "turtleneck", "none")),
    (("sail", "captain", "pilot", "guide", "explor", "ranger", "detective"), ("shirt", "jacket", "none")),
    (("sing", "danc", "actor", "actress", "music"), ("dress", "none", "none")),
)  # fmt: skip
_WARM: Final = {"warm": 0.9, "cheerful": 1.0, "playful": 0.9, "gentle": 0.75, "energetic": 0.8, "witty": 0.7, "bold": 0.5, "curious": 0.6, "patient": 0.6, "dreamy": 0.5, "calm": 0.5, "shy": 0.4, "precise": 0.3, "serious": 0.2, "strict": 0.15, "gruff": 0.1}  # fmt: skip


def ancestries(skin: str) -> Odds:
    """Return the ancestries that a skin goes with, or all where none was said."""
    if not skin:
        names = [name for name in words.ANCESTRIES if name != "mixed"]
        return names, [1.0 + 2.0 * (name in ("african", "east asian", "european", "south asian")) for name in names]
    found = {name: table.get(skin, 0) for name, table in _SKIN.items()}
    return list(found), list(found.values())


def skins(ancestry: str) -> Odds:
    """Return the skins of an ancestry."""
    return _odds(_SKIN[ancestry])


def hair_colours(ancestry: str, age: int) -> Odds:
    """Return the hair colours of an ancestry, greyer with age (years)."""
    table = dict(_HAIR.get(ancestry, _DARK_HAIR))
    total = sum(table.values())
    table["grey"] = total * float(np.clip((age - 46) / 14, 0, 3)) ** 1.5
    table["white"] = total * float(np.clip((age - 66) / 12, 0, 2)) ** 1.5
    return _odds(table)


def hair_styles(presentation: str, ancestry: str, age: int) -> Odds:
    """Return hair styles by how a person presents."""
    if presentation == "male":
        table = {"short": 7.0, "cropped": 2.5, "shaved": 0.6, "curly": 0.5, "bun": 0.3, "shoulder-length": 0.4}
        if age > 32:
            table |= {"receding": 0.06 * (age - 32), "bald": 0.03 * (age - 32)}
    elif presentation == "female":
        table = {
            "long": 3.0,
            "shoulder-length": 3.0,
            "bob": 2.5,
            "wavy": 2.5,
            "ponytail": 1.5,
            "bun": 1.3,
            "braids": 0.7,
            "curly": 1.0,
            "short": 1.0,
        }
        if age > 55:
            table |= {"short": 4.0, "braids": 0.2, "long": 0.8, "bob": 3.5}
    else:
        table = {"short": 4.0, "bob": 2.0, "cropped": 1.5, "curly": 1.0, "shoulder-length": 1.0}
    if ancestry == "african":
        table = {name: weight * 0.35 for name, weight in table.items()} | {
            "afro": 2.2,
            "curly": 1.6,
            "braids": 1.0 * (presentation != "male"),
            "cropped": 2.2 * (presentation == "male"),
        }
    return _odds(table)


def eye_colours(ancestry: str) -> Odds:
    """Return the eye colours of an ancestry."""
    return _odds(_EYES.get(ancestry, {"dark": 5, "brown": 5}))


def beards(age: int) -> Odds:
    """Return facial hair by age (years)."""
    return _odds(
        {
            "none": 5.0,
            "stubble": 2.5,
            "short": 1.6,
            "full": 0.8 + 0.01 * age,
            "goatee": 0.5,
            "moustache": 0.4,
            "long": 0.05,
        }
    )


def mixture(ancestry: str, random: np.random.Generator) -> tuple[float, float, float]:
    """Return parts of the data's three ancestries, varied a little; "mixed" is anything."""
    base = np.array(MIXTURES[ancestry])
    spread = 2.2 if ancestry == "mixed" else 14.0
    parts = random.dirichlet(base / base.sum() * spread + 0.15)
    return (float(parts[0]), float(parts[1]), float(parts[2]))


def warmth(temperament: Sequence[str]) -> float:
    """Return how readily a person smiles, 0..1."""
    return float(np.mean([_WARM[word] for word in temperament])) if temperament else 0.6


def resting(temperament: Sequence[str], seed: int) -> dict[str, float]:
    """Return the weights of ARKit's shapes that the face rests in: kind, as the person is."""
    random = np.random.default_rng((seed, 3))
    warm = warmth(temperament)
    smile = 0.17 + 0.17 * warm + 0.02 * random.normal()
    lopsided = (0.05 if "witty" in temperament else 0.012) * random.choice((-1, 1))
    brow = 0.03 + 0.05 * warm + (0.08 if "dreamy" in temperament or "shy" in temperament else 0)
    wide = 0.10 + (0.08 if "curious" in temperament or "energetic" in temperament else 0)
    found = {
        "mouthSmileLeft": smile + lopsided,
        "mouthSmileRight": smile - lopsided,
        "mouthDimpleLeft": 0.08,
        "mouthDimpleRight": 0.08,
        "browInnerUp": brow,
        "eyeWideLeft": wide,
        "eyeWideRight": wide,
        "cheekSquintLeft": 0.06 + 0.12 * warm,
        "cheekSquintRight": 0.06 + 0.12 * warm,
    }
    if {"strict", "gruff", "serious", "precise"} & set(temperament):
        found |= {
            "browInnerUp": 0.02,
            "browDownLeft": 0.10,
            "browDownRight": 0.10,
            "mouthPressLeft": 0.1,
            "mouthPressRight": 0.1,
        }
    return found


def clothes(profession: str, random: np.random.Generator, presentation: str) -> tuple[str, str, str]:
    """Return what a profession wears: under, over, on the head."""
    low = profession.lower()
    for keys, worn in _TRADES:
        if any(key in low for key in keys):
            inner = "t-shirt" if worn[0] == "dress" and presentation == "male" else worn[0]
            return (inner, worn[1], worn[2])
    inner = str(
        random.choice(
            (
                "t-shirt",
                "shirt",
                "t-shirt",
                "top" if presentation == "female" else "t-shirt",
                "blouse" if presentation == "female" else "shirt",
            )
        )
    )
    outer = str(random.choice(("none", "none", "sweater", "hoodie", "jacket", "cardigan", "turtleneck", "blazer")))
    return (inner, outer, "none")


def outer_colour(kind: str, random: np.random.Generator) -> str:
    """Return a colour for an outer garment."""
    return str(random.choice(_OUTER_COLOURS.get(kind, _OUTER_ELSE)))


def hat_colour(kind: str) -> str:
    """Return the usual colour of a hat."""
    return HATS.get(kind, "navy")


def _odds(table: Mapping[str, float]) -> Odds:
    return list(table), list(table.values())
