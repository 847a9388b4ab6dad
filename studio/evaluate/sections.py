"""Lists the sections that need nobody to talk: each is a function from the person to a section, loaded on demand.

A stage that makes something adds its own row here (portrait, voice), and its measures stand in the same report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Final, TypeAlias, cast

from studio.evaluate.measures import Section
from studio.evaluate.subject import Subject

Judge: TypeAlias = Callable[[Subject], Section]


@dataclass(frozen=True, slots=True)
class Row:
    """One section: its name, where its function is ("module:function"), and what it says it is doing meanwhile."""

    name: str
    place: str
    doing: str


# In the order of the report.
SECTIONS: Final = (
    Row("validity", "studio.evaluate.validity:validity", "checking every file"),
    Row("attributes", "studio.evaluate.attributes:attributes", "reading the attributes back"),
    Row("course", "studio.evaluate.course:course", "going through the course"),
    Row("agreement", "studio.evaluate.agreement:agreement", "looking for contradictions"),
    Row("richness", "studio.evaluate.richness:richness", "counting words"),
    Row("portrait", "studio.portrait.judging:portrait", "looking at the portrait"),
)


def judged(subject: Subject) -> Iterator[tuple[Row, Section]]:
    """Yield every section."""
    for row in SECTIONS:
        module, _, function = row.place.partition(":")
        yield row, cast("Judge", getattr(import_module(module), function))(subject)
