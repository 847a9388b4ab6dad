"""Finds the number in a claim that contradicts a fact's. It knows quantities, no names."""

from __future__ import annotations

from typing import Final

from engines.knowledge.checking.agreement import agrees
from engines.knowledge.checking.claim import Claim, Contradiction, clause, first_word
from engines.knowledge.checking.held import Held
from engines.words.quantities import COUNT, YEAR, Quantity

NEAR: Final = 3  # words before a number that a negation may stand in
FAR: Final = 8  # and as far as to the subject: "never was opened in"


def wrong_number(claim: Claim) -> Contradiction | None:
    """Return what contradicts the fact's number; None when all is well, or nothing is claimed of it."""
    held, known = claim.held, claim.held.quantity
    if known is None:
        return None
    said = [each for each in claim.sentence.quantities if each.comparable(known)]
    if not said or not _related(claim, known):
        return None
    said = [each for each in said if _same_aspect(claim, each) and not _compared(claim, each)]
    if any(agrees(each, known, held.fact.tolerance) and not _denied(claim, each) for each in said):
        return None
    said = [each for each in said if _owner(claim, each) in (held.fact.subject, "")]
    if not said or claim.conditional():
        return None
    wrong = said[0]
    denied = _denied(claim, wrong)
    if denied != agrees(wrong, known, held.fact.tolerance):
        return None  # "it is not 300", where that is right
    return Contradiction(held.fact, "denied" if denied else "number", wrong.start, wrong.end, wrong)


def _related(claim: Claim, known: Quantity) -> bool:
    """Say whether a sentence speaks of the relation, or the dimension alone tells that it does."""
    if claim.told or not claim.held.relates:
        return True
    return known.dimension != YEAR and claim.held.single


def _same_aspect(claim: Claim, said: Quantity) -> bool:
    """Say whether a quantity measures what the fact measures: not the width where that is the height."""
    aspects = _aspects(claim, said)
    if not aspects and claim.about is not None:
        aspects = {aspect for word, aspect in claim.wording.aspects.items() if word in claim.about.held}
    if claim.held.aspect:
        return not aspects or claim.held.aspect in aspects
    return not aspects or said.dimension in (COUNT, YEAR)


def _aspects(claim: Claim, said: Quantity) -> set[str]:
    """Return what the words of the clause of a quantity say that is measured."""
    sentence, aspects = claim.sentence, claim.wording.aspects
    first, last = clause(sentence, said)
    if claim.wording.signs:
        text = "".join(word.word for word in sentence.words[first:last])
        return {aspect for word, aspect in aspects.items() if word in text}
    return {aspects[sentence.stems[i]] for i in range(first, last) if sentence.stems[i] in aspects}


def _compared(claim: Claim, said: Quantity) -> bool:
    """Say whether a quantity is what something is compared with: "faster than 100 km/s"."""
    first = first_word(claim.sentence, said)
    return said.sense == "is" and first > 0 and claim.sentence.stems[first - 1] in claim.wording.than


def _denied(claim: Claim, said: Quantity) -> bool:
    first = first_word(claim.sentence, said)
    subject = max((span[1] for span in claim.spans if span[1] <= first), default=first)
    reach = min(max(NEAR, first - subject), FAR) if claim.about is None else NEAR
    return claim.sentence.negated((first, first + 1), reach=reach)


def _owner(claim: Claim, said: Quantity) -> str:
    """Return the subject, of those that are measured so, that stands nearest before a quantity, "" without one."""
    best, owner = -1, ""
    mine: tuple[Held, list[tuple[int, int]]] = (claim.held, [] if claim.about else [*claim.spans])
    for held, spans in (mine, *claim.others.values()):
        if held.quantity is None or not said.comparable(held.quantity):
            continue
        for span in spans:
            start = claim.sentence.words[span[0]].start
            if best < start < said.start:
                best, owner = start, held.fact.subject
    return owner
