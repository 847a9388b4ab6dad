"""The tags that the prompt offers: a mood in brackets, or a gesture by its name. No other bracket is a tag."""

from __future__ import annotations

import re
from typing import Final

from bridge.core.text.pieces import Tag

LONGEST: Final = 56  # characters of a tag with its brackets

_NAME: Final = r"[a-z][a-z0-9_-]{0,31}"
_TAG: Final = re.compile(
    rf"(?:(?P<kind>emotion|gesture):)?(?P<name>{_NAME})(?::(?P<intensity>[01](?:\.[0-9]{{1,3}})?))?", re.IGNORECASE
)


def tag(inside: str, emotions: frozenset[str]) -> Tag | None:
    """Return the tag that brackets around `inside` make: `happy`, `happy:0.6`, `emotion:happy`, `gesture:wave`.

    `emotions` are the bare names that mean a mood.
    """
    match = _TAG.fullmatch(inside)
    if match is None:
        return None
    name = match["name"].lower()
    kind = match["kind"].lower() if match["kind"] else ""
    if not kind and name not in emotions:
        return None
    strength = float(match["intensity"]) if match["intensity"] else 1.0
    return Tag("gesture" if kind == "gesture" else "emotion", name, min(1.0, strength))
