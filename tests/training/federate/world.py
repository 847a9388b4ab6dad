"""A federation without sockets: messages in order, time that only moves when nothing else can."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from training.federate import messages as m
from training.federate.actions import Action, Fail, Finish, Judge, Keep, Note, Part, Send, Study
from training.federate.aggregator import Aggregator
from training.federate.errors import FederationError
from training.federate.messages import Score
from training.federate.plan import Plan
from training.federate.ring import Vector
from training.federate.site import Site

BASE = "b" * 64


def drawer(seed: str) -> Callable[[int], bytes]:
    """Return a source of bytes that is the same each time: for tests only."""
    count = iter(range(10**9))
    return lambda size: hashlib.shake_256(f"{seed} {next(count)}".encode()).digest(size)


@dataclass
class Lines:
    """Data of a site: numbers that follow a straight line of its own slope; learning is least squares by descent."""

    inputs: NDArray[np.float64]
    answers: NDArray[np.float64]

    @classmethod
    def of(cls, seed: int, count: int, truth: NDArray[np.float64], topic: int) -> Lines:
        """Make lines about a topic: of each other number of the truth they say little."""
        chance = np.random.default_rng(seed)
        known = np.where(np.arange(len(truth)) % 3 == topic % 3, 1.0, 0.2)
        inputs = chance.normal(0, 1, (count, len(truth))) * known
        return cls(inputs, inputs @ truth + chance.normal(0, 0.05, count))

    def loss(self, weights: Vector) -> float:
        return float(np.mean((self.inputs @ weights.astype(np.float64) - self.answers) ** 2))

    def learn(self, weights: Vector, plan: Plan) -> Vector:
        """Descend for the plan's steps; with FedProx, drawn back to where it began."""
        start = weights.astype(np.float64)
        now = start.copy()
        for _ in range(plan.steps):
            slope = 2 * self.inputs.T @ (self.inputs @ now - self.answers) / len(self.answers)
            now -= plan.rate * (slope + plan.proximal * (now - start))
        return now.astype(np.float32)


@dataclass
class World:
    """An aggregator and its sites. `drops(site, message)` says that a site's message never arrives and it is gone."""

    plan: Plan
    data: dict[str, Lines]
    weights: Vector
    drops: Callable[[str, m.Message], bool] = lambda *_: False
    rounds: int = 0
    circles: dict[str, bytes] = field(default_factory=dict)
    lie: Callable[[str, Vector], Vector] = lambda _, weights: weights
    notes: list[Note] = field(default_factory=list)
    kept: list[Keep] = field(default_factory=list)
    parted: dict[str, str] = field(default_factory=dict)
    failed: dict[str, FederationError] = field(default_factory=dict)
    seen: list[tuple[str, m.Message]] = field(default_factory=list)  # by the aggregator
    finish: Finish | None = None
    now: float = 0.0
    gone: set[str] = field(default_factory=set)
    post: deque[tuple[str, str, m.Message]] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self.hub = Aggregator(self.plan, BASE, self.weights, rounds=self.rounds)
        self.sites = {
            name: Site(name, BASE, len(lines.answers), drawer(name), len(self.weights), self.circles.get(name, b""))
            for name, lines in self.data.items()
        }

    def run(self, names: Sequence[str] = ()) -> World:
        """Let the sites join, and go on until nothing more happens."""
        for name in names or self.sites:
            self.join(name)
        while self.post or self.hub.deadline is not None:
            if self.post:
                self._deliver(*self.post.popleft())
            else:
                assert self.hub.deadline is not None
                self.now = self.hub.deadline
                self._do(self.hub.expire(self.now))
        return self

    def join(self, name: str) -> None:
        self.gone.discard(name)
        self.post.append((name, "", self.sites[name].join().message))

    def lose(self, name: str) -> None:
        self.gone.add(name)
        self._do(self.hub.lost(name, self.now))

    def _deliver(self, sender: str, to: str, message: m.Message) -> None:
        if to:
            if to not in self.gone:
                self._site(to, self.sites[to].receive(m.from_aggregator(m.encode(message))))
        elif sender not in self.gone:
            if self.drops(sender, message):
                self.lose(sender)
                return
            self.seen.append((sender, message))
            self._do(self.hub.receive(sender, m.from_site(m.encode(message)), self.now))

    def _site(self, name: str, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send(message=message):
                    self.post.append((name, "", message))
                case Study(weights=weights):
                    before = Score(self.data[name].loss(weights), len(self.data[name].answers))
                    learnt = self.lie(name, self.data[name].learn(weights, self.plan))
                    self._site(name, self.sites[name].learnt(learnt, before))
                case Judge(weights=weights):
                    score = Score(self.data[name].loss(weights), len(self.data[name].answers))
                    self._site(name, self.sites[name].judged(score))
                case Fail(error=error):
                    self.failed[name] = error
                    self.lose(name)
                case _:
                    raise AssertionError(action)

    def _do(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send(message=message, site=site):
                    self.post.append(("", site, message))
                case Part(site=site, error=error):
                    self.parted[site] = error.code
                case Note():
                    self.notes.append(action)
                case Keep():
                    self.kept.append(action)
                case Finish():
                    self.finish = action
                case Fail(error=error):
                    self.failed["aggregator"] = error
                case _:
                    raise AssertionError(action)
