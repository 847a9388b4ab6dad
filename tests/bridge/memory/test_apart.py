"""Memories of several users never mix, whatever they say, in whatever order."""

from __future__ import annotations

import itertools
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.memory.database import Sqlite
from bridge.memory.store import Owner, Store
from engines.memory.facts import Fact

# Names and words that collide on purpose: of other users, of other cases, of query languages.
WHO = st.sampled_from(["", "ada", "Ada", "ada ", "bob", "ada' OR 1=1", "%", "bob\x1fteacher"])
IDENTITY = st.sampled_from(["teacher", "Teacher", "keeper", "%"])
OWNERS = st.builds(Owner, WHO, IDENTITY)
FACTS = st.builds(
    Fact,
    st.sampled_from(["name", "place", "like", "dislike", "note"]),
    st.sampled_from(["Ada", "Bob", "tea", "Berlin", "fish and chips"]),
)
STEPS = st.one_of(
    st.tuples(st.just("write"), OWNERS, FACTS),
    st.tuples(st.just("erase"), OWNERS),
    st.tuples(st.just("forget"), OWNERS, st.integers(1, 40)),
    st.tuples(st.just("consent"), OWNERS, st.booleans()),
    st.tuples(st.just("leave"), OWNERS),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(STEPS, max_size=25))
def test_each_user_has_what_they_told_and_nothing_else(steps: list[tuple[object, ...]]) -> None:
    """Each owner's part of a shared store is that of a store which nobody else uses."""
    with tempfile.TemporaryDirectory() as folder:
        shared = Store(Sqlite(Path(folder) / "shared.sqlite"))
        alone: dict[Owner, Store] = {}
        numbers = itertools.count()
        for step in steps:
            owner = step[1]
            assert isinstance(owner, Owner)
            own = alone.setdefault(owner, Store(Sqlite(Path(folder) / f"{next(numbers)}.sqlite")))
            match step:
                case ("write", _, Fact() as fact):
                    for store in (shared, own):
                        store.write(owner, [fact], session="s", turn=1, now=1.0)
                case ("erase", _):
                    assert shared.erase(owner) == own.erase(owner)
                case ("forget", _, int() as number):
                    # A number may be anybody's: only the owner's own fact may go.
                    gone = next((each.fact for each in shared.everything(owner).facts if each.number == number), None)
                    shared.forget(owner, [number])
                    own.forget(owner, [each.number for each in own.everything(owner).facts if each.fact == gone])
                case ("consent", _, bool() as agreed):
                    for store in (shared, own):
                        store.consent(owner, agreed, 0.0)
                case ("leave", _):
                    for store in (shared, own):
                        store.leave(owner)
        for owner, own in alone.items():
            for older in (False, True):
                ours = [each.fact for each in shared.everything(owner, older=older).facts]
                assert ours == [each.fact for each in own.everything(owner, older=older).facts]
            for text in ("tea", "Ada Bob Berlin", "fish"):
                ours = [each.fact for each in shared.find(owner, text, most=60).facts]
                assert ours == [each.fact for each in own.find(owner, text, most=60).facts]
        for store in (shared, *alone.values()):
            store.close()
