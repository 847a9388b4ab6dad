"""A card's lorebook: entries of knowledge and the keys that call them. It knows no conversation engine.

After "Lorebook" of the Character Card V3 specification. Decorators (`@@name value` lines) are taken out of the
content; of them `dont_activate`, `activate`, `additional_keys` and `exclude_keys` are followed. Fields that are not
read here stay in the card's raw JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.identity.fields import Fields, Json
from engines.identity.patterns import SUBJECT, compile_key

ENTRIES: Final = 4096
KEYS: Final = 256
CONTENT: Final = 40_000

_DECORATOR: Final = re.compile(r"@@@?([a-z_]+)(?:[ \t]+(.*))?")


@dataclass(frozen=True, slots=True)
class LoreEntry:
    """One piece of knowledge; `name` is how people call it, "" when the card gives none."""

    name: str
    keys: tuple[str, ...]
    content: str
    enabled: bool = True
    constant: bool = False
    order: float = 0.0
    secondary_keys: tuple[str, ...] = ()
    excluded_keys: tuple[str, ...] = ()
    patterns: tuple[re.Pattern[str], ...] | None = None  # of keys that are regular expressions
    case_sensitive: bool = False
    forced: bool | None = None  # always or never called, by decorator
    extensions: Mapping[str, Json] | None = None

    def called_by(self, text: str) -> bool:
        """Whether a stretch of conversation calls this entry up."""
        if not self.enabled or not self.content:
            return False
        if self.forced is not None:
            return self.forced
        if self.patterns is not None:
            return any(pattern.search(text[-SUBJECT:]) for pattern in self.patterns)
        text = text if self.case_sensitive else text.lower()
        if self._has(text, self.excluded_keys):
            return False
        if self.secondary_keys and not self._has(text, self.secondary_keys):
            return False
        return self.constant or self._has(text, self.keys)

    def _has(self, text: str, keys: Sequence[str]) -> bool:
        return any((key if self.case_sensitive else key.lower()) in text for key in keys if key)


@dataclass(frozen=True, slots=True)
class Lorebook:
    """All entries in insertion order."""

    entries: tuple[LoreEntry, ...] = ()
    scan_depth: int = 4

    def called_by(self, messages: Sequence[str]) -> tuple[LoreEntry, ...]:
        """The entries that the last `scan_depth` messages call up, for a language model's prompt."""
        text = "\n".join(messages[-self.scan_depth :])
        return tuple(entry for entry in self.entries if entry.called_by(text))


def read_lorebook(book: Fields) -> Lorebook:
    """The lorebook of a card; IdentityError for a field of a wrong type."""
    entries = [_entry(fields) for fields in book.each("entries", most=ENTRIES)]
    depth = int(book.number("scan_depth", 4, low=0, high=1e6))
    return Lorebook(tuple(sorted(entries, key=lambda entry: entry.order)), max(1, min(depth, 100)))


def _entry(fields: Fields) -> LoreEntry:
    content, decorators = _take_decorators(fields.text("content", longest=CONTENT))
    keys = _keys(fields, "keys")
    sensitive = fields.flag("case_sensitive")
    regex = fields.flag("use_regex")
    patterns = [compile_key(key, case_sensitive=sensitive) for key in keys] if regex else []
    secondary = _keys(fields, "secondary_keys") if fields.flag("selective") else ()
    forced = True if "activate" in decorators else False if "dont_activate" in decorators else None
    return LoreEntry(
        name=fields.text("name", longest=500).strip(),
        keys=keys,
        content=content,
        enabled=fields.flag("enabled", default=True),
        constant=fields.flag("constant"),
        order=fields.number("insertion_order", 0),
        secondary_keys=secondary + _split(decorators.get("additional_keys", "")),
        excluded_keys=_split(decorators.get("exclude_keys", "")),
        patterns=tuple(pattern for pattern in patterns if pattern) if regex else None,
        case_sensitive=sensitive,
        forced=forced,
        extensions=fields.object("extensions"),
    )


def _keys(fields: Fields, name: str) -> tuple[str, ...]:
    """Keys as a list, or as the comma-separated text that some editors write."""
    if isinstance(value := fields.values.get(name), str):
        return _split(value)
    return tuple(key.strip() for key in fields.texts(name, most=KEYS) if key.strip())


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",")[:KEYS] if part.strip())


def _take_decorators(content: str) -> tuple[str, dict[str, str]]:
    decorators: dict[str, str] = {}
    kept: list[str] = []
    for line in content.splitlines():
        if found := _DECORATOR.fullmatch(line.strip()):
            decorators.setdefault(found[1], found[2] or "")
        else:
            kept.append(line)
    return "\n".join(kept).strip(), decorators
