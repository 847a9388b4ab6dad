"""Leads a federation. Pure: it is told what comes and when, and answers with what is to be done.

Each round is one try or more: sites show keys and share secrets (with secure sums only), learn, send their updates, and
help to take the masks off the sum. Whoever falls out is waited for `grace_s`; a site that comes back in time goes on
where it was. A round that loses too many is tried again from the same weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import assert_never

import numpy as np

from training.federate.actions import Action, Fail, Finish, Keep, Note, Part, Send
from training.federate.errors import FederationError
from training.federate.messages import (
    VERSION,
    Begin,
    Done,
    FromSite,
    Join,
    Keys,
    Learn,
    Letters,
    Member,
    Post,
    Reveal,
    Ring,
    Score,
    Scored,
    Survivors,
    Turn,
    Update,
    Welcome,
)
from training.federate.plan import MOST_SITES, Plan, check
from training.federate.ring import Vector
from training.federate.trial import Trial


class Phase(Enum):
    """What is being waited for."""

    SITES = auto()
    KEYS = auto()
    LETTERS = auto()
    UPDATES = auto()
    REVEALS = auto()
    SCORES = auto()
    OVER = auto()


@dataclass(slots=True)
class Site:
    """A site that has joined; `lost` is when its connection went, None while it is there."""

    lines: int
    lost: float | None = None


class Aggregator:
    """Leads the rounds of `plan` from `weights`, of which `rounds` are done already, for sites whose base is `base`."""

    def __init__(self, plan: Plan, base: str, weights: Vector, *, rounds: int = 0) -> None:
        self.plan = check(plan)
        self.weights = weights.astype(np.float32)
        self.round = rounds
        self.phase = Phase.SITES
        self.sites: dict[str, Site] = {}
        self.scores: dict[str, Score] = {}
        self._base = base
        self._tries = 0
        self._begun = False
        self._waiting: set[str] = set()
        self._until: float | None = None
        self._trial = Trial((0, 0), plan, {}, len(weights))

    @property
    def turn(self) -> Turn:
        """Return the round, counted from 0, and which try of it."""
        return (self.round, self._tries)

    @property
    def deadline(self) -> float | None:
        """Return when `expire` has something to do, None for never."""
        returns = [
            site.lost + self.plan.grace_s
            for name, site in self.sites.items()
            if site.lost is not None and name in self._waiting
        ]
        return min((*returns, *(() if self._until is None else (self._until,))), default=None)

    def receive(self, site: str, message: FromSite, now: float) -> list[Action]:
        """Take a message of a site; what belongs to another try or phase is dropped."""
        try:
            match message:
                case Join():
                    return self._join(site, message, now)
                case Keys() | Letters() | Update() | Reveal():
                    if site not in self._waiting or tuple(message.turn) != self.turn or not self._fits(message):
                        return []
                    self._take(site, message)
                case Scored():
                    if self.phase is not Phase.SCORES or site not in self._waiting:
                        return []
                    if message.score is not None:
                        self.scores[site] = message.score
                case _:
                    assert_never(message)
        except FederationError as error:
            return [*self._part(site, error), *self._go_on(now)]
        self._waiting.discard(site)
        return self._go_on(now)

    def lost(self, site: str, now: float) -> list[Action]:
        """Learn that a site's connection has gone; it may come back."""
        if site in self.sites:
            self.sites[site].lost = now
        return self._go_on(now)

    def expire(self, now: float) -> list[Action]:
        """Go on without those who are late."""
        for name, site in self.sites.items():
            if site.lost is not None and now >= site.lost + self.plan.grace_s:
                self._waiting.discard(name)
        if self._until is not None and now >= self._until:
            if self.phase is Phase.SITES:
                return self._fail(
                    "too_few_sites", f"{len(self._there())} sites are there, {self.plan.least} are needed"
                )
            self._waiting.clear()
        return self._go_on(now)

    # ---------------------------------------------------------------------------------------------- who is there

    def _join(self, name: str, join: Join, now: float) -> list[Action]:
        if join.version != VERSION:
            raise FederationError("bad_message", f"this federation speaks version {VERSION}, the site {join.version}")
        if join.base != self._base:
            raise FederationError(
                "base_differs",
                f"{name} has another base model, adapter layout or tokenizer than this federation: "
                f"{join.base[:12]} where {self._base[:12]} is learnt",
            )
        if name not in self.sites and len(self.sites) >= MOST_SITES:
            raise FederationError("too_many_sites", f"a federation has room for {MOST_SITES} sites")
        self.sites[name] = Site(join.lines)
        welcome = Send(Welcome(plan=self.plan, length=len(self.weights), site=name), name)
        if self.phase in (Phase.SCORES, Phase.OVER):
            return [welcome, Send(self._done(), name)]
        if name not in self._waiting:
            return [welcome, *self._go_on(now)]
        held = join.holding is not None and tuple(join.holding) == self.turn
        if self.plan.secure and not held and self.phase is not Phase.KEYS:
            self._waiting.discard(name)  # its secrets are gone with the process that had them
            return [welcome, *self._go_on(now)]
        return [welcome, *self._asked(name, held=held)]

    def _asked(self, name: str, *, held: bool) -> list[Action]:
        """Ask a site that has come back again for what is waited for."""
        trial = self._trial
        begin = [] if held else [Send(Begin(turn=self.turn, weights=self._bytes()), name)]
        match self.phase:
            case Phase.KEYS:
                return [Send(Begin(turn=self.turn, weights=self._bytes()), name)]
            case Phase.LETTERS:
                return [Send(Ring(turn=self.turn, members=trial.members, needed=trial.needed), name)]
            case Phase.UPDATES:
                return [*begin, *self._learn(name)]
            case Phase.REVEALS:
                return [Send(Survivors(turn=self.turn, sites=trial.survivors), name)]
            case Phase.SITES | Phase.SCORES | Phase.OVER:
                return []
            case _:
                assert_never(self.phase)

    def _part(self, name: str, error: FederationError) -> list[Action]:
        """Have nothing more to do with a site. One that could not even join leaves no trace."""
        self.sites.pop(name, None)
        self._waiting.discard(name)
        return [Part(name, error)]

    def _there(self) -> list[str]:
        return sorted(name for name, site in self.sites.items() if site.lost is None)

    # ---------------------------------------------------------------------------------------------- what has come

    def _fits(self, message: Keys | Letters | Update | Reveal) -> bool:
        match message:
            case Keys():
                return self.phase is Phase.KEYS
            case Letters():
                return self.phase is Phase.LETTERS
            case Update():
                return self.phase is Phase.UPDATES
            case Reveal():
                return self.phase is Phase.REVEALS
            case _:
                assert_never(message)

    def _take(self, site: str, message: Keys | Letters | Update | Reveal) -> None:
        trial = self._trial
        match message:
            case Keys():
                trial.members[site] = Member(trial.lines[site], message.mask, message.seal, message.proof)
            case Letters():
                if message.letters.keys() != trial.members.keys() - {site}:
                    raise FederationError("bad_share", f"{site} has not written to each other site")
                trial.letters[site] = message
            case Update():
                trial.take(site, message)
            case Reveal():
                if not trial.complete(message):
                    raise FederationError("bad_share", f"{site} has not told the shares that it was asked for")
                trial.reveals[site] = message
            case _:
                assert_never(message)

    # ---------------------------------------------------------------------------------------------- what comes next

    def _go_on(self, now: float) -> list[Action]:
        """Go to the next phase if this one has all it waits for."""
        trial = self._trial
        match self.phase:
            case Phase.SITES:
                enough = len(self._there()) >= (self.plan.least if self._begun else self.plan.sites)
                return self._begin(now) if enough else []
            case Phase.REVEALS if len(trial.reveals) >= trial.needed:
                return self._end(now)
            case _ if self._waiting:
                return []
            case Phase.KEYS:
                return self._ring(now) if len(trial.members) >= trial.needed else self._again(now)
            case Phase.LETTERS:
                return self._post(now) if len(trial.letters) >= trial.needed else self._again(now)
            case Phase.UPDATES:
                if len(trial.survivors) < trial.needed:
                    return self._again(now)
                return self._survive(now) if self.plan.secure else self._end(now)
            case Phase.REVEALS:
                return self._again(now)
            case Phase.SCORES:
                self.phase, self._until = Phase.OVER, None
                return [Finish(self.weights, dict(self.scores))]
            case Phase.OVER:
                return []
            case _:
                assert_never(self.phase)

    def _begin(self, now: float) -> list[Action]:
        """Begin a try with everybody who is there, or wait for more."""
        there = self._there()
        if len(there) < self.plan.least:
            self.phase, self._until = Phase.SITES, now + self.plan.learn_s
            return []
        self._begun = True
        self._trial = Trial(self.turn, self.plan, {n: self.sites[n].lines for n in there}, len(self.weights))
        self._wait(Phase.KEYS if self.plan.secure else Phase.UPDATES, there, now)
        begun: list[Action] = [Send(Begin(turn=self.turn, weights=self._bytes()), name) for name in there]
        return begun if self.plan.secure else [*begun, *(a for name in there for a in self._learn(name))]

    def _ring(self, now: float) -> list[Action]:
        trial = self._trial
        self._wait(Phase.LETTERS, list(trial.members), now)
        ring = Ring(turn=self.turn, members=trial.members, needed=trial.needed)
        return [Send(ring, name) for name in trial.members]

    def _post(self, now: float) -> list[Action]:
        self._wait(Phase.UPDATES, list(self._trial.letters), now)
        return [action for name in self._trial.letters for action in self._learn(name)]

    def _learn(self, name: str) -> list[Action]:
        learn = Send(Learn(turn=self.turn), name)
        if not self.plan.secure:
            return [learn]
        mine = {writer: told.letters[name] for writer, told in self._trial.letters.items() if writer != name}
        return [Send(Post(turn=self.turn, letters=mine), name), learn]

    def _survive(self, now: float) -> list[Action]:
        survivors = self._trial.survivors
        self._wait(Phase.REVEALS, survivors, now)
        return [Send(Survivors(turn=self.turn, sites=survivors), name) for name in survivors]

    def _end(self, now: float) -> list[Action]:
        """Take the sum, write the round down, and begin the next."""
        trial = self._trial
        try:
            update = trial.combined()
        except FederationError:
            return self._again(now)
        self.weights = self.weights + update
        note = Note(
            round=self.round,
            sites=tuple(trial.survivors),
            lost=tuple(sorted(trial.lines.keys() - set(trial.survivors))),
            tries=self._tries,
            before=trial.before(),
            length=float(np.linalg.norm(update.astype(np.float64))),
            cut=trial.cut,
            outlying=trial.outlying(),
        )
        self.round, self._tries = self.round + 1, 0
        done: list[Action] = [note, Keep(self.round, self.weights)]
        if self.round < self.plan.rounds:
            return [*done, *self._begin(now)]
        there = self._there()
        self._wait(Phase.SCORES, there, now)
        return [*done, *(Send(self._done(), name) for name in there), *self._go_on(now)]

    def _again(self, now: float) -> list[Action]:
        """Try the round once more from the same weights, or give up."""
        self._tries += 1
        if self._tries >= self.plan.tries:
            few = f"round {self.round + 1} has lost too many sites {self._tries} times; {self.plan.least} are needed"
            return self._fail("too_few_sites", few)
        return self._begin(now)

    def _fail(self, code: str, why: str) -> list[Action]:
        error = FederationError(code, why)
        self.phase, self._until = Phase.OVER, None
        self._waiting.clear()
        return [*(Part(name, error) for name in self._there()), Fail(error)]

    def _wait(self, phase: Phase, names: list[str], now: float) -> None:
        self.phase, self._waiting = phase, set(names)
        self._until = now + (self.plan.learn_s if phase is Phase.UPDATES else self.plan.answer_s)

    def _done(self) -> Done:
        return Done(weights=self._bytes(), rounds=self.round)

    def _bytes(self) -> bytes:
        return self.weights.astype("<f4").tobytes()
