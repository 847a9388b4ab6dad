"""What an aggregator or a site wants done: decided without a socket, a clock or a model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from training.federate.errors import FederationError
from training.federate.messages import Message, Score
from training.federate.ring import Vector


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message; an aggregator says to which site."""

    message: Message
    site: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Tell a site why it is refused, and close its connection."""

    site: str
    error: FederationError


@dataclass(frozen=True, slots=True)
class Note:
    """Write down a round that is over.

    `sites` are in its sum, `lost` have fallen out, `tries` came to nothing before; `before` is the mean held-out loss
    of the weights that it began with; `length` is how far the weights have moved; `outlying` says how far each update
    lies from the others, where they can be seen; `cut` counts numbers beyond the reach.
    """

    round: int
    sites: tuple[str, ...]
    lost: tuple[str, ...]
    tries: int
    before: float | None
    length: float
    cut: int = 0
    outlying: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Keep:
    """Save the weights after so many rounds, so that a killed aggregator goes on from there."""

    rounds: int
    weights: Vector


@dataclass(frozen=True, slots=True)
class Finish:
    """All rounds are over; `scores` are the sites' held-out losses of the final weights."""

    weights: Vector
    scores: Mapping[str, Score]


@dataclass(frozen=True, slots=True)
class Fail:
    """It cannot go on."""

    error: FederationError


@dataclass(frozen=True, slots=True)
class Study:
    """Learn from these weights (a site only), and say what came of it."""

    weights: Vector
    round: int


@dataclass(frozen=True, slots=True)
class Judge:
    """Say how good these final weights are, and save them (a site only)."""

    weights: Vector
    rounds: int


Action: TypeAlias = Send | Part | Note | Keep | Finish | Fail | Study | Judge
