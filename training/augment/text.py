"""Varied copies of dialogues: named pure functions, each with a chance of its own.

What users say is changed; what the assistant says is the manner that is learned, and stays, but for swaps, which change
a word in the whole dialogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Final, TypeAlias

from engines.identity import vocabulary
from studio.evaluate.noise.hearing import Ears, misheard
from studio.evaluate.noise.typing import mistyped
from training.data.dialogue import Dialogue, Line
from training.errors import TrainingError

Change: TypeAlias = Callable[[Dialogue, Random], Dialogue]
Say: TypeAlias = Callable[[str], str]

SHARE: Final = 0.12  # of the words that noise changes
# Values that may stand for each other without anything else becoming wrong.
GROUPS: Final = (
    tuple(dict.fromkeys((*vocabulary.COLOURS, *vocabulary.HAIR_COLOURS))),
    vocabulary.TEMPERAMENTS,
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    ("morning", "afternoon", "evening"),
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
)


def typed(dialogue: Dialogue, chance: Random) -> Dialogue:
    """Let users slip on their keyboards."""
    return _asked(dialogue, lambda text: mistyped(text, SHARE, chance))


def heard(dialogue: Dialogue, chance: Random, *, language: str = "en") -> Dialogue:
    """Let users be misheard, as a recogniser writes them: words that sound alike, small ones lost, no marks."""
    ears = Ears(language, re.findall(r"\w+", dialogue.text.lower()))
    return _asked(dialogue, lambda text: misheard(text, SHARE, chance, ears))


def swapped(dialogue: Dialogue, chance: Random) -> Dialogue:
    """Swap one attribute, day or number for another of its kind, in all lines alike; unchanged where there is none."""
    there = [(group, word) for group in GROUPS for word in group if re.search(rf"\b{re.escape(word)}\b", dialogue.text)]
    if not there:
        return dialogue
    group, word = chance.choice(there)
    taken = {each for each in group if re.search(rf"\b{re.escape(each)}\b", dialogue.text)}
    other = chance.choice([each for each in group if each not in taken] or [word])
    lines = tuple(Line(line.role, re.sub(rf"\b{re.escape(word)}\b", other, line.text)) for line in dialogue.lines)
    return replace(dialogue, lines=lines)


def paraphrased(dialogue: Dialogue, say: Say) -> Dialogue:
    """Let a language model put what users say otherwise; `say` gets a line, and what is empty changes nothing."""
    return _asked(dialogue, lambda text: say(text).strip() or text)


def back_translated(dialogue: Dialogue, there: Say, back: Say) -> Dialogue:
    """Translate what users say into another language and back, by two models."""
    return _asked(dialogue, lambda text: back(there(text)).strip() or text)


CHANGES: Final[dict[str, Change]] = {"typing": typed, "hearing": heard, "swaps": swapped}


def varied(
    dialogues: Iterable[Dialogue], names: Sequence[str], *, copies: int = 1, seed: int = 0
) -> Iterator[Dialogue]:
    """Yield each dialogue, then its copies, each changed by one of the named changes in turn; copies that are the
    same as the original are left out. TrainingError `bad_recipe` for a name that there is not.
    """
    if unknown := [name for name in names if name not in CHANGES]:
        raise TrainingError("bad_recipe", f"there is no change {unknown[0]}; there are: {', '.join(CHANGES)}")
    for number, each in enumerate(dialogues):
        yield each
        for copy in range(copies if names else 0):
            name = names[(number + copy) % len(names)]
            made = CHANGES[name](each, Random(f"{seed}|{number}|{copy}"))
            if made.lines != each.lines:
                yield made


def _asked(dialogue: Dialogue, change: Say) -> Dialogue:
    """Return the dialogue with what users say changed; a line of which nothing is left stays."""
    lines = (Line("user", change(line.text) or line.text) if line.role == "user" else line for line in dialogue.lines)
    return replace(dialogue, lines=tuple(lines))
