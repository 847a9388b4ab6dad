"""Names every value that an attribute of a person may have. It knows words, not people.

The drawn face, the sculpted head, the painter, the writer and the evaluator share these lists; each value keeps its
meaning for ever, and new ones may be added.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PRESENTATIONS: Final = ("female", "male", "androgynous")
AUDIENCES: Final = ("everyone", "children", "teenagers", "adults")
SKINS: Final = ("fair", "light", "olive", "tan", "brown", "deep")  # from the lightest to the darkest
ANCESTRIES: Final = (
    "african", "central asian", "east asian", "european", "indigenous american", "latin american", "middle eastern",
    "mixed", "pacific islander", "south asian", "southeast asian",
)  # fmt: skip
# Tones of the Monk scale (1 the lightest, 10 the darkest) that a skin stands for.
MONK: Final[Mapping[str, tuple[int, int]]] = {
    "fair": (1, 2), "light": (3, 4), "olive": (5, 5), "tan": (6, 6), "brown": (7, 8), "deep": (9, 10),
}  # fmt: skip

HAIR_COLOURS: Final = ("black", "dark", "brown", "auburn", "red", "blonde", "grey", "white", "pink", "blue")
HAIR_STYLES: Final = (
    "bald", "shaved", "cropped", "short", "receding", "bob", "shoulder-length", "long", "wavy", "curly", "afro",
    "bun", "ponytail", "braids",
)  # fmt: skip
HAIRLESS: Final = ("bald",)
EYES: Final = ("brown", "dark", "hazel", "amber", "green", "blue", "grey", "violet")
GLASSES: Final = ("none", "round", "square", "oval", "cat-eye", "rimless")
FRAMES: Final = ("dark", "gold", "red", "blue")
FACIAL_HAIR: Final = ("none", "stubble", "moustache", "goatee", "short", "full", "long")
COLOURS: Final = (
    "white", "cream", "black", "grey", "navy", "blue", "teal", "green", "yellow", "mustard", "orange", "red", "pink",
    "purple", "brown", "beige",
)  # fmt: skip
OUTER: Final = (
    "none", "cardigan", "jacket", "blazer", "coat", "lab coat", "waistcoat", "sweater", "turtleneck", "hoodie",
    "apron", "overalls",
)  # fmt: skip
INNER: Final = ("shirt", "blouse", "t-shirt", "top", "dress")
HEADWEAR: Final = ("none", "cap", "hat", "beret", "headscarf", "turban", "hard hat", "chef's hat", "beanie")
BUILDS: Final = ("slim", "average", "sturdy", "athletic")
FEATURES: Final = (
    "round face", "oval face", "square face", "heart-shaped face", "long face", "strong jaw", "high cheekbones",
    "full lips", "aquiline nose", "snub nose", "freckles", "dimples", "laugh lines", "bushy eyebrows",
)  # fmt: skip

TEMPERAMENTS: Final = (
    "warm", "calm", "cheerful", "strict", "witty", "curious", "shy", "energetic", "patient", "gruff", "dreamy",
    "precise", "playful", "serious", "gentle", "bold",
)  # fmt: skip
# Temperaments that no one person has at once.
OPPOSED: Final = (
    ("calm", "energetic"), ("shy", "bold"), ("serious", "playful"), ("gruff", "gentle"), ("gruff", "warm"),
    ("dreamy", "precise"), ("cheerful", "gruff"), ("strict", "playful"),
)  # fmt: skip

# How a voice sounds, as people say it: what each engine makes of it is the voice stage's business.
LEVELS: Final = ("very low", "low", "medium", "high", "very high")
VOICE_STYLES: Final = (
    "warm", "clear", "gentle", "bright", "dry", "solemn", "matter-of-fact", "playful", "soft", "rough", "firm",
)  # fmt: skip
