"""Judges the course: whether every heading has an entry, a lesson and a question, and whether it grades itself rightly.

Headings are those of the documents that the person knows; without documents the lessons' own titles.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from engines.dialogue.card.book import Book
from engines.dialogue.card.course import Step, grade
from engines.identity import IdentityError
from engines.identity.fields import Json
from engines.knowledge.knowledge import knowledge_of
from engines.words.text import sentences
from engines.words.vocabulary import Vocabulary
from studio.evaluate.measures import Section, Wanted, share, unmeasured
from studio.evaluate.subject import Subject

NAME: Final = "course"
HELD: Final = 0.6  # of a heading's words have to stand in what covers it
HEADINGS: Final = 400
WANTED: Final = Wanted(at_least=0.95)
OWN: Final = Wanted(at_least=0.9)
GIVEN: Final = Wanted(at_least=0.8)
PARTS: Final = ("entries", "lessons", "questions", "graded", "thinking")


@dataclass(frozen=True, slots=True)
class Covered:
    """What there is about one heading."""

    heading: str
    entry: bool
    lesson: bool
    question: bool


def course(subject: Subject, headings: Sequence[str] | None = None) -> Section:
    """Measure coverage by `headings` (None: those of the documents), and the grading of the course by itself."""
    try:
        book = subject.book
        headings = headings_of(subject) if headings is None else headings
    except IdentityError as error:
        return Section(NAME, tuple(unmeasured(f"{NAME}.{part}", error.message) for part in PARTS))
    lessons = book.course.lessons if book.course else ()
    titles = tuple(dict.fromkeys(headings))[:HEADINGS] or tuple(lesson.title for lesson in lessons)
    if not titles:
        why = "there is neither a document nor a course"
        return Section(NAME, tuple(unmeasured(f"{NAME}.{part}", why) for part in PARTS))
    coverage = Coverage(book, subject.words)
    found = [coverage.of(title) for title in titles]
    rows: list[Json] = [
        {"heading": each.heading, "entry": each.entry, "lesson": each.lesson, "question": each.question}
        for each in found
    ]
    measures = [
        share(
            f"{NAME}.{part}",
            sum(getattr(each, one) for each in found),
            len(found),
            wanted=WANTED,
            evidence=[f"nothing about “{each.heading}”" for each in found if not getattr(each, one)],
        )
        for part, one in (("entries", "entry"), ("lessons", "lesson"), ("questions", "question"))
    ]
    wrong = misgraded(book)
    count = len(book.course.questions()) if book.course else 0
    given = given_away(book)
    measures.append(share(f"{NAME}.graded", count - len(wrong), count, wanted=OWN, evidence=wrong))
    measures.append(share(f"{NAME}.thinking", count - len(given), count, wanted=GIVEN, evidence=given))
    return Section(NAME, tuple(measures), {"headings": rows, "from": "documents" if headings else "lessons"})


def headings_of(subject: Subject) -> tuple[str, ...]:
    """Return the headings under which the documents say something, in their order; IdentityError when one is broken."""
    knowledge = knowledge_of(subject.identity)
    if knowledge is None or knowledge.language != subject.language:
        return ()
    places = (passage.place for passage in knowledge.library.passages)
    return tuple(dict.fromkeys(place.headings[-1] for place in places if place.headings))


class Coverage:
    """What a card has to read and to learn, ready to be asked about headings."""

    def __init__(self, book: Book, language: Vocabulary) -> None:
        self._language = language
        self._named = frozenset(stem for entry in book.entries for stem in entry.key_stems)
        self._entries = [entry.key_stems.union(entry.words, *entry.stems) for entry in book.entries]
        taught = book.course.lessons if book.course else ()
        self._lessons = [
            (self._stems(lesson.title, lesson.about, *lesson.keys), any(step.ask for step in lesson.steps))
            for lesson in taught
        ]

    def of(self, heading: str) -> Covered:
        """Say what there is about a heading."""
        wanted = set(self._language.terms(heading)) or set(self._language.tokens(heading))

        def held(stems: frozenset[str]) -> bool:
            return len(wanted & stems) >= HELD * len(wanted)

        lessons = [asks for stems, asks in self._lessons if held(stems)]
        entry = wanted <= self._named or any(map(held, self._entries))
        return Covered(heading, entry, bool(lessons), any(lessons))

    def _stems(self, *texts: str) -> frozenset[str]:
        stems = {stem for text in texts for stem in self._language.terms(text, singles=True)}
        return frozenset(stems | {word for text in texts for word in self._language.tokens(text)})


def misgraded(book: Book) -> list[str]:
    """Name the questions whose own answer, or what they list as right, the course would not take for right."""
    found: list[str] = []
    for where, step in _steps(book):
        language = book.language
        told = [step.answer, *sentences(step.answer)] if step.answer else list(step.accept[:1])
        if told and not any(grade(step, language.tokens(text), language) == "right" for text in told):
            found.append(f"{where} does not take its own answer “{told[0]}”")
    return found


def given_away(book: Book) -> list[str]:
    """Name the questions that are answered rightly by saying them again."""
    language = book.language
    return [
        f"{where} is answered by repeating it"
        for where, step in _steps(book)
        if grade(step, language.tokens(step.quiz), language) == "right"
    ]


def _steps(book: Book) -> Iterator[tuple[str, Step]]:
    if book.course is None:
        return
    for lesson, number in book.course.questions():
        step = book.course.step((lesson, number))
        yield f"lesson {lesson + 1}, step {number + 1}: “{step.quiz}”", step
