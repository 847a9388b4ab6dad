"""The two JSON schemas that a model writes by, and a check of values against them. It asks nobody.

Only what both schemas use of JSON Schema is known here: object, array, string, integer, enum and bounds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from engines.identity import vocabulary as words
from engines.identity.attributes import Attributes

Schema: TypeAlias = dict[str, Any]

LONGEST: Final = 65_536  # characters of an answer that are read


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much a model may write: characters of a long and a short text, and items of a list."""

    long: int = 900
    short: int = 400
    items: int = 3


def outline_schema(asked: Attributes, sizes: Sizes) -> Schema:
    """Return the schema of the first step: who it is. What was asked for already is the only choice there."""

    def one(known: Sequence[str], told: str) -> Schema:
        return {"type": "string", "enum": [told] if told else list(known)}

    age = {"type": "integer", "minimum": asked.age or 18, "maximum": asked.age or 90}
    told = list(asked.temperament[:2])
    temper = {"type": "string", "enum": told or list(words.TEMPERAMENTS)}
    return _object(
        name=_text(2, 60),
        age=age,
        presentation=one(words.PRESENTATIONS, asked.presentation),
        skin=one(words.SKINS, asked.skin),
        hair_colour=one(words.HAIR_COLOURS, asked.hair.colour),
        hair_style=one(words.HAIR_STYLES, asked.hair.style),
        eyes=one(words.EYES, asked.eyes),
        glasses=one(words.GLASSES, asked.glasses.shape),
        facial_hair=one(words.FACIAL_HAIR, asked.facial_hair.style),
        outer=one(words.OUTER, asked.outer.kind),
        outer_colour=one(words.COLOURS, asked.outer.colour),
        inner=one(words.INNER, asked.inner.kind),
        inner_colour=one(words.COLOURS, asked.inner.colour),
        profession={"type": "string", "enum": [asked.profession]} if asked.profession else _text(3, 60),
        temperament={"type": "array", "items": temper, "minItems": 1, "maxItems": 2},
        interests={"type": "array", "items": _text(3, 40), "minItems": 1, "maxItems": 3},
        outline=_text(20, sizes.short),
    )


def text_schema(sizes: Sizes) -> Schema:
    """Return the schema of the second step: what the card says."""
    talk = _object(user=_text(3, 160), reply=_text(3, sizes.short))
    topic = _object(
        title=_text(3, 40),
        keys={"type": "array", "items": _text(2, 30), "minItems": 1, "maxItems": 4},
        text=_text(20, sizes.short),
    )
    return _object(
        description=_text(60, sizes.long),
        personality=_text(10, sizes.short),
        scenario=_text(10, sizes.short),
        greetings={"type": "array", "items": _text(10, sizes.short), "minItems": 1, "maxItems": sizes.items},
        about=_text(10, sizes.short),
        talks={"type": "array", "items": talk, "minItems": 1, "maxItems": sizes.items},
        topics={"type": "array", "items": topic, "minItems": 1, "maxItems": sizes.items},
    )


def read(answer: str, schema: Schema) -> tuple[dict[str, Any], list[str]]:
    """Return what an answer holds and what is wrong with it by the schema; {} when it is no JSON object.

    Words and fences around the object are left out.
    """
    start, end = answer.find("{"), answer.rfind("}")
    if start < 0 or end < start:
        return {}, ["the answer holds no JSON object"]
    if len(answer) > LONGEST:
        return {}, [f"the answer is longer than {LONGEST} characters"]
    try:
        value = json.loads(answer[start : end + 1])
    except (ValueError, RecursionError) as error:
        return {}, [f"the answer is not JSON: {str(error)[:120]}"]
    problems = list(_problems(value, schema, "answer"))
    return (value if isinstance(value, dict) else {}), problems[:12]


# ------------------------------------------------------------------------------------------------ parts


def _text(least: int, most: int) -> Schema:
    return {"type": "string", "minLength": least, "maxLength": most}


def _object(**fields: Schema) -> Schema:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _problems(value: Any, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    match schema["type"]:
        case "object":
            yield from _of_object(value, schema, where)
        case "array":
            yield from _of_array(value, schema, where)
        case "integer":
            if isinstance(value, bool) or not isinstance(value, int):
                yield f"{where} must be a whole number"
            elif not schema["minimum"] <= value <= schema["maximum"]:
                yield f"{where} must be from {schema['minimum']} to {schema['maximum']}"
        case _:
            yield from _of_text(value, schema, where)


def _of_object(value: Any, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where} must be an object"
        return
    known: Mapping[str, Any] = schema["properties"]
    yield from (f"{where}.{key} is missing" for key in known if key not in value)
    yield from (f"{where}.{key[:40]} is not asked for" for key in value if key not in known)
    for key, part in known.items():
        if key in value:
            yield from _problems(value[key], part, f"{where}.{key}")


def _of_array(value: Any, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{where} must be a list"
        return
    if not schema["minItems"] <= len(value) <= schema["maxItems"]:
        yield f"{where} must have {schema['minItems']} to {schema['maxItems']} items"
    for number, item in enumerate(value[: schema["maxItems"]]):
        yield from _problems(item, schema["items"], f"{where}[{number}]")


def _of_text(value: Any, schema: Mapping[str, Any], where: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{where} must be text"
    elif "enum" in schema:
        if value not in schema["enum"]:
            yield f"{where} must be one of: {', '.join(schema['enum'])}"
    elif not schema["minLength"] <= len(value) <= schema["maxLength"]:
        yield f"{where} must have {schema['minLength']} to {schema['maxLength']} characters, not {len(value)}"
