"""Settles with a store what processes take of the buckets that they share, so that limits count over all of them.

The store keeps for each bucket the instant at which all that was taken is paid for, by its own clock, as
`bridge.core.rate.Bucket` does by the loop's: one script reads, takes and answers, so that nothing comes between. Names
are digests made with `secret`. In a session nobody waits for it; who says hello does, no longer than the store's
patience. While the store is away each process goes on by what it knows.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, Protocol

from bridge.core.budget import Account
from bridge.core.ledger import Drawn, Entry, Ledger
from bridge.core.rate import Bucket
from bridge.shared.store import Store

EVERY: Final = 0.25  # seconds from one settlement to the next; what costs most is settled at once
STRICT: Final = "turns"  # what a hello is charged, and refused for

# For each key: seconds that a unit takes, seconds of what may be taken at once, units, and whether to take them only
# where they fit. Answers for each whether they were taken and how many seconds all are ahead of the store's clock. A
# microsecond is what that clock counts in.
SETTLE: Final = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local told = {string.format('%.17g', now)}
for i, key in ipairs(KEYS) do
  local each, window = tonumber(ARGV[4 * i - 3]), tonumber(ARGV[4 * i - 2])
  local units, strict = tonumber(ARGV[4 * i - 1]), ARGV[4 * i] == '1'
  local paid = tonumber(redis.call('GET', key) or '-1')
  if paid < now - window then paid = now - window end
  local taken = not strict or paid + units * each <= now + 0.000001
  if taken and units ~= 0 then
    paid = paid + units * each
    local left = math.ceil((paid - now + window) * 1000)
    if left > 0 then redis.call('SET', key, string.format('%.17g', paid), 'PX', left) else redis.call('DEL', key) end
  end
  told[#told + 1] = taken and 1 or 0
  told[#told + 1] = string.format('%.17g', paid - now)
end
return told
"""


class Rates(Protocol):
    """Makes the buckets of a server's limits, and says whether somebody who comes has spent too much elsewhere."""

    def user(self, user: str, kind: str, per_s: float, most: float) -> Bucket:
        """Make the bucket of what all connections of a user spend of a kind."""
        ...

    def address(self, name: str, per_s: float, most: float) -> Bucket:
        """Make the bucket of those who come from an address."""
        ...

    async def admit(self, account: Account) -> bool:
        """Return whether there was credit for the turn that was just taken of a user's account, anywhere."""
        ...

    async def run(self) -> None:
        """Settle again and again, until it is cancelled."""
        ...


class Own:
    """The limits of this process alone."""

    def user(self, user: str, kind: str, per_s: float, most: float) -> Bucket:
        """Make a bucket of this process."""
        return Bucket(per_s, most)

    def address(self, name: str, per_s: float, most: float) -> Bucket:
        """Make a bucket of this process."""
        return Bucket(per_s, most)

    async def admit(self, account: Account) -> bool:
        """Say that there was: this process has looked already."""
        return True

    async def run(self) -> None:
        """Do nothing."""


class Common:
    """The limits of all who share a store."""

    def __init__(self, store: Store, *, secret: str) -> None:
        self._store = store
        self._settle = store.redis.register_script(SETTLE)
        self._key = secret.encode()[: hashlib.blake2b.MAX_KEY_SIZE]
        self._urgent = asyncio.Event()
        self._ledger = Ledger(self._urgent.set)

    def user(self, user: str, kind: str, per_s: float, most: float) -> Bucket:
        """Make a bucket that is settled; one of turns at once."""
        make = self._ledger.costly if kind == STRICT else self._ledger.bucket
        return make(self._name("user", user, kind), per_s, most)

    def address(self, name: str, per_s: float, most: float) -> Bucket:
        """Make a bucket that is settled."""
        return self._ledger.bucket(self._name("address", name, ""), per_s, most)

    async def admit(self, account: Account) -> bool:
        """Ask the store, and learn of all else that the user has spent elsewhere."""
        turns = account.buckets["turns"]
        others = (account.bytes, account.frames, *account.buckets.values())
        entries = [self._ledger.draw(each) for each in others if isinstance(each, Drawn)]
        return turns not in await self._settled(entries, strict=turns)

    async def run(self) -> None:
        """Settle what is due, what costs most at once."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(EVERY):
                    await self._urgent.wait()
            self._urgent.clear()
            await self.settle()

    async def settle(self) -> None:
        """Settle what is due."""
        while entries := self._ledger.due():
            await self._settled(entries)

    async def _settled(self, entries: Sequence[Entry], *, strict: Bucket | None = None) -> list[Drawn]:
        """Settle, and return the buckets in which there was no credit for it; none where the store is away."""
        if not entries:
            return []
        given: list[float | int | str] = []
        for each in entries:
            bucket = each.bucket
            given += (bucket.each, bucket.window, each.units, int(bucket is strict))
        names = [each.bucket.name for each in entries]
        told = await self._store.ask(lambda: self._settle(keys=names, args=given))
        refused: list[Drawn] = []
        if not isinstance(told, list):
            return refused
        now = asyncio.get_running_loop().time()
        for number, each in enumerate(entries):
            taken, ahead = told[2 * number + 1], float(told[2 * number + 2])
            each.bucket.follow(now, ahead)
            if not taken:
                refused.append(each.bucket)
        return refused

    def _name(self, of: str, who: str, kind: str) -> str:
        digest = hashlib.blake2b(who.encode(), digest_size=16, key=self._key).hexdigest()
        return f"companion:rate:{of}:{digest}:{kind}"
