"""A site in a process of its own: `python -m tests.training.federate.at_site URL NAME NUMBER [die]`.

With `die` the process ends in the middle of the second round.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable

import numpy as np

from tests.training.federate.world import BASE, Lines
from training.federate.errors import FederationError
from training.federate.join import Guest, Way
from training.federate.messages import Score
from training.federate.plan import Plan
from training.federate.ring import Vector

TRUTH = np.array([0.5, -0.3, 0.2, 0.1])


class Straight:
    """Learns a straight line."""

    base = BASE

    def __init__(self, number: int) -> None:
        self.data = Lines.of(number, 20 + 20 * number, TRUTH, number)
        self.lines = len(self.data.answers)
        self.plan = Plan(rounds=1, sites=2)
        self.before_round: Callable[[int], None] = lambda round_: None

    def prepare(self, plan: Plan) -> Vector:
        self.plan = plan
        return np.zeros(4, np.float32)

    def learn(self, weights: Vector, round_: int) -> tuple[Vector, Score | None]:
        self.before_round(round_)
        return self.data.learn(weights, self.plan), Score(self.data.loss(weights), self.lines)

    def judge(self, weights: Vector) -> Score | None:
        return Score(self.data.loss(weights), self.lines)


def main(url: str, name: str, number: int, fault: str = "") -> int:
    learner = Straight(number)
    if fault == "die":
        learner.before_round = lambda round_: os._exit(9) if round_ == 1 else None
    guest = Guest(name, learner, Way(url, pauses=(0.05,) * 400))
    try:
        weights = asyncio.run(guest.run())
    except FederationError as error:
        print(f"{error.code}: {error.message}")
        return 1
    print(weights.tobytes().hex())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), *sys.argv[4:]))
