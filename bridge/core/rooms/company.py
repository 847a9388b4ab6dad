"""Says to a language model in what company its companion is. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def company(people: Sequence[str], others: Sequence[str], asker: str) -> str:
    """Return who is there beside a companion and how it speaks among them, "" where it is alone with one person.

    `people` and `others` (companions) are names, `asker` is who is answered, "" for nobody.
    """
    if len(people) + len(others) < 2:
        return ""
    there = f"You are in a room with {', '.join(people)}" + f" and {' and '.join(others)}, who are AIs" * bool(others)
    told = ["What others say begins with their names. Speak only for yourself, without your name before it."]
    if others:
        told.append("Others answer for themselves. To hear one, call them by name at the end of what you say.")
    if asker:
        told.append(f"You are answering {asker}.")
    return f"{there}. {' '.join(told)}"
