"""The memory of a server: consent, bounds, a database that comes and goes, a key, and what is scrubbed."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from bridge.memory.carrying import BLOB, BadMemory, key_of, opened, sealed
from bridge.memory.database import Database, DatabaseError, Sqlite
from bridge.memory.keeper import WAITING, Memory, MemoryAway, Terms
from bridge.memory.store import Kept, Owner
from bridge.setup.remembering import remembered
from engines.memory.facts import Fact, Stored
from testkit import virtual_time

ADA = Owner("ada", "teacher")


def memory(folder: Path, terms: Terms | None = None, **more: object) -> Memory:
    return Memory(str(folder / "m.sqlite"), terms, now=lambda: 1.9e9, home=folder, **more)  # type: ignore[arg-type]


def test_it_works_in_a_thread_of_its_own(tmp_path: Path) -> None:
    names: set[str] = set()

    def noting(_: str, __: Path) -> Database:
        names.add(threading.current_thread().name)
        return Sqlite(tmp_path / "m.sqlite")

    async def main() -> None:
        async with memory(tmp_path, open_database=noting) as kept:
            await kept.agree(ADA, True)
            assert await kept.standing(ADA)
            assert len(await kept.write(ADA, [Fact("name", "Ada")], session="s", turn=1)) == 1
            found = await kept.find(ADA, "name")
            assert found is not None
            assert found.facts[0].fact.value == "Ada"

    asyncio.run(main())
    assert all(name.startswith("memory") for name in names)


def test_before_anybody_agrees_there_is_no_file(tmp_path: Path) -> None:
    async def main() -> None:
        async with memory(tmp_path) as kept:
            assert not await kept.standing(ADA)
            await kept.agree(ADA, False)

    asyncio.run(main())
    assert list(tmp_path.iterdir()) == []


def test_what_is_given_holds_until_somebody_refuses(tmp_path: Path) -> None:
    async def main() -> None:
        async with memory(tmp_path, Terms(given=True)) as kept:
            assert await kept.standing(ADA)
            assert await kept.write(ADA, [Fact("name", "Ada")], session="s", turn=1)
            await kept.agree(ADA, False)
            assert not await kept.standing(ADA)
            assert await kept.write(ADA, [Fact("place", "Bonn")], session="s", turn=1) == ()

    asyncio.run(main())


def test_who_waits_is_bounded(tmp_path: Path) -> None:
    gate = threading.Event()

    def slow(_: str, __: Path) -> Database:
        gate.wait()
        return Sqlite(tmp_path / "m.sqlite")

    async def main() -> None:
        async with memory(tmp_path, open_database=slow) as kept:
            asked = [asyncio.ensure_future(kept.agree(ADA, True)) for _ in range(WAITING + 1)]
            done, _ = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
            assert [type(each.exception()) for each in done] == [MemoryAway]
            gate.set()
            await asyncio.gather(*asked, return_exceptions=True)
            assert kept.lost == 1

    asyncio.run(main())


def test_a_database_that_was_away_is_asked_again_after_a_while(tmp_path: Path) -> None:
    tries: list[float] = []

    def coming(_: str, __: Path) -> Database:
        tries.append(asyncio.get_running_loop().time())
        if len(tries) == 1:
            raise DatabaseError("nothing answers")
        return Sqlite(tmp_path / "m.sqlite")

    async def main() -> None:
        kept = memory(tmp_path, open_database=coming, apart=False)
        for _ in range(3):
            with pytest.raises(MemoryAway):
                await kept.agree(ADA, True)
        assert len(tries) == 1
        await asyncio.sleep(6)
        await kept.agree(ADA, True)
        assert await kept.standing(ADA)

    virtual_time.run(main())


def test_what_names_or_reaches_people_is_not_kept_where_it_is_scrubbed(tmp_path: Path) -> None:
    kept = memory(tmp_path, Terms(scrub=True))
    assert kept.scrubbed(Fact("note", "write to ada@example.org")) is None
    fact = kept.scrubbed(Fact("like", "tea", said="I like tea, mail ada@example.org"))
    assert fact is not None
    assert "ada@" not in fact.said


def test_a_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    key = key_of("", tmp_path)
    assert len(key) == 32
    assert key_of("", tmp_path) == key
    assert (tmp_path / "memory.key").stat().st_mode & 0o077 == 0
    assert key_of("s" * 32, tmp_path) == key_of("s" * 32, tmp_path / "elsewhere") != key


def test_a_blob_is_bounded_and_the_most_important_goes_along() -> None:
    facts = [Stored(n, Fact("note", f"{n} {'x' * 190}", said="y" * 390), "s", 1, 1.0, float(n)) for n in range(500)]
    facts.append(Stored(999, Fact("name", "Ada"), "s", 1, 1.0, 1.0))
    blob = sealed(ADA, Kept(tuple(facts)), b"k" * 32)
    assert len(blob) <= BLOB
    back = opened(blob, ADA, b"k" * 32)
    assert "Ada" in {each.fact.value for each in back.facts}
    assert len(back.facts) > 50


@pytest.mark.parametrize("owner", [Owner("bob", "teacher"), Owner("ada", "keeper"), Owner("", "teacher")])
def test_a_blob_is_its_owners_alone(owner: Owner) -> None:
    blob = sealed(ADA, Kept(), b"k" * 32)
    with pytest.raises(BadMemory):
        opened(blob, owner, b"k" * 32)
    with pytest.raises(BadMemory):
        opened(blob, ADA, b"other key, of another server ..")


def test_a_database_that_hangs_keeps_nobody_waiting_and_no_more_than_may_wait_do(tmp_path: Path) -> None:
    gate = threading.Event()

    def hanging(_: str, __: Path) -> Database:
        gate.wait()
        return Sqlite(tmp_path / "m.sqlite")

    async def main() -> None:
        async with memory(tmp_path, Terms(given=True), open_database=hanging) as kept:
            (tmp_path / "m.sqlite").touch()
            for _ in range(WAITING):  # turns that gave up
                with pytest.raises(TimeoutError):
                    async with asyncio.timeout(0):
                        await kept.find(ADA, "x")
            assert await kept.find(ADA, "x") is None  # what they asked for still waits for the thread
            given = await remembered(kept, "ada", "teacher", "on")
            assert given is not None
            assert not given.agreed
            gate.set()

    asyncio.run(main())


def test_a_session_begins_while_the_database_hangs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bridge.setup.remembering.PATIENCE", 0.05)
    monkeypatch.setattr("bridge.memory.keeper.CLOSE_S", 0.05)
    gate = threading.Event()

    def hanging(_: str, __: Path) -> Database:
        gate.wait()
        raise DatabaseError("it is over")

    async def main() -> None:
        async with memory(tmp_path, open_database=hanging) as kept:
            given = await remembered(kept, "ada", "teacher", "on")
            assert given is not None
            assert not given.agreed
        gate.set()

    asyncio.run(main())
