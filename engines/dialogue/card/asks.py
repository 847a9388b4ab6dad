"""A small language for the ways people say things, and its matcher. It knows words, not what they lead to.

A pattern is words in order: `a|b` either, `word?` may be missing, `*` any words or none, `<slot>` one to four words.
It must cover the whole utterance. "my name is <name>", "tell|show me more *".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

Words: TypeAlias = Sequence[frozenset[str]]  # for each spoken word, what it may have been

Tokenize: TypeAlias = Callable[[str], Sequence[str]]

SLOTS: Final = 16  # places of a pattern
READINGS: Final = 64  # combinations of one pattern
SLOT_WORDS: Final = 4


@dataclass(frozen=True, slots=True)
class Part:
    """One place of a pattern: a choice of words, a gap, or a named slot."""

    words: frozenset[str] = frozenset()
    optional: bool = False
    gap: bool = False
    slot: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """How an utterance fits: literal words hit, and the (from, to) of each slot."""

    literal: int
    slots: Mapping[str, tuple[int, int]]


def parse(pattern: str) -> tuple[Part, ...]:
    """Read a pattern of a language with spaces into its parts; ValueError when it is none."""
    return readings(pattern)[0]


def readings(pattern: str, tokenize: Tokenize | None = None) -> list[tuple[Part, ...]]:
    """Read a pattern into its parts, once for each combination where a choice is of more than one word.

    `tokenize` parts what is written without spaces as the utterance is. ValueError when there are too many parts or
    combinations, or nothing literal.
    """
    found: list[tuple[Part, ...]] = [()]
    items = pattern.lower().split()
    for item in items[: SLOTS + 1]:
        found = [(*before, *after) for before in found for after in _choices(item, tokenize)]
        if len(found) > READINGS:
            raise ValueError(f"too many combinations in the pattern {pattern[:100]!r}")
    if len(items) > SLOTS or any(not any(part.words for part in parts) for parts in found):
        raise ValueError(f"not a pattern: {pattern[:100]!r}")
    return found


def _choices(item: str, tokenize: Tokenize | None) -> list[tuple[Part, ...]]:
    """Return what may stand at one place of a pattern."""
    if item == "*":
        return [(Part(gap=True),)]
    if item.startswith("<") and item.endswith(">"):
        return [(Part(slot=item[1:-1]),)]
    optional = item.endswith("?")
    words: list[str] = []
    phrases: list[tuple[str, ...]] = []
    for choice in item.rstrip("?").split("|"):
        parted = (choice,) if tokenize is None or (choice.isascii() and "'" not in choice) else tuple(tokenize(choice))
        if len(parted) == 1:
            words += parted
        elif parted:
            phrases.append(parted)
    found = [tuple(Part(frozenset((word,))) for word in phrase) for phrase in phrases]
    if words := [word for word in words if word]:
        found.append((Part(frozenset(words), optional=optional),))
    elif optional:
        found.append(())
    return found or [(Part(),)]


def vocabulary(patterns: Iterable[tuple[Part, ...]]) -> frozenset[str]:
    """Return every literal word of the patterns."""
    return frozenset(word for parts in patterns for part in parts for word in part.words)


def match(parts: tuple[Part, ...], said: Words) -> Match | None:
    """Return the best fit of a pattern to the whole utterance, most literal words first; None when it does not fit."""
    required = [part.words for part in parts if part.words and not part.optional]
    if len(required) > len(said) or any(all(words.isdisjoint(word) for word in said) for words in required):
        return None
    known: dict[tuple[int, int], Match | None] = {}

    def fit(i: int, j: int) -> Match | None:
        if (i, j) not in known:
            known[i, j] = best(i, j)
        return known[i, j]

    def best(i: int, j: int) -> Match | None:
        if i == len(parts):
            return Match(0, {}) if j == len(said) else None
        part, found = parts[i], list[Match]()
        if part.gap or part.optional:
            found += [rest] if (rest := fit(i + 1, j)) else []
        if j < len(said):
            if part.gap:
                found += [rest] if (rest := fit(i, j + 1)) else []
            elif part.slot:
                for end in range(j + 1, min(j + SLOT_WORDS, len(said)) + 1):
                    if rest := fit(i + 1, end):
                        found.append(Match(rest.literal, {**rest.slots, part.slot: (j, end)}))
            elif not part.words.isdisjoint(said[j]) and (rest := fit(i + 1, j + 1)):
                found.append(Match(rest.literal + 1, rest.slots))
        return max(found, key=lambda m: m.literal, default=None)

    return fit(0, 0)


def rest_after(parts: tuple[Part, ...], said: list[str]) -> list[str]:
    """Say what the gap at the end of a pattern takes in; [] when the pattern does not fit or does not end in a gap.

    The pattern has no other gap, and its first word is not optional.
    """
    if parts[-1].gap and not parts[0].words.isdisjoint(said[:1]):
        for end in range(min(len(parts), len(said)) - 1, 0, -1):
            if match(parts[:-1], [frozenset((word,)) for word in said[:end]]):
                return said[end:]
    return []
