"""Says which words of the vocabulary the painter knows, and writes a person in them as numbers.

A trait is one of a few values. Words that pictures of this size cannot tell apart share a value.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

# Trait -> value -> the words of the vocabulary that it stands for.
VALUES: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "presentation": {"female": ("female",), "male": ("male",)},
    "skin": {name: (name,) for name in ("fair", "light", "olive", "tan", "brown", "deep")},
    "age": {"young": (), "middle": (), "old": ()},
    "hair": {
        "bald": ("bald",),
        "cropped": ("shaved", "cropped"),
        "short": ("short",),
        "receding": ("receding",),
        "bob": ("bob", "shoulder-length"),
        "long": ("long",),
        "wavy": ("wavy",),
        "curly": ("curly",),
        "afro": ("afro",),
        "tied": ("bun", "ponytail"),
        "braids": ("braids",),
    },
    "colour": {
        "black": ("black", "dark"),
        "brown": ("brown",),
        "red": ("red", "auburn"),
        "blonde": ("blonde",),
        "grey": ("grey", "white"),
        "pink": ("pink",),
        "blue": ("blue",),
    },
    "eyes": {"dark": ("dark", "brown"), "pale": ("blue", "grey"), "green": ("green", "hazel", "amber")},
    "glasses": {"none": ("none",), "dark": ("dark",), "gold": ("gold",), "red": ("red",)},
    "beard": {
        "none": ("none",),
        "stubble": ("stubble",),
        "moustache": ("moustache",),
        "goatee": ("goatee",),
        "full": ("short", "full"),
    },
    "clothes": {
        "white": ("white", "cream"),
        "black": ("black", "grey"),
        "blue": ("blue", "navy"),
        "green": ("green", "teal"),
        "red": ("red",),
        "yellow": ("yellow", "mustard"),
    },
    "mood": {"calm": (), "happy": (), "sad": (), "surprised": ()},
}
AGES: Final[Mapping[str, tuple[int, int]]] = {"young": (19, 32), "middle": (40, 54), "old": (66, 84)}  # years

TOLD: Final = sum(len(values) for values in VALUES.values())  # numbers that tell a person
