"""Finds what contradicts itself: facts among each other, facts that run in a circle, and sentences against facts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Final

from engines.knowledge.checking.agreement import agrees
from engines.knowledge.checking.check import Checker
from engines.knowledge.checking.held import Held, hold
from engines.knowledge.checking.righting import said
from engines.knowledge.checking.sentence import Sentence
from engines.knowledge.checking.wording import Wording
from engines.knowledge.document import Section
from engines.knowledge.facts import Fact
from engines.words.text import sentences

MOST: Final = 100  # that are told
GROUP: Final = 100  # facts about one subject and relation that are compared
# Relations that cannot run in a circle.
ORDERS: Final = frozenset(
    (
        *("part of", "is part of", "is a kind of", "is inside", "older than", "is older than", "before", "contains"),
        *("属于", "是一种", "位于", "早于", "包含"),
    )
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two statements that cannot both hold, each with its place, for people."""

    one: str
    one_place: str
    other: str
    other_place: str

    @property
    def sentence(self) -> str:
        """Return it in a sentence."""
        return f"{self.one_place}: {self.one} - but {self.other_place}: {self.other}"


def conflicts(facts: Sequence[Fact], sections: Iterable[Section], wording: Wording) -> list[Conflict]:
    """Return what contradicts itself, given facts first."""
    given = [fact for fact in facts if not fact.drawn]
    found = [*_among(facts, wording), *_circles(facts), *_against(given, sections, wording)]
    return list(dict.fromkeys(found))[:MOST]


def undisputed(given: Sequence[Fact], drawn: Sequence[Fact], wording: Wording) -> list[Fact]:
    """Return the facts read out of texts that neither a given fact nor another sentence contradicts, each once."""
    disputed = {id(fact) for pair in _pairs([*given, *drawn], wording) for fact in pair}
    kept: dict[tuple[str, str, str], Fact] = {}
    for fact in drawn:
        if id(fact) not in disputed:
            kept.setdefault((fact.subject.lower(), fact.relation, fact.object), fact)
    return list(kept.values())


def _among(facts: Sequence[Fact], wording: Wording) -> list[Conflict]:
    return [_conflict(one, other, wording) for one, other in _pairs(facts, wording)]


def _pairs(facts: Sequence[Fact], wording: Wording) -> list[tuple[Fact, Fact]]:
    """Compare the facts about one subject and relation: numbers that disagree, and what is denied elsewhere."""
    groups: defaultdict[tuple[frozenset[str], frozenset[str], str], list[Held]] = defaultdict(list)
    for fact in facts:
        held = hold(fact, wording)
        groups[frozenset(held.names[0].stems), held.relation, held.aspect].append(held)
    found: list[tuple[Fact, Fact]] = []
    for members in groups.values():
        for i, one in enumerate(members[:GROUP]):
            found += [(one.fact, other.fact) for other in members[i + 1 : GROUP] if _clash(one, other)]
    return found


def _clash(one: Held, other: Held) -> bool:
    a, b = one.quantity, other.quantity
    if a is not None and b is not None:
        return a.comparable(b) and not agrees(a, b, max(one.fact.tolerance or 0.02, other.fact.tolerance or 0.02))
    same = bool(set(one.forms) & set(other.forms))
    return same and one.fact.negative != other.fact.negative


def _circles(facts: Sequence[Fact]) -> list[Conflict]:
    """Find things that are part of each other, and the like."""
    found: list[Conflict] = []
    for relation in sorted({fact.relation.lower() for fact in facts} & ORDERS):
        graph: defaultdict[str, set[str]] = defaultdict(set)
        places: dict[str, str] = {}
        for fact in facts:
            if fact.relation.lower() == relation and not fact.negative:
                graph[fact.subject.lower()].add(fact.object.lower())
                places[fact.subject.lower()] = fact.place.cite()
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            ring = [str(each) for each in error.args[1]]
            where = places.get(ring[0], "")
            found.append(Conflict(f" {relation} ".join(reversed(ring)), where, f"{relation} runs in a circle", where))
    return found


def _against(given: Sequence[Fact], sections: Iterable[Section], wording: Wording) -> list[Conflict]:
    """Hold every sentence of the documents to the given facts."""
    checker = Checker(given, wording)
    found: list[Conflict] = []
    for section in sections if given else ():
        for block in section.blocks:
            if block.kind != "text":
                continue
            before: list[Sentence] = []
            for text in sentences(block.text):
                sentence = Sentence(text, wording)
                wrong = checker.contradiction(sentence, *before[-1:])
                if wrong is not None:
                    place = wrong.fact.place.cite()
                    found.append(Conflict(text, section.place.cite(), said(wrong.fact, wording), place))
                before.append(sentence)
    return found


def _conflict(one: Fact, other: Fact, wording: Wording) -> Conflict:
    return Conflict(said(one, wording), one.place.cite(), said(other, wording), other.place.cite())
