"""All that an identity knows from documents: reads its folder `knowledge/`, and what the studio compiled of it.

What was compiled stands in `knowledge/compiled.json` with the digests of its sources: passages (those of PDFs, too),
and facts that were read out of the texts. Where a source has changed since, what can be read without the studio is read
afresh. All of it is hostile input: a source that cannot be read is left out with a warning, or refused with
IdentityError when `strict`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from engines.identity.errors import IdentityError
from engines.identity.fields import JSON_BYTES, Fields, Json, dump, parse_object
from engines.knowledge.cutting import PASSAGES, Passage, passages
from engines.knowledge.document import DEPTH, HEADING, Place, Section
from engines.knowledge.facts import FACTS, Fact, read_fact, read_table
from engines.knowledge.reading.decoding import BYTES, decode
from engines.knowledge.reading.markdown import read_markdown
from engines.knowledge.reading.plain import read_plain
from engines.knowledge.rules import Rule, read_rules

FOLDER: Final = "knowledge/"
COMPILED: Final = "knowledge/compiled.json"
SCHEMA: Final = 1
SOURCES: Final = 200  # files
TOTAL: Final = 64 * 1024 * 1024  # bytes of all of them
TEXT: Final = 2_000  # characters of a compiled passage
RULES: Final = "rules.toml"
MARKDOWN: Final = (".md", ".markdown")
PLAIN: Final = (".txt", ".text")
TABLE: Final = (".csv", ".tsv")
PDF: Final = ".pdf"


@dataclass(frozen=True, slots=True)
class Library:
    """What documents say: passages, facts and rules; `warnings` tell people what was left out."""

    passages: tuple[Passage, ...] = ()
    facts: tuple[Fact, ...] = ()
    rules: tuple[Rule, ...] = ()
    warnings: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.passages or self.facts or self.rules)


@dataclass(slots=True)
class Sources:
    """The documents themselves: sections, given facts and rules, and the digest of each file."""

    sections: list[Section] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    digests: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


ReadPdf = Callable[[bytes, str], tuple[Section, ...]]


def is_source(name: str) -> bool:
    """Say whether a file of the identity is a source of knowledge."""
    return name.startswith(FOLDER) and _kind(name) != ""


def _kind(name: str) -> str:
    path = PurePosixPath(name)
    suffix = path.suffix.lower()
    if path.name == RULES:
        return "rules"
    kinds = {**dict.fromkeys(MARKDOWN, "markdown"), **dict.fromkeys(PLAIN, "plain"), **dict.fromkeys(TABLE, "table")}
    return "pdf" if suffix == PDF else kinds.get(suffix, "")


def read_sources(
    names: Iterable[str],
    read: Callable[[str], bytes],
    *,
    strict: bool = False,
    pdf: ReadPdf | None = None,
    skip: Iterable[str] = (),
) -> Sources:
    """Read the sources among the files of an identity; `read` gives a file's bytes, `pdf` the sections of a PDF.

    Of those in `skip` only facts, rules and the digest are read. Without `pdf` a PDF is left out with a warning.
    """
    found, total, skipped = Sources(), 0, frozenset(skip)
    listed = sorted(name for name in names if is_source(name))
    if len(listed) > SOURCES:
        raise IdentityError("too_large", f"{FOLDER} holds more than {SOURCES} sources")
    for name in listed:
        try:
            data = read(name)
            total += len(data)
            if total > TOTAL:
                raise IdentityError("too_large", f"{FOLDER} holds more than {TOTAL // 2**20} MiB of sources")
            found.digests[name] = hashlib.sha256(data).hexdigest()
            _add(found, name, data, pdf, skipped)
        except IdentityError as error:
            if strict:
                raise
            found.warnings.append(error.message)
    if len(found.facts) > FACTS:
        raise IdentityError("too_large", f"{FOLDER} holds more than {FACTS} facts")
    return found


def _add(found: Sources, name: str, data: bytes, pdf: ReadPdf | None, skipped: frozenset[str]) -> None:
    short = name.removeprefix(FOLDER)
    match _kind(name):
        case "rules":
            rules, facts = read_rules(decode(data, name), short)
            found.rules += rules
            found.facts += facts
        case "table":
            found.facts += read_table(decode(data, name), short)
        case _ if name in skipped:
            return
        case "markdown":
            found.sections += read_markdown(decode(data, name), short)
        case "plain":
            found.sections += read_plain(decode(data, name), short)
        case "pdf" if pdf is not None:
            found.sections += pdf(data, short)
        case "pdf":
            found.warnings.append(f"{name} is a PDF, which the studio reads: run companion identity knowledge")


def read_library(names: Iterable[str], read: Callable[[str, int], bytes]) -> Library:
    """Return what an identity with files of these names knows; `read` gives a file of at most so many bytes.

    IdentityError says what is wrong with the compiled knowledge, or where there is too much.
    """
    listed = list(names)
    compiled = Compiled()
    if COMPILED in listed:
        compiled = read_compiled(read(COMPILED, JSON_BYTES * 4))
    sources = read_sources(listed, lambda name: read(name, BYTES), skip=compiled.digests)
    changed = [name for name, digest in compiled.digests.items() if sources.digests.get(name, digest) != digest]
    if changed:
        fresh = read_sources(changed, lambda name: read(name, BYTES))
        sources.sections += fresh.sections
        sources.warnings += [f"{name} has changed since it was compiled" for name in changed]
    files = {name.removeprefix(FOLDER) for name in changed}
    kept = [passage for passage in compiled.passages if passage.place.file not in files]
    return Library(
        (*kept, *passages(sources.sections))[:PASSAGES],
        (*sources.facts, *(fact for fact in compiled.facts if fact.place.file not in files))[:FACTS],
        tuple(sources.rules),
        tuple(sources.warnings),
    )


# ------------------------------------------------------------------------------------------------ what was compiled


@dataclass(frozen=True, slots=True)
class Compiled:
    """What the studio read out of the sources: passages and facts, and the digests of the files they came from."""

    passages: tuple[Passage, ...] = ()
    facts: tuple[Fact, ...] = ()
    digests: Mapping[str, str] = field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """Return it as a file."""
        return dump(
            {
                "schema": SCHEMA,
                "sources": dict(self.digests),
                "passages": [{"text": each.text, **_place_as_json(each.place)} for each in self.passages],
                "facts": [{**each.as_json(), **_place_as_json(each.place)} for each in self.facts],
            }
        )


def read_compiled(data: bytes) -> Compiled:
    """Read compiled knowledge; IdentityError `bad_knowledge` says what is wrong with it."""
    code = "bad_knowledge"
    fields = Fields(parse_object(data, COMPILED), COMPILED, code=code)
    if fields.number("schema", SCHEMA) != SCHEMA:
        raise IdentityError(code, f"{COMPILED} was written by another version: compile the knowledge again")
    digests = fields.at("sources")
    return Compiled(
        tuple(
            Passage(item.text("text", longest=TEXT), _place(item)) for item in fields.each("passages", most=PASSAGES)
        ),
        tuple(read_fact(item, _place(item)) for item in fields.each("facts", most=FACTS)),
        {name: digests.text(name, longest=64) for name in digests.values if is_source(name)},
    )


def _place(fields: Fields) -> Place:
    headings = tuple(text[:HEADING] for text in fields.texts("headings", most=DEPTH))
    return Place(fields.text("file", longest=500), headings, int(fields.number("page", 0, low=0, high=1e5)))


def _place_as_json(place: Place) -> dict[str, Json]:
    value: dict[str, Json] = {"file": place.file, "headings": [*place.headings]}
    return value | ({"page": place.page} if place.page else {})
