"""What is kept of people: replaced, confirmed, found, forgotten for good; in SQLite and in PostgreSQL alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bridge.memory.database import Postgres, Sqlite
from bridge.memory.store import FACTS, Owner, Store, Vector
from engines.memory.facts import Episode, Fact
from engines.memory.reading import told
from engines.memory.vectors import packed
from tests.bridge.memory.stores import server, why_not

ADA, BOB = Owner("ada", "teacher"), Owner("bob", "teacher")
DAY = 86_400.0


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server."""
    with server(tmp_path_factory.mktemp("postgres")) as address:
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        made = Store(Sqlite(tmp_path / "memory.sqlite"))
    else:
        if reason := why_not():
            pytest.skip(reason)
        database = Postgres(request.getfixturevalue("address"))
        database.run("TRUNCATE person, fact, episode CASCADE")
        made = Store(database)
    for owner in (ADA, BOB):
        made.consent(owner, True, 0.0)
    yield made
    made.close()


def tell(store: Store, owner: Owner, text: str, now: float = 1.0) -> None:
    store.write(owner, told(text, "en"), session="s", turn=1, now=now)


def values(store: Store, owner: Owner, *, older: bool = False) -> list[tuple[str, str]]:
    return [(each.fact.kind, each.fact.value) for each in store.everything(owner, older=older).facts]


def test_nothing_is_written_for_who_has_not_agreed(store: Store) -> None:
    stranger, refuser = Owner("eve", "teacher"), Owner("joe", "teacher")
    store.consent(refuser, False, 0.0)
    for owner in (stranger, refuser):
        tell(store, owner, "My name is Eve.")
        store.episode(owner, Episode("s", 1.0, "They spoke of light."))
        assert store.everything(owner, older=True).facts == ()
        assert store.everything(owner).episodes == ()
    assert store.standing(stranger).consent is None
    assert store.standing(refuser).consent is False


def test_a_newer_fact_replaces_an_older_one_and_the_history_stays(store: Store) -> None:
    tell(store, ADA, "I live in Berlin. I like tea.")
    tell(store, ADA, "I moved to Hamburg. I don't like tea any more.", 2.0)
    assert values(store, ADA) == [("place", "Hamburg"), ("dislike", "tea")]
    assert ("place", "Berlin") in values(store, ADA, older=True)
    assert ("like", "tea") in values(store, ADA, older=True)


def test_the_same_fact_again_is_confirmed_and_not_doubled(store: Store) -> None:
    tell(store, ADA, "I live in Berlin.", 1.0)
    tell(store, ADA, "I live in Berlin.", 5.0)
    (fact,) = store.everything(ADA).facts
    assert (fact.at, fact.seen) == (1.0, 5.0)


def test_what_has_a_word_of_the_question_is_found(store: Store) -> None:
    for number in range(80):
        tell(store, ADA, f"Remember that the box number {number} is in the cellar.", float(number))
    tell(store, ADA, "Remember that the red telescope needs a new lens.", 0.5)
    found = store.find(ADA, "Where did I put my telescopes?", most=10).facts
    assert "telescope" in found[0].fact.value
    assert len(found) == 10


def test_chinese_is_found_without_spaces(store: Store) -> None:
    store.write(ADA, [Fact("note", f"第{n}个箱子在地下室") for n in range(50)], session="s", turn=1, now=1.0)
    store.write(ADA, [Fact("note", "望远镜在阳台上")], session="s", turn=1, now=1.0)
    assert store.find(ADA, "我的望远镜呢？", most=3).facts[0].fact.value == "望远镜在阳台上"


def test_words_are_no_query(store: Store) -> None:
    tell(store, ADA, "I like tea.")
    for text in ('" OR 1 --', "a:* & !b | (", "words : tea*", "NEAR(tea 3)", "'; DROP TABLE fact; --", "%", "tea\x00"):
        store.find(ADA, text, most=5)
    assert values(store, ADA) == [("like", "tea")]


def test_forgetting_takes_the_history_along(store: Store) -> None:
    tell(store, ADA, "I live in Berlin. I like tea.")
    tell(store, ADA, "I moved to Hamburg.", 2.0)
    number = next(each.number for each in store.everything(ADA).facts if each.fact.kind == "place")
    assert store.forget(ADA, [number]) == 1
    assert values(store, ADA, older=True) == [("like", "tea")]
    assert store.find(ADA, "Hamburg Berlin", most=5).facts == store.everything(ADA).facts


