"""How questions are mistyped: neighbouring keys, letters lost, doubled or swapped. Pure, by a seed."""

from __future__ import annotations

import random
from typing import Final

LEVELS: Final = (0.0, 0.02, 0.05, 0.1, 0.2)  # of all letters
_ROWS: Final = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_NEAR: Final = {
    key: "".join(
        other
        for y, line in enumerate(_ROWS)
        for x, other in enumerate(line)
        if other != key and abs(y - row) <= 1 and abs(x - column) <= 1
    )
    for row, keys in enumerate(_ROWS)
    for column, key in enumerate(keys)
}


def mistyped(text: str, share: float, seed: int) -> str:
    """Return the text with about that share of its letters mistyped, the same for the same seed."""
    chance = random.Random(f"{seed} {share} {text}")
    made: list[str] = []
    letters = iter(range(len(text)))
    for at in letters:
        letter = text[at]
        if not letter.isalnum() or chance.random() >= share:
            made.append(letter)
            continue
        match chance.choice(("near", "lost", "twice", "swapped")):
            case "near":
                near = chance.choice(_NEAR.get(letter.lower(), letter))
                made.append(near.upper() if letter.isupper() else near)
            case "lost":
                pass
            case "twice":
                made.append(letter * 2)
            case _:
                made.append(text[at + 1 : at + 2] + letter)
                next(letters, None)
    return "".join(made)
