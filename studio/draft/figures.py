"""Refuses to make a person after somebody whom the public knows, unless that person has consented.

No list can hold everybody who is known; so a wish is also refused by its words when it asks for the likeness of
somebody by name ("sounds like ..."). It knows names and words, no faces or voices.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from engines.words.text import fold
from studio.errors import StudioError
from studio.tongue.tables import table
from studio.tongue.traits import Reading

CODE: Final = "public_figure"
SHORT_SIGNS: Final = 2  # a name in Chinese or Japanese has two signs at least

_SPLIT: Final = re.compile(r"[\W_]+")


def check_wish(sentence: str, reading: Reading) -> None:
    """Refuse a wish for a known person; StudioError `public_figure` says who was meant and what can be done."""
    if known := figure_in(sentence):
        raise StudioError(CODE, f"{known} is a person known to the public. {REMEDY}")
    if reading.likeness:
        raise StudioError(CODE, f"the likeness of {reading.likeness!a} is asked for. {REMEDY}")


def is_known(name: str) -> bool:
    """Say whether a name is that of a known person."""
    return bool(figure_in(name))


def figure_in(text: str) -> str:
    """Return the known person whom a text names, "" when it names none."""
    words = f" {' '.join(_words(text))} "
    signs = "".join(_words(text))
    for key, name in _names().items():
        if (key in signs) if _is_signs(key) else (f" {key} " in words):
            return name
    return ""


REMEDY: Final = (
    "A person is made after somebody only with their consent: give it with --consent FILE, or describe an invented "
    "person instead."
)


@cache
def _names() -> dict[str, str]:
    listed = [line.strip() for line in table("", "figures")["names"].splitlines() if line.strip()]
    return {("".join if _is_signs(name) else " ".join)(_words(name)): name for name in listed}


def _words(text: str) -> list[str]:
    return [word for word in _SPLIT.split(fold(text)) if word]


def _is_signs(text: str) -> bool:
    return len(text) >= SHORT_SIGNS and not any(c.isascii() and c.isalpha() for c in text) and not text.isascii()
