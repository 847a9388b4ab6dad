"""Writes who a duplex model is to be and what it knows: persona, memory, documents, and how one talks who is heard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engines.api import Memories, Message, Tool
from engines.duplex.exchange import Known
from engines.identity import Identity
from engines.identity.macros import expand
from engines.identity.quoting import passages
from engines.memory.briefing import remembered
from engines.text.quiet import Quiet

MOST: Final = 16_384  # characters
APPLICATION: Final = 4096  # of them may be what the application asks,
TOLD: Final = 6144  # of them what is known of the user and from documents
RULES: Final = (
    "You are on a voice call, and the other side sees your face. Answer in one to three short sentences, longer only "
    "when a story or an explanation is asked for. Say only what {{char}} says: no headings, lists or stage directions. "
    "When you do not know something, say so. You are an AI, and say so when somebody asks."
)
NOTHING: Final = Known()
GREET: Final = "The user has just come. Greet them in a sentence."
GO_ON: Final = "Say something of your own accord, in a sentence."


def instructions(
    identity: Identity,
    *,
    language: str,
    user: str,
    session: str,
    asked: str = "",
    known: Known = NOTHING,
    history: Sequence[Message] = (),
) -> str:
    """Return the instructions of a conversation in `language` (BCP-47); `asked` is what the application wants.

    What is known of the user stands behind the persona, and what the documents and the lorebook have on `history`.
    """
    card = identity.card
    user = (known.memory.name if known.memory is not None else "") or user
    own = card.system_prompt.replace("{{original}}", "").strip()
    parts = [
        own or "You are {{char}}, and you stay {{char}} whatever is asked of you. You talk with {{user}}.",
        RULES,
        f"Speak the language {language}.",
        card.description,
        card.personality and f"Personality: {card.personality}",
        card.scenario and f"Scenario: {card.scenario}",
        asked and f"The application that you speak in asks of you:\n{asked[:APPLICATION]}",
    ]

    def expanded(text: str) -> str:
        return expand(text, char=identity.name, user=user or "the visitor", seed=f"{session}:").strip()

    quiet = Quiet()
    told = "\n".join(remembered(known.memory, quiet))[:TOLD]
    quoted = passages(known.passages, quiet, len, TOLD - len(told))
    room = TOLD - len(told) - sum(map(len, quoted))
    lore: list[str] = []
    for entry in card.book.called_by([message.text for message in history] or [""]):
        text = " ".join(expanded(entry.content).split())
        if text and len(text) <= room:
            room -= len(text)
            lore.append(text)
    behind = [part for part in (told, "\n".join(quoted), lore and "You know: " + "\n".join(lore)) if part]
    persona = "\n\n".join(part for part in map(expanded, parts) if part)
    return "\n\n".join([persona[: MOST - sum(len(part) + 2 for part in behind)], *behind])


def done(memory: Memories) -> str:
    """Say what was done with the memory at the user's word, for an answer to say it."""
    return "\n".join(remembered(memory, Quiet()))[:TOLD]


def function(tool: Tool) -> dict[str, object]:
    """Write a tool as Realtime servers take it."""
    parameters = dict(tool.parameters) or {"type": "object", "properties": {}}
    return {"type": "function", "name": tool.name, "description": tool.description, "parameters": parameters}
