"""Gives a companion what its identity knows from documents: passages for its turns, and the gate that holds to them."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bridge.errors import ConfigError
from bridge.setup.sections import KnowledgeSection
from engines.identity import Identity, IdentityError
from engines.jobs import Documents, Gate
from engines.knowledge.knowledge import knowledge_of

log = logging.getLogger("bridge.setup.knowing")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known: the documents, None without any, and the gates that hold replies to them."""

    documents: Documents | None = None
    gates: tuple[Gate, ...] = ()


def known(section: KnowledgeSection, person: Identity) -> Known:
    """Read the identity's documents; ConfigError when they cannot be used, a line in the log for what is left out."""
    try:
        knowledge = knowledge_of(person, most=section.passages, sources=section.sources)
    except IdentityError as error:
        raise ConfigError(error.code, f"the knowledge of {person.name!r} cannot be used: {error.message}") from error
    if knowledge is None:
        return Known()
    for warning in knowledge.warnings:
        log.warning("a part of the knowledge is not used", extra={"reason": warning})
    gate = knowledge.gate() if section.check else None
    return Known(knowledge, (gate,) if gate else ())
