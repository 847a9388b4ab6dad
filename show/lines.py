"""One line of chat, whoever brought it: bounded, on one line, without what cannot be said. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Role: TypeAlias = Literal["viewer", "member", "moderator", "owner"]

TEXT: Final = 500  # characters of a line that are kept
NAME: Final = 64  # of a name
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_EMOTE: Final = re.compile(r":[A-Za-z0-9_]{2,32}:|<a?:\w{2,32}:\d+>")
_STRETCHED: Final = re.compile(r"(.)\1{3,}", re.DOTALL)
_ADDRESS: Final = re.compile(r"^(?:hey|hi|hello|hallo|yo|ok|hola|salut|ciao|@)[\s,]*@?\w+[\s,:!]+", re.IGNORECASE)
_QUESTION: Final = re.compile(
    r"[?？؟]\s*$|^(?:what|who|where|when|why|how|which|whose|can|could|do|does|did|are|is|will|would|should|have"
    r"|was|wer|wo|wann|warum|wie|welche|kannst|que|qui|où|quand|pourquoi|comment|qué|quién|dónde|cuándo|cómo)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """What somebody wrote; `gift` is what it cost them, in the currency's units, 0 for nothing.

    `user` tells people of one `platform` apart, `name` is what they are called there, `id` the line's own, "" if none.
    """

    platform: str
    user: str
    name: str
    text: str
    role: Role = "viewer"
    gift: float = 0.0
    first: bool = False
    id: str = ""

    @property
    def asks(self) -> bool:
        """Return whether it is a question, also one that begins with an address ("hey Nora, ...")."""
        return bool(_QUESTION.search(unaddressed(self.text)))


def line(
    platform: str,
    user: object,
    name: object,
    text: object,
    *,
    role: Role = "viewer",
    gift: float = 0.0,
    first: bool = False,
    id: object = "",
) -> Line | None:
    """Make a line of what a service sent; None where there is nothing that could be said."""
    words = plain(str(text))
    who = _one_line(str(name))[:NAME]
    if not gift and not any(letter.isalnum() for letter in words):
        return None
    amount = min(1e6, max(0.0, gift)) if gift == gift else 0.0
    return Line(platform, str(user)[:NAME] or who, who, words, role, amount, first, str(id)[:80])


def plain(text: str) -> str:
    """Return a text on one line, without links, emote codes and stretched letters, at most TEXT characters."""
    kept = _EMOTE.sub(" ", _LINK.sub(" ", text[: 4 * TEXT]))
    return _STRETCHED.sub(r"\1\1\1", _one_line(kept))[:TEXT].strip()


def unaddressed(text: str) -> str:
    """Return a text without the address that it begins with, if anything is left."""
    return _ADDRESS.sub("", text, count=1) or text


def key(text: str) -> str:
    """Return what two texts share that say the same: letters and digits alone, folded, without an address."""
    folded = unicodedata.normalize("NFKD", unaddressed(text)).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def _one_line(text: str) -> str:
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" or c.isspace() else "" for c in text).split())
