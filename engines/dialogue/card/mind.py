"""Decides what answers the user: the one place where the order of the possibilities stands.

An open question's right answer, then a request that a tool can fulfil, then what people commonly say, then the state
of the scene, then the card's knowledge, then its example lines, and last an honest "I do not know".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from engines.dialogue.card import knowledge, lesson, scene, smalltalk
from engines.dialogue.card.acts import is_named, perform
from engines.dialogue.card.answers import Question, read_question
from engines.dialogue.card.asks import Match
from engines.dialogue.card.course import is_hit
from engines.dialogue.card.language import Heard, Language, shipped_language
from engines.dialogue.card.retrieval import Hit
from engines.dialogue.card.speech import Reply
from engines.dialogue.card.state import Wish
from engines.dialogue.card.tongues import refusal
from engines.dialogue.card.tools import Use, options, requested, supply
from engines.provenance.disclosure import asked, disclosure

MACHINE: Final = "machine"  # the intent of a language that has words of its own for it
MARKS: Final = ("?", "？", "؟")
PARTS: Final = 3  # of a clause that may each be a saying
LONGEST: Final = 2000  # characters of an utterance that are read
# Intents after whose reply an open question is not asked again.
QUIET: Final = frozenset(
    {"bye", "repeat", "slower", "continue", "confused", "lesson_start", "lesson_stop", "quiz", "hint", "dont_know"}
)

CALLED_AFTER: Final = frozenset({"you", "hello", "hi", "hey", "well", "please", "yes", "no", "okay", "ok", "too"})

_COMMA: Final = re.compile(r"[,;，、،]")
_CLAUSE: Final = re.compile(r"(?<=\w\w[.!?؟।])\s+|(?<=[。！？])\s*(?=\w)")


def think(reply: Reply) -> Use | None:
    """Write the reply to a request; a tool to call first, when that is what is asked for."""
    history = reply.request.history
    last = history[-1] if history else None
    match reply.request.occasion:
        case "greeting":
            smalltalk.greeting(reply)
        case "scene":
            scene.react(reply, last.text[:LONGEST] if last else "")
            reply.set(offer=reply.before.offer, rest=reply.before.rest)
        case _:
            use = _hear(reply, last.text[:LONGEST] if last and last.role == "user" else "")
            if use is None and not reply.parts:
                _fill_silence(reply)
            return use
    return None


def refuse(reply: Reply, lacking: str) -> None:
    """Say, in the user's language, that the companion does not speak it; an open question stays open."""
    said = reply.request.history[-1].text if reply.request.history else ""
    reply.add(refusal(lacking, reply.book.languages, said[:LONGEST]))
    reply.set(refused=(*reply.state.refused, lacking), offer=reply.before.offer, rest=reply.before.rest)


def _fill_silence(reply: Reply) -> None:
    """Say something of the card's own where a language without phrases, or a card without topics, has no words."""
    if knowledge.tell_self(reply):
        return
    for number in range(len(reply.book.entries)):
        if f"{number}:0" not in reply.state.answered:
            knowledge.tell(reply, number)
            return
    book = reply.book
    own = [*book.persona.sentences, *(line for entry in book.entries for line in entry.sentences)]
    reply.add(reply.pick("filler", own or book.greetings) or "\u2026")


def _hear(reply: Reply, text: str) -> Use | None:
    """Answer the user's words; of several sentences the last that says something, names from all."""
    clauses = [part for clause in _CLAUSE.split(text) for part in _parts(clause, reply.book.language)]
    for clause in clauses[:-1]:
        _listen_for_name(reply, clause)
    if not clauses:
        reply.say("empty")
        reply.set(offer=reply.before.offer)
        return None
    if _confess(reply, text):
        return None
    chosen = _main_clause(reply, clauses)
    words = _without_name(reply, reply.book.language.tokens(chosen))
    return _answer(reply, words, chosen)


def _confess(reply: Reply, text: str) -> bool:
    """Say that it is an AI to somebody who asks, whatever the card would have it say; False for who does not ask."""
    language = reply.book.language
    code = asked(text, language.code)
    if not code:
        return False
    own = next((intent for intent in language.intents if intent.name == MACHINE), None)
    if own is not None:
        reply.say(own.name, own.say)
    else:
        reply.add(disclosure(reply.book.char, language.code, code).spoken)
    reply.set(offer=reply.before.offer, rest=reply.before.rest)
    lesson.ask_again(reply)
    return True


def _parts(clause: str, language: Language) -> list[str]:
    """Part "thanks, bye" at its commas, when each part is something that people say; else return the clause."""
    parts = [part for part in _COMMA.split(clause) if language.tokens(part)]
    said = [language.heard(language.tokens(part)) for part in parts] if 1 < len(parts) <= PARTS else []
    if said and all(heard and not heard.loose and heard.intent.do != "maybe_name" for heard in said):
        return parts
    return [clause] if parts else []


