"""A session goes on in another process: what it knows, what it has numbered, and what a resume may still need."""

from __future__ import annotations

import asyncio
import random

import msgspec
import pytest

from bridge.session.luggage import VERSION, BadLuggage, Luggage, packed, unpacked
from bridge.session.session import Session
from protocol import messages as m
from testkit.judge import frame_numbers
from tests.bridge.scenario import LONG, Cast, Scenario, history, listening, perform, replies

RUNNING: list[asyncio.Task[None]] = []


async def move(scenario: Scenario) -> None:
    """Let the session of a scenario go on as another one, with the same connection."""
    old, now = scenario.session, scenario.now
    assert old.at_rest(now)
    luggage = unpacked(packed(old.pack(now)))
    links = old.links[0]
    old.leave()
    scenario.session = Session(old._parts.shared, old._opening, luggage=luggage)
    RUNNING.append(asyncio.get_running_loop().create_task(scenario.run()))
    await scenario.session.started.wait()
    if links is not None:
        scenario.link._send = scenario.session.receive
        scenario.session.join(links)


def test_it_goes_on_as_if_nothing_had_happened() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.Context(states={"weather": "rain"}))
        scenario.say(m.Tools(tools=(m.ToolSpec(name="wave"),)))
        scenario.speak(0.5, 1.0)
        await scenario.at(6.0)
        await move(scenario)
        scenario.speak(7.0, 7.5)
        await scenario.at(14.0)

    scenario = perform(play, Cast(replies(LONG, LONG), stt=listening("first", "second")), mic=True)
    avatar = scenario.avatar
    assert avatar.faults == []
    assert avatar.transcripts() == ["first", "second"]
    assert [turn for turn in avatar.turns if turn] == [1, 2]
    assert avatar.heard(2) == LONG
    assert history(scenario) == [("user", "first"), ("companion", LONG), ("user", "second")]
    asked = scenario.cast.dialogue.requests[-1]
    assert asked.scene["weather"] == "rain"
    assert [tool.name for tool in asked.tools] == ["wave"]
    assert len([x for _, x in avatar.messages if isinstance(x, m.Welcome)]) == 1


def test_a_client_that_was_away_finds_it_where_it_is_now() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(6.0)
        seq = scenario.avatar.seq
        scenario.cut()
        await scenario.at(8.0)
        await move(scenario)
        await scenario.at(9.0)
        scenario.connect(seq=seq)
        scenario.type("again")
        await scenario.at(16.0)

    scenario = perform(play, Cast(replies(LONG)))
    welcomes = [x for _, x in scenario.avatar.messages if isinstance(x, m.Welcome)]
    assert [each.resumed for each in welcomes] == [False, True]
    assert scenario.avatar.heard(2) == LONG
    assert frame_numbers(scenario.avatar, 2)
    assert scenario.avatar.faults == []


@pytest.mark.parametrize("at", [0.01, 0.5, 1.5, 4.0])
def test_it_does_not_rest_while_anything_runs(at: float) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(0.0, 0.8)
        await scenario.at(at)
        assert not scenario.session.at_rest(scenario.now)
        await scenario.at(12.0)
        assert scenario.session.at_rest(scenario.now)

    perform(play, Cast(replies(LONG, first=1.0), stt=listening("first", delay=0.4)), mic=True)


def test_what_is_no_luggage_is_refused() -> None:
    chance = random.Random(7)
    with pytest.raises(BadLuggage):
        unpacked(b"")
    for _ in range(200):
        with pytest.raises(BadLuggage):
            unpacked(chance.randbytes(chance.randrange(1, 64)))


def test_another_version_is_refused() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(1.0)
        whole = scenario.session.pack(scenario.now)
        assert unpacked(packed(whole)) == whole
        with pytest.raises(BadLuggage, match="version"):
            unpacked(packed(msgspec.structs.replace(whole, version=VERSION + 1)))
        assert isinstance(whole, Luggage)

    perform(play, Cast())
