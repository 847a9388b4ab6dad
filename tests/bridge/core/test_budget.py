"""Whose messages are taken: token buckets against a clock that the test moves."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.budget import AT_ONCE, SHARE, SOUND, USERS, Account, Allowance, Budget, Kind, Users
from bridge.core.rate import PATIENCE, Bucket, Pace, Verdict

LITTLE = Allowance(messages=10, bytes=1000, values=100, turns=2)


def account(allowance: Allowance = LITTLE) -> Account:
    return Account(allowance, largest=100, values=50)


def taken(budget: Budget, now: float, messages: int = 50) -> int:
    return sum(budget.judge(now, "messages") is Verdict.TAKEN for _ in range(messages))


def test_twice_the_rate_is_taken_at_once_also_on_a_fresh_connection() -> None:
    budget = Budget(account())
    assert taken(budget, 100.0) == 20
    assert taken(budget, 101.0) == 10
    assert taken(budget, 200.0) == 20


def test_of_what_is_too_much_only_the_excess_is_dropped() -> None:
    """Twelve a second where ten are allowed: ten a second go through, however long it lasts."""
    budget = Budget(account())
    assert 1_000 <= sum(taken(budget, 100.0 + i / 12, 1) for i in range(1200)) <= 1_021


def test_the_excess_is_told_once_a_second() -> None:
    budget = Budget(account())
    verdicts = Counter(budget.judge(now / 100, "messages") for now in range(300) for _ in range(2))
    assert verdicts[Verdict.TOLD] == 3
    assert verdicts[Verdict.FLOOD] == 0


def test_a_flood_on_end_is_closed_and_one_that_pauses_is_not() -> None:
    budget = Budget(account())

    def second(now: int) -> bool:
        return any(budget.judge(float(now), "messages") is Verdict.FLOOD for _ in range(50))

    assert not any(second(now) for now in range(100, 105))
    assert not any(second(now) for now in range(110, 119))
    assert any(second(now) for now in range(119, 121 + int(PATIENCE)))


def test_each_kind_has_a_credit_of_its_own() -> None:
    budget = Budget(account())
    assert budget.judge(0.0, "values", 200) is Verdict.TAKEN
    assert budget.judge(0.0, "values") is Verdict.TOLD
    assert [budget.judge(0.0, "turns") for _ in range(5)].count(Verdict.TAKEN) == 4
    assert taken(budget, 0.0) == 20


def test_a_microphone_is_listened_to_not_much_faster_than_it_can_hear() -> None:
    budget = Budget(account())
    frames = [budget.judge(second / 2, "sound", 0.06) for second in range(20) for _ in range(50)]
    heard = 0.06 * frames.count(Verdict.TAKEN)
    assert 15 < heard <= 3 + 1.5 * 9.5
    live = Budget(account())
    assert all(live.judge(i * 0.06, "sound", 0.06) is Verdict.TAKEN for i in range(1000))


def test_what_is_refused_costs_nothing() -> None:
    budget = Budget(account())
    assert budget.judge(0.0, "values", 150) is Verdict.TAKEN
    assert budget.judge(0.0, "values", 51) is Verdict.TOLD
    assert budget.judge(0.0, "values", 50) is Verdict.TAKEN


def test_the_largest_message_can_be_paid_for_at_any_rate() -> None:
    slow = Account(Allowance(messages=1, bytes=1, values=1, turns=0.1), largest=500, values=300)
    budget = Budget(slow)
    assert budget.judge(0.0, "values", 300) is Verdict.TAKEN
    assert budget.read(0.0, 500, 1) == 0


def test_who_tells_of_each_media_where_it_plays_is_never_over_the_rate() -> None:
    budget = Budget(account())
    for i in range(1000):
        now = i / 100  # ten times the rate
        budget.expect(1.0)
        assert budget.judge(now, "messages") is Verdict.TAKEN


def test_what_is_expected_is_no_credit_for_later() -> None:
    budget = Budget(account())
    budget.expect(1_000_000.0)
    assert taken(budget, 0.0) == AT_ONCE * LITTLE.messages


def test_what_is_read_beyond_the_credit_is_waited_for() -> None:
    budget = Budget(account())
    assert budget.read(0.0, 2000, 1) == 0
    assert budget.read(0.0, 500, 1) == 0.5
    assert budget.read(1.0, 500, 1) == 0


def test_frames_are_read_at_their_own_rate() -> None:
    budget = Budget(account())
    assert budget.read(0.0, 0, 40) == 0
    assert budget.read(0.0, 0, 20) == 1.0


def test_those_who_come_are_paced_by_name_and_forgotten_when_many_do() -> None:
    pace = Pace(10, 20, most_names=8)
    assert [pace.wait("eve", 0.0) for _ in range(22)] == pytest.approx([0.0] * 20 + [0.1, 0.2])
    assert pace.wait("ada", 0.0) == 0
    assert [pace.wait("eve", 0.0) for _ in range(1000)][-1] == pytest.approx(1.0)
    assert pace.wait("eve", 0.5) == pytest.approx(0.6)
    for i in range(100):
        assert pace.wait(f"stranger {i}", 1.0 + i) == 0
    assert len(pace._buckets) <= 9
    assert pace.wait("eve", 200.0) == 0


def test_the_connections_of_one_user_share_and_those_of_another_do_not() -> None:
    users = Users(LITTLE, largest=100, values=50)
    many = [Budget(account()) for _ in range(8)]
    for budget in many:
        budget.join(users.account("eve", 0.0))
    assert sum(taken(budget, 0.0) for budget in many) == AT_ONCE * LITTLE.messages * SHARE
    good = Budget(account())
    good.join(users.account("ada", 0.0))
    assert taken(good, 0.0) == AT_ONCE * LITTLE.messages


def test_a_user_who_comes_again_has_what_was_left() -> None:
    users = Users(LITTLE, largest=100, values=50)
    for _ in range(20):
        budget = Budget(account())
        budget.join(users.account("eve", 0.0))
        taken(budget, 0.0)
    last = Budget(account())
    last.join(users.account("eve", 0.0))
    assert taken(last, 0.0) == 0


def test_who_has_spent_nothing_lately_is_forgotten_when_many_come() -> None:
    users = Users(LITTLE, largest=100, values=50)
    spent = users.account("eve", 0.0)
    spent.buckets["messages"].spend(0.0, 80)
    for i in range(USERS + 5):
        users.account(f"user {i}", 0.0)
    assert len(users._accounts) <= USERS
    assert users.account("eve", 0.1) is spent


@given(st.lists(st.tuples(st.floats(0.0, 3.0), st.floats(0.0, 5.0)), max_size=60))
def test_never_more_than_the_burst_and_the_rate_is_taken(play: list[tuple[float, float]]) -> None:
    budget, now, spent = Budget(account()), 0.0, 0.0
    for after, cost in play:
        now += after
        if budget.judge(now, "messages", cost) is Verdict.TAKEN:
            spent += cost
    assert spent <= 20 + 10 * now + 1e-6


@given(st.lists(st.tuples(st.floats(0.0, 3.0), st.floats(0.0, 50.0)), max_size=60))
def test_who_waits_as_told_is_never_over_the_rate(play: list[tuple[float, float]]) -> None:
    bucket, now, spent = Bucket(10, 20), 0.0, 0.0
    for after, cost in play:
        now += after
        now += bucket.spend(now, cost)
        spent += cost
    assert spent <= 20 + 10 * now + 1e-6


def test_a_clock_that_goes_back_gives_no_credit() -> None:
    bucket = Bucket(10, 20)
    bucket.spend(100.0, 20)
    assert not bucket.has(50.0, 1)
    assert bucket.has(100.1, 1)


def test_who_waits_as_long_as_is_due_is_served_and_no_sooner() -> None:
    budget = Budget(Account(Allowance(), largest=1, values=1))
    waited = 0.0
    for _ in range(100):
        wait = budget.due(waited, "sound", 0.1)
        if wait:
            assert budget.due(waited + wait * 0.9, "sound", 0.1) > 0.0
            assert budget.due(waited + wait, "sound", 0.1) == 0.0
        waited += wait
    # Ten seconds of sound, of which so many may come at once, and one and a half in a second after that.
    assert waited == pytest.approx((10.0 - AT_ONCE * SOUND) / SOUND, abs=0.01)


MICROPHONE: tuple[tuple[Kind, float], ...] = (("messages", 1.0), ("values", 9.0))


@given(st.lists(st.tuples(st.floats(0.0, 0.2), st.floats(0.0, 0.06)), max_size=120))
def test_a_frame_that_is_paid_for_in_one_go_costs_what_it_costs_kind_by_kind(frames: list[tuple[float, float]]) -> None:
    def by_kinds(budget: Budget) -> bool:
        costs: tuple[tuple[Kind, float], ...] = (*MICROPHONE, ("sound", seconds))
        return all(budget.judge(now, kind, cost) is Verdict.TAKEN for kind, cost in costs)

    mixed, plain, now = Budget(account()), Budget(account()), 100.0
    for wait, seconds in frames:
        now += wait
        assert (mixed.sound(9.0, seconds) or by_kinds(mixed)) == by_kinds(plain)
