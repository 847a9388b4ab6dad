"""Fills lines of a language: slots, forms of verbs and of gender, and what must be mended then. It knows no person.

`{slot}` is filled, `{Slot}` with a capital; `<third|first>` is the form of a verb, `[m|f]` that of a gender; macros of
cards (`{{user}}`) and tags (`[happy]`) stay. What is filled in may have slots itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from studio.errors import StudioError
from studio.tongue.tables import Tongue

DEPTH: Final = 5  # lines within lines

_SLOT: Final = re.compile(r"(?<!\{)\{([A-Za-z_][A-Za-z_0-9]*)\}(?!\})")
_PERSON: Final = re.compile(r"<([^<>|]*)\|([^<>|]*)>")
_GENDER: Final = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_SPACES: Final = re.compile(r" {2,}")
HANGING: Final = ",.;:!?"  # marks that no space stands before, where a language does not say otherwise


@dataclass(frozen=True, slots=True)
class Form:
    """How verbs and adjectives stand: `first` person (and plural "they") or third, gender "m" or "f"."""

    first: bool = False
    gender: str = "m"


def filled(line: str, slots: Mapping[str, str], form: Form, spoken: Tongue) -> str:
    """Return a line with its slots and forms; StudioError `damaged` for a slot that nothing fills."""
    for _ in range(DEPTH):
        if not _SLOT.search(line):
            break
        line = _SLOT.sub(lambda match: _slot(match[1], slots), line)
    # Gender before person: a form of the third person may have two of gender in it.
    line = _GENDER.sub(lambda match: match[2 if form.gender == "f" else 1], line)
    line = _PERSON.sub(lambda match: match[2 if form.first else 1], line)
    return mended(line, spoken)


def mended(text: str, spoken: Tongue) -> str:
    """Return a text as the language writes it: no double spaces, "an" before a vowel, and so on."""
    if spoken.lines.get("spaces", True):
        marks = re.escape(spoken.lines.get("hanging", HANGING))
        text = re.sub(f" +([{marks}])", r"\1", _SPACES.sub(" ", text))
    for pattern, instead in spoken.lines.get("mend", ()):
        text = re.sub(pattern, instead, text)
    return text.strip()


def listed(items: Sequence[str], spoken: Tongue) -> str:
    """Return items as the language lists them: "a, b and c"."""
    between, last = spoken.lines["listing"]
    said = [item for item in items if item]
    return str(between).join(said[:-1]) + str(last) + said[-1] if len(said) > 1 else "".join(said)


def capital(text: str) -> str:
    """Return a text with its first letter large."""
    return text[:1].upper() + text[1:]


def _slot(name: str, slots: Mapping[str, str]) -> str:
    if name in slots:
        return slots[name]
    small = name[:1].lower() + name[1:]
    if small not in slots:
        raise StudioError("damaged", f"a line has the slot {name}, which nothing fills")
    return capital(slots[small])
