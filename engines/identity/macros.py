"""Curly braced syntaxes of cards, `{{char}}` and the like. It knows no card and no conversation.

After "Curly Braced Syntaxes" of the Character Card V3 specification: char, user, random, pick, roll, //, hidden_key,
comment, reverse, and the angle forms. Unknown ones stay as they are.
"""

from __future__ import annotations

import re
from random import Random
from typing import Final

LONGEST: Final = 20_000  # characters of a result

_INNERMOST: Final = re.compile(r"\{\{([^{}]*)\}\}")
_ANGLE: Final = re.compile(r"<(char|bot|user)>", re.IGNORECASE)
_COMMA: Final = re.compile(r"(?<!\\),")
_NESTING: Final = 4


def expand(text: str, *, char: str, user: str, seed: str) -> str:
    """The text with its macros replaced, inner ones first; the same seed gives the same choices.

    `pick` depends on the seed's part before the last ":" only, so that a prompt keeps its picks from turn to turn.
    """
    if "{{" not in text and "<" not in text:
        return text
    rng, steady = Random(f"{seed}|{text}"), f"{seed.rpartition(':')[0]}|{text}"  # noqa: S311 (a choice of words)
    names = {"char": _bare(char), "bot": _bare(char), "user": _bare(user)}
    count = 0

    def value(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return _value(match[1], names, rng, f"{steady}|{count}", match[0])

    for _ in range(_NESTING):
        replaced = _INNERMOST.sub(value, text)[:LONGEST]
        if replaced == text:
            break
        text = replaced
    return _ANGLE.sub(lambda match: names[match[1].lower()], text)


def _value(body: str, names: dict[str, str], rng: Random, steady: str, whole: str) -> str:
    name, colon, argument = body.partition(":")
    name = name.strip().lower()
    if body.lstrip().startswith("//"):
        return ""
    if not colon:
        return names.get(name, whole)
    match name:
        case "random":
            return rng.choice(_options(argument))
        case "pick":
            return Random(steady).choice(_options(argument))  # noqa: S311 (a choice of words)
        case "roll":
            sides = argument.strip().lower().lstrip(":").removeprefix("d")
            return str(rng.randint(1, int(sides))) if sides.isdecimal() and 0 < len(sides) < 10 and int(sides) else ""
        case "hidden_key" | "comment":
            return ""
        case "reverse":
            return argument[::-1]
        case _:
            return whole


def _options(argument: str) -> list[str]:
    return [option.replace("\\,", ",").strip() for option in _COMMA.split(argument.removeprefix(":"))]


def _bare(name: str) -> str:
    """A name that cannot be read as a macro or a tag."""
    return re.sub(r"[{}\[\]<>*]", "", name)
