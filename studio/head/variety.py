"""Makes one person differ from another: small changes of the face by a seed, and the larger ones that words ask for.

The spreads are such that nobody is grotesque: people whose noses, chins and brows all lie two spreads out still pass
for people.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

MOST: Final = 0.75  # of a target, by chance
WORDED: Final = 1.0  # of a target, with what was asked for

# target: its two ends, and the spread of its weight. "?" stands for both sides.
SPREADS: Final[Mapping[str, tuple[str, str, float]]] = {
    "head/head-scale-horiz": ("decr", "incr", 0.20),
    "head/head-scale-vert": ("decr", "incr", 0.13),
    "head/head-fat": ("decr", "incr", 0.16),
    "forehead/forehead-scale-vert": ("decr", "incr", 0.22),
    "forehead/forehead-temple": ("decr", "incr", 0.24),
    "eyebrows/eyebrows-trans": ("down", "up", 0.18),
    "eyebrows/eyebrows-angle": ("down", "up", 0.14),
    "eyes/?-eye-scale": ("decr", "incr", 0.22),
    "eyes/?-eye-height2": ("decr", "incr", 0.20),
    "eyes/?-eye-corner1": ("down", "up", 0.26),
    "eyes/?-eye-corner2": ("down", "up", 0.26),
    "eyes/?-eye-trans": ("in", "out", 0.20),
    "eyes/?-eye-eyefold": ("down", "up", 0.22),
    "eyes/?-eye-bag": ("decr", "incr", 0.16),
    "nose/nose-scale-vert": ("decr", "incr", 0.24),
    "nose/nose-scale-horiz": ("decr", "incr", 0.24),
    "nose/nose-scale-depth": ("decr", "incr", 0.24),
    "nose/nose-hump": ("decr", "incr", 0.24),
    "nose/nose-point": ("down", "up", 0.24),
    "nose/nose-point-width": ("decr", "incr", 0.22),
    "nose/nose-width2": ("decr", "incr", 0.26),
    "nose/nose-nostrils-width": ("decr", "incr", 0.22),
    "nose/nose-greek": ("decr", "incr", 0.20),
    "nose/nose-trans": ("down", "up", 0.12),
    "mouth/mouth-scale-horiz": ("decr", "incr", 0.24),
    "mouth/mouth-upperlip-height": ("decr", "incr", 0.26),
    "mouth/mouth-lowerlip-height": ("decr", "incr", 0.26),
    "mouth/mouth-cupidsbow": ("decr", "incr", 0.30),
    "mouth/mouth-trans": ("down", "up", 0.14),
    "chin/chin-height": ("decr", "incr", 0.22),
    "chin/chin-width": ("decr", "incr", 0.24),
    "chin/chin-prominent": ("decr", "incr", 0.24),
    "chin/chin-bones": ("decr", "incr", 0.24),
    "cheek/?-cheek-bones": ("decr", "incr", 0.30),
    "cheek/?-cheek-volume": ("decr", "incr", 0.26),
    "ears/?-ear-scale": ("decr", "incr", 0.22),
    "ears/?-ear-wing": ("decr", "incr", 0.26),
    "ears/?-ear-lobe": ("decr", "incr", 0.30),
    "neck/neck-scale-horiz": ("decr", "incr", 0.16),
}
# One-sided changes, of which each person has a few: nobody is the same on both sides.
ASYMMETRIES: Final = (
    "asym/asym-brown-1", "asym/asym-cheek-1", "asym/asym-eye-1", "asym/asym-eye-4", "asym/asym-jaw-1", "asym/asym-mouth-1",
    "asym/asym-nose-1", "asym/asym-nose-3", "asym/asym-ear-1",
)  # fmt: skip

FEMALE: Final[Mapping[str, float]] = {
    "nose/nose-scale-horiz": -0.34, "nose/nose-scale-vert": -0.14, "nose/nose-volume": -0.38, "nose/nose-point-width": -0.22,
    "nose/nose-hump": -0.12, "chin/chin-width": -0.42, "chin/chin-bones": -0.28, "chin/chin-jaw-drop": -0.30,
    "chin/chin-height": -0.10, "head/head-oval": 0.20, "cheek/?-cheek-bones": 0.34, "cheek/?-cheek-volume": 0.12,
    "eyes/?-eye-scale": 0.48, "mouth/mouth-upperlip-height": 0.18, "mouth/mouth-lowerlip-volume": 0.22,
    "neck/neck-scale-horiz": -0.45, "eyebrows/eyebrows-trans~": -0.40, "mouth/mouth-angles": 0.36, "head/head-fat": -0.12,
}  # fmt: skip
MALE: Final[Mapping[str, float]] = {
    "nose/nose-scale-horiz": -0.18, "nose/nose-volume": -0.20, "chin/chin-width": 0.10, "eyes/?-eye-scale": 0.25,
    "mouth/mouth-angles": 0.36, "neck/neck-scale-horiz": -0.15, "eyebrows/eyebrows-trans~": -0.30, "head/head-fat": -0.08,
}  # fmt: skip
ENDS: Final[Mapping[str, tuple[str, str]]] = {
    "nose/nose-volume": ("decr", "incr"),
    "nose/nose-curve": ("concave", "convex"),
    "chin/chin-jaw-drop": ("decr", "incr"),
    "chin/chin-cleft": ("decr", "incr"),
    "mouth/mouth-lowerlip-volume": ("decr", "incr"),
    "mouth/mouth-upperlip-volume": ("decr", "incr"),
    "mouth/mouth-angles": ("down", "up"),
    "mouth/mouth-dimples": ("in", "out"),
    "mouth/mouth-laugh-lines": ("in", "out"),
    "eyebrows/eyebrows-trans~": ("backward", "forward"),
}
FEATURES: Final[Mapping[str, Mapping[str, float]]] = {
    "round face": {"head/head-round": 0.65, "cheek/?-cheek-volume": 0.35, "head/head-fat": 0.15},
    "oval face": {"head/head-oval": 0.70},
    "square face": {"head/head-square": 0.45, "chin/chin-width": 0.35},
    "heart-shaped face": {"head/head-invertedtriangular": 0.55, "chin/chin-width": -0.35, "cheek/?-cheek-bones": 0.30},
    "long face": {"head/head-rectangular": 0.35, "head/head-scale-vert": 0.30, "head/head-scale-horiz": -0.20},
    "strong jaw": {"chin/chin-bones": 0.60, "chin/chin-width": 0.50, "chin/chin-prominent": 0.35, "chin/chin-jaw-drop": 0.30},
    "high cheekbones": {"cheek/?-cheek-bones": 0.75, "cheek/?-cheek-trans": 0.35, "cheek/?-cheek-inner": -0.25},
    "full lips": {"mouth/mouth-upperlip-height": 0.50, "mouth/mouth-lowerlip-height": 0.50, "mouth/mouth-lowerlip-volume": 0.45, "mouth/mouth-upperlip-volume": 0.45},
    "aquiline nose": {"nose/nose-hump": 0.65, "nose/nose-curve": 0.45, "nose/nose-point": -0.25, "nose/nose-scale-depth": 0.30},
    "snub nose": {"nose/nose-hump": -0.50, "nose/nose-curve": -0.50, "nose/nose-point": 0.55, "nose/nose-scale-vert": -0.30},
    "dimples": {"mouth/mouth-dimples": -0.80},
    "laugh lines": {"mouth/mouth-laugh-lines": -0.45},
}  # fmt: skip
SINGLE: Final = (
    "head/head-round",
    "head/head-oval",
    "head/head-square",
    "head/head-invertedtriangular",
    "head/head-rectangular",
)


def changes(*, seed: int, male: float, adult: float, features: tuple[str, ...]) -> dict[str, float]:
    """Return weights of the data's targets by path, for one person; `adult` 0..1 scales how much they differ."""
    random = np.random.default_rng((seed, 1))
    weights: dict[str, float] = {}
    for name, (_, _, spread) in SPREADS.items():
        weights[name] = float(np.clip(random.normal(0, spread), -MOST, MOST)) * (0.55 + 0.45 * adult)
    for table, part in ((FEMALE, 1 - male), (MALE, male)):
        for name, weight in table.items():
            weights[name] = weights.get(name, 0.0) + weight * part * (0.35 + 0.65 * adult)
    for feature in features:
        for name, weight in FEATURES.get(feature, {}).items():
            weights[name] = weights.get(name, 0.0) + weight
    found: dict[str, float] = {}
    for name, weight in weights.items():
        _add(found, name, float(np.clip(weight, -WORDED, WORDED)), random)
    for name in ASYMMETRIES:
        side = "l" if random.random() < 0.5 else "r"
        found[f"{name}-{side}"] = float(abs(random.normal(0, 0.16)))
    return found


def _add(found: dict[str, float], name: str, weight: float, random: np.random.Generator) -> None:
    """Add a weight of a two-ended target to the end that it goes to; two sides differ a little."""
    if name in SINGLE:
        found[name] = max(0.0, weight)
        return
    low, high = SPREADS[name][:2] if name in SPREADS else ENDS.get(name, _ends(name))
    end = high if weight > 0 else low
    plain = name.rstrip("~")
    if "?" not in plain:
        found[f"{plain}-{end}"] = abs(weight)
        return
    for side in ("l", "r"):
        found[f"{plain.replace('?', side)}-{end}"] = abs(weight) * float(np.clip(random.normal(1, 0.06), 0.8, 1.2))


def _ends(name: str) -> tuple[str, str]:
    return ("down", "up") if name == "cheek/?-cheek-trans" else ("decr", "incr")
