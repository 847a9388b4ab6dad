"""What a user spends is counted over all processes that share a store, against a real server."""

from __future__ import annotations

import asyncio
import logging
import random
from pathlib import Path

import pytest

from bridge.core.budget import Account, Allowance, Budget, Users
from bridge.core.rate import Bucket, Pace, Verdict
from bridge.shared import store as stores
from bridge.shared.commons import Commons
from bridge.shared.rates import SETTLE, Common, Own
from bridge.shared.store import Store
from tests.bridge.peers import run
from tests.bridge.shared.stores import address, free_port, running

pytest.importorskip("redis", reason="the extra shared is not installed")

SLOW = Allowance(messages=0.001, bytes=1, values=1, turns=0.0001)  # nothing comes back while a test runs
TURNS = 4  # of SLOW at once, for a user as for a connection


def time() -> float:
    return asyncio.get_running_loop().time()


class Process:
    """What one process knows of a user's spending."""

    def __init__(self, store: Store) -> None:
        self.rates = Common(store, secret="secret")
        self.users = Users(SLOW, largest=10, values=10, opening=self.rates.user)

    def connection(self) -> tuple[Budget, Account]:
        budget = Budget(Account(Allowance(turns=1000), largest=10, values=10))
        account = self.users.account("ada", time())
        budget.join(account)
        return budget, account


def test_the_store_counts_as_a_process_does(tmp_path: Path) -> None:
    chance, port = random.Random(5), free_port()

    async def body() -> None:
        store = Store(address(port))
        settle = store.redis.register_script(SETTLE)
        kinds = [(10.0, 5.0), (500.0, 20.0), (2000.0, 1.0)]
        here = [Bucket(per_s, most) for per_s, most in kinds]
        decided = set()
        for number in range(300):
            at = chance.randrange(3)
            per_s, most = kinds[at]
            units = chance.choice([0.0, 1.0, chance.uniform(0, most), -chance.uniform(0, 2)])
            strict = chance.random() < 0.6 and units > 0
            given = [1 / per_s, most / per_s, units, int(strict)]
            now, taken, ahead = map(float, await settle(keys=[f"k{at}"], args=given))
            bucket = here[at]
            due = bucket._paid_at + units / per_s - now
            if strict and bucket.has(now, units) != bool(taken):
                assert abs(due) < 1e-5  # by a rounding of the clock
            if taken:
                bucket.spend(now, units)
            decided.add((strict, bool(taken)))
            least = -most / per_s
            assert max(ahead, least) == pytest.approx(max(bucket._paid_at - now, least), abs=2e-6)
            if number % 50 == 0:
                await asyncio.sleep(0.02)
        assert decided == {(False, True), (True, True), (True, False)}
        await store.close()

    with running(tmp_path, port):
        run(body)


def test_two_processes_share_one_limit_and_go_on_alone_when_the_store_is_away(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO, "bridge.shared")
    monkeypatch.setattr(stores, "QUIET", 0.0)
    port, told = free_port(), list[bool]()

    async def shared() -> None:
        one, two = Process(store), Process(store)
        (mine, _), (theirs, account) = one.connection(), two.connection()
        assert [mine.judge(time(), "turns") for _ in range(3)] == [Verdict.TAKEN] * 3
        await one.rates.settle()
        assert theirs.judge(time(), "turns") is Verdict.TAKEN  # the last that there is
        assert await two.rates.admit(account)
        assert theirs.judge(time(), "turns") is not Verdict.TAKEN  # it has learnt of the others by asking
        assert mine.judge(time(), "turns") is Verdict.TAKEN  # this one has not
        assert not await one.rates.admit(one.users.account("ada", time()))
        assert mine.judge(time(), "turns") is not Verdict.TAKEN
        paces = [Pace(0.001, 2, opening=each.rates.address) for each in (one, two)]
        assert [paces[0].wait("::1", time()) for _ in range(2)] == [0.0, 0.0]
        await one.rates.settle()
        paces[1].wait("::1", time())  # the process did not know that address
        await two.rates.settle()
        assert paces[1].wait("::1", time()) > 0.0

    async def away() -> None:
        alone = Process(store)
        budget, account = alone.connection()
        began = time()
        for _ in range(TURNS):
            assert budget.judge(time(), "turns") is Verdict.TAKEN
            assert await alone.rates.admit(account)
        assert budget.judge(time(), "turns") is not Verdict.TAKEN  # its own limit
        assert time() - began < TURNS * stores.PATIENCE + 1.0

    async def body() -> None:
        nonlocal store
        store = Store(address(port), away=told.append)
        with running(tmp_path, port) as process:
            await shared()
            process.kill()
            await asyncio.to_thread(process.wait)
            await away()
            assert told == [True]
        with running(tmp_path, port):  # back, and it has forgotten everything
            await shared()
        assert told == [True, False]
        await store.close()

    store: Store
    run(body)
    said = [record.message for record in caplog.records]
    assert said == ["the shared store is away; each process counts for itself", "the shared store is back"]


def test_what_is_drawn_is_settled_by_itself_and_without_a_store_nothing_is(tmp_path: Path) -> None:
    port = free_port()

    async def body() -> None:
        async with Commons(address(port), now=lambda: 0.0, secret="", away=lambda away: None) as commons:
            bucket = commons.rates.user("ada", "turns", 0.001, 4.0)
            bucket.take(1.0)
            store = Store(address(port))
            while not (keys := await store.redis.keys("companion:rate:user:*")):
                pass
            assert b"ada" not in keys[0]
            await store.close()
        async with Commons("", now=lambda: 0.0, secret="", away=lambda away: None) as commons:
            assert isinstance(commons.rates, Own)
            assert await commons.rates.admit(Account(SLOW, largest=1, values=1))
            assert type(commons.rates.address("::1", 1.0, 1.0)) is type(commons.rates.user("a", "turns", 1, 1))

    with running(tmp_path, port):
        run(body)
