"""Finds what somebody who has just come might ask: the user's own lines in the example conversations of the card."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from engines.identity.bundle import EXTENSION, Identity, primary
from engines.identity.fields import Fields

MOST: Final = 4
LONGEST: Final = 60  # characters of a question that is offered
EXAMPLES: Final = 50_000  # characters that are looked through

# For a card without lines of its own, in the languages that the page speaks.
ANYBODY: Final = {
    "en": ("Who are you?", "What do you like to talk about?", "Tell me something about your day."),
    "zh": ("你是谁？", "你喜欢聊什么？", "说说你今天过得怎么样。"),
}
_LINE: Final = re.compile(r"^\s*(?:\{\{user\}\}|<user>|user|you)\s*[:：]\s*(.+?)\s*$", re.IGNORECASE | re.MULTILINE)
_SPOKEN: Final = re.compile(r"\*[^*\n]*\*|\[[^\]\n]*\]|\([^)\n]*\)")


def questions(person: Identity) -> tuple[str, ...]:
    """Return up to MOST questions for a start: the card's `questions`, its users' example lines, or anybody's.

    IdentityError `bad_card` when `questions` of the card's extension are not a list of texts.
    """
    own = Fields(person.extension, f"card.data.extensions.{EXTENSION}", code="bad_card").texts("questions")
    found = [*dict.fromkeys(text for text in (*map(_plain, own), *_heard(person.card.mes_example)) if _fits(text))]
    return tuple(found[:MOST]) or ANYBODY.get(primary(person.language), ())


def _heard(examples: str) -> Iterator[str]:
    """Yield what the user says in example conversations, without stage directions."""
    for line in _LINE.findall(examples[:EXAMPLES]):
        yield _plain(line)


def _plain(text: str) -> str:
    return " ".join(_SPOKEN.sub(" ", text).strip('"“”「」 \t').split())


def _fits(text: str) -> bool:
    return 2 < len(text) <= LONGEST and "{{" not in text and any(each.isalnum() for each in text)
