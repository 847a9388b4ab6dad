"""Reads the JSON of cards as they are found: takes what can be understood of a field, and warns about the rest.

What is bounded stays bounded: a text or a list over its limit is an IdentityError `too_large`. Files that this project
itself defines are read by `fields.Fields`, which refuses a wrong type.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from engines.identity.errors import IdentityError
from engines.identity.fields import TEXT, Json, kind_of
from engines.identity.warnings import Warnings

YES: Final = frozenset({"true", "yes", "on", "1"})
NO: Final = frozenset({"false", "no", "off", "0", ""})


class Lenient:
    """An object of a card; each method reads one field of it. A missing or null field takes its default unremarked."""

    def __init__(self, values: Mapping[str, Json], where: str, warnings: Warnings) -> None:
        self.values = values
        self.where = where
        self.warnings = warnings

    def warn(self, key: str, what: str) -> None:
        """Warn that the field is `what`."""
        self.warnings.add(f"{self.where}.{key}", what)

    def text(self, key: str, default: str = "", *, longest: int = TEXT) -> str:
        """Read a text of at most `longest` characters; numbers become text, lists of texts its lines."""
        match self.values.get(key):
            case None:
                return default
            case str() as text:
                pass
            case bool() as other:
                self.warn(key, f"{kind_of(other)} instead of text, left out")
                return default
            case int() | float() as number:
                self.warn(key, "a number, read as text")
                text = f"{number:g}" if isinstance(number, float) else str(number)
            case list() as items if items and all(isinstance(item, str) for item in items):
                self.warn(key, "a list, read as one text")
                text = "\n".join(str(item) for item in items)
            case other:
                self.warn(key, f"{kind_of(other)} instead of text, left out")
                return default
        return self._bounded(key, text, longest)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """Read true or false, "false" and 0 included."""
        value = self.values.get(key)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        said = str(value).strip().lower() if isinstance(value, str | int | float) else "?"
        if said in YES or said in NO:
            self.warn(key, f"{kind_of(value)}, read as {'true' if said in YES else 'false'}")
            return said in YES
        self.warn(key, f"{kind_of(value)} instead of true or false, left out")
        return default

    def number(self, key: str, default: float, *, low: float = -1e15, high: float = 1e15) -> float:
        """Read a number in low..high, "100" included; anything else takes the default."""
        value = self.values.get(key)
        if value is None:
            return default
        number = _number(value)
        if number is None or not low <= number <= high:
            self.warn(key, f"not a number from {low:g} to {high:g}, read as {default:g}")
            return default
        if isinstance(value, str):
            self.warn(key, "text, read as a number")
        return number

    def texts(self, key: str, *, most: int = 4096, numbers: bool = False) -> tuple[str, ...]:
        """Read a list of texts; items of other types are left out, numbers among them unless they are wanted."""
        match self.values.get(key):
            case None:
                return ()
            case str() as alone:
                self.warn(key, "one text, read as a list of one")
                items: list[Json] = [alone]
            case list() as items:
                pass
            case dict() as named:
                self.warn(key, "an object, read as the list of its values")
                items = list(named.values())
            case other:
                self.warn(key, f"{kind_of(other)} instead of a list of texts, left out")
                return ()
        if len(items) > most:
            raise IdentityError("too_large", f"{self.where}.{key} has more than {most} items")
        return tuple(text for i, item in enumerate(items) if (text := self._item(f"{key}[{i}]", item, numbers)))

    def object(self, key: str) -> Mapping[str, Json]:
        """Read an object; anything else is left out."""
        value = self.values.get(key)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.warn(key, f"{kind_of(value)} instead of an object, left out")
            return {}
        return value

    def at(self, key: str) -> Lenient:
        """Return the object under `key`, to be read on."""
        return Lenient(self.object(key), f"{self.where}.{key}", self.warnings)

    def each(self, key: str, *, most: int = 4096) -> list[Lenient]:
        """Return the objects of a list, or of an object that numbers them; other items are left out."""
        match self.values.get(key):
            case None:
                return []
            case list() as items:
                pass
            case dict() as named:
                items = list(named.values())
            case other:
                self.warn(key, f"{kind_of(other)} instead of a list of objects, left out")
                return []
        if len(items) > most:
            raise IdentityError("too_large", f"{self.where}.{key} has more than {most} items")
        found: list[Lenient] = []
        for i, item in enumerate(items):
            if isinstance(item, dict):
                found.append(Lenient(item, f"{self.where}.{key}[{i}]", self.warnings))
            else:
                self.warn(f"{key}[{i}]", f"{kind_of(item)} instead of an object, left out")
        return found

    def _item(self, place: str, item: Json, numbers: bool) -> str:
        if isinstance(item, str):
            return self._bounded(place, item, TEXT)
        if numbers and isinstance(item, int | float) and not isinstance(item, bool):
            self.warn(place, "a number, read as text")
            return f"{item:g}" if isinstance(item, float) else str(item)
        self.warn(place, f"{kind_of(item)} instead of text, left out")
        return ""

    def _bounded(self, key: str, text: str, longest: int) -> str:
        if len(text) > longest:
            raise IdentityError("too_large", f"{self.where}.{key} is longer than {longest} characters")
        return text


def _number(value: Json) -> float | None:
    match value:
        case bool():
            return None
        case int() | float():
            return float(value)
        case str():
            try:
                number = float(value.strip()[:40])
            except ValueError:
                return None
            return number if math.isfinite(number) else None
        case _:
            return None
