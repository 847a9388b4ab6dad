"""What a stage is: from the folder of a person and a wish to files that are added to it.

A stage writes nothing itself. `studio.commit.apply` runs it and writes what it gave, all of it or nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from engines.identity.fields import Json
from studio.folder import Folder

Progress: TypeAlias = Callable[[float, str], None]  # the part done, 0..1, and what is being done, for people


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a stage: a sentence, a BCP-47 language ("": by the sentence), a seed and its own options."""

    sentence: str = ""
    language: str = ""
    seed: int = 0
    options: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Made:
    """What a stage gives back.

    `files` are new bytes by path, `section` goes to reports/<stage>.json, `removed` are paths to delete, `inputs` are
    the paths that it read, `tool` says what made it ("offline writer 1"). `facts` are the fields of identity.json that
    it sets; null takes one away. `lineage` and `files` in identity.json are written by `apply` alone. `last` gets all
    fields of identity.json as they are to be written, and gives them back: a seal signs them so.
    """

    files: Mapping[str, bytes]
    section: Mapping[str, Json]
    removed: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    tool: str = ""
    facts: Mapping[str, Json] = field(default_factory=dict)
    last: Callable[[Mapping[str, Json]], Mapping[str, Json]] | None = None


class Stage(Protocol):
    """One step of the making; the same folder, wish and version give the same bytes."""

    @property
    def name(self) -> str:
        """Return its name: draft, knowledge, voice, look, portrait, video, tune, evaluate, review, seal, pack."""
        ...

    @property
    def version(self) -> int:
        """Return a number that grows whenever the same wish gives other bytes."""
        ...

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Return what to add to the folder; StudioError, IdentityError or EngineError says why it cannot."""
        ...
