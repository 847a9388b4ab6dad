"""Holds what the card says against its facts and rules, by the check that answers pass when the person is served."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from engines.api import Request, ToolResult
from engines.guard.verdicts import Line
from engines.identity import IdentityError
from engines.identity.bundle import primary
from engines.knowledge.knowledge import Knowledge, knowledge_of
from engines.words.text import sentences
from studio.evaluate.measures import Measure, Section, Wanted, short, unmeasured
from studio.evaluate.subject import Subject
from studio.evaluate.talk.playing import NOW

NAME: Final = "agreement"
NONE: Final = Wanted(at_most=0)
SENTENCES: Final = 4000  # that are looked at
KINDS: Final = ("facts", "rules")
RULE: Final = "rule"  # the category of a verdict about a rule


def agreement(subject: Subject) -> Section:
    """Count the sentences that contradict a fact, and those that break a rule."""
    try:
        knowledge = knowledge_of(subject.identity)
    except IdentityError as error:
        return _nothing(error.message)
    gate = knowledge.gate() if knowledge is not None else None
    if knowledge is None or gate is None:
        return _nothing("there are no facts and no rules to hold it to")
    if knowledge.language != subject.language:
        return _nothing(f"the facts are in {knowledge.language}, the person speaks {subject.language}")
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    count = 0
    for where, sentence in _sentences(subject):
        count += 1
        verdict = gate.judge(Line(sentence, "", _request(subject)))
        if verdict.ruling != "allow":
            kind = "rules" if verdict.category == RULE else "facts"
            found[kind].append(short(f"{where}: {sentence} → {verdict.instead}"))
    measures = tuple(
        Measure(
            f"{NAME}.{kind}",
            len(found[kind]),
            wanted=NONE,
            evidence=(f"{count} sentences, {_held(knowledge, kind)} {kind}", *found[kind]),
            unit="count",
        )
        for kind in KINDS
    )
    return Section(NAME, measures, {"sentences": count})


def _sentences(subject: Subject) -> Iterator[tuple[str, str]]:
    count = 0
    for text in subject.texts:
        for sentence in sentences(text.text):
            count += 1
            if count > SENTENCES:
                return
            yield text.where, sentence


def _held(knowledge: Knowledge, kind: str) -> int:
    return len(knowledge.library.rules if kind == "rules" else knowledge.library.facts)


def _nothing(why: str) -> Section:
    return Section(NAME, tuple(unmeasured(f"{NAME}.{kind}", why, wanted=NONE, unit="count") for kind in KINDS))


def _request(subject: Subject) -> Request:
    """Return a request of nobody: a sentence of the card answers no question."""
    return Request("", "greeting", (), "", primary(subject.identity.language), NOW, {}, (), _no_tool)


async def _no_tool(name: str, arguments: Mapping[str, object]) -> ToolResult:
    return ToolResult("failed", "")
