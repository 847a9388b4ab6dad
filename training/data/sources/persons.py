"""What an identity brings along: the example talk of its card, its greetings, and courses of documents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from engines.identity import Identity, IdentityError, load_identity
from engines.identity.macros import expand
from engines.knowledge.library import FOLDER, read_sources
from studio.knowledge.book import titled
from studio.knowledge.lessons.course import make_course
from training.data.dialogue import Dialogue, Line, trainable
from training.errors import TrainingError

START: Final = re.compile(r"^\s*<START>\s*$", re.IGNORECASE | re.MULTILINE)
TURN: Final = re.compile(r"^\s*(\{\{user\}\}|\{\{char\}\})\s*[:：]\s*", re.IGNORECASE | re.MULTILINE)
USER: Final = "friend"


def card(file: Path) -> list[Dialogue]:
    """Return the dialogues of a card's `mes_example`; TrainingError `bad_layout` says what is wrong with which file."""
    try:
        return examples(load_identity(file))
    except IdentityError as error:
        raise TrainingError("bad_layout", f"{file} is no character card that can be read: {error}") from error


def examples(identity: Identity) -> list[Dialogue]:
    """Return the example talk of an identity."""
    found = []
    for number, block in enumerate(START.split(identity.card.mes_example), start=1):
        parts = TURN.split(block)[1:]
        lines = trainable(
            Line(
                "user" if who.lower() == "{{user}}" else "assistant",
                expand(said, char=identity.name, user=USER, seed=""),
            )
            for who, said in zip(parts[::2], parts[1::2], strict=True)
        )
        if lines:
            found.append(Dialogue(lines, "", "example talk", f"{identity.name}, example {number}"))
    return found


def course(name: str, data: bytes, language: str) -> list[Dialogue]:
    """Return questions and answers of a document, by the knowledge compiler's lessons.

    A step that asks gives the question with its answer; every lesson gives "tell me about" with what it explains.
    """
    found = read_sources([f"{FOLDER}{Path(name).name}"], lambda _: data, strict=True)
    made = make_course(found.sections, titled(Path(name).stem), language)
    lessons: Any = made.course.get("lessons", ())
    return [each for lesson in lessons for each in _lesson(lesson, name, language)]


def _lesson(lesson: Any, name: str, language: str) -> Sequence[Dialogue]:
    title = str(lesson["title"])
    ask = f"请讲一讲{title}。" if language.startswith("zh") else f"Tell me about {title}."
    pairs = [(ask, " ".join(str(step["explain"]) for step in lesson["steps"][:2]))]
    pairs += [(str(step["ask"]), str(step["answer"])) for step in lesson["steps"] if step.get("ask")]
    return [
        Dialogue((Line("user", question), Line("assistant", answer)), "", title, name) for question, answer in pairs
    ]
