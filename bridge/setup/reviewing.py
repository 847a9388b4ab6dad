"""The review queue for pages and commands of the server: what the filter held back, and what people decide about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bridge.errors import ConfigError
from bridge.setup.guarding import place
from bridge.setup.sections import GuardSection

if TYPE_CHECKING:
    from engines.guard.desk import Desk

MOST: Final = 100  # flags that are shown at once


def flags(section: GuardSection, *, decided: bool = False) -> list[dict[str, object]]:
    """Return the last flags, newest first, with what was decided; ConfigError when there is no queue to be read."""
    from engines.guard.desk import DeskError

    desk = _desk(section)
    try:
        return [
            {**item.entry, "id": item.id, "decided": item.decided}
            for item in desk.items(most=MOST, undecided=not decided)
        ]
    except DeskError as error:
        raise ConfigError(error.code, error.message) from error


def decide(section: GuardSection, item: str, decision: str, *, by: str, at: str, phrase: str, note: str) -> None:
    """Decide about a flag: "right", "wrong", "deny" or "off"; ConfigError when that cannot be."""
    from engines.guard.desk import DeskError

    desk = _desk(section)
    try:
        desk.decide(item, decision, by=by, at=at, phrase=phrase, note=note)
    except DeskError as error:
        raise ConfigError(error.code, error.message) from error


def _desk(section: GuardSection) -> Desk:
    from engines.guard.desk import Desk

    folder = place(section.queue)
    if folder is None:
        raise ConfigError("no_queue", "nothing is kept for review here: guard.queue is none")
    return Desk(folder)
