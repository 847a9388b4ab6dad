"""What stands in identity.json of the promises to those whom an identity has learnt from. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def with_privacy(facts: Mapping[str, Any], kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of an identity with `told` in `privacy.<kind>` (`dp`, `federated`); all else stays.

    An adapter that was learnt before has its own promise: epsilons of two learnings on the same persons add up, and
    nobody can tell from here whether they are the same, so the older entries stay, newest first, under `before`.
    """
    privacy = dict(facts.get("privacy") or {})
    now = dict(told)
    earlier = privacy.get(kind)
    if isinstance(earlier, dict):
        last = {name: value for name, value in earlier.items() if name != "before"}
        now["before"] = [*([last] if last != now else []), *earlier.get("before", [])]
        if not now["before"]:
            del now["before"]
    return {**facts, "privacy": {**privacy, kind: now}}
