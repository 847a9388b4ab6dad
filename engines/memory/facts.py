"""What is remembered of somebody: the kinds of facts, what replaces what, and how much each matters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias, get_args

from engines.words.text import fold_chinese

Kind: TypeAlias = Literal[
    "name", "age", "birthday", "place", "origin", "job", "workplace", "studies", "family", "pet", "favourite",
    "like", "dislike", "allergy", "note", "promise",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

VALUE: Final = 200  # characters of a fact's value
ABOUT: Final = 60
SAID: Final = 400  # characters of the words that a fact was told by
PROMISED_S: Final = 30 * 86_400.0  # a promise older than this is past

IMPORTANCE: Final[dict[Kind, float]] = {
    "name": 1.0, "note": 0.9, "allergy": 0.9, "birthday": 0.8, "family": 0.8, "promise": 0.8, "pet": 0.7, "place": 0.7,
    "job": 0.7, "age": 0.6, "studies": 0.6, "workplace": 0.6, "origin": 0.6, "favourite": 0.6, "like": 0.5,
    "dislike": 0.5,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a user has told: its kind, what it is `about` ("sister"), its value, and the words it came by.

    `confidence` is 0..1: how sure it is that it was meant so.
    """

    kind: Kind
    value: str
    about: str = ""
    said: str = ""
    confidence: float = 0.9

    @property
    def importance(self) -> float:
        """Return 0..1: how much it matters to remember it."""
        return IMPORTANCE[self.kind]

    @property
    def slot(self) -> str:
        """Name what there can be one of at a time: a newer fact in the same slot replaces the older one."""
        match self.kind:
            case "like" | "dislike":
                return f"taste:{_plain(self.value)}"
            case "family" | "pet" | "favourite":
                return f"{self.kind}:{_plain(self.about) or _plain(self.value)}"
            case "allergy" | "note" | "promise":
                return f"{self.kind}:{_plain(self.value)}"
            case _:
                return self.kind


@dataclass(frozen=True, slots=True)
class Stored:
    """A fact as it is kept: its number, the session and turn that it came from, when it was said first and last."""

    number: int
    fact: Fact
    session: str
    turn: int
    at: float
    seen: float
    replaced: bool = False


@dataclass(frozen=True, slots=True)
class Episode:
    """What a session was about, and when it was."""

    session: str
    at: float
    text: str


def bounded(fact: Fact) -> Fact | None:
    """Return the fact within its bounds, None when nothing is left of it."""
    value, about = " ".join(fact.value.split())[:VALUE], " ".join(fact.about.split())[:ABOUT]
    if not any(map(str.isalnum, value)):
        return None
    confidence = min(1.0, max(0.0, fact.confidence))
    return Fact(fact.kind, value, about, " ".join(fact.said.split())[:SAID], confidence)


def distinct(facts: Iterable[Fact]) -> list[Fact]:
    """Keep the last fact of each slot, in the order in which they were told."""
    last = {fact.slot: fact for fact in facts}
    return list(last.values())


def current(stored: Iterable[Stored], now: float) -> list[Stored]:
    """Return what holds now: not replaced, and no promise that is past."""
    return [
        each
        for each in stored
        if not each.replaced and not (each.fact.kind == "promise" and now - each.seen > PROMISED_S)
    ]


def _plain(text: str) -> str:
    words = "".join(c if c.isalnum() else " " for c in fold_chinese(text)).split()
    articles = {"the", "a", "an", "my", "der", "die", "das", "le", "la", "les", "el", "los", "las"}
    return " ".join(word for word in words if word not in articles) or " ".join(words)
