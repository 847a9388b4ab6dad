"""Makes a course of sections: a lesson for each, in steps of a few sentences with a question after each step.

The form is that of `engines.dialogue.card.course`. Every question is held against its own answer before it is kept, and
words of the course that look like the answer are wrong ones.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from engines.dialogue.card.course import alike, grade
from engines.dialogue.card.language import Language, shipped_language
from engines.identity.bundle import primary
from engines.identity.fields import Json
from engines.knowledge.cutting import closed, width
from engines.knowledge.document import Section
from engines.words.text import join, sentences
from studio.knowledge.book import titled
from studio.knowledge.lessons import chinese, english
from studio.knowledge.lessons.by_model import Teacher, step_of
from studio.knowledge.lessons.question import Question
from studio.stage import Progress

LESSONS: Final = 60
STEPS: Final = 6  # with a question, of one lesson
EXPLAINED: Final = 420  # characters of an explanation, signs counting twice
ENOUGH: Final = 64  # of one that a question may follow
SHORT: Final = 40  # of a section, that is no lesson
REJECTED: Final = 12
TITLE: Final = 80


def silent(done: float, sentence: str) -> None:
    """Tell nobody."""


@dataclass(slots=True)
class Made:
    """A course in the card's form, {} when there is nothing to teach, and what is told about its making."""

    course: dict[str, Json] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)
    untaught: list[str] = field(default_factory=list)  # titles of sections that got no question


@dataclass(slots=True)
class _Draft:
    explain: list[str]
    question: Question | None


def make_course(
    sections: Sequence[Section], title: str, language: str, teacher: Teacher | None = None, progress: Progress = silent
) -> Made:
    """Return the course of some sections in a language; without patterns for it lessons explain and ask nothing.

    A `teacher` writes questions by a language model; where none of its own holds, the patterns' are asked.
    """
    made = Made()
    tongue = shipped_language(language)
    taught = [section for section in sections if _told(section)][:LESSONS]
    drafts = []
    for number, section in enumerate(taught):
        progress(number / len(taught), f"lesson {number + 1} of {len(taught)}")
        written = teacher.questions(section.title or title, _told(section), tongue) if teacher else []
        drafts.append((section, _drafts(section, primary(language), tongue, written)))
    words = _words(taught, tongue)
    lessons: list[Json] = []
    for section, steps in drafts:
        made_steps = [_step(draft, words, tongue, made) for draft in steps]
        if not made_steps:
            continue
        if not any(isinstance(step, dict) and step.get("ask") for step in made_steps):
            made.untaught.append(section.title or title)
        lessons.append(
            {
                "title": titled(section.title or title)[:TITLE],
                "about": steps[0].explain[0][:300],
                "keys": [*_keys(section, tongue)],
                "steps": [*made_steps],
            }
        )
    if lessons:
        made.course = {"title": titled(title)[:TITLE], "lessons": lessons}
    return made


def _told(section: Section) -> list[str]:
    """Return the sentences of a section that can be said and taught."""
    found: list[str] = []
    for block in section.blocks:
        if block.kind in ("text", "item"):
            parts = sentences(block.text) if block.kind == "text" else [closed(block.text)]
            found += [part for part in parts if _is_spoken(part)]
    return found if sum(width(text) for text in found) >= SHORT else []


def _is_spoken(text: str) -> bool:
    """Say whether a sentence can be said: words, and no formula."""
    letters = sum(c.isalpha() for c in text)
    return letters * 2 > len(text.replace(" ", "")) and not re.search(r"[=<>≈∝√∑∫^_\\|{}]", text) and letters > 3


def _drafts(section: Section, code: str, tongue: Language, written: Sequence[Question] = ()) -> list[_Draft]:
    """Part a section into steps: some sentences, and a question about one of them."""
    drafts: list[_Draft] = []
    held: list[str] = []
    asked: list[Question] = []
    used: set[str] = set()
    lines = _told(section)
    for i, line in enumerate(lines):
        held.append(line)
        options = [*(each for each in written if each.sentence == line), *_asked(line, section, code)]
        options = [each for each in options if each.term.lower() not in used or not each.term]
        asked += [each for each in options if _holds(each, tongue)]
        size = sum(width(text) for text in held)
        follows = width(lines[i + 1]) if i + 1 < len(lines) else EXPLAINED
        if not lines[i + 1 :] or (asked and size >= ENOUGH) or size + follows > EXPLAINED:
            best = max(asked, key=lambda each: each.rank, default=None)
            if sum(1 for draft in drafts if draft.question) >= STEPS:
                best = None
            if best is not None and best.term:
                used.add(best.term.lower())
            drafts.append(_Draft(held, best))
            held, asked = [], []
    if len(drafts) > 1 and drafts[-1].question is None:
        last, before = drafts[-1].explain, drafts[-2].explain
        if sum(width(text) for text in (*before, *last)) <= EXPLAINED:
            drafts[-2:] = [_Draft([*before, *last], drafts[-2].question)]
    return _with_gap(drafts, section, code, tongue)


