"""A card's lorebook: entries of knowledge and the keys that call them. It knows no conversation engine.

After "Lorebook" of the Character Card V3 specification, and what SillyTavern and Risu write beyond it: plain keys
under `use_regex`, secondary keys with a logic, `comment` as a name, entries numbered by an object. Decorators (`@@name
value` lines) are taken out of the content; of them `dont_activate`, `activate`, `additional_keys` and `exclude_keys`
are followed. Fields that are not read here stay in the card's raw JSON.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from engines.identity.fields import Json
from engines.identity.lenient import Lenient
from engines.identity.patterns import Budget, Pattern, compile_key, is_pattern, subject
from engines.text.han import alike, may_be_chinese

Logic: TypeAlias = Literal["any", "not_all", "not_any", "all"]

ENTRIES: Final = 4096
KEYS: Final = 256
CONTENT: Final = 40_000
LOGICS: Final[tuple[Logic, ...]] = ("any", "not_all", "not_any", "all")  # SillyTavern's selectiveLogic, by number

# Names that other programs give a field, by the specification's.
ALIASES: Final = {
    "keys": ("key",),
    "secondary_keys": ("keysecondary", "secondkey"),
    "insertion_order": ("insertorder", "order"),
    "constant": ("alwaysActive",),
}

_DECORATOR: Final = re.compile(r"@@@?([a-z_]+)(?:[ \t]+(.*))?")


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys that are looked for as text, and keys that are patterns."""

    plain: tuple[str, ...] = ()
    patterns: tuple[Pattern, ...] = ()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of conversation, ready for keys to be looked for in it.

    Of a `chinese` one `text` and `lower` are in Simplified signs; `subjects` are that and, where it differs, what was
    said.
    """

    text: str
    lower: str
    subjects: tuple[bytes, ...]
    chinese: bool

    @classmethod
    def of(cls, text: str) -> Stretch:
        """Prepare a text."""
        plain = alike(text)
        forms = dict.fromkeys((plain, text))
        return cls(plain, plain.lower(), tuple(subject(form) for form in forms), may_be_chinese(text))


@dataclass(frozen=True, slots=True)
class LoreEntry:
    """One piece of knowledge; `name` is how people call it, "" when the card gives none."""

    name: str
    keys: Keys
    content: str
    enabled: bool = True
    constant: bool = False
    order: float = 0.0
    secondary: Keys = Keys()
    logic: Logic = "any"
    excluded: Keys = Keys()
    case_sensitive: bool = False
    whole_words: bool = False
    forced: bool | None = None  # always or never called, by decorator
    extensions: Mapping[str, Json] | None = None

    def called_by(self, said: Stretch) -> bool:
        """Say whether a stretch of conversation calls this entry up."""
        if not self.enabled or not self.content:
            return False
        if self.forced is not None:
            return self.forced
        if any(self._held(self.excluded, said)):
            return False
        if self.constant:
            return True
        return any(self._held(self.keys, said)) and self._seconded(said)

    def _seconded(self, said: Stretch) -> bool:
        if not (self.secondary.plain or self.secondary.patterns):
            return True
        held = self._held(self.secondary, said)
        match self.logic:
            case "any":
                return any(held)
            case "all":
                return all(held)
            case "not_any":
                return not any(held)
            case "not_all":
                return not all(held)

    def _held(self, keys: Keys, said: Stretch) -> list[bool]:
        """Say of each key whether it stands in the text."""
        return [
            *(self._has(key, said) for key in keys.plain),
            *(any(map(pattern.found_in, said.subjects)) for pattern in keys.patterns),
        ]

    def _has(self, key: str, said: Stretch) -> bool:
        key = alike(key) if said.chinese else key
        text, key = (said.text, key) if self.case_sensitive else (said.lower, key.lower())
        if not self.whole_words:
            return key in text
        at = text.find(key)
        while at >= 0:
            if not text[at - 1 : at].isalnum() and not text[at + len(key) : at + len(key) + 1].isalnum():
                return True
            at = text.find(key, at + 1)
        return False


@dataclass(frozen=True, slots=True)
class Lorebook:
    """All entries in insertion order."""

    entries: tuple[LoreEntry, ...] = ()
    scan_depth: int = 4

    def called_by(self, messages: Sequence[str]) -> tuple[LoreEntry, ...]:
        """Return the entries that the last `scan_depth` messages call up, for a language model's prompt."""
        said = Stretch.of("\n".join(messages[-self.scan_depth :]))
        return tuple(entry for entry in self.entries if entry.called_by(said))


