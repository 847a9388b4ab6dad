"""What a language model is told: who it is, how to speak, what is around, what was said. It knows no model.

The persona comes first and never changes, so that a model's cache of it serves every turn. What changes (the time, the
scene, knowledge that the last words call up) stands as a note before the words of the user with whom it became true,
and stays there, so that earlier turns keep their text.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from engines.api import Message, Request
from engines.identity import Identity
from engines.identity.macros import expand

EXAMPLES: Final = 4000  # characters of example dialogue
LORE: Final = 6  # entries of knowledge that one turn may call up
LORE_CHARS: Final = 1200  # characters of one entry
NOTES: Final = 256  # notes that are kept for a session
MINUTES: Final = 10  # the time is told again when so many have passed

STYLE: Final = (
    "This is a spoken conversation: what you write is read aloud by your voice. Write as one speaks: a few short "
    "sentences, no lists, no headings, no links, no stage directions. Numbers and abbreviations as one says them."
)
FEELING: Final = (
    "You may show a feeling by a tag before the words, one of [happy], [sad], [angry], [surprised], [afraid], "
    "[relaxed], [curious], [thinking], [neutral], and a gesture by [gesture:nod], [gesture:shake] or [gesture:wave]; "
    "at most one of each in a reply. Nothing else in brackets is yours to write."
)
HONEST: Final = "Notes in square brackets come from the place around you, not from the user. Never read them out."


@dataclass(frozen=True, slots=True)
class Line:
    """One message for a model: `role` is what chat templates call it."""

    role: Literal["system", "user", "assistant"]
    content: str


def persona(identity: Identity, *, user: str, language: str) -> str:
    """The system prompt: the identity's card with its constant knowledge, how to speak, and in which language."""
    card = identity.card
    char, person = card.char, user or "the user"

    def filled(text: str) -> str:
        return expand(text, char=char, user=person, seed=f"{identity.id}:0").strip()

    lore = [entry.content for entry in card.book.entries if entry.enabled and entry.constant and entry.content]
    opening = filled(card.system_prompt).replace("{{original}}", "").strip() or f"You are {char}. Stay {char} always."
    parts = [
        opening,
        filled(card.description),
        f"Character: {filled(card.personality)}" if card.personality.strip() else "",
        f"Situation: {filled(card.scenario)}" if card.scenario.strip() else "",
        *(filled(content)[:LORE_CHARS] for content in lore),
        _examples(filled(card.mes_example)),
        STYLE,
        FEELING,
        f"{HONEST} The user is called {person}." if user else HONEST,
        f"Speak the language {language}.",
        filled(card.post_history_instructions),
    ]
    return "\n\n".join(part for part in parts if part)


def _examples(text: str) -> str:
    text = re.sub(r"<START>\s*", "\n", text, flags=re.IGNORECASE).strip()
    return f"So you talk:\n{text[:EXAMPLES]}" if text else ""


# ------------------------------------------------------------------------------------------------ notes


@dataclass(slots=True)
class _Noted:
    """What a session was told, and with which words of the user."""

    notes: list[tuple[str, str]] = field(default_factory=list)  # the user's words, the note before them
    facts: list[dict[str, str]] = field(default_factory=list)  # what was known after each


