"""What whoever writes for a companion must keep to, in sentences: its facts, and what its rules forbid or ask for."""

from __future__ import annotations

from typing import Final

from engines.knowledge.checking.righting import said
from engines.knowledge.checking.wording import wording_of
from engines.knowledge.library import Library

MOST: Final = 60


def constraints(library: Library, language: str) -> list[str]:
    """Return at most MOST sentences: rules first, then given facts, then those that were read out of texts."""
    wording = wording_of(language)
    found: list[str] = []
    for rule in library.rules:
        when = f"When {' or '.join(rule.when)} is spoken of: " if rule.when else ""
        if rule.never:
            found.append(f"{when}never say: {'; '.join(rule.never)}.")
        if rule.must:
            found.append(f"{when}{rule.say}")
    facts = sorted(library.facts, key=lambda fact: fact.drawn)
    return [*found, *(said(fact, wording) for fact in facts)][:MOST]
