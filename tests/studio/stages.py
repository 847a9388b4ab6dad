"""Small stages for tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engines.identity.fields import Json
from studio.folder import Folder
from studio.stage import Made, Progress, Wish

CARD = json.dumps({"spec": "chara_card_v3", "data": {"name": "Ada"}}).encode()


def quiet(done: float, sentence: str) -> None:
    """Hear of progress and say nothing."""


@dataclass(frozen=True)
class Written:
    """Writes what it was made with."""

    name: str = "draft"
    version: int = 1
    files: Mapping[str, bytes] = field(default_factory=lambda: {"card.json": CARD})
    facts: Mapping[str, Json] = field(default_factory=lambda: {"language": "en-gb"})
    removed: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()
    look: Callable[[Folder], None] = lambda folder: None

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Give the files."""
        self.look(folder)
        progress(0.5, "writing")
        return Made(
            self.files,
            {"asked": wish.sentence},
            removed=self.removed,
            inputs=self.inputs,
            tool="test 1",
            facts=self.facts,
        )
