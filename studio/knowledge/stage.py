"""The stage `knowledge`: from the documents in an identity's folder to what it knows.

It writes `knowledge/compiled.json` (passages with their places, facts read out of the texts), entries of the card's
lorebook, and a course; it reports what contradicts itself. None of it needs a language model; one may write the
questions.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engines.identity.bundle import FACTS
from engines.identity.charx import check_name
from engines.identity.errors import IdentityError
from engines.identity.fields import JSON_BYTES, Fields, Json, dump, parse_object
from engines.identity.storage import CARD
from engines.identity.tongue import tongue_of
from engines.knowledge.checking.wording import wording_of
from engines.knowledge.constraints import constraints
from engines.knowledge.cutting import passages
from engines.knowledge.document import Section
from engines.knowledge.library import COMPILED, FOLDER, Compiled, Library, Sources, is_source, read_sources
from studio.errors import StudioError
from studio.folder import Folder
from studio.knowledge.book import entries, has_own_course, with_knowledge
from studio.knowledge.consistency import Conflict, conflicts, undisputed
from studio.knowledge.drawing import draw
from studio.knowledge.lessons.by_model import Teacher
from studio.knowledge.lessons.course import Made as Course
from studio.knowledge.lessons.course import make_course
from studio.knowledge.pdf import BYTES, read_pdf
from studio.stage import Made, Progress, Wish
from studio.writer.models import Model, model_at

TOOL: Final = "knowledge compiler 1"
TOLD: Final = 40  # of a kind, in the report


class Knowledge:
    """Compiles the documents of an identity."""

    name = "knowledge"
    version = 1

    def __init__(self, model: Model | None = None) -> None:
        self._model = model

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Declare the documents to add."""
        parser.add_argument(
            "--add", nargs="+", default=[], metavar="FILE", help="documents to take into the folder knowledge/ first"
        )
        parser.add_argument("--no-course", action="store_true", help="make no lessons of them")
        parser.add_argument("--model", metavar="URL|FOLDER", help="a language model to write the questions")
        parser.add_argument("--model-name", metavar="NAME", help="which of an endpoint's models")

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Compile; IdentityError says which document cannot be read, StudioError `no_sources` that there are none."""
        added = _added(wish)
        names = sorted({*(name for name in folder.listing() if is_source(name)), *added})
        if not names:
            raise StudioError(
                "no_sources",
                f"there are no documents in {folder.root / FOLDER}: put Markdown, text, PDF, facts.csv or rules.toml "
                "there, or name them with --add",
            )
        progress(0.05, f"reading {len(names)} documents")
        sources = read_sources(
            names,
            lambda name: added[name] if name in added else folder.read(name, BYTES),
            strict=True,
            pdf=read_pdf,
        )
        _check(sources, names)
        language = _language(folder, wish, sources.sections)
        progress(0.4, "looking for facts, and for what contradicts itself")
        wording = wording_of(language)
        drawn = draw(sources.sections, language)
        clashes = conflicts([*sources.facts, *drawn], sources.sections, wording)
        facts = undisputed(sources.facts, drawn, wording)
        progress(0.6, "making lessons")
        title = _title(sources.sections)
        course, teacher = self._course(sources.sections, title, language, wish, progress)
        progress(0.9, "writing the book")
        made = passages(sources.sections)
        compiled = Compiled(made, tuple(facts), {name: sources.digests[name] for name in sorted(sources.digests)})
        files = {**added, COMPILED: compiled.as_bytes()}
        book = entries(sources.sections, facts, wording)
        own = False
        if folder.has(CARD):
            card = parse_object(folder.read(CARD, JSON_BYTES), CARD)
            own = has_own_course(card) and not _is_drafted(folder)
            files[CARD] = dump(with_knowledge(card, book, course.course, own=own))
        library = Library(made, (*sources.facts, *facts), tuple(sources.rules))
        section = _report(sources, course, clashes, language, own=own)
        if teacher is not None:
            section["model"] = {
                "name": teacher.model.name,
                "tries": teacher.tries,
                "dropped": teacher.dropped,
                "notes": [*teacher.notes[:TOLD]],
            }
        section |= {
            "passages": len(made),
            "entries": len(book),
            "facts": {"given": len(sources.facts), "drawn": len(facts)},
            "constraints": [*constraints(library, language)],
        }
        inputs = tuple(name for name in names if name not in added) + ((CARD,) if folder.has(CARD) else ())
        tool = f"{TOOL}, {teacher.model.name}" if teacher is not None else TOOL
        return Made(files, section, inputs=inputs, tool=tool)

    def _course(
        self, sections: Sequence[Section], title: str, language: str, wish: Wish, progress: Progress
    ) -> tuple[Course, Teacher | None]:
        """Return the course, and who wrote its questions if it was a model."""
        if wish.options.get("no_course"):
            return Course(), None
        model = self._model or model_of(wish)
        if model is None:
            return make_course(sections, title, language), None
        teacher = Teacher(model, wish.seed)
        try:
            return make_course(
                sections, title, language, teacher, lambda done, doing: progress(0.6 + 0.3 * done, doing)
            ), teacher
        finally:
            model.close()


def model_of(wish: Wish) -> Model | None:
    """Return the model that the wish names; its key stands in the environment."""
    options = Fields(wish.options, "options", code="bad_wish")
    place = options.text("model", longest=2000)
    if not place:
        return None
    key = os.environ.get("OPENAI_API_KEY", "")
    return model_at(place, name=options.text("model_name", longest=200), key=key)


def _added(wish: Wish) -> dict[str, bytes]:
    """Return the documents that the wish names, by their paths in the folder."""
    asked = wish.options.get("add")
    found: dict[str, bytes] = {}
    for text in asked if isinstance(asked, list) else [asked] if isinstance(asked, str) and asked else []:
        path = Path(str(text))
        name = check_name(f"{FOLDER}{path.name}")
        if not is_source(name):
            raise StudioError(
                "bad_wish", f"{path.name} is no document that is read: Markdown, text, PDF, CSV, rules.toml"
            )
        if not path.is_file():
            raise StudioError("bad_wish", f"there is no file {path}")
        if path.stat().st_size > BYTES:
            raise IdentityError("too_large", f"{path} is larger than {BYTES // 2**20} MiB")
        found[name] = path.read_bytes()
    return found


def _is_drafted(folder: Folder) -> bool:
    """Say whether the card is as the writer wrote it, from nobody's card: then its course is the writer's invention."""
    lineage = Fields(folder.facts, FACTS, code="bad_facts").each("lineage")
    drafted = [each for each in lineage if each.text("stage") == "draft"]
    if not drafted or drafted[-1].text("tool").startswith("card reader"):
        return False
    written = {each.object("outputs").get(CARD) for each in lineage if each.text("stage") in ("draft", "edit")}
    return folder.digest(CARD) in written


def _check(sources: Sources, names: Sequence[str]) -> None:
    """Refuse documents that hold nothing."""
    texts = {name.removeprefix(FOLDER) for name in names if not name.endswith((".csv", ".tsv", ".toml"))}
    written = {section.place.file for section in sources.sections if section.characters}
    if empty := sorted(texts - written):
        raise IdentityError("bad_source", f"{FOLDER}{empty[0]} holds no text to learn from")


def _language(folder: Folder, wish: Wish, sections: Sequence[Section]) -> str:
    """Return the language of the documents; where they do not tell, that of the wish or of the person."""
    sample = " ".join(block.text for section in sections[:40] for block in section.blocks)
    own = wish.language or (folder.identity.language if folder.has(CARD) else "en")
    return tongue_of(sample[:4000]) or own


def _title(sections: Sequence[Section]) -> str:
    """Return what the documents are about: the first heading."""
    return next((section.place.headings[0] for section in sections if section.place.headings), "this subject")


def _report(
    sources: Sources, course: Course, clashes: Sequence[Conflict], language: str, *, own: bool
) -> dict[str, Json]:
    lessons = course.course.get("lessons")
    kinds: dict[str, Json] = {}
    for question in course.questions:
        count = kinds.get(question.kind)
        kinds[question.kind] = (count if isinstance(count, int) else 0) + 1
    return {
        "language": language,
        "sources": [*sources.digests],
        "rules": len(sources.rules),
        "lessons": len(lessons) if isinstance(lessons, list) else 0,
        "course_by_hand": own,
        "questions": kinds,
        "without_question": [*course.untaught[:TOLD]],
        "conflicts": [clash.sentence for clash in clashes[:TOLD]],
        "warnings": [*sources.warnings],
    }
