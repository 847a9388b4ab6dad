"""How a person sounds: from what was asked for, age, presentation and temperament.

It is told nothing of skin, ancestry, name or home: a voice and an accent that come of those would be a prejudice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engines.identity.attributes import VoiceManner
from engines.identity.vocabulary import LEVELS
from studio.draft.chance import Chance
from studio.tongue.tables import Tongue

CHILD: Final = 14
OLD: Final = 68

# Steps on the scale from "very low" to "very high" that a temperament makes: rate, range, energy; and its style.
TEMPERAMENTS: Final = {
    "warm": (0, 0, 0, "warm"),
    "calm": (-1, -1, -1, "soft"),
    "cheerful": (1, 1, 1, "bright"),
    "strict": (0, -1, 1, "firm"),
    "witty": (0, -1, 0, "dry"),
    "curious": (1, 1, 0, "clear"),
    "shy": (0, -1, -1, "soft"),
    "energetic": (1, 1, 1, "bright"),
    "patient": (-1, 0, 0, "gentle"),
    "gruff": (0, -1, 0, "rough"),
    "dreamy": (-1, 0, -1, "soft"),
    "precise": (0, 0, 0, "clear"),
    "playful": (1, 1, 0, "playful"),
    "serious": (-1, -1, 0, "solemn"),
    "gentle": (-1, 0, -1, "gentle"),
    "bold": (0, 1, 1, "firm"),
}
_MIDDLE: Final = LEVELS.index("medium")


def manner(asked: VoiceManner, age: int, presentation: str, temperament: Sequence[str]) -> VoiceManner:
    """Return how the voice is to sound, by one temperament at least; what was asked for stays."""
    known = [TEMPERAMENTS[each] for each in temperament]
    rate, span, energy = (sum(steps) for steps in zip(*(each[:3] for each in known), strict=True))
    return VoiceManner(
        pitch=asked.pitch or _level(_pitch(age, presentation)),
        rate=asked.rate or _level(rate - (age >= OLD)),
        range=asked.range or _level(span),
        energy=asked.energy or _level(energy),
        style=asked.style or known[0][3],
    )


def accent(asked: str, spoken: Tongue, chance: Chance) -> str:
    """Return the accent: the one asked for, else one of the language's own by chance."""
    return asked or chance.choice("accent", spoken.variants("accents"))


def _pitch(age: int, presentation: str) -> int:
    if age <= CHILD:
        return 2
    return {"female": 1, "male": -1}.get(presentation, 0)


def _level(steps: int) -> str:
    return LEVELS[max(0, min(len(LEVELS) - 1, _MIDDLE + steps))]
