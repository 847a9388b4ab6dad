"""What people may ask an identity about, for a recogniser to expect. It knows no recogniser."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engines.identity.bundle import Identity
from engines.identity.lorebook import LoreEntry
from engines.identity.macros import expand


def topics(identity: Identity) -> tuple[str, ...]:
    """List names of what the identity knows of: its own, and the names and keys of its lorebook's entries."""
    names = [identity.name, *identity.name.split()]
    for entry in identity.card.book.entries:
        if entry.enabled:
            names += [entry.name, *entry.keys.plain]
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))


def subjects(identity: Identity) -> tuple[str, ...]:
    """List what the identity can speak of by itself: one name of each lorebook entry that has a key of its own."""
    found = [entry.name or entry.keys.plain[0] for entry in identity.card.book.entries if _named(entry)]
    return tuple(dict.fromkeys(name.strip() for name in found if name.strip()))


def _named(entry: LoreEntry) -> bool:
    return entry.enabled and bool(entry.keys.plain)


def texts(identity: Identity) -> tuple[str, ...]:
    """List what the identity may be heard to say, so that people may say it back; free of tags and macros."""
    found = [entry.content for entry in identity.card.book.entries if entry.enabled]
    found += _strings(identity.extension)
    return tuple(
        re.sub(r"\[[^\]]*\]", " ", expand(text, char=identity.name, user="", seed=identity.id)) for text in found
    )


def _strings(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list() | tuple():
            for item in value:
                yield from _strings(item)
        case dict():
            for item in value.values():
                yield from _strings(item)
        case _:
            pass
