"""Says whether words contradict a fact. It reads what is said, sentence by sentence, and changes nothing.

It would rather miss a contradiction than see one where there is none: a claim with a condition ("in water"), a doubt,
a question, or words that the fact does not speak of is left alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from engines.knowledge.checking.claim import Claim, Contradiction
from engines.knowledge.checking.held import Held, hold
from engines.knowledge.checking.numbers import wrong_number
from engines.knowledge.checking.objects import wrong_object
from engines.knowledge.checking.sentence import Name, Sentence, Span
from engines.knowledge.checking.wording import Wording
from engines.knowledge.facts import Fact
from engines.words.quantities import COUNT

FACTS: Final = 200  # about the subjects of one sentence, that it is compared with
ELLIPSIS: Final = 2  # words of meaning in a sentence that leaves its subject to the question
SHORT: Final = 14  # signs of one
OPENING: Final = 4  # words within which a pronoun stands for what was asked about
NAY: Final = 8  # words within which a sentence denies what follows
QUESTIONS: Final = ("?", "？", "؟")


class Checker:
    """Compares sentences with facts."""

    def __init__(self, facts: Iterable[Fact], wording: Wording) -> None:
        self._wording = wording
        self._held = _singled(tuple(hold(fact, wording) for fact in facts))
        self._by_key: defaultdict[str, list[tuple[int, Name, bool]]] = defaultdict(list)
        self._rivals: defaultdict[frozenset[str], list[Name]] = defaultdict(list)
        for number, held in enumerate(self._held):
            for name in held.names:
                self._by_key[name.key].append((number, name, False))
            for name in held.whose:
                self._by_key[name.key].append((number, name, True))
            if held.relates and not held.quantity and not held.fact.negative:
                self._rivals[held.relation] += held.forms

    def contradiction(self, sentence: Sentence, *around: Sentence) -> Contradiction | None:
        """Return the first contradiction that is complete in the sentence's fresh part.

        `around` are the sentences before it and what it answers, the nearest first: it may leave its subject to them.
        """
        if not self._held or not sentence.words or self._claims_nothing(sentence):
            return None
        named = self._named(sentence)
        about = None
        if not named and around and self._leaves_subject(sentence):
            for each in around:
                if named := self._named(each):
                    about = each
                    break
        for number, spans in [*named.items()][:FACTS]:
            others = {i: (self._held[i], s) for i, s in named.items() if i != number} if about is None else {}
            claim = Claim(sentence, self._held[number], spans if about is None else (), about, others)
            found = wrong_number(claim) if claim.held.quantity else wrong_object(claim, self._rivals)
            if found is not None and found.end > sentence.fresh:
                return found
        return None

    def _named(self, sentence: Sentence) -> dict[int, list[Span]]:
        """Return the facts whose subject the sentence names, with where."""
        found: dict[int, list[Span]] = {}
        spans: dict[Name, list[Span]] = {}
        for key in sentence.held & self._by_key.keys():
            for number, name, is_whose in self._by_key[key]:
                if len(found) >= FACTS:
                    return found
                if is_whose and not self._is_measured(sentence, self._held[number]):
                    continue
                if name not in spans:
                    spans[name] = sentence.find(name)
                if kept := [span for span in spans[name] if not self._is_qualified(sentence, span, number)]:
                    found.setdefault(number, kept)
        return dict(sorted(found.items()))

    def _is_measured(self, sentence: Sentence, held: Held) -> bool:
        """Say whether a sentence speaks of what a fact measures, so that the thing stands for its measure."""
        return sentence.has(word for word, aspect in self._wording.aspects.items() if aspect == held.aspect)

    def _is_qualified(self, sentence: Sentence, span: Span, number: int) -> bool:
        """Say whether a word before a name makes it another thing: "ultraviolet light", "half the speed"."""
        before, vocabulary = span[0] - 1, self._wording.vocabulary
        if self._wording.signs or before < 0 or before in sentence.counted:
            return False
        word, stem = sentence.words[before].word, sentence.stems[before]
        if word in vocabulary.stop or word in vocabulary.weak or sentence.between(before, span[0]).strip():
            return False
        known = stem in self._held[number].explained or stem in self._wording.aspects
        return not known and not word.endswith(("ly", "ing"))

    def _leaves_subject(self, sentence: Sentence) -> bool:
        """Say whether a sentence leaves its subject to what was asked: "it ...", or a few words."""
        pronouns = self._wording.vocabulary.lists["pronouns"]
        if self._wording.signs:
            opening = "".join(sentence.stems[: 2 * OPENING])
            return len(sentence.words) <= SHORT or any(pronoun in opening for pronoun in pronouns)
        if any(word.word in pronouns for word in sentence.words[:OPENING]):
            return True
        return len(sentence.unexplained((), ())) <= ELLIPSIS

    def _claims_nothing(self, sentence: Sentence) -> bool:
        """Say whether a sentence asks, doubts, or denies what it says: "it is not true that ..."."""
        if self._is_question(sentence) or sentence.has(self._wording.doubt):
            return True
        said = (i for i, stem in enumerate(sentence.stems[:NAY]) if stem in self._wording.true)
        return any(sentence.negated((i, i + 1)) for i in said)

    def _is_question(self, sentence: Sentence) -> bool:
        if sentence.text.rstrip().endswith(QUESTIONS):
            return True
        return sentence.has(self._wording.asks) if self._wording.signs else sentence.stems[0] in self._wording.asks


def _singled(facts: Sequence[Held]) -> tuple[Held, ...]:
    """Mark the facts whose subject and relation have several objects, or that measure a thing in the same unit."""
    same: defaultdict[tuple[object, ...], set[str]] = defaultdict(set)

    def keys(held: Held) -> list[tuple[object, ...]]:
        subjects = [frozenset(name.stems) for name in held.names]
        if held.quantity is not None:
            counted = held.quantity.after[:2] if held.quantity.dimension == COUNT else ()
            return [(subject, held.aspect, held.quantity.dimension, counted) for subject in subjects]
        return [(subject, held.relation) for subject in subjects]

    for held in facts:
        for key in keys(held):
            same[key].add(held.fact.object)
    return tuple(replace(held, single=all(len(same[key]) == 1 for key in keys(held))) for held in facts)
