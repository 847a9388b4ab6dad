"""Takes part in a federation: connects, learns when asked, comes back after a break. It decides nothing."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from training.federate.actions import Action, Fail, Finish, Judge, Keep, Note, Part, Send, Study
from training.federate.errors import FederationError
from training.federate.messages import PATH, SUBPROTOCOL, Score, Welcome, encode, from_aggregator
from training.federate.plan import Plan
from training.federate.ring import Vector
from training.federate.serve import SILENCE_S
from training.federate.site import Site

LARGEST: Final = 2**31  # bytes of a message: a federation's weights are known only when it has told its plan


class Learner(Protocol):
    """What learns at a site. It is called in a thread, one call at a time."""

    @property
    def base(self) -> str:
        """Return the digest of the base model and its tokenizer."""

    @property
    def lines(self) -> int:
        """Return how many dialogues there are to learn from."""

    def prepare(self, plan: Plan) -> Vector:
        """Get ready to learn by a plan, and return the weights before any learning; the same at all sites."""

    def learn(self, weights: Vector, round_: int) -> tuple[Vector, Score | None]:
        """Learn from weights for one round; return the new ones, and how good the old ones were."""

    def judge(self, weights: Vector) -> Score | None:
        """Say how good weights are on what was held out."""


@dataclass(frozen=True, slots=True)
class Way:
    """How to get to an aggregator: its address, a token, TLS, the circle's secret, and how long to try again.

    `pauses` are the seconds before each further try; a connection that worked begins them anew.
    """

    url: str
    token: str = ""
    tls: ssl.SSLContext | None = None
    circle: bytes = b""
    pauses: tuple[float, ...] = (0.5, 1, 2, 5, 10, 20, 30)


@dataclass(slots=True)
class Guest:
    """One site on its way through a federation: `await Guest(...).run()` gives the final weights."""

    name: str
    learner: Learner
    way: Way
    wanted: str = "none"
    told: Callable[[str], None] = lambda _: None
    result: Vector | None = None
    score: Score | None = None
    _site: Site = field(init=False)
    _learning: asyncio.Lock = field(default_factory=asyncio.Lock)
    _connection: ClientConnection | None = None

    def __post_init__(self) -> None:
        """Make the site that decides."""
        self._site = Site(
            self.name, self.learner.base, self.learner.lines, os.urandom, circle=self.way.circle, wanted=self.wanted
        )

    async def run(self) -> Vector:
        """Take part to the end; FederationError when that cannot be, `unreachable` when all tries are over."""
        try:
            async with asyncio.TaskGroup() as tasks:  # learning goes on while the connection is made anew
                await self._visit(tasks)
        except* Exception as group:
            self._site.over = True
            raise group.exceptions[0] from None
        assert self.result is not None
        return self.result

    async def _visit(self, tasks: asyncio.TaskGroup) -> None:
        """Connect, and again after each break, until it is over."""
        failed = 0
        while not self._site.over:
            try:
                async with self._connected() as connection:
                    self._connection = connection
                    await connection.send(encode(self._site.join().message))
                    if await self._talk(connection, tasks):
                        failed = 0
            except InvalidStatus as error:
                if error.response.status_code == 401:
                    raise FederationError("unauthorized", _text(error)) from error
                raise FederationError("unreachable", f"{self.way.url} is no federation: {_text(error)}") from error
            except (InvalidURI, InvalidHandshake) as error:
                raise FederationError("unreachable", f"{self.way.url} is no federation: {error}") from error
            except (OSError, ConnectionClosed, TimeoutError) as error:
                self.told(f"no connection to {self.way.url}: {error}")
            if not self._site.over:
                if failed >= len(self.way.pauses):
                    raise FederationError("unreachable", f"{self.way.url} cannot be reached")
                await asyncio.sleep(self.way.pauses[failed])
                failed += 1

    def _connected(self) -> connect:
        headers = {"Authorization": f"Bearer {self.way.token}"} if self.way.token else {}
        return connect(
            self.way.url.rstrip("/") + PATH,
            ssl=self.way.tls,
            additional_headers=headers,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            compression=None,
            max_size=LARGEST,
            ping_timeout=SILENCE_S,
            proxy=None,
        )

    async def _talk(self, connection: ClientConnection, tasks: asyncio.TaskGroup) -> bool:
        """Answer until the end or until the connection breaks; say whether it was let in."""
        welcomed = False
        try:
            async for data in connection:
                message = from_aggregator(data)
                if isinstance(message, Welcome):
                    await self._prepare(message.plan)
                    welcomed = True
                for action in self._site.receive(message):
                    await self._perform(action, tasks)
                if self._site.over:
                    break
        except ConnectionClosed:
            pass
        return welcomed

    async def _prepare(self, plan: Plan) -> None:
        if self._site.plan is None:
            self._site.length = len(await asyncio.to_thread(self.learner.prepare, plan))

    async def _perform(self, action: Action, tasks: asyncio.TaskGroup) -> None:
        match action:
            case Send(message=message):
                assert self._connection is not None
                await self._connection.send(encode(message))
            case Study(weights=weights, round=round_):
                tasks.create_task(self._study(weights, round_, tasks))
            case Judge(weights=weights):
                self.score = await asyncio.to_thread(self.learner.judge, weights)
                self.result = weights
                for answer in self._site.judged(self.score):
                    await self._perform(answer, tasks)
            case Fail(error=error):
                raise error
            case Part() | Note() | Keep() | Finish():
                raise AssertionError("a site does not lead")

    async def _study(self, weights: Vector, round_: int, tasks: asyncio.TaskGroup) -> None:
        """Learn while the connection is read on; what was learnt for a try that is over is let go."""
        turn = self._site.turn
        async with self._learning:
            learnt, before = await asyncio.to_thread(self.learner.learn, weights, round_)
        if self._site.turn != turn or self._site.over:
            return
        self.told(f"round {round_ + 1} is learnt" + (f"; before it the loss was {before.loss:.3f}" if before else ""))
        for action in self._site.learnt(learnt, before):
            try:
                await self._perform(action, tasks)
            except ConnectionClosed:  # the site keeps what it has learnt, and is asked for it when it is back
                return


def _text(error: InvalidStatus) -> str:
    body = (error.response.body or b"").decode("utf-8", "replace").strip()
    return body or f"HTTP {error.response.status_code}"
