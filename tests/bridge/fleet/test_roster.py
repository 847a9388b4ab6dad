"""Who takes the next socket, who has which session, who inherits, and how long a slot stays empty."""

from __future__ import annotations

from bridge.fleet.roster import LONGEST_PAUSE, Roster


def serving(*slots: int) -> tuple[Roster, list[int]]:
    roster = Roster()
    keys = [roster.begin(slot, 0.0).key for slot in slots]
    for key in keys:
        roster.ready(key)
    return roster, keys


def taken(roster: Roster) -> int:
    worker = roster.next()
    assert worker is not None
    roster.took(worker.key)
    return worker.slot


def test_sockets_go_where_fewest_are() -> None:
    roster, (first, *_) = serving(0, 1, 2)
    assert [taken(roster) for _ in range(6)] == [0, 1, 2, 0, 1, 2]
    roster.left(first)
    assert taken(roster) == 0


def test_who_starts_or_drains_takes_nobody() -> None:
    roster = Roster()
    assert roster.next() is None
    key = roster.begin(0, 0.0).key
    assert roster.next() is None
    roster.ready(key)
    assert roster.next() is not None
    roster.drain(key)
    roster.ready(key)  # late news
    assert roster.next() is None


def test_who_is_lost_takes_nobody_and_counts_as_dead() -> None:
    roster, (key, other) = serving(0, 1)
    roster.lost(key)
    assert [taken(roster) for _ in range(2)] == [1, 1]
    assert roster.gone(key, 1.0) == 0.5
    roster.drain(other)
    roster.lost(other)
    assert roster.gone(other, 1.0) == 0.0


def test_a_session_is_where_it_was_sent_last() -> None:
    roster, (old, new) = serving(0, 0)
    roster.opened("s", old)
    roster.opened("s", new)  # it is on its way
    roster.closed("s", old)  # and the old one says that it has it no longer
    found = roster.has("s")
    assert found is not None
    assert found.key == new
    roster.closed("s", new)
    assert roster.has("s") is None


def test_sessions_of_a_worker_that_died_are_nowhere() -> None:
    roster, (one, two) = serving(0, 1)
    roster.opened("a", one)
    roster.opened("b", two)
    roster.gone(one, 1.0)
    assert roster.has("a") is None
    assert roster.has("b") is not None


def test_the_heir_sits_in_the_same_slot_or_has_least_to_do() -> None:
    roster, (old, one, two) = serving(0, 1, 2)
    roster.took(one, 5)
    heir = roster.heir(old)
    assert heir is not None
    assert heir.key == two
    new = roster.begin(0, 1.0).key
    roster.ready(new)
    roster.took(new, 50)
    heir = roster.heir(old)
    assert heir is not None
    assert heir.key == new
    assert Roster().heir(7) is None


def test_a_slot_waits_longer_the_more_often_its_worker_dies() -> None:
    roster = Roster()
    pauses = []
    for _ in range(9):
        key = roster.begin(0, 0.0).key
        roster.ready(key)
        pauses.append(roster.gone(key, 1.0))
    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert pauses[-1] == LONGEST_PAUSE
    key = roster.begin(0, 0.0).key
    assert roster.gone(key, 100.0) == 0.5  # it had lived
    key = roster.begin(0, 0.0).key
    roster.drain(key)
    assert roster.gone(key, 1.0) == 0.0


def test_news_of_a_worker_that_is_gone_means_nothing() -> None:
    roster, (key,) = serving(0)
    roster.gone(key, 1.0)
    roster.took(key)
    roster.left(key)
    roster.opened("s", key)
    roster.closed("s", key)
    assert roster.has("s") is None
    assert roster.all() == []
