"""Which of the companion's languages a turn is spoken in, and what is said of one that it lacks."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from engines.dialogue.card.book import Book
from engines.dialogue.card.language import shipped_language
from engines.dialogue.card.state import State
from engines.dialogue.card.tables import TRADITIONAL
from engines.identity.tongue import tongue_of
from engines.text.han import is_traditional


def chosen(text: str, state: State, spoken: Sequence[str]) -> tuple[str, str]:
    """Return the code of the language to answer in, and that of the user's when it must be said that it is lacking.

    `spoken` are the companion's languages, its own first; one that was refused before is not refused again.
    """
    current = state.tongue if state.tongue in spoken else spoken[0]
    found = tongue_of(text, current)
    if found in ("", current):
        return current, ""
    if found in spoken:
        return found, ""
    return current, "" if found in state.refused else found


def refusal(code: str, spoken: Sequence[str], text: str = "") -> str:
    """Return the sentence, in the language `code`, that only others are spoken; "" when it is not known here.

    Chinese is answered in the signs of `text`.
    """
    language = shipped_language(TRADITIONAL if code == "zh" and is_traditional(text) else code)
    if forms := language.says.get("only"):
        names = [language.names[each] for each in spoken if each in language.names]
        if names:
            return forms[0].replace("{languages}", language.listing(names))
    return _others().get(code, "")


def switched(state: State, book: Book, code: str) -> State:
    """Return the state as it goes on in another language: a lesson at its place, topics and offers forgotten."""
    course, (lesson, step) = book.course, state.at
    same = course is not None and lesson < len(course.lessons) and step < len(course.lessons[lesson].steps)
    question = ""
    if same and course and state.question:
        question = course.step(state.at).quiz if state.mode == "quiz" else course.step(state.at).ask
    return replace(
        state,
        tongue=code,
        topic=-1,
        told=(),
        offer="",
        echo="",
        rest="",
        answered=(),
        told_self=(),
        question=question,
        mode=state.mode if same else "talk",
        quiz=state.quiz if same else (),
        wish=None,
    )


@cache
def _others() -> Mapping[str, str]:
    """Read what is said in languages of which nothing else is known here."""
    source = files("engines.dialogue.card") / "languages" / "lacking.toml"
    return {code: str(said) for code, said in tomllib.loads(source.read_text(encoding="utf-8")).items()}
