"""Reads what a user says: the facts that it tells, the question that it asks about them, the order that it gives.

By rules, in the languages of `languages/`. A question, a condition or somebody else's words tell nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from engines.memory.facts import Fact, Kind, bounded, distinct
from engines.memory.tables import Table, table
from engines.text.han import alike
from engines.words.text import sentences

Order: TypeAlias = Literal["tell", "forget", "forget_about", "erase"]
ORDERS: Final[tuple[Order, ...]] = ("erase", "tell", "forget", "forget_about")

READ: Final = 2000  # characters of an utterance
CLAUSE: Final = 400
CLAUSES: Final = 40
ITEMS: Final = 6  # of a list
FACTS: Final = 16  # of an utterance
SURE: Final = 0.9
NOTED: Final = 1.0  # they asked for it to be remembered
LISTED: Final[frozenset[Kind]] = frozenset({"like", "dislike", "allergy"})
_LEAD: Final = re.compile(r"^[\s,.;:!¡¿、，。：]+")
_TRAIL: Final = re.compile(r"[\s,.;:!?、，。！？：\"”»」]+$")
_ORDINAL: Final = re.compile(r"\b\d{1,2}\.$")
_ARTICLE: Final = re.compile(r"^(?i:the|a|an|some) (?=[a-z\d])")  # of a title it stays


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about the user: the kind of fact ("taste", "about", "episode" beside the kinds), and about what."""

    kind: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order about what is remembered; `about` says what of it is meant."""

    order: Order
    about: str = ""


def told(text: str, language: str) -> tuple[Fact, ...]:
    """Return the facts that a user tells in these words, in order, of each slot the last."""
    known = table(language)
    found = [fact for sentence in _sentences(text, known) for fact in _sentence(sentence, known)]
    return tuple(distinct(found)[:FACTS])


def promised(text: str, language: str) -> tuple[Fact, ...]:
    """Return what the companion says will be done another time."""
    known = table(language)
    clauses = [clause for sentence in _sentences(text, known) for clause in known.parts.split(sentence)[:CLAUSES]]
    found = [fact for clause in clauses for fact in _of_kind("promise", _shaped(clause[:CLAUSE]), known)]
    return tuple(distinct(found)[:FACTS])


def asked(text: str, language: str) -> Asked | None:
    """Return what a user asks about themselves, None when they do not."""
    known = table(language)
    written = _shaped(text[:READ])
    for kind, patterns in known.asks.items():
        for pattern in patterns:
            if (match := pattern.search(_compared(written))) is not None:
                about = _group(match, "about", written)
                if "about" in pattern.groupindex and not about:
                    continue
                return Asked(kind, about)
    return None


def ordered(text: str, language: str) -> Ordered | None:
    """Return what a user orders about what is remembered of them, None when they do not."""
    known = table(language)
    for sentence in _sentences(text, known)[-2:]:
        written = _shaped(sentence)
        for order in ORDERS:
            for pattern in known.orders.get(order, ()):
                if (match := pattern.search(_compared(written))) is not None:
                    return Ordered(order, _group(match, "about", written))
    return None


# ------------------------------------------------------------------------------------------------ one sentence


def _sentences(text: str, known: Table) -> list[str]:
    whole: list[str] = []
    for part in sentences(text[:READ])[:CLAUSES]:
        # "am 3. Mai": a number with a full stop ends no sentence.
        if known.code == "de" and whole and _ORDINAL.search(whole[-1]):
            whole[-1] += f" {part}"
        else:
            whole.append(part)
    return whole


def _sentence(sentence: str, known: Table) -> Iterator[Fact]:
    written = _shaped(sentence)
    noted = list(_of_kind("note", written, known))
    if noted:
        # What is to be remembered may be a fact of another kind.
        inner = [fact for note in noted for fact in _plain_facts(note.value, known)]
        yield from inner or noted
        return
    yield from _plain_facts(written, known)


def _plain_facts(written: str, known: Table) -> Iterator[Fact]:
    whole = written
    for clause in known.parts.split(written)[:CLAUSES]:
        clause = _LEAD.sub("", clause)[:CLAUSE]
        ends_asking = whole.rstrip().endswith(("?", "？")) and whole.rstrip(" ?？").endswith(clause.rstrip(" ?？"))
        if known.skip.search(_compared(clause)) or ends_asking:
            continue
        for kind in known.facts:
            if kind != "note":
                yield from _of_kind(kind, clause, known)


def _of_kind(kind: Kind, clause: str, known: Table) -> Iterator[Fact]:
    for pattern in known.facts.get(kind, ()):
        match = pattern.search(_compared(clause))
        if match is None:
            continue
        about = _trimmed(_group(match, "about", clause))
        values = list(_values(kind, _group(match, "value", clause), known))
        for value in values:
            fact = Fact(kind, _written(kind, value), about, clause, NOTED if kind == "note" else SURE)
            if (kept := bounded(fact)) is not None:
                yield kept
        if values:
            return


def _values(kind: Kind, value: str, known: Table) -> Iterator[str]:
    parts = [part for part in known.items.split(value) if part] if kind in LISTED else [value]
    for part in parts[:ITEMS]:
        trimmed = _trimmed(part)
        if kind not in ("note", "promise"):
            trimmed = _ARTICLE.sub("", trimmed) if kind != "name" else trimmed
        if trimmed and not known.no_item.search(_compared(trimmed)):
            yield trimmed


def _written(kind: Kind, value: str) -> str:
    """Write a name with capitals where a recogniser wrote it without."""
    if kind in ("name", "family", "pet", "place", "origin") and value.islower() and value.isascii():
        return " ".join(word.capitalize() if len(word) > 2 or kind == "name" else word for word in value.split())
    return value


def _trimmed(text: str) -> str:
    return _TRAIL.sub("", _LEAD.sub("", text)).strip()


def _shaped(text: str) -> str:
    return " ".join(text.replace("\u2019", "'").replace("\u2018", "'").split())


def _compared(text: str) -> str:
    """Return the text as patterns see it, of the same length."""
    return alike(text)


def _group(match: re.Match[str], name: str, written: str) -> str:
    """Return a group as it was written: patterns see Simplified signs for Traditional ones."""
    if name not in match.re.groupindex or match[name] is None:
        return ""
    start, end = match.span(name)
    return _trimmed(written[start:end])