def _asked(line: str, section: Section, code: str) -> list[Question]:
    match code:
        case "en":
            return english.questions(line)
        case "zh":
            return chinese.questions(line, section.title)
        case _:
            return []


def _with_gap(drafts: list[_Draft], section: Section, code: str, tongue: Language) -> list[_Draft]:
    """Give a lesson without a question one about its commonest word of meaning."""
    if code not in ("en", "zh") or any(draft.question for draft in drafts):
        return drafts
    make = english.gap if code == "en" else chinese.gap
    for draft in drafts:
        for line in draft.explain:
            for word in _telling(line, section, code, tongue):
                question = make(line, word)
                if question is not None and _holds(question, tongue):
                    draft.question = question
                    return drafts
    return drafts


def _telling(line: str, section: Section, code: str, tongue: Language) -> list[str]:
    """Return the words of a sentence that may be left out of it: those that the section speaks of most."""
    whole = " ".join(_told(section))
    if code == "zh":
        return [section.title] if 2 <= len(section.title) <= 8 and line.count(section.title) == 1 else []
    counts = Counter(tongue.stem(word) for word in tongue.content(tongue.tokens(whole, most=400)))
    words = [word for word in re.findall(r"\b[a-z]{5,}\b", line) if word not in tongue.stop and word not in tongue.weak]
    once = [word for word in dict.fromkeys(words) if line.count(word) == 1 and not word.endswith("ly")]
    return sorted(once, key=lambda word: (-counts[tongue.stem(word)], -len(word)))[:3]


def _holds(question: Question, tongue: Language) -> bool:
    """Say whether a question is short enough, does not hold its own answer, and takes its own answer for right."""
    if len(question.ask) > 260 or not (question.accept or question.low is not None):
        return False
    step = step_of(question)
    said = tongue.tokens(question.ask)
    if question.kind != "reason" and grade(step, said, tongue) == "right":
        return False
    right = question.term or (question.accept[0] if question.accept else "")
    return grade(step, tongue.tokens(right), tongue) == "right"


def _step(draft: _Draft, words: _Words, tongue: Language, made: Made) -> Json:
    explain = join(draft.explain)[:2000]
    question = draft.question
    if question is None:
        return {"explain": explain}
    made.questions.append(question)
    reject = _rejected(question, words, tongue)
    step: dict[str, Json] = {"explain": explain, "ask": question.ask, "accept": [*question.accept], "reject": [*reject]}
    if question.low is not None and question.high is not None:
        step["numbers"] = [[question.low, question.high]]
    if question.unit:
        step["unit"] = question.unit
    return step | {"hints": [*question.hints], "praise": question.sentence[:900], "answer": question.sentence[:900]}


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a course, and which of them stand before which."""

    all: frozenset[str]
    before: Mapping[str, frozenset[str]]


def _words(sections: Sequence[Section], tongue: Language) -> _Words:
    before: defaultdict[str, set[str]] = defaultdict(set)
    every: set[str] = set()
    for section in sections:
        for line in (section.title, *_told(section)):
            said = tongue.tokens(line, most=200)
            every.update(said)
            for one, other in pairwise(said):
                before[tongue.stem(other)].add(one)
    return _Words(frozenset(every), {word: frozenset(found) for word, found in before.items()})


def _rejected(question: Question, words: _Words, tongue: Language) -> list[str]:
    """Return wrong answers: words of the course that look like the right one, and other kinds of the same thing.

    "reflection" is no slip of "refraction", nor "concave" of "convex lens".
    """
    if question.kind not in ("term", "name", "gap") or not question.accept or tongue.joined:
        return []
    right = [tongue.tokens(phrase) for phrase in question.accept]
    said = {tongue.stem(word) for phrase in right for word in phrase}
    near = [
        word
        for word in sorted(words.all - tongue.stop)
        if tongue.stem(word) not in said and any(alike(word, want, tongue) for phrase in right for want in phrase)
    ]
    shown = {tongue.stem(word) for word in tongue.tokens(question.ask)}
    kinds = [
        word
        for phrase in right
        if len(phrase) > 1
        for word in sorted(words.before.get(tongue.stem(phrase[-1]), ()))
        if tongue.stem(word) not in said | shown and word not in tongue.stop and word not in tongue.weak
    ]
    return list(dict.fromkeys([*near, *kinds]))[:REJECTED]


def _keys(section: Section, tongue: Language) -> list[str]:
    """Return by which words a lesson is called."""
    title = section.title
    words = tongue.content(tongue.tokens(title))
    keys = [title.lower(), *(word for word in words if len(word) > 3)]
    return list(dict.fromkeys(key for key in keys if key))[:8]
