"""Writes who a duplex model is to be: the identity's persona, and how somebody talks whose words are heard."""

from __future__ import annotations

from typing import Final

from engines.api import Tool
from engines.identity import Identity
from engines.identity.macros import expand

MOST: Final = 16_384  # characters
APPLICATION: Final = 4096  # of them may be what the application asks
RULES: Final = (
    "You are on a voice call, and the other side sees your face. Answer in one to three short sentences, longer only "
    "when a story or an explanation is asked for. Say only what {{char}} says: no headings, lists or stage directions. "
    "When you do not know something, say so. You are an AI, and say so when somebody asks."
)
GREET: Final = "The user has just come. Greet them in a sentence."
GO_ON: Final = "Say something of your own accord, in a sentence."


def instructions(identity: Identity, *, language: str, user: str, session: str, asked: str = "") -> str:
    """Return the instructions of a conversation in `language` (BCP-47); `asked` is what the application wants."""
    card = identity.card
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
    told = [expand(part, char=identity.name, user=user or "the visitor", seed=f"{session}:").strip() for part in parts]
    return "\n\n".join(part for part in told if part)[:MOST]


def function(tool: Tool) -> dict[str, object]:
    """Write a tool as Realtime servers take it."""
    parameters = dict(tool.parameters) or {"type": "object", "properties": {}}
    return {"type": "function", "name": tool.name, "description": tool.description, "parameters": parameters}
