"""Reads JSON that nobody vouches for: bounded, typed, with the place of a fault in the error.

It knows JSON and bounds, not what a card is. A missing or null field takes its default; a field of the wrong type is
an error that names it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Final, NoReturn, TypeAlias, cast

from engines.identity.errors import IdentityError

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

JSON_BYTES: Final = 8 * 1024 * 1024
DEPTH: Final = 48
ITEMS: Final = 200_000
TEXT: Final = 200_000  # characters of one text


def parse_object(data: bytes, where: str) -> dict[str, Json]:
    """Read the JSON object that `data` (UTF-8, -16 or -32, with or without a byte order mark) holds.

    `where` names it in errors. Lone surrogates become "?". NaN, Infinity and what is over the bounds is refused with
    IdentityError.
    """
    if len(data) > JSON_BYTES:
        raise IdentityError("too_large", f"{where} is larger than {JSON_BYTES // 2**20} MiB")
    try:
        value = json.loads(data.decode(json.detect_encoding(data)).removeprefix("\ufeff"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise IdentityError("bad_json", f"{where} is not JSON: {_short(error)}") from error
    if not isinstance(value, dict):
        raise IdentityError("bad_json", f"{where} must hold a JSON object, not {kind_of(value)}")
    return cast("dict[str, Json]", _clean(value, where, DEPTH, [ITEMS]))


def dump(value: Mapping[str, Json]) -> bytes:
    """Return the object as UTF-8 JSON, keys in their own order."""
    return json.dumps(value, ensure_ascii=False, indent=2).encode() + b"\n"


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _short(error: BaseException) -> str:
    return "it is nested too deeply" if isinstance(error, RecursionError) else str(error)[:200]


def _clean(value: Json, where: str, depth: int, left: list[int]) -> Json:
    """Return a copy without lone surrogates, inside the bounds of depth and number of items."""
    left[0] -= 1
    if depth < 0:
        raise IdentityError("bad_json", f"{where} is nested more than {DEPTH} deep")
    if left[0] < 0:
        raise IdentityError("too_large", f"{where} holds more than {ITEMS} values")
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise IdentityError("bad_json", f"{where} holds a number out of range")
    if isinstance(value, int) and abs(value) > 2**63:
        raise IdentityError("bad_json", f"{where} holds a number out of range")
    if isinstance(value, list):
        return [_clean(item, where, depth - 1, left) for item in value]
    if isinstance(value, dict):
        return {_clean_text(key): _clean(item, where, depth - 1, left) for key, item in value.items()}
    return value


def _clean_text(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace" if _has_surrogate(text) else "strict").decode()


def _has_surrogate(text: str) -> bool:
    return any("\ud800" <= c <= "\udfff" for c in text)


def kind_of(value: object) -> str:
    """Name the type of a JSON value for people."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "an object"


class Fields:
    """An object of a document; each method reads one field of it and says where a fault lies."""

    def __init__(self, values: Mapping[str, Json], where: str, *, code: str) -> None:
        self.values = values
        self.where = where
        self.code = code

    def fail(self, key: str, expected: str) -> NoReturn:
        """Raise IdentityError: the field is not what was expected."""
        found = kind_of(self.values.get(key))
        raise IdentityError(self.code, f"{self.where}.{key} must be {expected}, not {found}")

    def text(self, key: str, default: str = "", *, longest: int = TEXT) -> str:
        """Return a text of at most `longest` characters."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, str):
            self.fail(key, "text")
        if len(value) > longest:
            raise IdentityError("too_large", f"{self.where}.{key} is longer than {longest} characters")
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        """true or false."""
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fail(key, "true or false")
        return value

    def number(self, key: str, default: float, *, low: float = -1e15, high: float = 1e15) -> float:
        """Return a number in low..high."""
        value = self.values.get(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            self.fail(key, f"a number from {low:g} to {high:g}")
        return float(value)

    def texts(self, key: str, *, most: int = 4096) -> tuple[str, ...]:
        """Return a list of texts; one text alone counts as a list of one."""
        value = self.values.get(key)
        if value is None:
            return ()
        if isinstance(value, str):
            value = [value]
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.fail(key, "a list of texts")
        if len(value) > most or any(len(cast("str", item)) > TEXT for item in value):
            raise IdentityError("too_large", f"{self.where}.{key} holds too much")
        return tuple(cast("list[str]", value))

    def object(self, key: str) -> dict[str, Json]:
        """Return an object; {} when it is not there."""
        value = self.values.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.fail(key, "an object")
        return value

    def at(self, key: str) -> Fields:
        """Return the object under `key`, to be read on."""
        return Fields(self.object(key), f"{self.where}.{key}", code=self.code)

    def each(self, key: str, *, most: int = 4096) -> list[Fields]:
        """Return the objects of a list."""
        value = self.values.get(key)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail(key, "a list of objects")
        if len(value) > most:
            raise IdentityError("too_large", f"{self.where}.{key} has more than {most} items")
        return [
            Fields(cast("dict[str, Json]", item), f"{self.where}.{key}[{i}]", code=self.code)
            for i, item in enumerate(value)
        ]