def read_lorebook(card: Lenient, key: str) -> Lorebook:
    """Read the lorebook that stands under `key` of a card, an object or its bare list of entries."""
    if isinstance(listed := card.values.get(key), list):
        card.warn(key, "a list, read as the book's entries")
        book = Lenient({"entries": listed}, f"{card.where}.{key}", card.warnings)
    else:
        book = card.at(key)
    budget = Budget()
    entries = [_entry(fields, budget) for fields in book.each("entries", most=ENTRIES)]
    depth = int(book.number("scan_depth", 4, low=0, high=1e6))
    return Lorebook(tuple(sorted(entries, key=lambda entry: entry.order)), max(1, min(depth, 100)))


def renamed(fields: Lenient, aliases: Mapping[str, Sequence[str]]) -> Lenient:
    """Return the object with what stands under another program's names moved to the specification's."""
    values = dict(fields.values)
    for name, others in aliases.items():
        if values.get(name) is None:
            found = next((values[other] for other in others if values.get(other) is not None), None)
            if found is not None:
                values[name] = found
    return Lenient(values, fields.where, fields.warnings)


def _entry(fields: Lenient, budget: Budget) -> LoreEntry:
    fields = renamed(fields, ALIASES)
    content, decorators = _take_decorators(fields.text("content", longest=CONTENT))
    options = Lenient(
        {**fields.object("extensions"), **_options(fields)}, f"{fields.where}.extensions", fields.warnings
    )
    sensitive = fields.flag("case_sensitive", default=options.flag("case_sensitive"))
    slashed = "selectiveLogic" in options.values or "display_index" in options.values  # as SillyTavern writes
    regex = fields.flag("use_regex")

    def keys(name: str) -> Keys:
        return _keys(fields, name, budget, regex=regex, slashed_only=slashed, sensitive=sensitive)

    secondary = keys("secondary_keys") if fields.flag("selective") else Keys()
    logic = int(options.number("selectiveLogic", 0, low=0, high=len(LOGICS) - 1))
    forced = True if "activate" in decorators else False if "dont_activate" in decorators else None
    added = _split(decorators.get("additional_keys", ""))
    return LoreEntry(
        name=(fields.text("name", longest=500) or fields.text("comment", longest=CONTENT)[:500]).strip(),
        keys=keys("keys"),
        content=content,
        enabled=fields.flag("enabled", default=True) and not fields.flag("disable"),
        constant=fields.flag("constant"),
        order=fields.number("insertion_order", 0),
        secondary=Keys(secondary.plain + added, secondary.patterns),
        logic=LOGICS[logic],
        excluded=Keys(_split(decorators.get("exclude_keys", ""))),
        case_sensitive=sensitive,
        whole_words=options.flag("match_whole_words"),
        forced=forced,
        extensions=fields.object("extensions"),
    )


def _options(fields: Lenient) -> dict[str, Json]:
    """Return what SillyTavern's own world files keep in the entry rather than in its extensions."""
    names = {
        "selectiveLogic": "selectiveLogic",
        "caseSensitive": "case_sensitive",
        "matchWholeWords": "match_whole_words",
    }
    return {ours: value for theirs, ours in names.items() if (value := fields.values.get(theirs)) is not None}


def _keys(fields: Lenient, name: str, budget: Budget, *, regex: bool, slashed_only: bool, sensitive: bool) -> Keys:
    """Read keys as a list, or as the comma-separated text that some editors write."""
    if isinstance(value := fields.values.get(name), str):
        written = (value,) if is_pattern(value, slashed_only=True) else _split(value)
    else:
        written = tuple(key.strip() for key in fields.texts(name, most=KEYS, numbers=True) if key.strip())
    plain: list[str] = []
    patterns: list[Pattern] = []
    for key in written:
        # Without `use_regex` a key in slashes is a pattern where SillyTavern wrote it.
        if not is_pattern(key, slashed_only=slashed_only) or not (regex or slashed_only):
            plain.append(key)
        elif pattern := compile_key(key, budget, case_sensitive=sensitive):
            patterns.append(pattern)
        else:
            fields.warn(name, f"a regular expression that cannot be used, {key[:60]!r}, left out")
    return Keys(tuple(plain), tuple(patterns))


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
