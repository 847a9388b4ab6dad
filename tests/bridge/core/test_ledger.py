"""Several processes draw on one bucket and settle now and then: the average holds, and nothing is counted twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.core.ledger import Drawn, Entry, Ledger
from bridge.core.rate import Bucket

PER_S, AT_ONCE = 10.0, 20.0


def settle(entry: Entry, all_of_them: Bucket, now: float) -> None:
    wait = all_of_them.spend(now, entry.units)
    entry.bucket.follow(now, wait or min(0.0, all_of_them._paid_at - now))


@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0.0, 0.5), st.floats(0.0, 5.0), st.booleans()), max_size=80))
def test_the_average_holds_and_a_burst_exceeds_it_by_what_was_not_settled(
    play: list[tuple[int, float, float, bool]],
) -> None:
    whole, now, spent = Bucket(PER_S, AT_ONCE), 0.0, 0.0
    ledgers = [Ledger() for _ in range(3)]
    drawn = [ledger.bucket("ada", PER_S, AT_ONCE) for ledger in ledgers]
    for who, after, cost, settles in play:
        now += after
        if drawn[who].has(now, cost):
            drawn[who].take(cost)
            spent += cost
        if settles:
            for entry in ledgers[who].due():
                settle(entry, whole, now)
    unsettled = sum(each.spent for each in drawn)
    for ledger in ledgers:
        for entry in ledger.due():
            settle(entry, whole, now)
    # All that was taken is known to all, once: who looks now waits until it is paid for.
    assert sum(each.spent for each in drawn) == 0
    assert spent <= 3 * AT_ONCE + PER_S * now + 1e-6
    assert 0.0 <= unsettled <= spent + 1e-9
    fresh = Ledger().bucket("ada", PER_S, AT_ONCE)
    settle(Entry(fresh, 0.0), whole, now)
    assert abs(max(fresh._paid_at, now - 2.0) - max(whole._paid_at, now - 2.0)) < 1e-9


def test_what_is_taken_while_one_settles_is_not_lost() -> None:
    ledger = Ledger()
    bucket = ledger.bucket("ada", PER_S, AT_ONCE)
    bucket.take(10.0)
    [entry] = ledger.due()
    bucket.take(8.0)
    bucket.follow(0.0, -2.0 + entry.units / PER_S + 0.2)  # somebody else took two
    assert not bucket.has(0.0, 0.5)
    assert [each.units for each in ledger.due()] == [8.0]
    assert ledger.due() == []


def test_many_buckets_are_settled_in_turns_and_costly_ones_at_once() -> None:
    rung: list[int] = []
    ledger = Ledger(lambda: rung.append(1))
    many = [ledger.bucket(str(i), 1.0, 1.0) for i in range(5)]
    for bucket in many:
        bucket.take(1.0)
    assert not rung
    ledger.costly("turns", 1.0, 1.0).take(1.0)
    assert rung == [1]
    assert [each.bucket.name for each in ledger.due(4)] == ["0", "1", "2", "3"]
    many[0].grant(2.0)
    assert [(each.bucket.name, each.units) for each in ledger.due()] == [("4", 1.0), ("turns", 1.0), ("0", -2.0)]


def test_one_that_spends_on_tick_waits_as_any_bucket() -> None:
    drawn: list[Drawn] = []
    bucket = Drawn("ada", PER_S, AT_ONCE, drawn.append)
    assert bucket.spend(0.0, 25.0) == 0.5
    assert (bucket.spent, len(drawn)) == (25.0, 1)
