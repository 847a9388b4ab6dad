"""Several companions of one server: shared engines, changes on disk, and a bound; on the virtual clock."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from bridge.errors import BridgeError, Overloaded
from bridge.metrics import Metrics
from bridge.session.companion import Companion
from bridge.setup.config import Config, load
from bridge.setup.ensemble import EVERY, Ensemble
from bridge.setup.parts import Release
from bridge.setup.people import JOURNAL, People
from engines.api import EngineError
from engines.dialogue.card.engine import CardDialogue
from engines.identity import load_identity
from engines.jobs import Engines
from testkit import virtual_time
from testkit.scripted.engines import ScriptedDialogue, ScriptedFace, ScriptedTts
from tests.bridge.setup.people_on_disk import write_person, write_portrait

T = TypeVar("T")


class VoicedTts(ScriptedTts):
    def voices(self, language: str) -> tuple[str, ...]:
        return ("amy", "bob") if language.startswith("en") else ()


async def at_once(work: Callable[[], T]) -> T:
    """Do it here: the virtual clock knows no threads."""
    return work()


def configured(*settings: str) -> Config:
    return load(None, {}, ["engines.stt=none", *settings])


@asynccontextmanager
async def ensemble(folder: Path, *settings: str, metrics: Metrics | None = None) -> AsyncIterator[Ensemble]:
    """The people of a folder beside the first of them, called "main"."""
    origin = folder / "main"
    if not origin.exists():
        write_person(origin, "Mira")
    person = load_identity(origin)
    engines = Engines(None, None, ScriptedDialogue(), VoicedTts(), ScriptedFace())
    config = configured(f"identity.path={origin}", *settings)
    main = Companion(engines, "Mira", id="main", languages=("en",), looks=person.looks)
    people = People((folder,))
    async with Ensemble(config, main, metrics or Metrics(), person=person, people=people, away=at_once) as running:
        yield running


def played(body: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await body()

    virtual_time.run(main())


class Session:
    """Stands for one: it takes every companion that it is told of and lets go of the one before."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.companions: list[Companion] = []
        self.release: Release = lambda: None

    def recast(self, companion: Companion, release: Release) -> None:
        self.release()
        self.companions.append(companion)
        self.release = release


def test_the_first_is_who_is_asked_for_by_nobody_and_by_its_id(tmp_path: Path) -> None:
    async def body() -> None:
        async with ensemble(tmp_path) as troupe:
            for wanted in ("", "main"):
                assert (await troupe.engage(wanted)).companion is troupe.main
            assert (await troupe.listed())[0].id == "main"

    played(body)


def test_another_shares_what_does_not_depend_on_the_person(tmp_path: Path) -> None:
    write_person(tmp_path / "nora", facts={"looks": {"hair": "red"}})

    async def body() -> None:
        async with ensemble(tmp_path) as troupe:
            nora = (await troupe.engage("nora")).companion
            assert (nora.name, nora.id) == ("Nora", "nora")
            ours, theirs = troupe.main.engines, nora.engines
            assert (theirs.tts, theirs.face) == (ours.tts, ours.face)
            assert isinstance(theirs.dialogue, CardDialogue)
            assert (await troupe.engage("nora")).companion is nora, "it is loaded once"
            assert troupe.looks("nora") == {"hair": "red"}
            assert troupe.looks("teacher"), "who is only listed has looks too"
            assert troupe.looks("nobody") is None

    played(body)


