"""Recall finds what other words told, and goes by words where the embedder is slow, away or new."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bridge.errors import ConfigError
from bridge.memory.database import Sqlite
from bridge.memory.keeper import Memory, Terms
from bridge.memory.meaning import BATCH, PAUSES, QUIET_S, WAIT_S, Meaning
from bridge.memory.store import Kept, Owner, Store
from bridge.setup.config import Config, load
from bridge.setup.remembering import meaning
from bridge.setup.sections import EmbeddingsSection
from engines.memory.facts import Fact
from engines.memory.recall import ranked
from testkit import virtual_time
from testkit.patience import PATIENCE
from testkit.scripted.meanings import ScriptedEmbedder

ADA, BOB = Owner("ada", "teacher"), Owner("bob", "teacher")
GROUPS = ("telescope stars stargazing optics", "dog puppy rex", "tea drink")
FACTS = (Fact("note", "my telescope is in the attic"), Fact("pet", "Rex", "dog"), Fact("like", "green tea"))


def memory(folder: Path, embedder: ScriptedEmbedder) -> Memory:
    return Memory(
        str(folder / "m.sqlite"), Terms(given=True), now=lambda: 1.9e9, home=folder, apart=False,
        meaning=Meaning(embedder),
    )  # fmt: skip


async def learnt(kept: Memory) -> None:
    """Let it embed what was written."""
    assert kept._meaning is not None
    while await kept._meaning.step(kept._unread, kept._learn):
        pass


async def best(kept: Memory, text: str, owner: Owner = ADA) -> tuple[Kept, str]:
    found = await kept.find(owner, text)
    assert found is not None
    order = ranked(found.facts, text, kept.now, found.near)
    return found, order[0].fact.value if order else ""


def run(body: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await body()

    virtual_time.run(main())


def test_other_words_find_it_and_nobody_else_is_found(tmp_path: Path) -> None:
    embedder = ScriptedEmbedder(GROUPS)
    kept = memory(tmp_path, embedder)

    async def body() -> None:
        await kept.write(ADA, FACTS, session="s", turn=1)
        await kept.write(BOB, [Fact("note", "stargazing on Mondays")], session="s", turn=1)
        assert (await best(kept, "let us talk about stars"))[0].near == ()  # nothing is read yet: words alone
        await learnt(kept)
        for text, wanted in (("let us talk about stars", "attic"), ("any puppy here?", "Rex"), ("a drink", "tea")):
            found, value = await best(kept, text)
            assert wanted in value
            assert found.near[0] in {each.number for each in found.facts}
            assert not any("Monday" in each.fact.value for each in found.facts)
        asked = len(embedder.asked)
        await best(kept, "a drink")
        assert len(embedder.asked) == asked  # it was at hand
        await kept.find(ADA, "   ")
        assert len(embedder.asked) == asked

    run(body)


def test_a_model_of_another_name_reads_everything_again_and_what_is_forgotten_leaves_nothing(tmp_path: Path) -> None:
    kept = memory(tmp_path, ScriptedEmbedder(GROUPS))
    other = ScriptedEmbedder(GROUPS, model="another")

    async def first() -> None:
        facts = [Fact("note", f"box {number}") for number in range(BATCH + 3)]
        await kept.write(ADA, [*FACTS, *facts], session="s", turn=1)
        await learnt(kept)

    async def second() -> None:
        changed = memory(tmp_path, other)
        assert (await best(changed, "stars"))[0].near == ()  # vectors of two models are never compared
        await learnt(changed)
        assert "attic" in (await best(changed, "stars"))[1]
        assert sum(map(len, other.asked)) == len(FACTS) + BATCH + 3 + 1
        store = Store(Sqlite(tmp_path / "m.sqlite"))
        assert store._database.run("SELECT DISTINCT model FROM vector") == [("another",)]
        everything = await changed.everything(ADA)
        await changed.forget(ADA, [everything.facts[0].number])
        assert store._database.run("SELECT count(*) FROM vector") == [(len(everything.facts) - 1,)]
        store.learn("another", [(everything.facts[0].number, b"12")])  # it was on its way
        await changed.erase(ADA)
        assert store._database.run("SELECT count(*) FROM vector") == [(0,)]
        store.close()

    run(first)
    run(second)


def test_a_slow_or_absent_embedder_costs_a_turn_little_and_then_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "bridge.memory.meaning")
    embedder = ScriptedEmbedder(GROUPS)
    kept = memory(tmp_path, embedder)

    async def body() -> None:
        loop = asyncio.get_running_loop()
        await kept.write(ADA, FACTS, session="s", turn=1)
        await learnt(kept)
        for trouble in ("slow", "away"):
            embedder.delay_s, embedder.away = (60.0, False) if trouble == "slow" else (0.0, True)
            asked, began = len(embedder.asked), loop.time()
            for number in range(5):
                found, value = await best(kept, f"is the telescope {trouble} {number}?")
                assert "attic" in value  # by the word
                assert found.near == ()
            assert loop.time() - began <= WAIT_S + 1e-6  # of the first alone
            assert len(embedder.asked) == asked + 1
            embedder.delay_s, embedder.away = 0.0, False
            await asyncio.sleep(QUIET_S)
            assert (await best(kept, f"stars {trouble}"))[0].near
        assert kept._meaning is not None
        assert kept._meaning.missed == 10

    run(body)
    assert [record.message for record in caplog.records] == ["the embedder cannot be used; recall goes by words"] * 2


def test_it_reads_by_itself_what_was_written_and_tries_again_later(tmp_path: Path) -> None:
    embedder = ScriptedEmbedder(GROUPS)
    embedder.away = True

    def made() -> list[Path]:
        return list(tmp_path.iterdir())

    async def body() -> None:
        kept = memory(tmp_path, embedder)
        assert kept._meaning is not None
        reading = asyncio.create_task(kept._meaning.learn(kept._unread, kept._learn))
        await asyncio.sleep(0.1)
        assert not made()  # nothing is begun before somebody agrees
        await kept.write(ADA, FACTS, session="s", turn=1)
        await asyncio.sleep(PAUSES[0] + 1.0)
        assert (await best(kept, "stars"))[0].near == ()
        embedder.away = False
        await asyncio.sleep(sum(PAUSES[:3]))
        assert "attic" in (await best(kept, "about stars"))[1]
        await kept.write(ADA, [Fact("note", "the optics club")], session="s", turn=2)
        await asyncio.sleep(0.1)
        assert len((await best(kept, "stars tonight"))[0].near) == 4
        reading.cancel()

    run(body)


def test_it_reads_while_the_memory_is_open(tmp_path: Path) -> None:
    async def body() -> None:
        async with asyncio.timeout(PATIENCE):
            made = Memory(
                str(tmp_path / "m.sqlite"), Terms(given=True), now=lambda: 1.9e9, home=tmp_path,
                meaning=Meaning(ScriptedEmbedder(GROUPS)),
            )  # fmt: skip
            async with made as kept:
                await kept.write(ADA, FACTS, session="s", turn=1)
                while len((await best(kept, "stars"))[0].near) < len(FACTS):
                    pass

    asyncio.run(body())


def test_it_is_made_as_the_configuration_says(tmp_path: Path) -> None:
    assert meaning(Config()) is None
    given = Config(embeddings=EmbeddingsSection(base_url="http://127.0.0.1:9/v1", model="m"))
    made = meaning(given)
    assert made is not None
    assert made.model == "m"
    with pytest.raises(ConfigError, match=r"config\.json"):
        meaning(Config(embeddings=EmbeddingsSection(model=str(tmp_path))))
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    made = meaning(Config(embeddings=EmbeddingsSection(model=str(tmp_path))))
    assert made is not None
    assert made.model == tmp_path.name
    for wrong in (
        ["embeddings.base_url=nonsense", "embeddings.model=m"],
        ["embeddings.base_url=http://h/v1"],
        ["embeddings.base_url=http://h/v1", "embeddings.model=m", "embeddings.api_key=ü"],
        ["embeddings.base_url=http://h/v1", "embeddings.model=m", "models.offline=true"],
    ):
        with pytest.raises(ConfigError):
            load(None, {}, wrong)
