"""Opens sessions with whoever is asked for, finds them again, runs them, and ends them.

The one place that catches `Exception` is here, around a session: one session's crash ends that session.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date, datetime
from typing import Final, Self

from msgspec import structs

from bridge.auth import Caller
from bridge.core.timeline import MEDIA_RATE
from bridge.errors import INTERNAL, BridgeError, Overloaded, report
from bridge.logs import anatomy
from bridge.memory.keeper import Memory
from bridge.metrics import Metrics
from bridge.rooms.room import Room
from bridge.rooms.rooms import Rooms
from bridge.rooms.seat import Seat
from bridge.server.neighbours import Alone, Neighbours, roomed
from bridge.server.resume import Sessions
from bridge.session.companion import Companion, Rules
from bridge.session.luggage import Luggage
from bridge.session.opening import Opening, Shared, Toolbox
from bridge.session.session import Session
from bridge.session.terms import listed
from bridge.setup.config import Config
from bridge.setup.ensemble import Ensemble
from bridge.setup.languages import agreed
from bridge.setup.parts import Engagement
from bridge.setup.remembering import remembered
from bridge.setup.rules import rules
from bridge.shared.presence import Here, Presence
from engines.api import EngineError, Rig
from protocol import messages as m
from protocol.errors import RemoteProtocolError

log = logging.getLogger("bridge.server.hosting")

ANY: Final = 1_000_000  # sessions of one user: one that moves has its place
NO_FACE: Final = Rig("none", (), ())


def _as_they_are(rules: Rules) -> Rules:
    return rules


def _without_guesses(rules: Rules) -> Rules:
    """Return the rules of a session that others speak for: it has nothing to begin ahead."""
    return replace(rules, policy=replace(rules.policy, tries=0))


class Hosting:
    """The sessions of a server; `async with` it to let them run, leaving it waits until all are over."""

    def __init__(
        self,
        config: Config,
        ensemble: Ensemble,
        metrics: Metrics,
        clock: Callable[[], datetime],
        memory: Memory | None,
        toolbox: Toolbox | None = None,
        neighbours: Neighbours | None = None,
        presence: Presence | None = None,
    ) -> None:
        self.sessions = Sessions(
            most=config.limits.sessions,
            most_per_user=config.limits.sessions_per_user,
            retry_after=config.server.retry_after_s,
        )
        self._config = config
        self._ensemble = ensemble
        self._metrics = metrics
        self._memory = memory
        self._neighbours = neighbours or Alone()
        self._presence = presence or Here()
        limits = config.limits
        self._shared = Shared(ensemble.main, rules(config), metrics, clock, toolbox=toolbox, rooms=limits.rooms > 0)
        self.rooms = Rooms(
            self._shared,
            most=limits.rooms,
            people=limits.people_per_room,
            companions=limits.companions_per_room,
            retry_after=config.server.retry_after_s,
            engage=ensemble.engage,
            rig=_rig,
            run=self._keep,
        )
        self._stack = AsyncExitStack()
        self._group: asyncio.TaskGroup | None = None
        self._quiet = asyncio.Event()  # no session is open
        self.draining = False
        self.told: list[Callable[[Session], None]] = []  # of each session that opens, before its client is

    async def __aenter__(self) -> Self:
        if self._memory is not None:
            await self._stack.enter_async_context(self._memory)
        self._group = await self._stack.enter_async_context(asyncio.TaskGroup())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    @property
    def rate(self) -> int:
        """Return the rate of the speech that sessions send, in samples per second."""
        return self._shared.rules.rate

    # ------------------------------------------------------------------------------------------------- beginning

    async def admit(self, hello: m.Hello, caller: Caller) -> tuple[Session, int | None, str]:
        """Return the session for this hello, the `seq` that it resumes from, and why it is not the old one.

        A new one has no `seq`.
        """
        if hello.companion != "main":
            raise RemoteProtocolError("unknown_companion", f"there is no companion {hello.companion!r} here")
        if hello.resume is None:
            return await self.open(hello, caller), None, ""
        found = self.sessions.reclaim(hello.resume, caller.user)
        if isinstance(found, str):
            return await self.open(hello, caller), None, found
        self._metrics.resumed.inc()
        return found, hello.resume.seq, ""

    async def open(self, hello: m.Hello, caller: Caller, amend: Callable[[Rules], Rules] = _as_they_are) -> Session:
        """Open a new session by rules that are amended; BridgeError or RemoteProtocolError says why there is none."""
        self._check_open()
        self.sessions.check_room(caller.user)
        if hello.room is not None:
            return await self._join(hello, caller)
        return await self._begin(hello, caller, amend, None)

    async def _join(self, hello: m.Hello, caller: Caller) -> Session:
        """Open a session that shares a room: what all in it share is the room's to say."""
        if not self._shared.rooms:
            raise RemoteProtocolError("unsupported", "this server has no rooms")
        room, seat = await self.rooms.enter(hello, caller.user)
        first = next(iter(room.parts.values())).companion
        features = tuple(name for name in hello.features if name != "idle_face")
        audio = structs.replace(hello.audio, lead_ms=None)
        hello = structs.replace(
            hello, identity=first.id, voice="", model="", face=room.face, audio=audio, memory="", features=features
        )
        try:
            session = await self._begin(hello, caller, _without_guesses, seat)
        except BaseException:
            room.abandon(seat)
            raise
        room.enter(seat)
        if session.over:
            room.leave(seat)
        return session

    def _keep(self, room: Room) -> None:
        assert self._group is not None
        self._group.create_task(self._run_room(room))

    async def _run_room(self, room: Room) -> None:
        self._neighbours.opened(roomed(room.name), "")
        try:
            await room.run()
        except Exception as error:
            log.error("room failed", extra={"error": anatomy(error)})
            for seat in room.seats:
                seat.session.end(report(error, fatal=True))
        finally:
            self._neighbours.closed(roomed(room.name))

    async def _begin(
        self, hello: m.Hello, caller: Caller, amend: Callable[[Rules], Rules], seat: Seat | None
    ) -> Session:
        engagement = await self._ensemble.engage(hello.identity, hello.language, hello.voice)
        try:
            session = await self._made(hello, caller, engagement, amend, seat)
        except BaseException:
            engagement.release()
            raise
        return await self._begun(session, engagement, seat)

    async def settle(self, luggage: Luggage) -> Session:
        """Go on with a session of another process; BridgeError or RemoteProtocolError says why that cannot be."""
        hello = luggage.hello
        engagement = await self._ensemble.engage(hello.identity, hello.language, hello.voice)
        companion = engagement.companion
        try:
            opening = Opening(
                name=luggage.name,
                token=luggage.token,
                watch=luggage.watch,
                user=luggage.user,
                hello=hello,
                rig=_rig(companion, hello.face),
                seed=luggage.seed,
                note=luggage.note,
                remembered=await remembered(self._memory, luggage.user, companion.id or companion.name, ""),
            )
            identities = tuple(listed(each) for each in await self._ensemble.listed())
            await self._presence.enter(luggage.user, luggage.name, ANY)
            shared = replace(self._shared, companion=companion, identities=identities)
            session = Session(shared, opening, engagement.release, luggage=luggage)
        except BaseException:
            engagement.release()
            raise
        return await self._begun(session, engagement, None)

    async def _begun(self, session: Session, engagement: Engagement, seat: Seat | None) -> Session:
        engagement.follow(session.recast)
        self.sessions.add(session)
        self._neighbours.opened(session.name, session.user)
        self._metrics.sessions.set(len(self.sessions))
        assert self._group is not None
        self._group.create_task(self._run(session, engagement, seat))
        await session.started.wait()
        if session.over:
            raise BridgeError("internal", INTERNAL)
        for tell in self.told:
            tell(session)
        return session

    def _check_open(self) -> None:
        if self.draining:
            sentence = "the server is going down and takes no new sessions"
            raise Overloaded("going_away", sentence, retry_after=self._config.server.retry_after_s)

    async def _made(
        self,
        hello: m.Hello,
        caller: Caller,
        engagement: Engagement,
        amend: Callable[[Rules], Rules],
        seat: Seat | None,
    ) -> Session:
        """Make the session; the last place may have gone while its companion was loaded."""
        identities = tuple(listed(each) for each in await self._ensemble.listed())
        self._check_open()
        self.sessions.check_room(caller.user)
        if "pcm_s16le" not in hello.audio.codecs:
            raise RemoteProtocolError("unsupported", "this server speaks pcm_s16le only")
        companion = engagement.companion
        if companion.ends < date.max and self._shared.clock().date() >= companion.ends:
            raise RemoteProtocolError("unknown_identity", "the consent of the person behind this companion is over")
        if hello.model and hello.model not in companion.models:
            raise RemoteProtocolError("unsupported", f"there is no model {hello.model!r} to choose here")
        try:
            language, note = agreed(hello.language, self._config, companion.language)
        except ValueError as error:
            raise RemoteProtocolError("unsupported", str(error)) from error
        rig = _rig(companion, hello.face)
        name, most = self._neighbours.name(), self._config.limits.sessions_per_user
        if not await self._presence.enter(caller.user, name, most):
            raise Overloaded(
                "user_full", f"you have {most} sessions already", retry_after=self._config.server.retry_after_s
            )
        opening = Opening(
            name=name,
            token=secrets.token_urlsafe(24),
            watch=secrets.token_urlsafe(24),
            user=caller.user,
            hello=structs.replace(hello, language=language),
            rig=rig,
            seed=secrets.randbits(31),
            note=note,
            # What is remembered of one user is not for the others of a room.
            remembered=None
            if seat
            else await remembered(self._memory, caller.user, companion.id or companion.name, hello.memory),
        )
        shared = replace(self._shared, companion=companion, identities=identities, rules=amend(self._shared.rules))
        session = Session(shared, opening, engagement.release, company=seat)
        if seat is not None:
            seat.session = session
        return session

    # ------------------------------------------------------------------------------------------------- running

    async def _run(self, session: Session, engagement: Engagement, seat: Seat | None) -> None:
        log.info("session opened", extra={"session": session.name})
        try:
            with self.contain(session):
                await session.run()
        finally:
            engagement.leave()
            session.over = True
            if seat is not None:
                seat.leave()
            session.started.set()  # who waits for a session that crashed at once need not wait for ever
            self.sessions.remove(session)
            self._neighbours.closed(session.name)
            await self._presence.leave(session.user, session.name)
            self._metrics.sessions.set(len(self.sessions))
            if not len(self.sessions):
                self._quiet.set()
            log.info("session over", extra={"session": session.name})

    @contextlib.contextmanager
    def contain(self, session: Session) -> Iterator[None]:
        """Let whatever goes wrong in one session end that session, and nobody else's."""
        try:
            yield
        except Exception as error:
            log.error("session failed", extra={"session": session.name, "error": anatomy(error)})
            session.end(report(error, fatal=True))

    # -------------------------------------------------------------------------------------------------- ending

    def end(self) -> None:
        """End every session now."""
        for session in self.sessions.all():
            session.end(self._going_away())

    async def drain(self) -> None:
        """Refuse new sessions, let running replies be heard, tell clients when to come back; at most `drain_s`."""
        self.draining = True
        for session in self.sessions.all():
            session.drain(self._going_away())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._config.server.drain_s):
                while len(self.sessions):
                    self._quiet.clear()
                    await self._quiet.wait()

    def _going_away(self) -> m.Error:
        sentence = "the server is going down; come back soon"
        return m.Error(code="going_away", message=sentence, fatal=True, retry_after_s=self._config.server.retry_after_s)


def _rig(companion: Companion, wanted: m.HelloFace) -> Rig:
    face = companion.engines.face
    if face is None or wanted.profile == "none":
        if MEDIA_RATE % wanted.fps:
            raise RemoteProtocolError("unsupported", f"{wanted.fps} frames a second do not divide the media clock")
        return NO_FACE
    try:
        return face.rig(wanted.profile, wanted.fps)
    except EngineError as error:
        raise RemoteProtocolError("unsupported", error.message) from error