def test_nobody_else_is_asked_for_in_vain(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_person(tmp_path / "nora", facts={"models": {"dialogue": 7}})
    write_person(tmp_path / "olga", facts={"sorry": 3})

    async def body() -> None:
        async with ensemble(tmp_path) as troupe:
            for wanted, sentence in (
                ("nobody", "nobody here is called"),
                ("../main", "nobody"),
                ("olga", "the server's log"),
            ):
                with pytest.raises(BridgeError, match=sentence) as refused:
                    await troupe.engage(wanted)
                assert refused.value.code == "unknown_identity"
                assert str(tmp_path) not in refused.value.message
            with pytest.raises(BridgeError, match="no voice") as refused:
                await troupe.engage("", voice="carl")
            assert refused.value.code == "unsupported"

    played(body)
    assert "sorry" in caplog.text or "bad_facts" in str([record.__dict__ for record in caplog.records])


def test_a_voice_and_a_language_are_asked_for(tmp_path: Path) -> None:
    async def body() -> None:
        async with ensemble(tmp_path) as troupe:
            amy = (await troupe.engage("", voice="amy")).companion
            assert (amy.engines.voice.name, troupe.main.engines.voice.name) == ("amy", "")
            chinese = (await troupe.engage("teacher", "zh-CN")).companion
            assert (chinese.language, chinese.id) == ("zh", "teacher")
            english = (await troupe.engage("teacher", "en-us")).companion
            assert english.language.startswith("en"), "of their own language they have their own accent"
            assert (await troupe.engage("teacher", "cy")).companion is english, "what they do not speak is the user's"
            assert troupe.shown("teacher") in (chinese, english)

    played(body)


def test_two_who_ask_at_once_wait_for_one_loading_and_others_do_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_person(tmp_path / "nora")
    started: list[str] = []

    async def start(self: CardDialogue) -> None:
        started.append(self._identity.name)
        await asyncio.sleep(5.0)

    async def body() -> None:
        async with ensemble(tmp_path) as troupe:
            loop = asyncio.get_running_loop()
            both = [asyncio.create_task(troupe.engage("nora")) for _ in range(2)]
            await asyncio.sleep(0.1)
            await troupe.engage("main")
            assert loop.time() == pytest.approx(0.1)
            first, second = await asyncio.gather(*both)
            assert first.companion is second.companion
            assert loop.time() == pytest.approx(5.0)

    monkeypatch.setattr(CardDialogue, "start", start)
    played(body)
    assert started == ["Nora"]


def test_when_loading_fails_all_who_wait_are_told_and_it_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_person(tmp_path / "nora")
    closed: list[str] = []

    async def fails(self: CardDialogue) -> None:
        await asyncio.sleep(1.0)
        raise EngineError("dialogue_failed", "no memory")

    async def close(self: CardDialogue) -> None:
        closed.append(self._identity.name)

    async def body() -> None:
        async with ensemble(tmp_path) as troupe:
            with monkeypatch.context() as patched:
                patched.setattr(CardDialogue, "start", fails)
                both = await asyncio.gather(troupe.engage("nora"), troupe.engage("nora"), return_exceptions=True)
            assert [getattr(each, "code", each) for each in both] == ["unknown_identity"] * 2
            assert (await troupe.engage("nora")).companion.name == "Nora"

    monkeypatch.setattr(CardDialogue, "close", close)
    played(body)
    assert closed == ["Nora", "Nora"], "the one that failed, and the one that was there at the end"


def test_the_one_that_nobody_has_talked_to_for_longest_makes_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    async def close(self: CardDialogue) -> None:
        closed.append(self._identity.name)

    async def body() -> None:
        for name in ("Nora", "Olga", "Pia"):
            write_person(tmp_path / name.lower(), name)
        metrics = Metrics()
        async with ensemble(tmp_path, "identity.loaded=3", metrics=metrics) as troupe:
            nora, olga = await troupe.engage("nora"), await troupe.engage("olga")
            with pytest.raises(Overloaded) as refused:
                await troupe.engage("pia")
            assert (refused.value.code, refused.value.retry_after) == ("server_full", 5.0)
            nora.release()
            await asyncio.sleep(1.0)
            olga.release()
            assert (await troupe.engage("olga")).companion is olga.companion
            await troupe.engage("pia")
            await asyncio.sleep(0)
            assert closed == ["Nora"]
            assert "companion_identities 3.0" in metrics.text().decode()
            with pytest.raises(Overloaded):
                await troupe.engage("nora")

    monkeypatch.setattr(CardDialogue, "close", close)
    played(body)
    assert sorted(closed) == ["Nora", "Olga", "Pia"]


def test_what_changes_on_disk_is_told_to_the_sessions_and_the_old_engines_are_closed_when_all_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[str] = []

    async def close(self: CardDialogue) -> None:
        closed.append(self._identity.name)

    async def body() -> None:
        folder = write_person(tmp_path / "nora")
        data = write_portrait(folder)
        metrics = Metrics()
        async with ensemble(tmp_path, metrics=metrics) as troupe:
            slow, quick = Session(), Session()
            for session, voice in ((slow, "amy"), (quick, "")):
                engagement = await troupe.engage("nora", "", voice)
                session.release = engagement.release
                engagement.follow(session.recast)
            before = troupe.shown("nora")
            assert before is not None
            served = await troupe.picture(before.portrait)
            assert served is not None
            assert served.body == data
            write_person(folder, "Nora the Second", facts={"looks": {"hair": "grey"}})
            other = write_portrait(folder, b"other")
            hold = slow.release
            slow.release = lambda: None
            await asyncio.sleep(1.5 * EVERY)
            assert quick.companions == [], "it may still be being written"
            await asyncio.sleep(EVERY)
            assert [each.name for each in (*slow.companions, *quick.companions)] == ["Nora the Second"] * 2
            assert [session.companions[0].engines.voice.name for session in (slow, quick)] == ["amy", ""]
            assert closed == []
            hold()
            await asyncio.sleep(0.01)
            assert closed == ["Nora"]
            after = troupe.shown("nora")
            assert after is not None
            served = await troupe.picture(after.portrait)
            assert served is not None
            assert served.body == other
            assert troupe.looks("nora") == {"hair": "grey"}
            assert 'companion_identity_changes_total{outcome="taken"} 1.0' in metrics.text().decode()
            assert (await troupe.engage("nora")).companion is after

    monkeypatch.setattr(CardDialogue, "close", close)
    played(body)


def test_the_first_one_changes_too(tmp_path: Path) -> None:
    async def body() -> None:
        async with ensemble(tmp_path) as troupe:
            session = Session()
            engagement = await troupe.engage()
            engagement.follow(session.recast)
            write_person(tmp_path / "main", "Mira the Second")
            await asyncio.sleep(2.5 * EVERY)
            assert troupe.main.name == "Mira the Second"
            assert session.companions == [troupe.main]
            engagement.leave()
            engagement.leave()
            write_person(tmp_path / "main", "Mira the Third")
            await asyncio.sleep(2.5 * EVERY)
            assert troupe.main.name == "Mira the Third"
            assert len(session.companions) == 1

    played(body)


@pytest.mark.parametrize("break_", ["broken", "gone", "no_engine"])
def test_a_broken_one_stays_as_it_was_and_says_so_once(
    tmp_path: Path, break_: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def body() -> None:
        folder = write_person(tmp_path / "nora")
        metrics = Metrics()
        async with ensemble(tmp_path, metrics=metrics) as troupe:
            session = Session()
            engagement = await troupe.engage("nora")
            engagement.follow(session.recast)
            if break_ == "broken":
                (folder / "card.json").write_text('{"data": ', encoding="utf-8")
            elif break_ == "gone":
                for file in folder.iterdir():
                    file.unlink()
                folder.rmdir()
            else:
                write_person(folder, "Nora the Second")
                with monkeypatch.context() as patched:
                    patched.setattr(CardDialogue, "prepare", refuse)
                    await asyncio.sleep(2.5 * EVERY)
            await asyncio.sleep(5 * EVERY)
            assert session.companions == []
            assert (await troupe.engage("nora")).companion.name == "Nora"
            assert 'companion_identity_changes_total{outcome="kept"} 1.0' in metrics.text().decode()
            write_person(folder, "Nora the Third")
            await asyncio.sleep(3 * EVERY)
            assert [each.name for each in session.companions] == ["Nora the Third"]

    def refuse(self: CardDialogue) -> None:
        raise EngineError("dialogue_failed", "the course cannot be read")

    with caplog.at_level(logging.WARNING):
        played(body)
    assert [record.message for record in caplog.records if "changed" in record.message] == [
        "an identity has changed and cannot be used; it stays as it was"
    ]


def test_one_that_is_being_written_is_waited_for(tmp_path: Path) -> None:
    async def body() -> None:
        folder = write_person(tmp_path / "nora")
        async with ensemble(tmp_path) as troupe:
            session = Session()
            (await troupe.engage("nora")).follow(session.recast)
            (folder / JOURNAL).parent.mkdir()
            (folder / JOURNAL).touch()
            write_person(folder, "Half")
            await asyncio.sleep(10 * EVERY)
            assert session.companions == []
            for name in ("A", "B", "C", "D"):
                write_person(folder, name * len(session.companions + [1] * ord(name)))
                (folder / JOURNAL).unlink(missing_ok=True)
                await asyncio.sleep(EVERY)
                assert session.companions == [], "each look finds other files"
            await asyncio.sleep(2 * EVERY)
            assert len(session.companions) == 1

    played(body)


def test_without_the_identity_of_the_first_there_is_nobody_else() -> None:
    async def body() -> None:
        engines = Engines(None, None, ScriptedDialogue(), ScriptedTts(), None)
        for name in ("", "mira"):
            async with Ensemble(configured(), Companion(engines, "Mira", id=name), Metrics()) as alone:
                assert [each.id for each in await alone.listed()] == [name] * bool(name)
                assert (await alone.engage(name, "zh")).companion.name == "Mira"
                with pytest.raises(BridgeError):
                    await alone.engage("teacher")
                assert await alone.picture("/pictures/none.png") is None

    played(body)