def _without_name(reply: Reply, words: Sequence[str]) -> Sequence[str]:
    """Return the words without the companion's name, when it was called by it."""
    language = reply.book.language
    name = set(language.tokens(reply.book.char))
    start = next((i for i, word in enumerate(words) if word not in language.lists["fillers_before"]), 0)
    if start < len(words) - 1 and words[start] in name:
        words = (*words[:start], *words[start + 1 :])
    called = len(words) > 1 and words[-1] in name and (words[-2] not in language.stop or words[-2] in CALLED_AFTER)
    return words[:-1] if called else words


def _listen_for_name(reply: Reply, clause: str) -> None:
    words = reply.book.language.tokens(clause)
    heard = reply.book.language.heard(words)
    if heard and heard.intent.do in ("tell_name", "maybe_name") and "name" in heard.fit.slots:
        start, end = heard.fit.slots["name"]
        if heard.intent.do == "tell_name" or is_named(reply, words[start:end], clause):
            smalltalk.learn_name(reply, words[start:end], clause)


def _main_clause(reply: Reply, clauses: Sequence[str]) -> str:
    """Return the last clause, unless it is a mere courtesy after something of weight."""
    if len(clauses) == 1:
        return clauses[0]
    for clause in reversed(clauses):
        heard = reply.book.language.heard(reply.book.language.tokens(clause))
        if heard is None or heard.loose or heard.intent.do not in ("", "greet", "acknowledge", "tell_name"):
            return clause
    return clauses[-1]


def _answer(reply: Reply, words: Sequence[str], text: str) -> Use | None:
    book, state = reply.book, reply.before
    question = read_question(words, book.retrieval, book.language, mark=text.rstrip().endswith(MARKS))
    waiting = bool(state.question) and book.course is not None and lesson.heard_question(reply)
    if waiting and book.course and not question.open and is_hit(book.course.step(state.at), words, book.language):
        lesson.reply_to_answer(reply, words, book.course)
        return None
    if use := _tool(reply, words):
        return use
    if reply.parts:
        return None
    if question.asking and scene.state_asked(reply, words):
        lesson.ask_again(reply)
        return None
    heard = book.language.heard(words) or _heard_in_another(reply, text)
    if waiting and book.course and heard and heard.intent.name in ("yes", "no") and not state.offer and not heard.loose:
        lesson.reply_to_answer(reply, words, book.course)
        return None
    hit = knowledge.find(reply, question)
    if not waiting and knowledge.example(reply, question, text):
        return None
    if heard and _holds(heard, hit, question) and perform(reply, heard, words, text, question):
        if state.question and heard.intent.do not in QUIET and reply.state.question == state.question:
            lesson.ask_again(reply)
        return None
    if waiting and book.course and not question.asking and not (heard and heard.intent.firm):
        lesson.reply_to_answer(reply, words, book.course)
        return None
    if hit:
        knowledge.answer(reply, hit, question)
    elif not _others(reply, question, words, text):
        knowledge.decline(reply, question)
    lesson.ask_again(reply)
    return None


def _heard_in_another(reply: Reply, text: str) -> Heard | None:
    """Return what was said in a language that the companion had to refuse, as far as it can be told by its phrases."""
    for code in reply.before.refused:
        other = shipped_language(code)
        heard = other.heard(other.tokens(text))
        own = next((i for i in reply.book.language.intents if heard and i.name == heard.intent.name), None)
        if heard and own and not heard.fit.slots and not heard.loose:
            return Heard(own, Match(heard.fit.literal, {}), 0)
    return None


def _holds(heard: Heard, hit: Hit | None, question: Question) -> bool:
    """Say whether an intent is what was meant, rather than a question that merely begins like it."""
    return heard.loose == 0 or heard.intent.firm or (hit is None and not (question.asking and heard.loose > 1))


def _others(reply: Reply, question: Question, words: Sequence[str], text: str) -> bool:
    """Return the less likely readings: a name that was asked for, a line of the example conversation."""
    if reply.before.offer == "name" and not question.asking and smalltalk.learn_name(reply, words, text):
        intent = next((i for i in reply.book.language.intents if i.do == "tell_name"), None)
        reply.say("tell_name", intent.say if intent else ())
        return True
    return knowledge.example(reply, question) or knowledge.of_self(reply, question)


# ------------------------------------------------------------------------------------------------ tools


def _tool(reply: Reply, words: Sequence[str]) -> Use | None:
    request, language, wish = reply.request, reply.book.language, reply.before.wish
    reply.set(wish=None)
    if wish:
        tool = next((tool for tool in request.tools if tool.name == wish.tool), None)
        if tool and (use := supply(tool, wish.arguments, wish.missing, words, language)):
            return use
        if (heard := language.heard(words)) and heard.intent.do in ("no", "lesson_stop"):
            reply.say("tool_never_mind")
            return None
    use = requested(words, request.tools, language) if request.tools else None
    if use is None or not use.missing:
        return use
    listed = options(use.tool, use.missing)
    key = "tool_which" if listed else "tool_which_number"
    reply.say(key, parameter=scene.spoken(use.missing), options=reply.listing(listed) if listed else "")
    reply.set(wish=Wish(use.tool.name, use.arguments, use.missing))
    return None
