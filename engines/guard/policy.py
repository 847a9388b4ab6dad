"""What becomes of each category, by whose words it is in and by who may be listening. One table, no cleverness."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

from engines.guard.verdicts import Ruling, Side

Audience: TypeAlias = Literal["everyone", "teen", "adult"]

# What a companion says, for everyone (children may be among them), teens, adults.
SAID: Final[dict[str, tuple[Ruling, Ruling, Ruling]]] = {
    "minors": ("block", "block", "block"),
    "self_harm": ("block", "block", "block"),
    "crisis": ("allow", "allow", "allow"),  # only a user is in need
    "hate": ("block", "block", "block"),
    "violence": ("block", "block", "block"),
    "danger": ("block", "block", "block"),
    "illegal": ("block", "block", "block"),
    "jailbreak": ("block", "block", "block"),
    "own": ("block", "block", "block"),  # the operator's own list
    "sexual": ("block", "block", "allow"),
    "personal": ("block", "block", "soften"),
    "numbers": ("soften", "soften", "soften"),
    "human": ("soften", "soften", "soften"),
    "persuasion": ("soften", "soften", "soften"),
    "gore": ("soften", "allow", "allow"),
    "romance": ("soften", "soften", "allow"),
    "profanity": ("soften", "allow", "allow"),
}
# What a user says: block answers in the dialogue's stead, soften has it answer and tells it how.
HEARD: Final[dict[str, tuple[Ruling, Ruling, Ruling]]] = {
    "crisis": ("block", "block", "block"),
    "minors": ("block", "block", "block"),
    "own": ("block", "block", "block"),
    "self_harm": ("allow", "allow", "allow"),
    "hate": ("soften", "soften", "soften"),
    "violence": ("soften", "soften", "soften"),
    "danger": ("soften", "soften", "soften"),
    "illegal": ("soften", "soften", "soften"),
    "jailbreak": ("soften", "soften", "soften"),
    "sexual": ("soften", "soften", "allow"),
    "romance": ("soften", "soften", "allow"),
    "numbers": ("soften", "soften", "allow"),
    "personal": ("allow", "allow", "allow"),
    "persuasion": ("allow", "allow", "allow"),
    "gore": ("allow", "allow", "allow"),
    "profanity": ("allow", "allow", "allow"),
    "human": ("allow", "allow", "allow"),
}
_COLUMN: Final[dict[Audience, int]] = {"everyone": 0, "teen": 1, "adult": 2}
# Of several the gravest decides.
GRAVITY: Final = tuple(SAID)


def ruling(category: str, side: Side, audience: Audience) -> Ruling:
    """Return what becomes of a category."""
    table = HEARD if side == "user" else SAID
    return table[category][_COLUMN[audience]]
