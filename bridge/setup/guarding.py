"""Sets the content filter up: the gate of a companion, and the queue for people to review what it flagged."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Final

from bridge import wallclock
from bridge.errors import ConfigError
from bridge.setup.sections import GuardSection
from engines.guard.verdicts import Flag, Review
from engines.jobs import Gate
from engines.provenance.chain import ChainError

if TYPE_CHECKING:
    # The filter needs numpy, which nothing loads before a companion is cast.
    from engines.guard.desk import Desk
    from engines.guard.second import Second

log = logging.getLogger("bridge.setup.guarding")

HOME: Final = Path("~/.companion-bridge/review")
WAITING: Final = 256  # flags that wait to be written; one more is lost
LAW: Final = 3 * 3600.0  # seconds after which minors are reminded at the latest


@dataclass(frozen=True, slots=True)
class Guarding:
    """What a companion gets: its last gates, and where their flags go."""

    gates: tuple[Gate, ...] = ()
    review: Review | None = None


def guarding(section: GuardSection, language: str) -> Guarding:
    """Make the gate of a companion that speaks `language`; ConfigError when the section cannot be used."""
    if not section.enabled:
        return Guarding()
    from engines.guard.gate import Guard
    from engines.guard.own import OwnLists
    from engines.guard.words import known_region

    if section.region and not known_region(section.region):
        raise ConfigError("bad_config", "guard.region must be a country's two letters, such as DE or US")
    if section.audience != "adult" and not 0 < section.remind_s <= LAW:
        raise ConfigError(
            "bad_config", "guard.remind_s may be at most 10800, and not 0, unless guard.audience is adult"
        )
    folder = place(section.queue)
    gate = Guard(
        language=language,
        audience=section.audience,
        region=section.region,
        remind_s=section.remind_s,
        own=OwnLists(folder),
        second=_second(section),
    )
    return Guarding((gate,), None if folder is None else _clerk(folder, section.queue_words))


def place(queue: str) -> Path | None:
    """Return where the review queue is: "" is this user's, "none" is nowhere."""
    return None if queue == "none" else (Path(queue) if queue else HOME).expanduser()


@cache
def _clerk(folder: Path, words: bool) -> Clerk:
    """Return the one who writes into a folder, the same for all companions."""
    from engines.guard.desk import Desk

    return Clerk(Desk(folder, words=words))


def _second(section: GuardSection) -> Second | None:
    if section.model_url and section.model_folder:
        raise ConfigError("bad_config", "guard.model_url and guard.model_folder are two models: set one of them")
    if section.model_url:
        if not section.model:
            raise ConfigError("bad_config", "guard.model_url needs guard.model, the name of the guard model there")
        from engines.guard.address import Address
        from engines.guard.second import Second

        return Second(Address(section.model_url, section.model, api_key=section.api_key), wait_s=section.model_wait_s)
    if section.model_folder:
        from engines.guard.local import Local
        from engines.guard.second import Second

        folder = Path(section.model_folder).expanduser()
        return Second(Local(folder, device=section.model_device), wait_s=section.model_wait_s)
    return None


@dataclass(slots=True)
class Clerk:
    """Writes flags to a desk in a thread of its own, so that no session waits for a disk; what is too much is lost."""

    desk: Desk
    clock: Callable[[], datetime] = wallclock.here
    lost: int = 0
    _room: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(WAITING))
    _thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, thread_name_prefix="review"))

    def __call__(self, session: str, turn: int, flag: Flag) -> None:
        """Take a flag; returns at once."""
        if not self._room.acquire(blocking=False):
            self.lost += 1
            return
        at = self.clock().isoformat(timespec="seconds")
        self._thread.submit(partial(self._write, flag, session=session, turn=turn, at=at))

    def _write(self, flag: Flag, *, session: str, turn: int, at: str) -> None:
        try:
            self.desk.add(flag, session=session, turn=turn, at=at)
        except (OSError, ChainError) as error:
            self.lost += 1
            if self.lost == 1:
                reason = getattr(error, "strerror", None) or type(error).__name__
                log.warning("the review queue cannot be written; flags are lost", extra={"reason": reason})
        finally:
            self._room.release()

    def settle(self) -> None:
        """Wait until everything so far is written."""
        self._thread.submit(lambda: None).result()
