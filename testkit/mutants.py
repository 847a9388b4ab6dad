"""Deliberate mistakes in a client's source, each with the playout trace that must catch it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake: `true` of `file` becomes `false`, and trace `caught_by` sees it."""

    what: str
    file: str
    true: str
    false: str
    caught_by: str

    def source(self, folder: Path) -> str:
        """Return the source with the mistake in it; what it replaces stands there once."""
        text = (folder / self.file).read_text(encoding="utf-8")
        assert text.count(self.true) == 1, (
            f"{self.what}: {self.true!r} stands {text.count(self.true)} times in {self.file}"
        )
        return text.replace(self.true, self.false)


def name(mutant: Mutant) -> str:
    return mutant.what.replace(" ", "-")
