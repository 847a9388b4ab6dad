"""One microphone on the table: a meeting whose minutes name those who speak, told apart by the real engine."""

from __future__ import annotations

import asyncio

import pytest

from bridge.session.hearing import WHO
from protocol import messages as m
from testkit.gathering import ByTimbre, Gathering, Person, gather
from testkit.talkers import ADA, BEN, CLEO

MEETING = m.HelloRoom(name="Bakery", kind="meeting", agenda=(m.AgendaItem(title="Bread"),))
TABLE = 5  # how loud everybody is at this microphone


def complaints(person: Person) -> list[str]:
    return [x.message for _, x in person.avatar.messages if isinstance(x, m.Error)]


def test_the_minutes_name_those_who_share_a_microphone_once_they_have_said_their_names() -> None:
    async def play(room: Gathering) -> None:
        table = await room.person("Table", MEETING)
        await room.person("Eve", MEETING)
        table.does("next")
        table.speaks(6.0, 2.5, "Hello, I am Ada, and I bake.", voice=TABLE, talker=ADA)
        table.speaks(10.0, 2.5, "Good morning to all of you.", voice=TABLE, talker=BEN)
        table.speaks(14.0, 2.5, "My name is Ben.", voice=TABLE, talker=BEN)
        table.speaks(18.0, 2.5, "Hello, I am Ada.", voice=TABLE, talker=CLEO)  # somebody else is
        table.speaks(22.0, 2.5, "Then call me Cleo.", voice=TABLE, talker=CLEO)
        table.speaks(26.0, 2.5, "I am Eve.", voice=TABLE, talker=CLEO)
        table.speaks(30.0, 2.5, "We agreed on rye.", voice=TABLE, talker=ADA)
        table.speaks(34.0, 2.5, "I'll order the flour.", voice=TABLE, talker=BEN)
        table.speaks(38.0, 0.6, "Mm.", voice=TABLE, talker=BEN)
        await room.at(42.0)
        late = await room.person("Ben", MEETING)
        late.does("minutes")
        await room.at(44.0)

    room = gather(play, {"Mira": ("Yes.",)}, diarizer=ByTimbre())
    table, eve, late = room.people
    assert eve.said() == [
        ("Ada", "Hello, I am Ada, and I bake."),
        ("Table (voice 2)", "Good morning to all of you."),
        ("Ben", "My name is Ben."),
        ("Table (voice 3)", "Hello, I am Ada."),
        ("Cleo", "Then call me Cleo."),
        ("Cleo", "I am Eve."),
        ("Ada", "We agreed on rye."),
        ("Ben", "I'll order the flour."),
        ("Table", "Mm."),
    ]
    assert complaints(table) == [
        "somebody here is called Ada already: take another name for this voice",
        "this voice is called Cleo already, so it is not called Eve",
    ]
    assert late.told().you == "Ben (2)", "who comes in gets no name that a voice has"
    minutes = [x.minutes for _, x in late.avatar.messages if isinstance(x, m.RoomTold) and x.minutes][-1]
    assert "Present: Table, Eve, Ada, Ben, Cleo, Ben (2)" in minutes
    decided, tasks = minutes.index("**Ada**: We agreed on rye."), minutes.index("**Ben**: I'll order the flour.")
    assert minutes.index("## Decisions") < decided < minutes.index("## Tasks") < tasks


def test_voices_are_forgotten_with_the_session() -> None:
    ears = ByTimbre()

    async def play(room: Gathering) -> None:
        table = await room.person("Table", MEETING)
        table.speaks(1.0, 2.5, "I am Ada.", voice=TABLE, talker=ADA)
        await room.at(5.0)
        assert len(ears.known) == 1
        table.leave()
        await room.at(6.0)

    gather(play, diarizer=ears)
    assert len(ears.known) == 0


class Late(ByTimbre):
    """Takes longer than words wait."""

    async def who(self, pcm: bytes, session: str) -> str:
        """Return it too late."""
        await asyncio.sleep(2 * WHO)
        return await super().who(pcm, session)


class Broken(ByTimbre):
    """Fails, in a way that no engine should."""

    async def who(self, pcm: bytes, session: str) -> str:
        """Raise it."""
        raise ZeroDivisionError


@pytest.mark.parametrize("kind", [Late, Broken])
def test_an_engine_that_is_late_or_broken_costs_nothing_but_the_voice(kind: type[ByTimbre]) -> None:
    async def play(room: Gathering) -> None:
        table = await room.person("Table", MEETING)
        await room.person("Eve", MEETING)
        table.speaks(1.0, 2.5, "I am Ada.", voice=TABLE, talker=ADA)
        await room.at(7.0)

    room = gather(play, diarizer=kind())
    assert room.people[1].said() == [("Table", "I am Ada.")]
    failed = 'companion_engine_failures_total{code="stt_failed"}'
    assert f"{failed} {float(kind is Broken)}" in room.metrics.text().decode()