def test_nobody_forgets_what_is_anothers(store: Store) -> None:
    tell(store, ADA, "I like tea.")
    (fact,) = store.everything(ADA).facts
    assert store.forget(BOB, [fact.number]) == 0
    store.keep_as_past(BOB, [fact.number])
    assert store.erase(BOB) == 0
    assert values(store, ADA) == [("like", "tea")]


def test_erasing_leaves_nothing_but_the_consent(store: Store) -> None:
    tell(store, ADA, "I live in Berlin. I like tea.")
    tell(store, BOB, "I like tea.")
    store.episode(ADA, Episode("s", 1.0, "They spoke of light."))
    assert store.erase(ADA) == 2
    kept = store.everything(ADA, older=True)
    assert (kept.facts, kept.episodes) == ((), ())
    assert store.standing(ADA).consent is True
    store.leave(ADA)
    assert store.standing(ADA).consent is None
    assert values(store, BOB) == [("like", "tea")]


def test_what_nobody_speaks_of_goes_after_its_time(store: Store) -> None:
    tell(store, ADA, "I live in Berlin.", 0.0)
    tell(store, ADA, "I like tea.", 10 * DAY)
    store.episode(ADA, Episode("old", 0.0, "They spoke of light."))
    assert store.expire(5 * DAY) == 2
    assert values(store, ADA) == [("like", "tea")]
    assert store.everything(ADA).episodes == ()


def test_what_is_kept_of_one_person_is_bounded(store: Store) -> None:
    tell(store, ADA, "My name is Ada.")
    facts = [Fact("like", f"thing {number}") for number in range(FACTS + 20)]
    store.write(ADA, facts, session="s", turn=1, now=2.0)
    kept = values(store, ADA)
    assert len(kept) == FACTS
    assert ("name", "Ada") in kept


def test_a_later_summary_of_a_session_takes_the_place_of_the_first(store: Store) -> None:
    for at, text in ((1.0, "Of light."), (2.0, "Of light and lenses.")):
        store.episode(ADA, Episode("s", at, text))
    assert [episode.text for episode in store.everything(ADA).episodes] == ["Of light and lenses."]


def test_the_bytes_of_what_is_erased_are_gone(tmp_path: Path) -> None:
    path = tmp_path / "memory.sqlite"
    store = Store(Sqlite(path))
    store.consent(ADA, True, 0.0)
    tell(store, ADA, "Remember that the zanzibarian password is quokkaberry.")
    assert any(b"quokkaberry" in each.read_bytes() for each in tmp_path.iterdir())
    store.erase(ADA)
    held = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"quokkaberry" not in held
    assert b"zanzib" not in held
    store.close()


def test_vectors_are_kept_beside_facts_compared_within_an_owner_and_go_with_them(store: Store) -> None:
    tell(store, ADA, "My name is Ada. I live in Bonn.")
    tell(store, BOB, "I live in Berlin.")
    unread = store.unread("m", 10)
    assert [text for _, text in unread] == sorted([text for _, text in unread], key=lambda each: "Berlin" in each)
    numbers = [number for number, _ in unread]
    store.learn("m", [(numbers[0], packed([1, 0])), (numbers[1], packed([0, 1])), (numbers[2], packed([0, 1]))])
    assert store.unread("m", 10) == []
    assert len(store.unread("other", 2)) == 2
    asked = Vector("m", packed([0.1, 1]))
    assert store.find(ADA, "x", most=5, vector=asked).near == (numbers[1], numbers[0])
    assert store.find(ADA, "x", most=5, vector=Vector("other", packed([1, 0]))).near == ()
    assert store.find(ADA, "x", most=5).near == ()
    store.learn("other", [(numbers[1], packed([1.0]))])
    assert store.find(ADA, "x", most=5, vector=asked).near == (numbers[0],)
    store.forget(ADA, [numbers[0]])
    store.learn("m", [(numbers[0], packed([1, 0]))])
    assert store.find(ADA, "x", most=5, vector=asked).near == ()
    assert store.find(BOB, "x", most=5, vector=asked).near == (numbers[2],)
