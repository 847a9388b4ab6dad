"""Answers from the card's lorebook: finds the entry, says the right part of it, follows up, or honestly declines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from engines.card.answers import Question, choose, fits_topic, from_start, reasons
from engines.card.retrieval import Hit
from engines.card.speech import ANSWERED, Reply

SURE: Final = 0.5  # of what was asked, an entry must speak of
NAMED: Final = 0.34  # is enough when one of its keys was named whole
KEY: Final = 0.5  # information of a key, in units of a rare word's, that makes it count as named
WHOLE: Final = 0.7  # is enough when any key was named, or the question's words are rare ones
RARE: Final = 3  # entries that hold a word which counts as rare
SHORT: Final = 2  # words that tell something, in such a question
NEARLY: Final = 0.3
EXAMPLE: Final = 0.75


def find(reply: Reply, question: Question) -> Hit | None:
    """The entry that the question is about, None when none is surely meant."""
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
    """Whether a question is about the person last talked of ("did he have children")."""
    people = reply.book.language.lists["people"]
    return reply.before.topic >= 0 and question.asking and not people.isdisjoint(question.words)


def _is_titled(reply: Reply, number: int, question: Question) -> bool:
    """Whether the question names the entry by a word of its title."""
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
    """Says what the entry has to say to the question."""
    book, state = reply.book, reply.before
    entry = book.entries[hit.number]
    known = state.topic == hit.number
    chosen = choose(entry, question, book.retrieval, book.language, known=known)
    _tell(reply, hit.number, chosen)
    left = len(entry.sentences) - len(set(reply.state.told))
    if left > 0 and not reply.state.question and not state.offer and reply.rng("offer").random() < 0.3:
        reply.say("offer_more")
        reply.set(offer="more")


def tell(reply: Reply, number: int) -> None:
    """Tells about an entry from its beginning."""
    _tell(reply, number, from_start(reply.book.entries[number], 0))


def more(reply: Reply) -> None:
    """Goes on about the last topic."""
    topic, told = reply.before.topic, reply.before.told
    if topic < 0:
        reply.say("more_of_what", instead=reply.instead())
        return
    entry = reply.book.entries[topic]
    untold = [i for i in range(len(entry.sentences)) if i not in told]
    if not untold:
        reply.say("no_more", topic=entry.title, instead=reply.instead())
        return
    _tell(reply, topic, [i for i in from_start(entry, untold[0]) if i in untold])


def about_topic(reply: Reply) -> None:
    """Tells about the last topic: what was not told yet, or all of it from the beginning."""
    topic = reply.before.topic
    if topic >= 0 and len(set(reply.before.told)) >= len(reply.book.entries[topic].sentences):
        tell(reply, topic)
    else:
        more(reply)


def why(reply: Reply) -> None:
    """Gives a reason for what was told last, if the entry has one."""
    topic = reply.before.topic
    entry = reply.book.entries[topic] if topic >= 0 else None
    found = reasons(entry, reply.before.told, reply.book.language) if entry else []
    if found:
        _tell(reply, topic, found)
    else:
        reply.say("why_unknown", instead=reply.instead())


def example(reply: Reply, question: Question) -> bool:
    """Replies as the card's example conversation does, when a line of it is nearly what was said."""
    said = {reply.book.language.stem(word) for word in question.words if word not in reply.book.language.stop}
    scored = [
        (len(said & line.stems) / len(said | line.stems), i) for i, line in enumerate(reply.book.examples) if line.stems
    ]
    best, number = max(scored, default=(0.0, 0))
    if best < EXAMPLE:
        return False
    reply.add(reply.book.examples[number].reply)
    return True


def decline(reply: Reply, question: Question) -> None:
    """Says honestly that the companion does not know, or asks what was meant."""
    retrieval = reply.book.retrieval
    if asks_of_topic(reply, question):
        reply.say("unknown_of", topic=reply.book.entries[reply.before.topic].title, instead=reply.instead())
        return
    hits = retrieval.search(question.terms)
    near = hits[0].number if hits and hits[0].keyed > 0 and hits[0].coverage >= NEARLY else None
    near = retrieval.reader.sounding(question.words) if near is None else near
    if near is not None and reply.book.entries[near].title:
        reply.say("near", topic=reply.book.entries[near].title)
        reply.set(offer=f"topic:{near}")
        return
    reply.say("unknown" if question.asking else "not_understood", instead=reply.instead())


def _tell(reply: Reply, number: int, chosen: Sequence[int]) -> None:
    entry = reply.book.entries[number]
    text = " ".join(entry.sentences[i] for i in chosen)
    name = f"{number}:{','.join(map(str, chosen))}"
    if name in reply.state.answered:
        reply.say("again", answer=text)
    else:
        reply.add(text)
    told = reply.before.told if reply.before.topic == number else ()
    answered = (*(other for other in reply.state.answered if other != name), name)[-ANSWERED:]
    reply.set(topic=number, told=tuple(dict.fromkeys((*told, *chosen))), answered=answered, rest="")
