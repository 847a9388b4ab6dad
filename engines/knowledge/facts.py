"""Facts that answers are held to: subject, relation, object. Reads them from CSV and from tables of rules.toml.

A fact is negative when the object is known not to hold ("the lamp", "is", "waterproof", not). It knows no answer.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.identity.errors import IdentityError
from engines.identity.fields import Fields, Json
from engines.knowledge.document import Place

FACTS: Final = 5_000
TEXT: Final = 400  # characters of one field
NAMES: Final = 32  # further names of a subject, further forms of an object
PARTS: Final = "|;；、"  # what parts several names in one field

# What the columns of a table may be called, folded.
COLUMNS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("subject", "主体", "主语", "主語", "实体", "對象", "对象", "sujet", "sujeto", "subjekt"), "subject"
    ),
    **dict.fromkeys(("relation", "predicate", "关系", "關係", "谓语", "属性", "relación", "prädikat"), "relation"),
    **dict.fromkeys(("object", "value", "客体", "宾语", "值", "objet", "objeto", "objekt", "wert"), "object"),
    **dict.fromkeys(("also", "aliases", "names", "别名", "別名"), "also"),
    **dict.fromkeys(("same", "或", "同义"), "same"),
    **dict.fromkeys(("wrong", "误", "错误"), "wrong"),
    **dict.fromkeys(("tolerance", "误差"), "tolerance"),
    **dict.fromkeys(("not", "negative", "否定"), "not"),
    **dict.fromkeys(("say", "sentence", "说法"), "say"),
}
_YES: Final = frozenset({"1", "true", "yes", "y", "x", "是"})


@dataclass(frozen=True, slots=True)
class Fact:
    """A triple.

    `also` are further names of the subject, `same` further forms of the object, `wrong` objects that are taken for it;
    `tolerance` is the part of a number by which an answer may be off (None: by how it is rounded); `say` is the fact in
    a sentence, "" for the plain one; `drawn` tells that it was read out of a text rather than given.
    """

    subject: str
    relation: str
    object: str
    place: Place
    also: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    tolerance: float | None = None
    negative: bool = False
    say: str = ""
    drawn: bool = False

    def as_json(self) -> dict[str, Json]:
        """Return it as rules.toml and the compiled knowledge have it."""
        value: dict[str, Json] = {"subject": self.subject, "relation": self.relation, "object": self.object}
        lists = {"also": self.also, "same": self.same, "wrong": self.wrong}
        value |= {key: [*texts] for key, texts in lists.items() if texts}
        if self.tolerance is not None:
            value["tolerance"] = self.tolerance
        value |= {key: True for key, held in (("not", self.negative), ("drawn", self.drawn)) if held}
        return value | ({"say": self.say} if self.say else {})


def read_fact(fields: Fields, place: Place) -> Fact:
    """Read one fact; IdentityError names the field that is wrong."""
    subject, relation, object_ = (fields.text(key, longest=TEXT).strip() for key in ("subject", "relation", "object"))
    for key, text in (("subject", subject), ("object", object_)):
        if not any(c.isalnum() for c in text):
            raise IdentityError(fields.code, f"{fields.where}.{key} is missing: a fact needs a subject and an object")
    tolerance = fields.values.get("tolerance")
    return Fact(
        subject,
        relation,
        object_,
        place,
        also=_names(fields, "also"),
        same=_names(fields, "same"),
        wrong=_names(fields, "wrong"),
        tolerance=None if tolerance is None else fields.number("tolerance", 0, low=0, high=1),
        negative=fields.flag("not"),
        say=fields.text("say", longest=TEXT).strip(),
        drawn=fields.flag("drawn"),
    )


def read_table(text: str, file: str) -> list[Fact]:
    """Read facts from a table of comma, semicolon or tab separated values, with or without a line of column names.

    IdentityError `bad_facts_table` names the line that is wrong.
    """
    code = "bad_facts_table"
    try:
        rows = list(csv.reader(io.StringIO(text), _dialect(text)))
    except csv.Error as error:
        raise IdentityError(code, f"{file} is no table: {error}") from error
    columns, facts = ["subject", "relation", "object"], list[Fact]()
    first = True
    for line, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells[0].startswith("#"):
            continue
        if first:
            first = False
            names = [COLUMNS.get(cell.lower(), "") for cell in cells]
            if {"subject", "object"} <= set(names):
                columns = names
                continue
        if len(facts) >= FACTS:
            raise IdentityError("too_large", f"{file} holds more than {FACTS} facts")
        facts.append(_row(columns, cells, f"{file}, line {line}", Place(file), code))
    return facts


def _row(columns: Sequence[str], cells: Sequence[str], where: str, place: Place, code: str) -> Fact:
    if len([cell for cell in cells if cell]) < 3:
        raise IdentityError(code, f"{where} has {len(cells)} columns: a fact is subject, relation, object")
    values: dict[str, Json] = {}
    for column, cell in zip(columns, cells, strict=False):
        match column:
            case "":
                continue
            case "also" | "same" | "wrong":
                values[column] = [*_parted(cell)]
            case "not":
                values[column] = cell.lower() in _YES
            case "tolerance" if cell:
                values[column] = _number(cell, where, code)
            case _:
                values[column] = cell or None
    return read_fact(Fields(values, where, code=code), place)


def _number(cell: str, where: str, code: str) -> float:
    share = cell.endswith("%")
    try:
        return float(cell.rstrip("% ").replace(",", ".")) / (100 if share else 1)
    except ValueError as error:
        raise IdentityError(code, f"{where}: the tolerance {cell[:40]!a} is no number") from error


def _names(fields: Fields, key: str) -> tuple[str, ...]:
    return tuple(text.strip()[:TEXT] for text in fields.texts(key, most=NAMES) if text.strip())


def _parted(cell: str) -> list[str]:
    for mark in PARTS:
        cell = cell.replace(mark, "|")
    return [part.strip() for part in cell.split("|") if part.strip()][:NAMES]


def _dialect(text: str) -> type[csv.Dialect]:
    """Return the dialect by the mark that the first lines have most of."""
    head = text[:4000].splitlines()[:20]
    marks = max(",;\t|，", key=lambda mark: sum(line.count(mark) for line in head))

    class Dialect(csv.excel):
        delimiter = marks
        skipinitialspace = True

    return Dialect
