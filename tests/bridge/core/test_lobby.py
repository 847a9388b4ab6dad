"""Who may wait before `hello`, and who has to go when too many do."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bridge.core.lobby import Lobby, network


def lobby(*, most: int = 6, most_per_address: int = 4, most_inside: int = 100) -> Lobby[str]:
    return Lobby(most=most, most_per_address=most_per_address, most_inside=most_inside)


def test_of_one_address_the_one_that_waited_longest_goes() -> None:
    room = lobby()
    assert [room.enter(f"eve{i}", "10.0.0.1") for i in range(6)] == [None, None, None, None, "eve0", "eve1"]
    assert room.enter("ada", "10.0.0.2") is None


def test_in_all_it_is_one_of_the_address_that_has_most() -> None:
    room = lobby()
    for name, address in (("a", "1.1.1.1"), ("b", "2.2.2.2"), ("c", "3.3.3.3"), ("c2", "3.3.3.3"), ("c3", "3.3.3.3")):
        assert room.enter(name, address) is None
    assert room.enter("d", "4.4.4.4") is None
    assert room.enter("e", "5.5.5.5") == "c"


def test_who_was_let_in_or_has_gone_takes_no_place() -> None:
    room = lobby(most=2)
    for i in range(10):
        assert room.enter(f"good{i}", "10.0.0.1") is None
        room.admit(f"good{i}")
    assert room.enter("one", "10.0.0.1") is None
    room.leave("one")
    assert len(room) == 0
    room.leave("one")
    room.leave("nobody")
    room.admit("nobody")


def test_when_all_places_are_taken_whoever_comes_goes() -> None:
    room = lobby(most_inside=2)
    for name in ("a", "b"):
        room.enter(name, "10.0.0.1")
        room.admit(name)
    assert room.enter("c", "10.0.0.2") == "c"
    room.leave("a")
    assert room.enter("d", "10.0.0.2") is None
    assert room.enter("e", "10.0.0.3") == "d"


def test_an_ipv6_host_has_a_whole_network_to_come_from() -> None:
    assert network("2001:db8::1") == network("2001:db8::ffff:ffff:ffff:ffff") != network("2001:db8:0:1::1")
    assert network("::ffff:10.0.0.1") == network("10.0.0.1")
    assert network("fe80::1%eth0") == network("fe80::2")
    assert network("") == ""
    assert network("not:an:address") == "not:an:address"


@given(st.lists(st.tuples(st.sampled_from("eal"), st.integers(0, 30), st.integers(0, 3))))
def test_never_more_wait_than_may(play: list[tuple[str, int, int]]) -> None:
    room = lobby(most=5, most_per_address=3, most_inside=8)
    for act, guest, address in play:
        name = f"{guest}"
        match act:
            case "e" if name not in room.waiting() and name not in room._inside:
                room.enter(name, f"10.0.0.{address}")
            case "a":
                room.admit(name)
            case "l":
                room.leave(name)
        assert len(room) <= 5
        assert all(len(line) <= 3 for line in room._by_address.values())
        assert len(room) + len(room._inside) <= 8
        assert sorted(room.waiting()) == sorted(name for line in room._by_address.values() for name in line)
