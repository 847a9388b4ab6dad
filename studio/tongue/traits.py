"""What can be read of a person in a text, as values. It reads nothing itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from studio.tongue.ages import Age

# Groups whose words count wherever they stand.
FREE: Final = (
    "presentation", "ancestry", "regions", "facial_hair", "outer", "inner", "headwear", "build", "features",
    "temperament", "audience", "languages", "accent", "voice_pitch", "voice_rate", "voice_energy", "voice_style",
)  # fmt: skip
# What may be said of what; the key is the group of the anchor.
TOLD: Final[Mapping[str, tuple[str, ...]]] = {
    "hair": ("hair_colour", "hair_style"),
    "hair_style": ("hair_colour",),
    "eyes": ("eyes",),
    "skin": ("skin",),
    "glasses": ("glasses", "frame"),
    "beard": ("hair_colour", "beard_style"),
    "facial_hair": ("hair_colour", "beard_style"),
    "outer": ("colour",),
    "inner": ("colour",),
    "headwear": (),
}


@dataclass(frozen=True, slots=True)
class Trait:
    """One thing that was said: `key` such as "eyes" or "outer.colour", its value, the words, and whether denied."""

    key: str
    value: str
    words: str
    at: int
    denied: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says of a person; `interests` are as they were written, `unread` are the words that said nothing."""

    traits: tuple[Trait, ...] = ()
    ages: tuple[tuple[Age, str], ...] = ()
    interests: tuple[str, ...] = ()
    name: str = ""
    likeness: str = ""
    unread: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()  # those of the unread words that may be what somebody is

    def of(self, key: str) -> tuple[Trait, ...]:
        """Return what was said under a key, in the text's order, what was denied left out."""
        return tuple(trait for trait in self.traits if trait.key == key and not trait.denied)

    def first(self, key: str) -> str:
        """Return the first value under a key, "" when nothing was said."""
        return next((trait.value for trait in self.of(key)), "")
