"""Answers what a user asks of what is remembered of them, says what was forgotten, and greets who comes back."""

from __future__ import annotations

from typing import Final

from engines.api import Memo, Memories
from engines.dialogue.card.speech import Reply
from engines.memory.facts import Fact, Kind
from engines.memory.reading import Asked, asked, ordered
from engines.memory.recall import matched, words_of
from engines.memory.telling import listed, phrase, welcome
from engines.words.text import harmless

TOLD: Final = 12  # facts that are said at once
FOUND: Final = 2  # that answer one question
FITS: Final = 0.5  # share of the words by which a fact is meant


def answer(reply: Reply, text: str) -> bool:
    """Answer words about the memory itself; False for words about anything else."""
    memory, code = reply.request.memory, reply.book.language.code
    if memory is None:
        return False
    order = ordered(text, code)
    if not memory.kept:
        if order is None:
            return False
        reply.add(phrase("off", code))
        return True
    match memory.done:
        case "tell":
            _tell_all(reply, memory, code)
        case "erased":
            reply.set(user="")
            reply.add(phrase("erased", code))
        case "forgot" | "forgot_nothing" | "failed":
            reply.add(phrase(memory.done, code))
        case "":
            question = asked(text, code)
            return question is not None and _asked(reply, memory, question, code)
    return True


def greeting(reply: Reply) -> bool:
    """Greet somebody who was here before, by name and by what was promised; False for who was not."""
    hello = welcome(reply.request.memory, reply.book.language.code)
    reply.add(hello)
    return bool(hello)


def _tell_all(reply: Reply, memory: Memories, code: str) -> None:
    if not memory.memos:
        reply.add(phrase("nothing", code))
        return
    reply.add(phrase("list", code))
    for line in listed([_fact(memo) for memo in memory.memos[:TOLD]], code):
        reply.add(line)
    if len(memory.memos) > TOLD:
        reply.add(phrase("more", code, count=str(len(memory.memos) - TOLD)))


def _asked(reply: Reply, memory: Memories, question: Asked, code: str) -> bool:
    """Answer a question about the user; False for a name that nobody told, which the language itself asks for."""
    match question.kind:
        case "name":
            return _say(reply, [memo for memo in memory.memos if memo.kind == "name"])
        case "taste":
            return _taste(reply, memory, question.about, code)
        case "episode":
            if memory.episodes:
                reply.add(phrase("episode", code, value=memory.episodes[0]))
            else:
                reply.add(phrase("unknown", code))
            return True
        case "about":
            about = words_of(question.about)
            found = [memo for memo in memory.memos if about and matched(about, _text(memo)) >= FITS]
            # It may be the companion itself, or its own knowledge, that is asked about.
            return _say(reply, found[:FOUND])
    of_kind = [memo for memo in memory.memos if memo.kind == question.kind]
    if question.about:
        about = words_of(question.about)
        of_kind = [memo for memo in of_kind if matched(about, memo.about)]
        if not of_kind:
            # "My brother" may stand in a note.
            of_kind = [memo for memo in memory.memos if memo.kind == "note" and matched(about, memo.value) >= FITS]
    if question.kind in ("like", "dislike", "allergy"):
        for line in listed([_fact(memo) for memo in of_kind[:TOLD]], code):
            reply.add(line)
    else:
        _say(reply, of_kind[:FOUND])
    if not of_kind:
        reply.add(phrase("unknown", code))
    return True


def _taste(reply: Reply, memory: Memories, about: str, code: str) -> bool:
    words = words_of(about)
    for memo in memory.memos:
        if memo.kind in ("like", "dislike") and words and matched(words, memo.value) >= FITS:
            reply.add(phrase("yes_like" if memo.kind == "like" else "no_like", code, value=memo.value))
            return True
    reply.add(phrase("unknown", code))
    return True


def _say(reply: Reply, found: list[Memo]) -> bool:
    for memo in found:
        reply.add(harmless(memo.told))
    return bool(found)


def _fact(memo: Memo) -> Fact:
    kind: Kind = memo.kind  # type: ignore[assignment]  # what a store keeps has one of the kinds
    return Fact(kind, memo.value, memo.about)


def _text(memo: Memo) -> str:
    return f"{memo.kind} {memo.about} {memo.value} {memo.said}"
