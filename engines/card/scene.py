"""Speaks of the scene: its states, what happened in it, what the card says to an event. It knows no scene itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engines.card.answers import read_question
from engines.card.course import alike
from engines.card.knowledge import KEY
from engines.card.language import Intent
from engines.card.speech import Reply, shorten
from engines.card.words import harmless, tokens

STATES: Final = 4  # that are named at once
LONGEST: Final = 200

_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def describe(reply: Reply, intent: Intent) -> None:
    """Names what the scene's states say."""
    said = [
        reply.phrase("one_state", key=spoken(key), value=_value(value))
        for key, value in list(reply.request.scene.items())[:STATES]
        if value
    ]
    reply.say(*_options(intent, said), states=reply.listing(said) if said else "")


def place(reply: Reply, intent: Intent) -> None:
    """Says where we are, if a state tells."""
    names = reply.book.language.says.get("place_states", ("",))[0].split()
    found = [v for key, v in reply.request.scene.items() if set(tokens(spoken(key))) & set(names)]
    reply.say(*_options(intent, found), place=_value(found[0]) if found else "")


def last_event(reply: Reply, intent: Intent) -> None:
    """Says what happened last."""
    events = [message.text for message in reply.request.history if message.role == "scene"]
    reply.say(*_options(intent, events), event=_value(events[-1]) if events else "")


def state_asked(reply: Reply, words: Sequence[str]) -> bool:
    """Answers a question about one of the scene's states ("is the door open"); False when it is about none."""
    language = reply.book.language
    content = [word for word in words if word not in language.stop]
    predicates = 0 if words and words[0] in language.lists["open"] else 1
    for key, value in reply.request.scene.items():
        names, values = tokens(spoken(key)), tokens(value)
        named = bool(names) and all(any(alike(word, name, language) for word in words) for name in names)
        about = [w for w in content if w not in language.lists["ask"] and w not in language.weak]
        left = sum(not any(alike(word, n, language) for n in (*names, *values)) for word in about)
        if named and value and left <= predicates:
            reply.say("state_is", key=spoken(key), value=_value(value))
            return True
    return False


def react(reply: Reply, event: str) -> None:
    """Remarks on an event: by the card's reactions, by what the card knows of it, or shortly."""
    language, words = reply.book.language, tokens(event, reply.book.language.contractions)
    for i, reaction in enumerate(reply.book.reactions):
        if any(phrase and all(any(alike(w, x, language) for w in words) for x in phrase) for phrase in reaction.when):
            reply.say(f"event{i}", reaction.say, event=_value(event))
            return
    retrieval = reply.book.retrieval
    hits = retrieval.search(read_question(words, retrieval, language).terms)
    if hits and hits[0].keyed >= KEY * retrieval.most_info:
        entry = reply.book.entries[hits[0].number]
        reply.add(f"[curious] {shorten(' '.join(entry.sentences), LONGEST)[0]}")
        reply.set(topic=hits[0].number, told=(0,))
        return
    text = _value(event)
    reply.say("event_other", event=text[:1].upper() + text[1:])


def spoken(key: str) -> str:
    """The name of a state as words: "door_state", "doorState" are "door state"."""
    return harmless(re.sub(r"[_.\-/]+", " ", _CAMEL.sub(" ", key))).lower()[:LONGEST]


def _value(value: str) -> str:
    return harmless(value)[:LONGEST].rstrip(" .!?") or "?"


def _options(intent: Intent, found: Sequence[str]) -> tuple[str, Sequence[str]]:
    return (intent.name, intent.say) if found else (f"{intent.name}_none", (intent.more or {}).get("say_none", ()))
