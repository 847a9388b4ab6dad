"""Decides whether a client's message is taken, by what it costs: itself, its values, and the reply that it begins.

A connection has a budget of its own and shares one with the user's other connections. Time is an argument.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, Literal, TypeAlias

from bridge.core.rate import Bucket, Opening, Patience, Verdict, own

Kind: TypeAlias = Literal["messages", "values", "turns", "sound"]

AT_ONCE: Final = 2.0  # seconds' worth of a budget that may be spent at once
SHARE: Final = 4.0  # what all connections of one user may spend together, in budgets of one
SHARED_TURNS: Final = 2.0  # the same of replies, which cost most
FRAMES: Final = 2.0  # WebSocket frames that are read for each message: control frames, fragments, what is over the rate
SOUND: Final = 1.5  # seconds of the microphone that are listened to in a second
LUMP: Final = 0.04  # of what may be spent at once: taken from the accounts in one go, and spent from hand
EXPECTED: Final = 16.0  # messages beyond the rate of which the accounts are told at the latest
USERS: Final = 1024  # whose budgets are remembered; beyond that, those who have spent nothing lately are forgotten


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one connection may spend in a second.

    `bytes` are those that are read, `values` those that are decoded, `turns` the replies that are begun.
    """

    messages: float = 200.0
    bytes: float = 524_288.0
    values: float = 16_384.0
    turns: float = 2.0

    def shared(self) -> Allowance:
        """Return what all connections of one user may spend together."""
        return Allowance(self.messages * SHARE, self.bytes * SHARE, self.values * SHARE, self.turns * SHARED_TURNS)


class Account:
    """The credit of one connection, or of one user."""

    def __init__(
        self, allowance: Allowance, *, largest: int, values: int, sounds: float = 1.0, opening: Opening = own
    ) -> None:
        """Open it for `sounds` microphones; a message of `largest` bytes or `values` values must be affordable."""
        messages = allowance.messages
        self.bytes = opening("bytes", allowance.bytes, max(AT_ONCE * allowance.bytes, 2.0 * largest))
        self.frames = opening("frames", FRAMES * messages, AT_ONCE * FRAMES * messages)
        self.buckets: dict[Kind, Bucket] = {
            "messages": opening("messages", messages, AT_ONCE * messages),
            "values": opening("values", allowance.values, max(AT_ONCE * allowance.values, values)),
            "sound": opening("sound", SOUND * sounds, AT_ONCE * SOUND * sounds),
            "turns": opening("turns", allowance.turns, max(AT_ONCE * allowance.turns, 4.0)),
        }

    def full(self, now: float) -> bool:
        """Return whether nothing was spent lately."""
        return self.bytes.full(now) and all(bucket.full(now) for bucket in self.buckets.values())


class Budget:
    """What one connection may spend, of its own and of its user's."""

    def __init__(self, own: Account, shared: Account | None = None) -> None:
        self._own = own
        self._shared = shared
        self._patience = Patience()
        # Every frame of a microphone is judged three times and read once: of the accounts' credit a little is in hand.
        self._lumps = {kind: LUMP * bucket.most for kind, bucket in own.buckets.items()} | {"turns": 0.0}
        self._hand: dict[Kind, float] = dict.fromkeys(own.buckets, 0.0)
        self._read_bytes = self._read_frames = 0  # not yet paid for
        self._expected = 0.0  # messages beyond the rate that the accounts do not know of yet

    def judge(self, now: float, kind: Kind, cost: float = 1.0) -> Verdict:
        """Take `cost` of `kind` if there is credit for it everywhere."""
        left = self._hand[kind] - cost
        if left >= 0.0:
            self._hand[kind] = left
        elif self._takes(now, kind, self._lumps[kind] - left):
            self._hand[kind] = self._lumps[kind]
        elif self._takes(now, kind, -left):
            self._hand[kind] = 0.0
        else:
            return self._patience.exceeded(now)
        return Verdict.TAKEN

    def sound(self, values: float, seconds: float) -> bool:
        """Take a message of `values` values with `seconds` of sound of what is in hand; False where that is too little.

        Then nothing is taken, and `judge` has to be asked for each.
        """
        hand = self._hand
        messages, left, sound = hand["messages"] - 1.0, hand["values"] - values, hand["sound"] - seconds
        if messages < 0.0 or left < 0.0 or sound < 0.0:
            return False
        hand["messages"], hand["values"], hand["sound"] = messages, left, sound
        return True

    def _takes(self, now: float, kind: Kind, cost: float) -> bool:
        if self._expected:
            self._grant()
        own = self._own.buckets[kind]
        if not own.has(now, cost):
            return False
        if self._shared is not None:
            shared = self._shared.buckets[kind]
            if not shared.has(now, cost):
                return False
            shared.take(cost)
        own.take(cost)
        return True

    def due(self, now: float, kind: Kind, cost: float) -> float:
        """Take `cost` of `kind` if there is credit for it; return the seconds until there is, 0 if it was taken."""
        accounts = (self._own,) if self._shared is None else (self._own, self._shared)
        wait = max(account.buckets[kind].due(now, cost) for account in accounts)
        if not wait:
            for account in accounts:
                account.buckets[kind].take(cost)
        return wait

    def read(self, now: float, size: int, frames: int) -> float:
        """Take `size` bytes and the `frames` in them that were read; return for how many seconds to read no more."""
        self._read_bytes += size
        self._read_frames += frames
        own = self._own
        if self._read_bytes < LUMP * own.bytes.most and self._read_frames < LUMP * own.frames.most:
            return 0.0
        if self._expected:
            self._grant()
        size, self._read_bytes = self._read_bytes, 0
        frames, self._read_frames = self._read_frames, 0
        wait = max(own.bytes.spend(now, size), own.frames.spend(now, frames))
        if self._shared is None:
            return wait
        return max(wait, self._shared.bytes.spend(now, size), self._shared.frames.spend(now, frames))

    def expect(self, messages: float) -> None:
        """Allow `messages` beyond the rate: the answers to what was sent."""
        self._expected += messages
        if self._expected >= EXPECTED:
            self._grant()

    def _grant(self) -> None:
        messages, self._expected = self._expected, 0.0
        for account in (self._own,) if self._shared is None else (self._own, self._shared):
            account.buckets["messages"].grant(messages)
            account.frames.grant(messages)

    def join(self, shared: Account) -> None:
        """Spend of `shared` as well from now on."""
        self._shared = shared


class Users:
    """The accounts of the users who have spent lately; `opening` makes the bucket of a user and a kind."""

    def __init__(
        self,
        allowance: Allowance,
        *,
        largest: int,
        values: int,
        opening: Callable[[str, str, float, float], Bucket] = lambda user, kind, per_s, most: Bucket(per_s, most),
    ) -> None:
        self._allowance = allowance.shared()
        self._largest = largest
        self._values = values
        self._opening = opening
        self._accounts: dict[str, Account] = {}

    def account(self, user: str, now: float) -> Account:
        """Return what `user` shares with all of their connections."""
        found = self._accounts.get(user)
        if found is None:
            if len(self._accounts) >= USERS:
                self._accounts = {name: each for name, each in self._accounts.items() if not each.full(now)}
            found = Account(
                self._allowance,
                largest=self._largest,
                values=self._values,
                sounds=SHARE,
                opening=partial(self._opening, user),
            )
            self._accounts[user] = found
        return found
