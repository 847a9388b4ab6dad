"""Parts dialogues into what is learned and what is held out, so that nobody and no topic is in both."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Literal, TypeAlias

from training.data.dialogue import Dialogue
from training.errors import TrainingError

By: TypeAlias = Literal["person", "topic", "dialogue", "auto"]


def split(
    dialogues: Sequence[Dialogue], *, by: By = "auto", share: float = 0.1, seed: int = 0
) -> tuple[list[Dialogue], list[Dialogue], By]:
    """Return what is learned, what is held out (about `share` of the dialogues), and by what it was parted.

    "auto" parts by person, else by topic, where there are at least four of them. TrainingError `too_little` for fewer
    than two groups.
    """
    chosen = by
    if by == "auto":
        persons, topics = {each.person for each in dialogues} - {""}, {each.topic for each in dialogues} - {""}
        chosen = "person" if len(persons) >= 4 else "topic" if len(topics) >= 4 else "dialogue"
    groups: dict[str, list[int]] = defaultdict(list)
    for number, each in enumerate(dialogues):
        groups[group_of(each, chosen, number)].append(number)
    if len(groups) < 2:
        what = "dialogue" if chosen == "dialogue" else chosen
        raise TrainingError(
            "too_little",
            f"There is one {what} alone, so nothing can be held out to see whether anything was learned: give at least "
            "two dialogues (a few hundred teach a manner), or another --split.",
        )
    order = sorted(groups, key=lambda name: hashlib.sha256(f"{seed}|{name}".encode()).digest())
    wanted = max(1, round(share * len(dialogues)))
    held: set[int] = set()
    for name in order[:-1]:
        if len(held) >= wanted:
            break
        if not held or len(held) + len(groups[name]) <= max(wanted * 2, wanted + 1):
            held |= set(groups[name])
    return (
        [each for number, each in enumerate(dialogues) if number not in held],
        [dialogues[number] for number in sorted(held)],
        chosen,
    )


def group_of(dialogue: Dialogue, by: By, number: int) -> str:
    """Name the group of a dialogue; one without a person or topic is a group of its own."""
    name = {"person": dialogue.person, "topic": dialogue.topic}.get(by, "")
    return name or f"dialogue {number}"


def is_held(dialogue: Dialogue, by: By, number: int, *, share: float, seed: int) -> bool:
    """Decide of one dialogue alone, for corpora of which nobody sees all: by the hash of its group."""
    made = hashlib.sha256(f"{seed}|{group_of(dialogue, by, number)}".encode()).digest()
    return int.from_bytes(made[:8]) < share * 2**64
