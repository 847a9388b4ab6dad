"""What `companion talk` says of a room, and what its user does there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from protocol import messages as wire
from talk import together
from tests.talk.fake import Fake
from tests.talk.holding import bare, hold, options

pytestmark = pytest.mark.usefixtures("bare")
__all__ = ["bare"]


def test_an_agenda_has_its_minutes_at_the_end() -> None:
    assert together.agenda("Lenses, 10; Tides;; Budget 2026: 25 min ;7") == [
        {"title": "Lenses", "minutes": 10.0},
        {"title": "Tides"},
        {"title": "Budget 2026", "minutes": 25.0},
        {"title": "7"},
    ]


@pytest.mark.parametrize("words", [["--kind", "meeting"], ["--room", "x", "--agenda", "Lenses"], ["--cast", "mira"]])
def test_what_goes_with_a_room_is_refused_without(words: list[str]) -> None:
    with pytest.raises(ValueError, match="goes with"):
        together.wanted(options(*words))


def test_a_meeting_is_opened_and_led_from_a_terminal() -> None:
    async def typed() -> AsyncIterator[str]:
        await asyncio.sleep(0)
        for line in ("/next", "/give Ben Ohm", "/ask what is a lens?", "/minutes", "/give", "/end", "/bogus", "/quit"):
            yield line

    fake = Fake()
    words = [
        "--user",
        "Ada",
        "--room",
        "board:s3",
        "--kind",
        "meeting",
        "--cast",
        "mira,keeper",
        "--agenda",
        "Lenses, 5",
    ]
    code, printed = hold(fake, *words, lines=typed)
    assert code == 0
    (hello,) = fake.of(wire.Hello)
    assert hello.room == wire.HelloRoom(
        name="board",
        key="s3",
        kind="meeting",
        cast=(wire.CastMember(identity="mira"), wire.CastMember(identity="keeper")),
        agenda=(wire.AgendaItem(title="Lenses", minutes=5.0),),
    )
    done = [(each.op, each.to) for each in fake.of(wire.RoomAsk)]
    assert done == [("next", ""), ("give", "Ben Ohm"), ("minutes", ""), ("end", "")]
    assert [(each.text, each.private) for each in fake.of(wire.UserText)] == [("what is a lens?", True)]
    refused = [line for line in printed if "is not understood" in line]
    assert [line.split()[0] for line in refused] == ["(/give", "(/bogus"]
    assert all("/minutes" in line for line in refused)
