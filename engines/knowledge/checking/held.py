"""A fact made ready to be compared with what is said. It reads facts, no sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from engines.knowledge.checking.sentence import Name, name_of
from engines.knowledge.checking.wording import Wording
from engines.knowledge.facts import Fact
from engines.words.quantities import Quantity, quantities

CAPITAL: Final = re.compile(r"[A-ZÀ-ÖØ-Þ]")
_OF: Final = re.compile(r"^(?:the\s+)?(?P<what>[\w ]{2,40}?) of (?:the |a |an )?(?P<whose>\w.*)$", re.IGNORECASE)
_DE: Final = re.compile(r"^(?P<whose>.{1,40})的(?P<what>.{1,10})$")


@dataclass(frozen=True, slots=True)
class Held:
    """A fact with its names, the stems of its relation, the aspect it measures, and its object.

    `quantity` is the object when it is a number; `forms` are the object's names otherwise. `whose` are names of the
    thing whose measure the subject is ("light" of "speed of light"), which stand for it where `aspect` is told.
    `single`: no other fact says the same of the subject with another object.
    """

    fact: Fact
    names: tuple[Name, ...]
    whose: tuple[Name, ...]
    relation: frozenset[str]
    aspect: str
    quantity: Quantity | None
    forms: tuple[Name, ...]
    wrong: tuple[Name, ...]
    explained: frozenset[str]
    single: bool = True

    @property
    def relates(self) -> bool:
        """Say whether its relation has words of its own, beyond "is"."""
        return bool(self.relation)


def hold(fact: Fact, wording: Wording) -> Held:
    """Make a fact ready."""
    names = tuple(name_of(text, wording) for text in (fact.subject, *fact.also))
    whose, of_aspect = _whose(fact, wording)
    quantity = _quantity(fact, wording)
    relation = _relation(fact.relation, wording)
    aspect = of_aspect or _aspect((*_words(fact.relation, wording), *_words(fact.object, wording)), wording)
    aspect = aspect or _aspect(_words(fact.subject, wording), wording)
    forms = tuple(name_of(text, wording) for text in (fact.object, *fact.same, *_surname(fact.object)))
    told = [*names, *whose, *forms]
    explained = frozenset(stem for name in told for stem in name.stems) | relation
    return Held(
        fact,
        names,
        whose,
        relation,
        aspect,
        quantity,
        () if quantity else forms,
        tuple(name_of(text, wording) for text in fact.wrong),
        explained,
    )


def _whose(fact: Fact, wording: Wording) -> tuple[tuple[Name, ...], str]:
    """Return the thing whose measure the subject is, and the measure: ("light", speed) of "the speed of light"."""
    names: list[Name] = []
    measure = ""
    for text in (fact.subject, *fact.also):
        if found := _DE.match(text) or _OF.match(text):
            aspect = _aspect(_words(found["what"], wording), wording)
            if aspect and measure in ("", aspect):
                measure = aspect
                names.append(name_of(found["whose"], wording))
    return tuple(names), measure


def _quantity(fact: Fact, wording: Wording) -> Quantity | None:
    """Return the number that the object is, its characters those of the object; None when it is no number."""
    lead = f"{fact.relation} "  # "opened in" makes a year of 1889
    found = [each for each in quantities(lead + fact.object, wording.vocabulary) if each.end > len(lead)]
    if not found:
        return None
    one = max(found, key=lambda each: each.end - each.start)
    one = replace(one, start=max(0, one.start - len(lead)), end=one.end - len(lead))
    return one if _is_number(fact.object, one, wording) else None


def is_proper(text: str) -> bool:
    """Say whether a text is a name: its first and last word begin with a capital."""
    words = [word for word in text.split() if word[:1].isalpha()]
    return bool(words) and CAPITAL.match(words[0]) is not None and CAPITAL.match(words[-1]) is not None


def _surname(text: str) -> list[str]:
    """Return the last part of a name, by which people are called."""
    words = text.split()
    return [words[-1]] if len(words) in (2, 3, 4) and is_proper(text) and len(words[-1]) > 2 else []


def _is_number(text: str, quantity: Quantity, wording: Wording) -> bool:
    """Say whether a quantity is what an object is about, not a detail of it."""
    rest = f"{text[: quantity.start]} {text[quantity.end :]}"
    content = wording.vocabulary.content(wording.vocabulary.tokens(rest))
    signs = len(content) if wording.signs else 2 * len(content)
    return signs <= (8 if quantity.unit is None else 6)


def _relation(text: str, wording: Wording) -> frozenset[str]:
    words = [wording.stem(word) for word in wording.vocabulary.tokens(text)]
    if wording.signs:
        joined = "".join(word for word in wording.vocabulary.tokens(text))
        whole = joined.strip("".join(wording.be))
        bare = whole.rstrip("".join(wording.tails))
        return frozenset(each for each in (whole, bare) if each)
    stop = {wording.stem(word) for word in wording.vocabulary.stop}
    return frozenset(word for word in words if word not in stop and word not in wording.be)


def _words(text: str, wording: Wording) -> list[str]:
    words = [place.word for place in wording.vocabulary.places(text)]
    if not wording.signs:
        return [wording.stem(word) for word in words]
    return ["".join(words[i : i + size]) for size in (3, 2, 1) for i in range(len(words) - size + 1)]


def _aspect(words: Iterable[str], wording: Wording) -> str:
    return next((wording.aspects[word] for word in words if word in wording.aspects), "")
