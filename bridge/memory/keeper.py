"""The memory of a server: a store in a thread of its own, asked from the loop, that no conversation waits long for.

A database that is away, or breaks, is said once in the log and asked again after a while; conversations go on without.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, TypeVar

from bridge.errors import BridgeError
from bridge.memory.carrying import key_of
from bridge.memory.database import Database, DatabaseError, absent, opened
from bridge.memory.meaning import Meaning
from bridge.memory.store import DAY, Kept, Owner, Store, Vector
from engines.memory.facts import Episode, Fact

if TYPE_CHECKING:
    from engines.personal.scrub import Scrubber

T = TypeVar("T")

log = logging.getLogger("bridge.memory.keeper")

WAITING: Final = 256  # things that wait for the database
RETRY_S: Final = 5.0  # after which one that was away is asked again
CLOSE_S: Final = 5.0  # that a database may take to be let go of
FOUND: Final = 60  # facts that a turn may choose from
HOME: Final = Path("~/.companion-bridge/memory")


@dataclass(frozen=True, slots=True)
class Terms:
    """How this server remembers: `given` takes consent for given unless somebody says no, `tokens` is what a turn may
    be told, `days` how long what nobody speaks of is kept (0: for ever), `scrub` leaves out what names or reaches
    people, `model` lets a language model read facts too.
    """

    given: bool = False
    tokens: int = 300
    days: float = 365.0
    scrub: bool = False
    model: bool = True


class MemoryAway(BridgeError):
    """The memory cannot be reached now, or has too much to do."""

    def __init__(self, message: str = "the memory cannot be reached now; please try again later") -> None:
        super().__init__("memory_failed", message)


class Memory:
    """What a server remembers; `async with` it while it serves.

    `now` tells the seconds since 1970; `secret` makes the key that signs what travels, "" for one kept in `home`.
    Everything but `standing` and `find` raises MemoryAway when the database cannot
    be used.
    """

    def __init__(
        self,
        store: str = "",
        terms: Terms | None = None,
        *,
        now: Callable[[], float],
        home: Path = HOME,
        secret: str = "",
        open_database: Callable[[str, Path], Database] = opened,
        apart: bool = True,
        meaning: Meaning | None = None,
    ) -> None:
        """Make it; `apart` false works in the caller's thread, where nobody else is kept waiting.

        With `meaning` what other words told is found too.
        """
        self.terms = terms or Terms()
        self._address, self._home = store, home.expanduser()
        self._open_database = open_database
        self._now = now
        self._apart, self._secret, self._meaning = apart, secret, meaning
        self._learning: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="memory")
        self._waiting = 0
        self._store: Store | None = None
        self._failures: tuple[type[Exception], ...] = ()
        self._away_until = float("-inf")
        self._told = False  # that it is away
        self._expired_on = -1
        self.lost = 0  # things that could not be written

    async def __aenter__(self) -> Self:
        if self._meaning is not None:
            self._learning = asyncio.create_task(self._meaning.learn(self._unread, self._learn))
        return self

    async def __aexit__(self, *_failure: object) -> None:
        if self._learning is not None:
            self._learning.cancel()
            await asyncio.gather(self._learning, return_exceptions=True)
        if self._meaning is not None:
            await self._meaning.close()
        closing = asyncio.get_running_loop().run_in_executor(self._thread, self._close)
        done, _ = await asyncio.wait([closing], timeout=CLOSE_S)
        if not done:
            log.warning("the memory does not answer and is left as it is")
        self._thread.shutdown(wait=bool(done), cancel_futures=True)

    # ------------------------------------------------------------------------------------------------- a session

    async def standing(self, owner: Owner) -> bool:
        """Return whether an owner may be remembered: what they said, else what this server takes for given."""
        if self._store is None and absent(self._address, self._home):
            return self.terms.given  # nothing is begun on a disk before somebody agrees
        try:
            found = await self._do(lambda store: store.standing(owner))
        except MemoryAway:
            return False
        return self.terms.given if found.consent is None else found.consent

    async def agree(self, owner: Owner, agreed: bool) -> None:
        """Note whether an owner agrees to be remembered."""
        if not agreed and not self.terms.given and self._store is None and absent(self._address, self._home):
            return  # there is nothing, and nothing is begun
        now = self._now()
        await self._do(lambda store: store.consent(owner, agreed, now))

    async def find(self, owner: Owner, text: str) -> Kept | None:
        """Return what is remembered for a turn, None when the memory cannot be reached."""
        vector: Vector | None = None
        if self._meaning is not None and (data := await self._meaning.of(text)):
            vector = Vector(self._meaning.model, data)
        try:
            return await self._do(lambda store: store.find(owner, text, most=FOUND, vector=vector))
        except MemoryAway:
            return None

    async def write(self, owner: Owner, facts: Sequence[Fact], *, session: str, turn: int) -> tuple[int, ...]:
        """Keep facts; when it returns they are on the disk."""
        kept = list(filter(None, map(self.scrubbed, facts))) if self.terms.scrub else list(facts)
        now = self._now()
        written = await self._do(
            partial(_written, owner=owner, facts=kept, session=session, turn=turn, now=now, given=self.terms.given)
        )
        self._grown()
        return written

    async def note(self, owner: Owner, session: str, text: str) -> None:
        """Keep what a session was about."""
        text = self._scrubber().scrub(text).text if self.terms.scrub else text
        now = self._now()
        await self._do(lambda store: store.episode(owner, Episode(session, now, text)))

    async def kept(self, owner: Owner, numbers: Sequence[int]) -> None:
        """Let promises that were kept hold no longer."""
        await self._do(lambda store: store.keep_as_past(owner, numbers))

    async def everything(self, owner: Owner) -> Kept:
        """Return all that holds of an owner."""
        return await self._do(lambda store: store.everything(owner))

    async def forget(self, owner: Owner, numbers: Sequence[int]) -> int:
        """Forget facts for good; how many there were."""
        return await self._do(lambda store: store.forget(owner, numbers))

    async def erase(self, owner: Owner) -> int:
        """Forget everything of an owner for good; how many facts there were."""
        return await self._do(lambda store: store.erase(owner))

    async def take(self, owner: Owner, kept: Kept) -> int:
        """Take over what another memory had; how many facts came of it."""
        count = await self._do(lambda store: len(taken(store, owner, kept)))
        self._grown()
        return count

    async def key(self) -> bytes:
        """Return the key that signs what a client carries."""
        try:
            return await self._do(lambda store: key_of(self._secret, self._home))
        except OSError as error:
            raise MemoryAway from error

    def _grown(self) -> None:
        if self._meaning is not None:
            self._meaning.written()

    async def _unread(self, most: int) -> Sequence[tuple[int, str]]:
        meaning = self._meaning
        if meaning is None or (self._store is None and absent(self._address, self._home)):
            return ()  # nothing is begun on a disk before somebody agrees
        return await self._do(lambda store: store.unread(meaning.model, most))

    async def _learn(self, vectors: Sequence[tuple[int, bytes]]) -> None:
        if (meaning := self._meaning) is not None:
            await self._do(lambda store: store.learn(meaning.model, vectors))

    @property
    def now(self) -> float:
        """Return the seconds since 1970."""
        return self._now()

    def scrubbed(self, fact: Fact) -> Fact | None:
        """Return a fact without what names or reaches people; None when nothing is left to remember."""
        scrubber = self._scrubber()
        if scrubber.find(fact.value):
            return None
        return Fact(fact.kind, fact.value, fact.about, scrubber.scrub(fact.said).text, fact.confidence)

    def _scrubber(self) -> Scrubber:
        """Make one whose ledger is dropped: nobody can put anything back."""
        from engines.personal.scrub import Ledger, Scrubber  # it needs packages that a server may do without

        return Scrubber(Ledger())

    # ------------------------------------------------------------------------------------------------ the thread

    async def _do(self, work: Callable[[Store], T]) -> T:
        """Have the thread do something with the store."""
        if self._waiting >= WAITING:
            self.lost += 1
            raise MemoryAway("the memory has too much to do; please try again later")
        loop = asyncio.get_running_loop()
        if not self._apart:
            return self._work(work, loop.time())
        self._waiting += 1
        doing = loop.run_in_executor(self._thread, self._work, work, loop.time())
        doing.add_done_callback(self._done)
        # Whoever asks may be cancelled; what was asked for is done all the same, and waits for the thread until then.
        return await asyncio.shield(doing)

    def _done(self, doing: asyncio.Future[T]) -> None:
        self._waiting -= 1
        if not doing.cancelled():
            doing.exception()  # nobody may be there any more to be told

    def _work(self, work: Callable[[Store], T], now: float) -> T:
        store = self._store or self._begin(now)
        try:
            self._expire(store)
            return work(store)
        except self._failures as error:
            self._break(type(error).__name__, now)
            raise MemoryAway from error

    def _begin(self, now: float) -> Store:
        if now < self._away_until:
            raise MemoryAway
        try:
            database = self._open_database(self._address, self._home)
        except (DatabaseError, OSError, sqlite3.Error) as error:
            self._break(str(error), now)
            raise MemoryAway from error
        self._failures = database.failures
        self._store, self._told = Store(database), False
        return self._store

    def _break(self, reason: str, now: float) -> None:
        self._away_until = now + RETRY_S
        if not self._told:
            self._told = True
            log.warning("the memory cannot be used", extra={"reason": reason})
        self._close()

    def _close(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            with suppress(*self._failures):
                store.close()

    def _expire(self, store: Store) -> None:
        """Forget, once a day, what is older than it may become."""
        now = self._now()
        if self.terms.days and (today := int(now // DAY)) != self._expired_on:
            self._expired_on = today
            store.expire(now - self.terms.days * DAY)


def taken(store: Store, owner: Owner, kept: Kept) -> tuple[int, ...]:
    """Write what was carried here, each fact at the time at which it was told."""
    numbers: list[int] = []
    for each in kept.facts:
        numbers += store.write(owner, [each.fact], session=each.session, turn=each.turn, now=each.seen)
    for episode in kept.episodes:
        store.episode(owner, episode)
    return tuple(numbers)


def _written(
    store: Store, *, owner: Owner, facts: Iterable[Fact], session: str, turn: int, now: float, given: bool
) -> tuple[int, ...]:
    if given:
        store.given(owner, now)
    return store.write(owner, facts, session=session, turn=turn, now=now)
