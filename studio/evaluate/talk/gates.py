"""Makes the gates that stand before a companion's words when it is served, so that it is judged as it is heard."""

from __future__ import annotations

from engines.guard.gate import Guard
from engines.identity import Identity, IdentityError
from engines.jobs import Gate
from engines.knowledge.knowledge import Knowledge, knowledge_of


def gates_of(identity: Identity) -> tuple[tuple[Gate, ...], Knowledge | None]:
    """Return the gates of an identity, in the order in which they are served, and what it knows from documents.

    The filter judges as it does unless a configuration says otherwise: for everyone. Documents that cannot be read are
    left out.
    """
    guard = Guard(language=identity.language)
    try:
        knowledge = knowledge_of(identity)
    except IdentityError:
        return (guard,), None
    held = knowledge.gate() if knowledge is not None else None
    return ((held, guard) if held is not None else (guard,)), knowledge
