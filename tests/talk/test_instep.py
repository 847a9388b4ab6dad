"""One device in step with a room: its knowledge of the server's clock, and ten of them heard side by side."""

from __future__ import annotations

import itertools

from bench.stats import quantile
from bench.together import apart
from talk.instep import EVERY_MS, FIRST_MS, KEPT, InStep


def test_the_quickest_answer_tells_the_clock_and_the_delayed_ones_do_not() -> None:
    step = InStep()
    assert not step.known
    assert step.speed(0.0, 5000.0) == 1.0
    for number in range(KEPT):
        late = 0.0 if number == 4 else 80.0  # on the way back alone
        sent = 1000.0 * number
        step.pong(sent, 500_000.0 + sent + 20.0, sent + 40.0 + late)
    assert step.offset == 500_000.0
    assert step.here(507_000.0) == 7000.0
    step.pong(50.0, 0.0, 10.0)  # before it was asked: no answer of ours
    assert step.offset == 500_000.0


def test_pings_are_quick_until_the_line_is_known() -> None:
    step, now = InStep(), 0.0
    sent: list[float] = []
    while len(sent) < KEPT + 2:
        if step.due(now):
            sent.append(now)
            step.pong(now, now, now + 10)
        now += 50.0
    gaps = [after - before for before, after in itertools.pairwise(sent)]
    assert gaps[0] == FIRST_MS
    assert gaps[-1] == EVERY_MS


def test_it_plays_a_little_faster_or_slower_until_it_is_there_and_skips_what_is_far() -> None:
    step = InStep()
    step.pong(0.0, 0.0, 0.0)
    assert step.speed(1000.0, 1000.0) == 1.0
    assert step.speed(1000.0, 1003.0) == 1.0
    assert step.speed(1000.0, 1006.0) == 1.01
    assert step.speed(1000.0, 1002.0) == 1.01, "on, until it is there"
    assert step.speed(1000.0, 1000.2) == 1.0
    assert step.speed(1000.0, 994.0) == 0.99
    assert step.speed(1000.0, 1001.0) == 1.0, "it has gone past"
    assert step.speed(1000.0, 1400.0) == float("inf")
    assert step.speed(1000.0, 600.0) == 0.0


def test_ten_devices_with_clocks_and_lines_of_their_own_are_heard_within_20_ms() -> None:
    spreads, errors = apart(10, 0.25, seed=3)
    assert len(spreads) > 50
    assert quantile(spreads, 0.99) < 20.0
    assert quantile(errors, 0.99) < 20.0
