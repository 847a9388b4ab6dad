"""Answers from the card's lorebook: finds the entry, says the right part of it, follows up, or honestly declines."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final

from engines.dialogue.card.answers import (
    Question,
    any_form,
    choose,
    fits_topic,
    from_start,
    points_back,
    reasons,
    score,
)
from engines.dialogue.card.book import Example
from engines.dialogue.card.language import Language
from engines.dialogue.card.retrieval import Hit
from engines.dialogue.card.speech import ANSWERED, Reply
from engines.dialogue.card.state import letters
from engines.words.numerals import numbers
from engines.words.text import join

SURE: Final = 0.5  # of what was asked, an entry must speak of
NAMED: Final = 0.34  # is enough when one of its keys was named whole
KEY: Final = 0.5  # information of a key, in units of a rare word's, that makes it count as named
WHOLE: Final = 0.7  # is enough when any key was named, or the question's words are rare ones
RARE: Final = 3  # entries that hold a word which counts as rare
SHORT: Final = 2  # words that tell something, in such a question
NEARLY: Final = 0.3
EXAMPLE: Final = 0.6  # of the words of an example's line and of a question are shared
HELD: Final = 0.75  # of a question's words are in an example's line or reply
SELF: Final = 0.5  # of what was asked, a sentence about the companion must speak of
BRIEF: Final = 170  # characters that are said a second time

_AGE: Final = re.compile(r"\bI(?: am|'m) (?:about |almost |nearly )?\d{1,3}\b(?! (?:percent|metres|meters|feet))")


def find(reply: Reply, question: Question) -> Hit | None:
    """Return the entry that the question is about, None when none is surely meant."""
    retrieval, state, language = reply.book.retrieval, reply.before, reply.book.language
    hits = retrieval.search(question.terms)
    best = hits[0] if hits else None
    if state.topic >= 0 and question.pointing:
        named = best is not None and best.keyed >= KEY * retrieval.most_info
        person = not language.lists["persons"].isdisjoint(question.words)
        fit = fits_topic(reply.book.entries[state.topic], question, language)
        if (fit == "words" and (person or not named)) or (fit == "form" and not named):
            return retrieval.hit(state.topic, question.terms)
    if asks_of_topic(reply, question) and best and not _is_titled(reply, best.number, question):
        return None
    if best and _is_sure(best, question, retrieval.most_info):
        return best
    if state.topic >= 0 and question.asking and len(question.terms) >= SHORT:
        hit = retrieval.hit(state.topic, question.terms)
        return hit if hit.coverage >= WHOLE else None
    return None


def asks_of_topic(reply: Reply, question: Question) -> bool:
    """Say whether a question is about the person last talked of ("did he have children")."""
    people = reply.book.language.lists["people"]
    return reply.before.topic >= 0 and question.asking and not people.isdisjoint(question.words)


def _is_titled(reply: Reply, number: int, question: Question) -> bool:
    """Say whether the question names the entry by a word of its title."""
    title = {reply.book.language.stem(word) for word in reply.book.language.tokens(reply.book.entries[number].title)}
    return any(stem in title for term in question.terms for stem in term.near)


def _is_sure(hit: Hit, question: Question, most: float) -> bool:
    if hit.keyed >= KEY * most:
        return hit.coverage >= NAMED
    if hit.keyed > 0 and hit.coverage >= WHOLE:
        return True
    if not question.asking or hit.coverage < SURE:
        return False
    short = len(question.terms) <= SHORT
    return hit.score >= 1.2 * most or (short and hit.coverage >= WHOLE and 1 <= hit.rare <= RARE)


def answer(reply: Reply, hit: Hit, question: Question) -> None:
    """Say what the entry has to say to the question."""
    book, state = reply.book, reply.before
    entry = book.entries[hit.number]
    known = state.topic == hit.number
    chosen = choose(entry, question, book.retrieval, book.language, known=known)
    best = max(chosen, key=lambda i: (score(entry, i, question, book.retrieval, book.language), -i))
    _tell(reply, hit.number, chosen, best=best)
    left = len(entry.sentences) - len(set(reply.state.told))
    if left > 0 and not reply.state.question and not state.offer and reply.rng("offer").random() < 0.3:
        reply.say("offer_more")
        reply.set(offer="more")


def tell(reply: Reply, number: int) -> None:
    """Tell about an entry from its beginning."""
    _tell(reply, number, from_start(reply.book.entries[number], 0))


def more(reply: Reply) -> None:
    """Go on about the last topic."""
    topic, told = reply.before.topic, reply.before.told
    if topic < 0 and tell_self(reply):
        return
    if topic < 0:
        reply.say("more_of_what", instead=reply.instead())
        return
    entry = reply.book.entries[topic]
    untold = [i for i in range(len(entry.sentences)) if i not in told]
    if not untold:
        reply.say("no_more", topic=entry.title, instead=reply.instead(other=True))
        return
    _tell(reply, topic, [i for i in from_start(entry, untold[0]) if i in untold])


def about_topic(reply: Reply) -> None:
    """Tell about the last topic: what was not told yet, or all of it from the beginning."""
    topic = reply.before.topic
    if topic >= 0 and len(set(reply.before.told)) >= len(reply.book.entries[topic].sentences):
        tell(reply, topic)
    else:
        more(reply)


def why(reply: Reply) -> None:
    """Give a reason for what was told last, if the entry has one."""
    topic = reply.before.topic
    entry = reply.book.entries[topic] if topic >= 0 else None
    found = reasons(entry, reply.before.told, reply.book.language) if entry else []
    if found:
        _tell(reply, topic, found)
    else:
        reply.say("why_unknown", instead=reply.instead())


def example(reply: Reply, question: Question, text: str = "") -> bool:
    """Reply as the card's example conversation does, when a line of it is nearly what was said, each reply once.

    With `text`, only when a line of it is exactly that.
    """
    said = set(reply.book.language.terms(" ".join(question.words)))
    scored = [
        (fit, -i) for i, line in enumerate(reply.book.examples)
        if f"example:{i}" not in reply.state.answered
        and (fit := float(line.line == letters(text) != "") if text else _likeness(said, line)) > 0
    ]  # fmt: skip
    if not scored:
        return False
    number = -max(scored)[1]
    reply.add(reply.book.examples[number].reply)
    _answered(reply, f"example:{number}")
    return True


def _likeness(said: set[str], line: Example) -> float:
    """Say how much a question is like a line of an example conversation, 0 when it is not."""
    if not said:
        return 0.0
    if line.stems and (alike := len(said & line.stems) / len(said | line.stems)) >= EXAMPLE:
        return 1.0 + alike
    held = len(said & (line.stems | line.own))
    return held / len(said) if len(said) >= SHORT and held >= HELD * len(said) else 0.0


def of_self(reply: Reply, question: Question, kind: str = "") -> bool:
    """Answer from what the card says of the companion itself: a trait of that kind, else sentences that fit."""
    book = reply.book
    trait = next((line for trait, line in book.traits if kind and trait.kind == kind), "")
    if trait and f"trait:{kind}" not in reply.state.answered:
        reply.add(trait)
        _answered(reply, f"trait:{kind}")
        return True
    if book.myself is None:
        return False
    known = book.language.traits.get(kind, frozenset())
    hits = book.myself.search(book.myself.reader.terms(book.language.requested(question.words)))
    if hits and hits[0].coverage >= SELF:
        number, after = hits[0].number, hits[0].number + 1
        entries = book.myself.entries
        formed = question.wanted in ("when", "amount") and not any_form(entries[number], question.wanted, book.language)
        follows = formed and after < len(entries) and any_form(entries[after], question.wanted, book.language)
        return _say_self(reply, [number, after] if follows else [number])
    if known:
        found = [
            i for i, entry in enumerate(book.myself.entries)
            if (_is_age(entry.sentences[0], entry.counts, known, book.language) if kind == "age"
                else not known.isdisjoint(entry.counts))
        ]  # fmt: skip
        return bool(found) and _say_self(reply, found[:1])
    return False


def _is_age(line: str, stems: Collection[str], known: frozenset[str], language: Language) -> bool:
    """Say whether a sentence tells an age: a number, and a word for years or "I am" before it."""
    number = numbers(language.tokens(line), language.units, language.scales, language.point)
    return bool(_AGE.search(line)) or (bool(number) and not known.isdisjoint(stems))


def tell_self(reply: Reply) -> bool:
    """Tell something more of the companion itself; False when all of it was told."""
    count = len(reply.book.myself.entries) if reply.book.myself else 0
    untold = [i for i in range(count) if i not in reply.state.told_self]
    return bool(untold) and _say_self(reply, untold[:2])


def _say_self(reply: Reply, chosen: Sequence[int]) -> bool:
    """Say sentences of the persona; False when they were said before."""
    book, told = reply.book, reply.state.told_self
    fresh = [number for number in chosen if number not in told]
    if book.myself is None:
        return False
    if not fresh:
        return _self_again(reply, book.myself.entries[chosen[-1]].sentences[0], chosen[-1])
    lines = {number: book.myself.entries[number].sentences[0] for number in fresh}
    quoted = lines[fresh[0]] in book.persona.quoted
    fresh = [number for number in fresh if (lines[number] in book.persona.quoted) == quoted]
    text = join(lines[number] for number in fresh)
    if quoted:
        reply.say("card_says", text=text)
    else:
        reply.add(text)
    reply.set(told_self=(*told, *fresh), topic=-1)
    return True


def decline(reply: Reply, question: Question) -> None:
    """Say honestly that the companion does not know, or ask what was meant."""
    retrieval = reply.book.retrieval
    if asks_of_topic(reply, question):
        reply.say("unknown_of", topic=reply.book.entries[reply.before.topic].title, instead=reply.instead(other=True))
        return
    hits = retrieval.search(question.terms)
    near = hits[0].number if hits and hits[0].keyed > 0 and hits[0].coverage >= NEARLY else None
    near = retrieval.reader.sounding(question.words) if near is None else near
    if near is not None and reply.book.entries[near].title:
        reply.say("near", topic=reply.book.entries[near].title)
        reply.set(offer=f"topic:{near}")
        return
    reply.say("unknown" if question.asking else "not_understood", instead=reply.instead())


def _self_again(reply: Reply, line: str, number: int) -> bool:
    """Say a sentence about the companion once more, and after that, that there is no more to it."""
    if f"self:{number}:again" in reply.state.answered:
        reply.say("told_all", topic=reply.book.char, instead=reply.instead(other=True))
    else:
        _answered(reply, f"self:{number}:again")
        reply.say("again", answer=line)
    return True


def _tell(reply: Reply, number: int, chosen: Sequence[int], *, best: int = -1) -> None:
    """Say sentences of an entry; when all were said before, the `best` of them once more, or something new instead."""
    entry = reply.book.entries[number]
    told = reply.before.told if reply.before.topic == number else ()
    if best >= 0 and reply.before.topic == number:
        chosen = [i for i in chosen if i == best or f"{number}:{i}" not in reply.state.answered]
    if any(f"{number}:{i}" not in reply.state.answered for i in chosen):
        reply.add(join(entry.sentences[i] for i in chosen))
    else:
        chosen = _again(reply, number, chosen, best)
    for i in chosen:
        _answered(reply, f"{number}:{i}")
    reply.set(topic=number, told=tuple(dict.fromkeys((*told, *chosen))), rest="")


def _again(reply: Reply, number: int, chosen: Sequence[int], best: int) -> list[int]:
    """Answer what was answered before: once more in a sentence, then with what was not told yet; what was said."""
    entry, language = reply.book.entries[number], reply.book.language
    here = reply.before.topic == number
    whole = [i for i in (best, *chosen, 0) if i >= 0 and (here or not points_back(entry.sentences[i], language))]
    short = next((i for i in whole if len(entry.sentences[i]) <= BRIEF), None)
    name = f"{number}:{short}:again"
    if short is not None and name not in reply.state.answered:
        _answered(reply, name)
        reply.say("again", answer=entry.sentences[short])
        return [*chosen]
    untold = [i for i in range(len(entry.sentences)) if f"{number}:{i}" not in reply.state.answered][:2]
    if untold:
        reply.say("again_more", answer=join(entry.sentences[i] for i in untold))
    else:
        reply.say("told_all", topic=entry.title or reply.book.char, instead=reply.instead(other=True))
    return untold or [*chosen]


def _answered(reply: Reply, name: str) -> None:
    reply.set(answered=(*(other for other in reply.state.answered if other != name), name)[-ANSWERED:])
