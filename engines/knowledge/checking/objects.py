"""Finds the name or thing in a claim that contradicts a fact's object. It knows names, no numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engines.knowledge.checking.claim import Claim, Contradiction
from engines.knowledge.checking.held import CAPITAL, is_proper
from engines.knowledge.checking.sentence import Name, Sentence, Span

REACH = 8  # words between a subject and its object that a negation may stand in


def wrong_object(claim: Claim, rivals: Mapping[frozenset[str], Sequence[Name]]) -> Contradiction | None:
    """Return what contradicts the fact's object: it denied, or another in its place.

    `rivals` are by relation the objects of all facts, each of which is wrong where another is right.
    """
    held, sentence = claim.held, claim.sentence
    if held.relates and not claim.told:
        return None
    places = [place for form in held.forms for place in sentence.find(form)]
    if places:
        denied = sentence.negated(places[0]) or _verb_denied(claim, places[0])
        if denied == held.fact.negative or claim.conditional():
            return None
        return Contradiction(held.fact, "denied", *sentence.at(places[0]))
    if held.fact.negative or not held.single:
        return None
    for place in _others(claim, rivals):
        denied = sentence.negated(place) or _verb_denied(claim, place)
        if not denied and not claim.conditional(place):
            return Contradiction(held.fact, "object", *sentence.at(place))
    return None


def _verb_denied(claim: Claim, place: Span) -> bool:
    """Say whether a negation stands between the subject and the object: "was not painted by"."""
    if not claim.spans or claim.wording.signs or claim.about is not None:
        return False
    first = min((span[1] for span in claim.spans if span[1] <= place[0]), default=place[0])
    return place[0] - first <= REACH and claim.sentence.negated(place, reach=place[0] - first)


def _others(claim: Claim, rivals: Mapping[frozenset[str], Sequence[Name]]) -> Iterator[Span]:
    """Yield what stands in the place of the object: what is known to be wrong, other facts' objects, a name."""
    held = claim.held
    owned = {name for other, _ in claim.others.values() for name in other.forms}
    names = (*held.wrong, *(rivals.get(held.relation, ()) if held.relates else ()))
    for name in dict.fromkeys(names):
        if name not in held.forms and name not in owned:
            yield from claim.sentence.find(name)
    if held.relates and is_proper(held.fact.object) and not claim.wording.signs:
        yield from _proper(claim)


def _proper(claim: Claim) -> Iterator[Span]:
    """Yield a proper name beside the words of the relation that is not the object's: "painted by Rembrandt"."""
    sentence = claim.sentence
    for i, stem in enumerate(sentence.stems):
        if stem not in claim.held.relation:
            continue
        if i + 1 < len(sentence.words) and sentence.stems[i + 1] in claim.wording.by:
            yield from _name_behind(claim, i + 2)
        elif i:
            yield from _name_before(claim, i)


def _name_behind(claim: Claim, start: int) -> Iterator[Span]:
    """Yield the name that begins at a word, unless it only describes a thing: "by Venetian masters"."""
    sentence = claim.sentence
    stop = start
    while stop < len(sentence.words) and _is_name(sentence, stop):
        stop += 1
    follows = start < stop < len(sentence.words) and not sentence.between(stop - 1, stop).strip()
    described = follows and sentence.words[stop].word not in claim.wording.vocabulary.stop
    if stop > start and not described and not _is_subject(claim, start, stop):
        yield start, stop


def _name_before(claim: Claim, end: int) -> Iterator[Span]:
    """Yield the name that ends before a word."""
    start = end
    while start > 0 and _is_name(claim.sentence, start - 1):
        start -= 1
    if start < end and not _is_subject(claim, start, end):
        yield start, end


def _is_subject(claim: Claim, start: int, stop: int) -> bool:
    subject = {stem for name in claim.held.names for stem in name.stems}
    return not subject.isdisjoint(claim.sentence.stems[start:stop])


def _is_name(sentence: Sentence, at: int) -> bool:
    word, vocabulary = sentence.words[at], sentence.wording.vocabulary
    little = word.word in vocabulary.stop or word.word in vocabulary.lists["pronouns"]
    return not little and CAPITAL.match(sentence.text, word.start) is not None
