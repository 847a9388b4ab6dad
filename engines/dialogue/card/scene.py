"""Speaks of the scene: its states, what happened in it, what the card says to an event. It knows no scene itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engines.dialogue.card.answers import read_question
from engines.dialogue.card.course import alike
from engines.dialogue.card.knowledge import KEY
from engines.dialogue.card.language import Intent
from engines.dialogue.card.speech import Reply, shorten
from engines.words.text import harmless, join

STATES: Final = 4  # that are named at once
LONGEST: Final = 200

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def describe(reply: Reply, intent: Intent) -> None:
    """Name what the scene's states say."""
    said = [
        reply.phrase("one_state", key=spoken(key), value=_value(value))
        for key, value in list(reply.request.scene.items())[:STATES]
        if spoken(key) and _value(value)
    ]
    reply.say(*_options(intent, said), states=reply.listing(said) if said else "")


def place(reply: Reply, intent: Intent) -> None:
    """Say where we are, if a state tells."""
    names = reply.book.language.says.get("place_states", ("",))[0].split()
    found = [
        said
        for key, v in reply.request.scene.items()
        if set(reply.book.language.tokens(spoken(key))) & set(names) and (said := _value(v))
    ]
    reply.say(*_options(intent, found), place=found[0] if found else "")


def last_event(reply: Reply, intent: Intent) -> None:
    """Say what happened last."""
    events = [said for m in reply.request.history if m.role == "scene" and (said := _value(m.text))]
    reply.say(*_options(intent, events), event=events[-1] if events else "")


def state_asked(reply: Reply, words: Sequence[str]) -> bool:
    """Answer a question about one of the scene's states ("is the door open"); False when it is about none."""
    language = reply.book.language
    content = [word for word in words if word not in language.stop]
    predicates = 0 if words and words[0] in language.lists["open"] else 1
    for key, value in reply.request.scene.items():
        names, values = language.tokens(spoken(key)), language.tokens(value)
        named = bool(names) and all(any(alike(word, name, language) for word in words) for name in names)
        about = [w for w in content if w not in language.lists["ask"] and w not in language.weak]
        left = sum(not any(alike(word, n, language) for n in (*names, *values)) for word in about)
        if named and _value(value) and left <= predicates:
            reply.say("state_is", key=spoken(key), value=_value(value))
            return True
    return False


def react(reply: Reply, event: str) -> None:
    """Remark on an event by the card's reactions, by its knowledge, or shortly; on one without words not at all."""
    language, words = reply.book.language, reply.book.language.tokens(event)
    for i, reaction in enumerate(reply.book.reactions):
        if any(phrase and all(any(alike(w, x, language) for w in words) for x in phrase) for phrase in reaction.when):
            reply.say(f"event{i}", reaction.say, event=_value(event))
            return
    retrieval = reply.book.retrieval
    hits = retrieval.search(read_question(words, retrieval, language).terms)
    if hits and hits[0].keyed >= KEY * retrieval.most_info:
        entry = reply.book.entries[hits[0].number]
        reply.add(f"[curious] {shorten(join(entry.sentences), LONGEST)[0]}")
        reply.set(topic=hits[0].number, told=(0,))
        return
    if text := _value(event):
        reply.say("event_other", event=text[:1].upper() + text[1:])


def spoken(key: str) -> str:
    """Return the name of a state as words: "door_state", "doorState" are "door state"."""
    said = harmless(re.sub(r"[_.\-/]+", " ", _CAMEL.sub(" ", key))).lower()[:LONGEST]
    return said if any(c.isalnum() for c in said) else ""


def _value(value: str) -> str:
    said = harmless(value)[:LONGEST].rstrip(" .!?\u2026")
    return said if any(c.isalnum() for c in said) else ""


def _options(intent: Intent, found: Sequence[str]) -> tuple[str, Sequence[str]]:
    return (intent.name, intent.say) if found else (f"{intent.name}_none", (intent.more or {}).get("say_none", ()))