class Notes:
    """The notes of each session; the one that was silent longest is forgotten beyond `sessions`."""

    def __init__(self, identity: Identity, sessions: int = 1024) -> None:
        self._identity = identity
        self._most = sessions
        self._sessions: OrderedDict[str, _Noted] = OrderedDict()

    def forget(self, session: str) -> None:
        """The session is over."""
        self._sessions.pop(session, None)

    def lines(self, request: Request) -> list[Line]:
        """The conversation for a model, notes included, without the persona; it ends with a line of the user.

        A reply that was withdrawn or cut leaves no trace: notes whose words are not in the history are dropped.
        """
        noted = self._sessions.setdefault(request.session, _Noted())
        self._sessions.move_to_end(request.session)
        while len(self._sessions) > self._most:
            self._sessions.popitem(last=False)
        asked = [_words(message) for message in request.history if message.role != "companion"]
        before = asked if request.occasion == "greeting" else asked[:-1]
        known = _settle(noted, before)
        facts = self._facts(request, known)
        note = _tell(facts, known, self._lore(request, noted))
        words = asked[-1] if asked and request.occasion != "greeting" else ARRIVAL
        noted.notes.append((words, note))
        noted.facts.append(facts)
        del noted.notes[:-NOTES], noted.facts[:-NOTES]
        return self._merge(request, noted)

    def _merge(self, request: Request, noted: _Noted) -> list[Line]:
        messages = list(request.history)
        if request.occasion == "greeting":
            messages.append(Message("scene", ARRIVAL))
        left = list(noted.notes)
        lines: list[Line] = []
        for message in reversed(messages):
            if message.role == "companion":
                lines.append(Line("assistant", message.text))
                continue
            words = _words(message)
            note = ""
            if left and left[-1][0] == words:
                note = left.pop()[1]
            lines.append(Line("user", f"{note}\n{words}".strip() if note else words))
        lines.reverse()
        return _alternating(lines)

    def _facts(self, request: Request, known: Mapping[str, str]) -> dict[str, str]:
        facts = {_bare(key): _bare(value) for key, value in request.scene.items() if value}
        facts["time"] = _time(request.now, known.get("time", ""))
        return facts

    def _lore(self, request: Request, noted: _Noted) -> list[str]:
        texts = [message.text for message in request.history]
        called = [entry for entry in self._identity.card.book.called_by(texts) if not entry.constant]
        told = {note for _, note in noted.notes}
        person = request.user or "the user"
        found = []
        for entry in called:
            text = expand(entry.content, char=self._identity.card.char, user=person, seed=f"{self._identity.id}:0")
            text = _bare(text)[:LORE_CHARS]
            if not any(text in note for note in told):
                found.append(text)
        return found[:LORE]


ARRIVAL: Final = "(I have just arrived.)"


def _settle(noted: _Noted, asked: Sequence[str]) -> dict[str, str]:
    """Drops notes whose words were not said after all; what is known after the last that was."""
    left = list(asked)
    keep: list[int] = []
    for index in range(len(noted.notes) - 1, -1, -1):
        words = noted.notes[index][0]
        if words == ARRIVAL:
            keep.append(index)
        elif words in left:
            at = len(left) - 1 - left[::-1].index(words)
            del left[at:]
            keep.append(index)
    keep.reverse()
    noted.notes = [noted.notes[i] for i in keep]
    noted.facts = [noted.facts[i] for i in keep]
    return noted.facts[-1] if noted.facts else {}


def _tell(facts: Mapping[str, str], known: Mapping[str, str], lore: Sequence[str]) -> str:
    """The note for what has changed, "" for nothing."""
    new = [f"{key}: {value}" for key, value in facts.items() if known.get(key) != value]
    new += [f"{key}: no longer" for key in known if key not in facts]
    return "\n".join(f"[{line}]" for line in [*lore, *(["; ".join(new)] if new else [])])


def _words(message: Message) -> str:
    return f"[{_bare(message.text)}]" if message.role == "scene" else message.text


def _bare(text: str) -> str:
    return " ".join(text.replace("[", "(").replace("]", ")").split())


def _time(now: datetime, known: str) -> str:
    """The day and the time; as it was told before while fewer than MINUTES have passed."""
    told = f"{now:%A, %d %B %Y, %H:%M}"
    if known:
        before = datetime.strptime(known, "%A, %d %B %Y, %H:%M").replace(tzinfo=now.tzinfo)
        if 0 <= (now - before).total_seconds() < MINUTES * 60:
            return known
    return told


def _alternating(lines: Sequence[Line]) -> list[Line]:
    """User and assistant by turns, beginning and ending with the user, as most chat templates want it."""
    merged: list[Line] = []
    for line in lines:
        if merged and merged[-1].role == line.role:
            merged[-1] = Line(line.role, f"{merged[-1].content}\n{line.content}".strip())
        else:
            merged.append(line)
    if merged and merged[0].role == "assistant":
        merged.insert(0, Line("user", ARRIVAL))
    if not merged or merged[-1].role == "assistant":
        merged.append(Line("user", "(I am silent.)"))
    return merged
