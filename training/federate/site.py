"""A site of a federation. Pure: it is told what the aggregator says and what was learnt, and answers with actions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

import numpy as np

from training.federate.actions import Action, Fail, Judge, Send, Study
from training.federate.combine import clipped
from training.federate.errors import FederationError
from training.federate.masked import Draw, Masked
from training.federate.messages import (
    VERSION,
    Begin,
    Done,
    FromAggregator,
    Join,
    Learn,
    Letters,
    Message,
    Post,
    Refused,
    Reveal,
    Ring,
    Score,
    Scored,
    Survivors,
    Turn,
    Update,
    Welcome,
)
from training.federate.noise import noise
from training.federate.plan import Plan, check
from training.federate.ring import Vector, encode, floats, packed


@dataclass(slots=True)
class Site:
    """One site. `draw` gives random bytes, `circle` is all sites' secret.

    `length` is of the weights that it learns, set when the plan is known, before `receive` is told of it.
    `wanted` is the privacy that the person who runs the site insists on: a plan without it is refused.
    """

    name: str
    base: str
    lines: int
    draw: Draw
    length: int = 0
    circle: bytes = b""
    wanted: str = "none"
    plan: Plan | None = None
    turn: Turn | None = None
    over: bool = False
    _weights: Vector = field(default_factory=lambda: np.zeros(0, np.float32))
    _masked: Masked | None = None
    _sent: dict[type, tuple[Message, Message]] = field(default_factory=dict)  # by the question: it and the answer
    _studying: bool = False

    def join(self) -> Send:
        """Say who comes, or comes back."""
        return Send(Join(version=VERSION, site=self.name, base=self.base, lines=self.lines, holding=self.turn))

    def receive(self, message: FromAggregator) -> list[Action]:
        """Take what the aggregator says; after Fail the site has nothing more to do."""
        try:
            return self._receive(message)
        except FederationError as error:
            self.over = True
            return [Fail(error)]

    def learnt(self, weights: Vector, before: Score | None) -> list[Action]:
        """Take the weights that Study has come to, and send what changed."""
        self._studying = False
        try:
            update = self._update(weights, before)
        except FederationError as error:
            self.over = True
            return [Fail(error)]
        self._sent[Learn] = (Learn(turn=update.turn), update)
        return [Send(update)]

    def judged(self, score: Score | None) -> list[Action]:
        """Take what the final weights are worth, and tell it if the plan has it told."""
        self.over = True
        return [Send(Scored(score=score if self.plan is not None and self.plan.judged else None))]

    def _receive(self, message: FromAggregator) -> list[Action]:
        match message:
            case Welcome(plan=plan, length=length):
                return self._welcome(plan, length)
            case Refused(code=code, message=why):
                raise FederationError(code if code in _TOLD else "bad_message", why)
            case Done(weights=weights, rounds=rounds):
                return [Judge(floats(weights, self.length), rounds)]
            case Begin():
                return self._begin(message)
            case Ring() | Post() | Learn() | Survivors():
                return self._asked(message) if tuple(message.turn) == self.turn else []
            case _:
                assert_never(message)

    def _welcome(self, plan: Plan, length: int) -> list[Action]:
        check(plan)
        if length != self.length:
            raise FederationError("base_differs", f"the federation learns {length} numbers, this site {self.length}")
        if self.wanted not in ("none", plan.unit):
            raise FederationError("bad_plan", f"this site insists on privacy of each {self.wanted}; the plan has none")
        if self.plan is not None and plan != self.plan:
            raise FederationError("other_round", "the aggregator came back with another plan")
        self.plan = plan
        return []

    def _begin(self, begin: Begin) -> list[Action]:
        plan, _ = self._agreed()
        turn = (begin.turn[0], begin.turn[1])
        if turn != self.turn:
            self.turn, self._weights = turn, floats(begin.weights, self.length)
            self._sent, self._studying = {}, False
            self._masked = Masked(self.name, turn, self.lines, self.draw, self.circle) if plan.secure else None
        return [Send(self._masked.keys())] if self._masked else []

    def _asked(self, question: Ring | Post | Learn | Survivors) -> list[Action]:
        """Answer a question of this try; the same question again gets the same answer."""
        asked, answer = self._sent.get(type(question), (None, None))
        if asked == question and answer is not None:
            return [Send(answer)]
        match question:
            case Learn() if self._studying:
                return []
            case Learn(turn=turn):
                self._studying = True
                return [Study(self._weights, turn[0])]
            case Post(letters=letters):
                self._secret().receive(letters)
                return []
            case Ring(members=members, needed=needed):
                reply: Letters | Reveal = self._secret().letters(members, needed)
            case Survivors(sites=sites):
                reply = self._secret().reveal(sites)
            case _:
                assert_never(question)
        self._sent[type(question)] = (question, reply)
        return [Send(reply)]

    def _agreed(self) -> tuple[Plan, Turn]:
        """Return the plan and the try; `bad_message` when the aggregator has not told the plan first."""
        if self.plan is None:
            raise FederationError("bad_message", "the aggregator begins before it has told the plan")
        return self.plan, self.turn or (0, 0)

    def _secret(self) -> Masked:
        if self._masked is None:
            raise FederationError("bad_message", "the aggregator speaks of masks, and the plan has none")
        return self._masked

    def _update(self, weights: Vector, before: Score | None) -> Update:
        """Bound what was learnt, make it noisy and hide it, as the plan has it."""
        plan, turn = self._agreed()
        masked = self._masked
        if not np.isfinite(weights).all():
            raise FederationError("bad_update", "learning has come to numbers that are not finite; try a lower rate")
        change = clipped(weights - self._weights, plan.clip).astype(np.float64)
        sharing = masked.needed if masked else plan.least
        if plan.unit == "site":
            change = change + noise(len(change), plan.sigma * plan.clip / np.sqrt(sharing), self.draw)
        told = before if plan.judged else None
        if masked is None:
            return Update(turn=turn, numbers=change.astype("<f4").tobytes(), before=told)
        numbers, cut = encode(change * (1 / masked.company if plan.equal else masked.weight), plan.reach)
        return Update(turn=turn, numbers=packed(masked.hide(numbers)), before=told, cut=cut)


_TOLD = frozenset(
    ("bad_plan", "base_differs", "bad_update", "bad_site", "too_many_sites", "too_few_sites", "bad_share",
     "other_round", "unauthorized", "bad_message")
)  # fmt: skip
