"""Gives words their colours: hair, cloth, frames. All linear."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

Colour = tuple[float, float, float]

HAIR: Final[Mapping[str, Colour]] = {
    "black": (0.024, 0.021, 0.020),
    "dark": (0.055, 0.034, 0.022),
    "brown": (0.130, 0.070, 0.036),
    "auburn": (0.210, 0.062, 0.022),
    "red": (0.400, 0.115, 0.026),
    "blonde": (0.600, 0.375, 0.155),
    "grey": (0.380, 0.380, 0.390),
    "white": (0.720, 0.710, 0.680),
    "pink": (0.720, 0.240, 0.400),
    "blue": (0.080, 0.160, 0.520),
}
CLOTH: Final[Mapping[str, Colour]] = {
    "white": (0.800, 0.800, 0.780),
    "cream": (0.730, 0.660, 0.520),
    "black": (0.022, 0.022, 0.024),
    "grey": (0.210, 0.220, 0.230),
    "navy": (0.026, 0.042, 0.115),
    "blue": (0.070, 0.180, 0.480),
    "teal": (0.025, 0.210, 0.210),
    "green": (0.060, 0.220, 0.080),
    "yellow": (0.760, 0.570, 0.080),
    "mustard": (0.550, 0.330, 0.045),
    "orange": (0.700, 0.200, 0.030),
    "red": (0.430, 0.040, 0.045),
    "pink": (0.700, 0.280, 0.360),
    "purple": (0.190, 0.070, 0.320),
    "brown": (0.160, 0.080, 0.045),
    "beige": (0.500, 0.400, 0.280),
}
FRAMES: Final[Mapping[str, Colour]] = {
    "dark": (0.020, 0.018, 0.018),
    "gold": (0.700, 0.460, 0.140),
    "red": (0.350, 0.025, 0.035),
    "blue": (0.030, 0.070, 0.280),
}
HATS: Final[Mapping[str, str]] = {  # the colour of a hat that nobody chose one for
    "cap": "navy", "hat": "brown", "beret": "black", "headscarf": "teal", "turban": "navy", "hard hat": "yellow",
    "chef's hat": "white", "beanie": "grey",
}  # fmt: skip
