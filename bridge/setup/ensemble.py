"""Holds the companions of one server: the first, and others who are loaded when somebody asks for them.

An identity that changes on disk is loaded anew, and its sessions are told; one that cannot be loaded then stays as it
was. Who can be asked for is the business of `people`, how a companion is made that of `making`, and what a session does
with another companion its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Final, Self, TypeAlias

from msgspec import structs

from bridge.errors import BridgeError, Overloaded
from bridge.metrics import Metrics
from bridge.session.companion import Companion, Known, Served
from bridge.setup import lifecycle
from bridge.setup.config import Config
from bridge.setup.making import Away, Making
from bridge.setup.parts import Engagement, Loaded, Part, voiced
from bridge.setup.people import People, Stamp, picture, stamp
from bridge.setup.sharing import Sharing
from engines.api import EngineError
from engines.identity import Identity
from engines.identity.bundle import primary

log = logging.getLogger("bridge.setup.ensemble")

Key: TypeAlias = tuple[str, str]  # an identity's id, and the code of a language other than its own

EVERY: Final = 1.0  # seconds between two looks at the files of those who are loaded
LIST_AFTER: Final = 1.0  # seconds after which the list of people is made anew for who connects
RETRY: Final = 5.0  # seconds after which somebody may come back when everybody is taken


class Ensemble:
    """The companions of a server: `async with` it to have it watch their files.

    `main` is the first, whose engines somebody else starts and closes. The identity `person` that it was cast for is
    needed to load others, of `people`. At most `config.identity.loaded` are kept; the one that nobody has talked to for
    longest goes. `away` runs what may take long.
    """

    def __init__(
        self,
        config: Config,
        main: Companion,
        metrics: Metrics,
        *,
        person: Identity | None = None,
        people: People | None = None,
        away: Away = asyncio.to_thread,
    ) -> None:
        self.people = people or People()
        self._config = config
        self._metrics = metrics
        self._away = away
        self._making = Making(Sharing(config, person, main.engines), metrics, away) if person is not None else None
        origin = person.origin if person is not None else Path()
        self._first: Key = (main.id, "")
        self._parts = {self._first: Part(config, origin, stamp(origin) if person is not None else None, Loaded(main))}
        self._coming: dict[Key, asyncio.Future[Part]] = {}
        self._listed_at = float("-inf")
        self._listing = asyncio.Lock()
        self._stack = AsyncExitStack()
        metrics.identities.set(1)

    async def __aenter__(self) -> Self:
        if self._making is not None:
            await self._stack.enter_async_context(self._making)
            self._stack.push_async_callback(self._close_all)
            group = await self._stack.enter_async_context(asyncio.TaskGroup())
            self._stack.callback(group.create_task(self._watch()).cancel)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _close_all(self) -> None:
        await lifecycle.end([engine for part in self._parts.values() for engine in part.loaded.own])

    @property
    def main(self) -> Companion:
        """Return the first companion as it is now."""
        return self._parts[self._first].loaded.companion

    # ------------------------------------------------------------------------------------------------- who is there

    async def listed(self) -> tuple[Known, ...]:
        """Return who can be asked for, the first companion before all."""
        async with self._listing:
            now = asyncio.get_running_loop().time()
            if self._making is not None and now - self._listed_at >= LIST_AFTER:
                await self._away(self.people.look)
                self._listed_at = asyncio.get_running_loop().time()
        own = {name: part for (name, other), part in self._parts.items() if name and not other}
        there = {name: _known(part.loaded.companion, part.origin) for name, part in own.items()}
        for each in self.people.all():
            there.setdefault(each.id, each)
        return tuple(there.values())

    def shown(self, wanted: str = "") -> Companion | None:
        """Return the companion with this id ("": the first) as it is loaded now, None for one that is not."""
        parts = [part for (name, _), part in self._parts.items() if name == (wanted or self.main.id)]
        return parts[0].loaded.companion if parts else None

    def looks(self, wanted: str = "") -> Mapping[str, object] | None:
        """Return what the drawn face of an identity ("": the first) is drawn from, None where there is no such one."""
        shown = self.shown(wanted)
        known = self.people.find(wanted) if shown is None else None
        return shown.looks if shown is not None else known.looks if known is not None else None

    def questions(self, wanted: str = "", language: str = "") -> tuple[str, ...]:
        """Return what may be asked for a start of an identity that is loaded, in its language or another it speaks."""
        name, code = wanted or self.main.id, primary(language) if language else ""
        own = {key[1]: part.loaded.companion for key, part in self._parts.items() if key[0] == name}
        found = own.get(code) or own.get("")
        return found.questions if found is not None else ()

    async def picture(self, path: str) -> Served | None:
        """Return the picture at this path, of somebody who is loaded or only listed."""
        for part in self._parts.values():
            if path in part.loaded.companion.pictures:
                return part.loaded.companion.pictures[path]
        known = next((each for each in self.people.all() if each.portrait == path), None)
        return None if known is None else await self._away(partial(picture, known))

    # ----------------------------------------------------------------------------------------------- for a session

    async def engage(self, wanted: str = "", language: str = "", voice: str = "") -> Engagement:
        """Get a companion for a session: by id ("": the first), in a language if it speaks that, with a voice.

        BridgeError `unknown_identity`, `unsupported` for a voice that it lacks, Overloaded when all places are taken.
        """
        person = await self._asked_for(wanted)
        key = (person.id, self._other(person, language))
        part = self._parts.get(key) or await self._load(key, person)
        part.used_at = asyncio.get_running_loop().time()
        companion = part.loaded.companion
        if voice and voice not in companion.voices:
            raise BridgeError("unsupported", f"{companion.name} has no voice {voice!r}")
        release = self._making.hold(part.loaded) if self._making is not None else _nothing
        return Engagement(voiced(companion, voice), release, part, voice)

    async def _asked_for(self, wanted: str) -> Known:
        part = self._parts.get((wanted or self.main.id, ""))
        if part is not None:
            # As it is loaded: what is on disk may be broken by now.
            return _known(part.loaded.companion, part.origin)
        await self.listed()
        found = self.people.find(wanted)
        if found is None:
            raise BridgeError("unknown_identity", f"nobody here is called {wanted!r}")
        return found

    def _other(self, person: Known, language: str) -> str:
        """Return the code of a language other than their own that `person` speaks, "" for their own."""
        part = self._parts.get((person.id, ""))
        own = part.loaded.companion.language if part is not None else next(iter(person.languages), "")
        code = primary(language) if language else ""
        return code if code in person.languages and code != primary(own) and self._making is not None else ""

    async def _load(self, key: Key, person: Known) -> Part:
        """Load a part, once for all who ask meanwhile."""
        if key in self._coming:
            return await asyncio.shield(self._coming[key])
        coming = self._coming[key] = asyncio.get_running_loop().create_future()
        try:
            self._make_room()
            section = structs.replace(self._config.identity, path=str(person.origin), language=key[1])
            part = await self._begin(structs.replace(self._config, identity=section), person)
        except BaseException as error:
            coming.set_exception(error if isinstance(error, BridgeError) else _unavailable(person))
            coming.exception()  # perhaps nobody else waits for it
            raise
        finally:
            del self._coming[key]
        self._parts[key] = part
        self._metrics.identities.set(len(self._parts))
        coming.set_result(part)
        return part

    def _make_room(self) -> None:
        """Let the one go that nobody has talked to for longest; Overloaded when somebody talks to each."""
        if len(self._parts) + len(self._coming) <= self._config.identity.loaded:
            return
        idle = [(part.used_at, key) for key, part in self._parts.items() if part.idle and key != self._first]
        if not idle:
            sentence = "as many different companions as fit here are being talked to; try again soon"
            raise Overloaded("server_full", sentence, retry_after=RETRY)
        gone = self._parts.pop(min(idle)[1])
        gone.loaded.current = False
        assert self._making is not None
        self._making.close_unused(gone.loaded)

    async def _begin(self, config: Config, person: Known) -> Part:
        """Load somebody for the first time; who asked is told that it cannot be, the log why."""
        assert self._making is not None
        try:
            mark, loaded = await self._making.load(config, person.origin)
        except (BridgeError, EngineError) as error:
            log.warning("an identity cannot be loaded", extra={"code": error.code, "reason": error.message})
            raise _unavailable(person) from error
        return Part(config, person.origin, mark, loaded)

    # -------------------------------------------------------------------------------------------- changes on disk

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(EVERY)
            await self.refresh()

    async def refresh(self) -> None:
        """Look at the files of everybody who is loaded; what is new, and the same at two looks, is loaded."""
        for key, part in list(self._parts.items()):
            mark = await self._away(partial(stamp, part.origin))
            if mark is None or mark == part.stamp:
                part.seen = None
            elif mark != part.seen:
                part.seen = mark
            elif self._parts.get(key) is part:
                await self._renew(part, mark)

    async def _renew(self, part: Part, mark: Stamp) -> None:
        """Load another version and tell the sessions; one that cannot be loaded is not tried again until it changes."""
        making = self._making
        assert making is not None
        part.seen = None
        try:
            _, loaded = await making.load(part.config, part.origin)
        except (BridgeError, EngineError) as error:
            part.stamp = mark
            self._metrics.reloaded("kept")
            sentence = "an identity has changed and cannot be used; it stays as it was"
            log.warning(sentence, extra={"code": error.code, "reason": error.message})
            return
        before, part.loaded, part.stamp = part.loaded, loaded, mark
        before.current = False
        for voice, recast in tuple(part.followers):
            recast(voiced(loaded.companion, voice), making.hold(loaded))
        making.close_unused(before)
        self._metrics.reloaded("taken")
        log.info("an identity has changed and was loaded", extra={"sessions": len(part.followers)})


def _known(companion: Companion, origin: Path = Path()) -> Known:
    return Known(
        id=companion.id,
        name=companion.name,
        origin=origin,
        description=companion.description,
        languages=companion.languages,
        draft=companion.draft,
        portrait=companion.portrait,
        looks=companion.looks,
    )


def _unavailable(person: Known) -> BridgeError:
    return BridgeError("unknown_identity", f"{person.name} cannot be loaded; the server's log says why")


def _nothing() -> None:
    """Count nobody where there is one companion alone."""
