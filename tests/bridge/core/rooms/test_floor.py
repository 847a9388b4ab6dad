"""Never two voices at once, and never over somebody who speaks: the floor of a room over random schedules."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.core.rooms.floor import (
    MOST_WISHES,
    Asked,
    Begin,
    Cancel,
    CutIn,
    Floor,
    FloorAction,
    FloorEvent,
    Gone,
    Manners,
    Missed,
    Over,
    Speaks,
    Wants,
)

PEOPLE, COMPANIONS = ("ada", "ben", "cleo"), ("mira", "orin")
people, companions = st.sampled_from(PEOPLE), st.sampled_from(COMPANIONS)
# `Over` and `CutIn` are of the running turn or of an old one, by -1 and 0.
events = st.one_of(
    st.builds(Speaks, people, st.booleans()),
    st.builds(Asked, people, st.lists(companions, max_size=3).map(tuple)),
    st.builds(Wants, companions, st.sampled_from(("", *COMPANIONS))),
    st.builds(CutIn, people, st.sampled_from((0, 1)), st.booleans()),
    st.builds(Over, st.sampled_from((0, 1))),
    st.builds(Gone, st.sampled_from((*PEOPLE, *COMPANIONS))),
)
schedules = st.lists(st.tuples(st.floats(0.0, 5.0), events), max_size=40)
manners = st.builds(
    Manners, cutters=st.sampled_from(("anyone", "asker", "hosts")), exchange=st.integers(0, 3), stale=st.just(8.0)
)


@dataclass
class Stage:
    """What an onlooker hears."""

    voices: set[int] = field(default_factory=set)
    begun: list[Begin] = field(default_factory=list)

    def take(self, actions: list[FloorAction], talking: set[str]) -> None:
        for action in actions:
            match action:
                case Begin(turn):
                    assert not self.voices, "two voices at once"
                    assert not talking, "a companion speaks over somebody"
                    assert not self.begun or turn > self.begun[-1].turn
                    self.voices.add(turn)
                    self.begun.append(action)
                case Cancel(turn):
                    self.voices.remove(turn)
                case Missed():
                    pass


def real(event: FloorEvent, floor: Floor) -> FloorEvent:
    match event:
        case Over(turn):
            return Over(floor.turn if turn else floor.turn - 1)
        case CutIn(person, turn, stop):
            return CutIn(person, floor.turn if turn else floor.turn - 1, stop)
        case _:
            return event


@settings(max_examples=150, deadline=None)
@given(schedules, manners)
def test_no_two_voices_at_once_whatever_happens(schedule: list[tuple[float, FloorEvent]], rules: Manners) -> None:
    floor, stage, now = Floor(rules, frozenset({"ada"})), Stage(), 0.0
    for wait, drawn in schedule:
        until = now + wait
        while (due := floor.deadline) is not None and due <= until:
            now = max(now, due)
            stage.take(floor.expire(now), floor.talking)
        now, event = until, real(drawn, floor)
        if isinstance(event, Over):
            stage.voices.discard(event.turn)
        stage.take(floor.receive(event, now), floor.talking)
        assert stage.voices == ({floor.turn} if floor.speaker else set())
        assert floor.waiting <= min(MOST_WISHES, len(COMPANIONS))
        assert floor.streak <= len(stage.begun)
        if isinstance(event, CutIn) and event.turn == floor.turn and (event.stop or event.person == "ada"):
            assert not floor.speaker or floor.turn > event.turn, "who may interrupt does"


@settings(max_examples=60, deadline=None)
@given(schedules)
def test_whoever_asked_is_answered_or_told(schedule: list[tuple[float, FloorEvent]]) -> None:
    """Once everybody is silent, what waits is spoken or dropped within a bounded time."""
    floor, now = Floor(Manners(stale=8.0)), 0.0
    for wait, drawn in schedule:
        now += wait
        floor.receive(real(drawn, floor), now)
    for person in PEOPLE:
        floor.receive(Speaks(person, False), now)
    for _ in range(MOST_WISHES + 1):
        if floor.speaker:
            floor.receive(Over(floor.turn), now)
        if (due := floor.deadline) is None:
            break
        now = max(now, due)
        floor.expire(now)
    assert not floor.waiting
    assert floor.deadline is None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 6))
def test_companions_answer_each_other_a_bounded_number_of_times(most: int) -> None:
    floor, now, turns = Floor(Manners(exchange=most)), 0.0, 0
    floor.receive(Asked("ada", ("mira",)), now)
    while floor.speaker:
        turns += 1
        other = "orin" if floor.speaker == "mira" else "mira"
        answered = floor.speaker
        floor.receive(Over(floor.turn), now)
        floor.receive(Wants(other, answers=answered), now)
        if (due := floor.deadline) is not None:
            now = due
            floor.expire(now)
        assert turns <= 10
    assert turns == max(1, most)


def test_somebody_who_speaks_ends_an_exchange_before_its_next_turn() -> None:
    floor = Floor()
    floor.receive(Asked("ada", ("mira",)), 0.0)
    floor.receive(Over(1), 2.0)
    assert floor.receive(Wants("orin", answers="mira"), 2.0) == []
    floor.receive(Speaks("ben"), 2.2)
    floor.receive(Speaks("ben", False), 3.0)
    assert floor.deadline is None
    assert floor.expire(9.0) == []


def test_two_who_ask_at_the_same_instant_get_one_answer_to_both() -> None:
    floor = Floor()
    for person in ("ada", "ben"):
        floor.receive(Speaks(person), 0.0)
    assert floor.receive(Asked("ada", ("mira",)), 1.0) == []
    assert floor.receive(Asked("ben", ("mira",)), 1.0) == [Begin(1, "mira", "ben")]
    assert floor.receive(Over(1), 4.0) == []


def test_somebody_who_leaves_in_mid_speech_holds_nobody_up() -> None:
    floor = Floor()
    floor.receive(Asked("ada", ("mira", "orin")), 0.0)
    floor.receive(Speaks("ben"), 1.0)
    floor.receive(Over(1), 2.0)
    assert floor.receive(Gone("ben"), 3.0) == [Begin(2, "orin", "ada")]
    assert floor.receive(Gone("orin"), 4.0) == [Cancel(2)]


def test_only_the_one_who_asked_and_hosts_cut_where_that_is_the_manner() -> None:
    floor = Floor(Manners(cutters="asker"), frozenset({"ada"}))
    floor.receive(Asked("ben", ("mira",)), 0.0)
    assert floor.receive(CutIn("cleo", 1), 1.0) == []
    assert floor.receive(CutIn("ada", 1), 1.0) == [Cancel(1)]
    floor.receive(Asked("ben", ("mira",)), 2.0)
    assert floor.receive(CutIn("ben", 2), 3.0) == [Cancel(2)]


def test_a_wish_that_waits_too_long_is_told_as_missed() -> None:
    floor = Floor(Manners(stale=5.0))
    floor.receive(Speaks("ben"), 0.0)
    floor.receive(Asked("ada", ("mira",)), 1.0)
    assert floor.deadline == 6.0
    assert floor.expire(6.0) == [Missed("ada", "mira")]
