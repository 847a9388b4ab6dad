"""Curly braced syntaxes of cards, `{{char}}` and the like. It knows no card and no conversation.

After "Curly Braced Syntaxes" of the Character Card V3 specification (char, user, random, pick, roll, //, hidden_key,
comment, reverse, and the angle forms), and of those that SillyTavern and Risu add the ones that stand for words:
`{{random::a::b}}`, dice (`{{roll:2d6+1}}`), time, date, weekday, newline, trim. All others leave nothing behind: a
macro is never shown, said or sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Final

LONGEST: Final = 20_000  # characters of a result
DICE: Final = 100  # that are rolled at once
SIDES: Final = 10**9

_INNERMOST: Final = re.compile(r"\{\{([^{}]*)\}\}")
_BROKEN: Final = re.compile(r"\{\{[^\n]{0,200}?\}\}|\{\{+|\}\}+")  # what no nesting explains
_ANGLE: Final = re.compile(r"<(char|bot|user)>", re.IGNORECASE)
_COMMA: Final = re.compile(r"(?<!\\),")
_DICE: Final = re.compile(r"(\d{0,9})d?(\d{1,9})?([+-]\d{1,9})?")
_NESTING: Final = 4

# Noncharacters that stand for an empty macro and for `{{trim}}` until the spaces around them are mended.
_GONE: Final = "\ufdd0"
_TRIM: Final = "\ufdd1"
_OPEN: Final = "\ufdd2"
_CLOSE: Final = "\ufdd3"
_LATER: Final = re.compile(r"\{\{\s*(user|time|date|weekday)\s*\}\}|<(user)>", re.IGNORECASE)
_MENDED: Final = (
    (re.compile(f"\\s*{_TRIM}\\s*"), ""),
    (re.compile(f"(?m)^{_GONE}[{_GONE} \\t]*"), ""),
    (re.compile(f"([ \\t]){_GONE}[{_GONE} \\t]*[ \\t]"), r"\1"),
    (re.compile(f"[ \\t]+{_GONE}+(?=[.,;:!?\\n]|$)"), ""),
    (re.compile(_GONE), ""),
)


def expand(
    text: str,
    *,
    char: str,
    user: str,
    seed: str,
    now: datetime | None = None,
    words: Mapping[str, str] | None = None,
) -> str:
    """Replace the macros of a text, inner ones first; the same seed gives the same choices.

    `pick` depends on the seed's part before the last ":" only, so that a prompt keeps its picks from turn to turn.
    `words` are what further names stand for, and how `time`, `date` and `weekday` are said instead of in figures.
    """
    if "{{" not in text and "<" not in text and "}}" not in text:
        return text
    rng, steady = Random(f"{seed}|{text}"), f"{seed.rpartition(':')[0]}|{text}"  # noqa: S311 (a choice of words)
    names = {**_moment(now), **(words or {}), "char": _bare(char), "bot": _bare(char), "user": _bare(user)}
    text = text.replace(_GONE, "").replace(_TRIM, "")
    count = 0

    def value(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return _value(match[1], names, rng, f"{steady}|{count}") or _GONE

    for _ in range(_NESTING):
        replaced = _INNERMOST.sub(value, text)[:LONGEST]
        if replaced == text:
            break
        text = replaced
    text = _BROKEN.sub(_GONE, text)
    for pattern, kept in _MENDED:
        text = pattern.sub(kept, text)
    return _ANGLE.sub(lambda match: names[match[1].lower()], text)[:LONGEST]


def expand_fixed(text: str, *, char: str, seed: str) -> str:
    """Replace all macros but those that stand for the user and the moment, which are left for `expand`."""
    kept = _LATER.sub(lambda match: f"{_OPEN}{match[1] or match[2]}{_CLOSE}".lower(), text)
    fixed = expand(kept, char=char, user="", seed=seed)
    return fixed.replace(_OPEN, "{{").replace(_CLOSE, "}}")


def _moment(now: datetime | None) -> dict[str, str]:
    fixed = {"newline": "\n", "trim": _TRIM}
    if now is None:
        return fixed
    day = f"{now:%Y-%m-%d}"
    clock = f"{now:%H:%M}"
    return fixed | {"time": clock, "isotime": clock, "date": day, "isodate": day, "weekday": f"{now:%A}"}


def _value(body: str, names: Mapping[str, str], rng: Random, steady: str) -> str:
    """Return what a macro stands for, "" for nothing."""
    if body.lstrip().startswith("//"):
        return ""
    name, colon, argument = body.partition(":")
    if not colon and (spaced := body.split(maxsplit=1))[1:]:
        name, argument = spaced  # {{roll 2d6}}, {{random a,b}}
    name, argument = name.strip().lower(), argument.replace(_GONE, "")
    match name:
        case "random":
            return rng.choice(_options(argument))
        case "pick":
            return Random(steady).choice(_options(argument))  # noqa: S311 (a choice of words)
        case "roll" | "dice":
            return _rolled(argument.lstrip(":"), rng)
        case "reverse":
            return argument[::-1]
        case _:
            return "" if argument.strip() or colon else names.get(name, "")


def _options(argument: str) -> list[str]:
    """Part the choices of `{{random:a,b}}` or `{{random::a::b}}`."""
    if argument.startswith(":"):
        parts = argument[1:].split("::")
        if len(parts) > 1:
            return [option.strip() for option in parts]
    return [option.replace("\\,", ",").strip() for option in _COMMA.split(argument.removeprefix(":"))]


def _rolled(argument: str, rng: Random) -> str:
    """Roll "20", "d20", "2d6" or "2d6+1"; "" for what is no roll."""
    found = _DICE.fullmatch(re.sub(r"\s", "", argument).lower())
    if not found or not (found[1] or found[2]):
        return ""
    dice, sides = (int(found[1] or 1), int(found[2])) if found[2] else (1, int(found[1]))
    if not 0 < dice <= DICE or not 0 < sides < SIDES:
        return ""
    return str(sum(rng.randint(1, sides) for _ in range(dice)) + int(found[3] or 0))


def _bare(name: str) -> str:
    """Return a name that cannot be read as a macro or a tag."""
    return re.sub(r"[{}\[\]<>*]", "", name)
