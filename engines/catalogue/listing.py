"""What a row of the catalogue says: of a job, of an engine, of the models that an engine loads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

Alternatives: TypeAlias = tuple[str, ...]  # patterns of which one must have a file


@dataclass(frozen=True, slots=True)
class Job:
    """One key of `[engines]`.

    `duty` stands in tables, `verb` in the line of a start ("" leaves it out), `code` is that of its EngineErrors, and
    `optional` says that "none" may be chosen, `unasked` that it is unless an engine is named.
    """

    name: str
    duty: str
    verb: str
    code: str
    optional: bool = False
    unasked: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """Names of models that have one shape: a regular expression whose groups, and `name`, fill the other strings."""

    shape: str
    repository: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Models:
    """How an engine's models are named and what they are made of.

    `files` are the patterns that are fetched, `complete` those of which all must be there, `fills` the keys of the
    engine's section with the pattern of the file that each becomes ("": the folder). `beside` is what is added to the
    name of a model file for the file that must lie beside it. `elsewhere` is the shape of names that are not the hub's,
    `fetch` the command that brings those. `trusted` says that loading runs nothing that the model's author wrote, so
    that an identity may name one. `named` and `contents` tell people what the configuration takes.
    """

    files: tuple[str, ...]
    complete: tuple[Alternatives, ...]
    named: str
    contents: str
    families: tuple[Family, ...] = ()
    fills: Mapping[str, str] = field(default_factory=lambda: {"model": ""})
    example: str = "owner/name"
    beside: str = ""
    elsewhere: str = ""
    fetch: str = ""
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """One engine.

    `where` is `module:Class`, `about` one line for doctor and the documents, `page` the page of docs/ that says more.
    `extra` is the extra of this project that brings `packages`, which its module imports. `child` is the module that
    runs in a process of its own. `languages` are primary codes, empty when any will do or the model decides (`tongues`
    tells people which); `weak` tells, by language, what is not done well, and `cures` the package and the extra that
    mend it. `takes` names what it is given beside its section: `identity`, `person`, `voice`, `topics`, `texts`,
    `workers`. `needs` tells people what else it needs.
    `clones` says that it gets the identity's voice ready when it starts. `moods` is `module:function` for the moods
    that a face can show. `section` is the section of its settings where that is not called like it. `times`, `runs_on`
    and `licence` are told of synthesizers.
    """

    job: str
    name: str
    where: str
    about: str
    page: str = ""
    extra: str = ""
    packages: tuple[str, ...] = ()
    child: str = ""
    languages: tuple[str, ...] = ()
    tongues: str = "any"
    takes: tuple[str, ...] = ()
    models: Models | None = None
    needs: str = ""
    clones: bool = False
    moods: str = ""
    weak: Mapping[str, str] = field(default_factory=dict)
    cures: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    times: str = ""
    runs_on: str = ""
    licence: str = ""
    section: str = ""

    @property
    def settings(self) -> str:
        """Name the section of the configuration that has its settings."""
        return self.section or self.name

    @property
    def module(self) -> str:
        """Name the module that it is loaded from."""
        return self.where.partition(":")[0]
