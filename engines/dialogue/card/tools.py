"""Finds the tool that a request in words asks for, and fills in its parameters. It runs nothing.

A tool is meant when every word of its name was said, or nearly all of its description's, in the form of a request.
Enumerations, numbers, booleans and one simple text can be filled from words; a tool that needs more is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.api import Tool
from engines.dialogue.card.course import alike
from engines.dialogue.card.language import Language
from engines.text.joining import joined
from engines.words.numerals import numbers

DESCRIBED: Final = 0.8  # of a description's words make a tool meant, when there are at least two
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ON: Final = frozenset({"on", "true", "yes", "open"})
_OFF: Final = frozenset({"off", "false", "no", "closed", "close"})


@dataclass(frozen=True, slots=True)
class Use:
    """A tool to call; `missing` names a required parameter that the words do not give, "" when it is ready."""

    tool: Tool
    arguments: Mapping[str, object]
    missing: str = ""


def requested(words: Sequence[str], tools: Sequence[Tool], language: Language) -> Use | None:
    """Return the tool that is asked for, with what the words say of its parameters; None when none is."""
    said = _request(words, language)
    if said is None:
        return None
    scored = [(score, -i) for i, tool in enumerate(tools) if (score := _score(said, tool, language)) > 0]
    if not scored:
        return None
    return _fill(tools[-max(scored)[1]], said, language)


def supply(
    tool: Tool, arguments: Mapping[str, object], missing: str, words: Sequence[str], language: Language
) -> Use | None:
    """Return the tool with the parameter that the user was asked for; None when the words do not hold it."""
    schema = _properties(tool).get(missing, {})
    value = _value(schema, words, [word for word in words if word not in language.stop], language)
    return None if value is None else Use(tool, {**arguments, missing: value})


def options(tool: Tool, parameter: str) -> list[str]:
    """Return the values that a parameter may have, [] when it is free."""
    listed = _properties(tool).get(parameter, {}).get("enum")
    return [str(value) for value in listed[:12]] if isinstance(listed, list) else []


def _request(words: Sequence[str], language: Language) -> list[str] | None:
    """Return the words without politeness; None when they ask, deny or tell rather than request."""
    said = language.requested(words)
    first = said[0] if said else ""
    telling = first in language.lists["pronouns"] or first in ("i", "you", "we")
    if (
        not said
        or telling
        or first in language.lists["ask"]
        or any(word in language.lists["negations"] for word in said)
    ):
        return None
    return said


def _name(tool: Tool, language: Language) -> list[str]:
    return [word for word in language.tokens(re.sub(r"[_.\-]+", " ", _CAMEL.sub(" ", tool.name))) if word]


def _score(said: Sequence[str], tool: Tool, language: Language) -> float:
    name = _name(tool, language)
    held = [any(alike(word, want, language) for word in said) for want in name]
    if name and all(held) and (len(name) > 1 or alike(said[0], name[0], language)):
        return 2.0 + len(name)
    described = [w for w in language.tokens(tool.description) if w not in language.stop][:12]
    content = language.content(said)
    found = [any(alike(word, want, language) for want in (*described, *name)) for word in content]
    values = [
        v for parameter in _properties(tool) for option in options(tool, parameter) for v in language.tokens(option)
    ]
    extra = [any(alike(word, v, language) for v in values) for word in content]
    meant = [a or b for a, b in zip(found, extra, strict=True)]
    if sum(found) >= 2 and sum(meant) >= DESCRIBED * len(content):
        return 1.0 + sum(found) / 10
    return 0.0


def _fill(tool: Tool, said: Sequence[str], language: Language) -> Use | None:
    properties = _properties(tool)
    required = tool.parameters.get("required")
    needed = [name for name in required if isinstance(name, str)] if isinstance(required, list) else []
    spoken_of = {*_name(tool, language), *language.tokens(tool.description)}
    left = [w for w in said if w not in language.stop and not any(alike(w, want, language) for want in spoken_of)]
    arguments: dict[str, object] = {}
    missing = ""
    for name, schema in properties.items():
        simple = "enum" in schema or schema.get("type") in ("number", "integer", "boolean")
        if name not in needed and not simple:
            continue
        value = _value(schema, said, left, language)
        if value is not None:
            arguments[name] = value
        elif name in needed and "default" not in schema:
            if missing or schema.get("type") not in ("string", "number", "integer", "boolean", None):
                return None
            missing = name
    return None if any(name not in properties for name in needed) else Use(tool, arguments, missing)


def _properties(tool: Tool) -> dict[str, Mapping[str, object]]:
    found = tool.parameters.get("properties")
    if not isinstance(found, Mapping):
        return {}
    return {str(name): schema for name, schema in list(found.items())[:16] if isinstance(schema, Mapping)}


def _value(schema: Mapping[str, object], said: Sequence[str], left: Sequence[str], language: Language) -> object | None:
    """Return a value for one parameter from the words; `left` are those that belong to nothing else."""
    listed = schema.get("enum")
    if isinstance(listed, list):
        fits = [
            v
            for v in listed[:64]
            if (w := language.tokens(str(v))) and all(any(alike(s, x, language) for s in said) for x in w)
        ]
        return max(fits, key=lambda value: len(str(value)), default=None)
    match schema.get("type"):
        case "number" | "integer" as kind:
            found = [n for n in numbers(said, language.units, language.scales, language.point) if _in_range(n, schema)]
            if not found or (kind == "integer" and found[0] != int(found[0])):
                return None
            return int(found[0]) if found[0] == int(found[0]) else found[0]
        case "boolean":
            on, off = not _ON.isdisjoint(said), not _OFF.isdisjoint(said)
            return on if on != off else None
        case "string":
            return joined(left) or None
        case _:
            return None


def _in_range(number: float, schema: Mapping[str, object]) -> bool:
    low, high = schema.get("minimum"), schema.get("maximum")
    above = not isinstance(low, int | float) or number >= low
    return above and (not isinstance(high, int | float) or number <= high)
