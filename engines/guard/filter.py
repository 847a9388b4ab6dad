"""Judges a text: lists and classifier together, and what people have decided before. Pure; it knows no session.

A sure rule counts by itself. A rule that is only a hint counts when the classifier gives its category at least CONSENT,
and the classifier alone from its threshold on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from engines.guard import classifier as classifiers
from engines.guard import rules as lists
from engines.guard.classifier import Classifier
from engines.guard.concepts import read_as
from engines.guard.folding import read, unmasked, words_of
from engines.guard.numbers import personal
from engines.guard.policy import GRAVITY, Audience, ruling
from engines.guard.rules import Hit, Kind, Rules
from engines.guard.verdicts import Ruling, Side

CONSENT: Final = 0.6
BEFORE: Final = 240  # characters of what was said before that are read with a text
ALONE: Final = frozenset({"crisis", "self_harm", "sexual", "hate", "violence", "danger", "illegal", "jailbreak"})
UNFORGIVABLE: Final = frozenset({"minors"})  # what no list allows


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: the `rule` by which ("classifier" for none), `span` the characters of the text, `score` 0..1.

    `places` are all of them when each counts by itself. `ruling` is what is to become of it.
    """

    category: str
    ruling: Ruling
    rule: str
    span: tuple[int, int]
    score: float = 1.0
    kind: Kind = ""
    places: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Own:
    """What people have decided: texts that are allowed, phrases that are not, rules that are off."""

    allowed: frozenset[str] = frozenset()  # as `key` writes them
    denied: Rules = field(default_factory=lambda: Rules(()))
    off: frozenset[str] = frozenset()
    marked: Callable[[str], bool] | None = None  # says of a text that was not kept whether it is allowed

    def allows(self, text: str) -> bool:
        """Say whether people have allowed just this text."""
        return bool(self.allowed and key(text) in self.allowed) or (self.marked is not None and self.marked(text))


NOTHING: Final = Own()


def key(text: str) -> str:
    """Return what two texts share that differ in case, accents, blanks and marks alone."""
    return " ".join(words_of(text))


@dataclass(frozen=True, slots=True)
class Filter:
    """The default judge."""

    rules: Rules
    classifier: Classifier

    def judge(
        self,
        text: str,
        side: Side,
        *,
        before: str = "",
        audience: Audience = "everyone",
        language: str = "",
        own: Own = NOTHING,
    ) -> Finding | None:
        """Judge `text`, which comes after `before`; None when there is nothing about it.

        Of several findings the gravest is returned. What was already in `before` alone does not count again.
        """
        found = self._found(text, side, before[-BEFORE:], read_as(before + text, language), own)
        findings = [
            each for each in found if each.ruling != "allow" or ruling(each.category, side, audience) != "allow"
        ]
        if not findings:
            return None
        gravest = min(findings, key=lambda each: (GRAVITY.index(each.category), -each.score))
        if gravest.category not in UNFORGIVABLE and own.allows(text):
            return None
        places = tuple(sorted({each.span for each in findings if each.category == gravest.category}))
        return Finding(
            gravest.category,
            ruling(gravest.category, side, audience),
            gravest.rule,
            gravest.span,
            gravest.score,
            gravest.kind,
            places,
        )

    def _found(self, text: str, side: Side, before: str, languages: frozenset[str], own: Own) -> list[Finding]:
        found = [Finding("numbers", "allow", "numbers", span) for span in personal(text)]
        cut = len(before)
        whole = before + text
        readings = (read(whole), *unmasked(whole, self.rules.words))
        likely = self._likely(text, before, languages)
        for reading in readings:
            for rules in (self.rules, own.denied):
                for hit in rules.hits(reading, side, languages, own.off, beyond=cut):
                    score = 1.0 if hit.rule.sure else likely.get(hit.rule.category, 0.0)
                    if score >= CONSENT:
                        found.append(_finding(hit, cut, len(text), score))
        for category in ALONE:
            rule = f"{category}.alone"
            if rule in own.off or likely[category] < self.classifier.threshold(category):
                continue
            if not self.rules.doubtful(category, readings[0]):
                wanted = "self_harm" if category == "crisis" and side != "user" else category
                found.append(Finding(wanted, "allow", rule, (0, len(text)), likely[category]))
        return found

    def _likely(self, text: str, before: str, languages: frozenset[str]) -> Mapping[str, float]:
        alone = self.classifier.likelihoods(read(text), languages)
        if not before:
            return alone
        joined = self.classifier.likelihoods(read(before + text), languages)
        if max(joined.values()) < CONSENT:
            return alone
        earlier = self.classifier.likelihoods(read(before), languages)
        # What was as likely before this text came is not its doing.
        return {
            category: max(alone[category], joined[category] if earlier[category] < CONSENT else 0.0)
            for category in alone
        }


def _finding(hit: Hit, cut: int, length: int, score: float) -> Finding:
    start, end = max(0, hit.start - cut), min(length, hit.end - cut)
    return Finding(hit.rule.category, "allow", hit.rule.id, (start, end), score, hit.rule.kind)


def shipped() -> Filter:
    """Return the filter that ships."""
    return Filter(lists.shipped(), classifiers.shipped())
