"""Clients that report where they are, that do not, that stand still or lie."""

from __future__ import annotations

from bridge.core.timeline import MEDIA_RATE, Ticks
from bridge.session.companion import Rules
from protocol import messages as m
from testkit.avatar import Avatar
from testkit.judge import troubles
from tests.bridge.scenario import LONG, Cast, Scenario, history, perform, replies


def test_a_client_that_never_reports_is_paced_by_the_clock() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(5.0)
        scenario.type("again")
        await scenario.at(10.0)

    scenario = perform(play, Cast(replies(LONG)), avatar=Avatar(reports=False))
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.states() == ["thinking", "speaking", "idle"] * 2
    assert history(scenario)[1] == ("companion", LONG)


def test_a_client_that_stands_still_gets_no_more_than_the_lead() -> None:
    """It says so: the game is paused."""

    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(0.5)
        for tenth in range(5, 105):
            await scenario.at(tenth / 10)
            scenario.session.receive(m.Playhead(turn=1, pts=4_800, seq=0))
        sent = sum(len(x.pcm) for _, x in scenario.avatar.messages if isinstance(x, m.Media))
        assert sent / 48_000 <= 0.1 + 0.1 + 0.3 + 0.1 + 0.5
        assert scenario.avatar.states()[-1] == "speaking"
        for tenth in range(105, 130):
            await scenario.at(tenth / 10)
            scenario.session.receive(m.Playhead(turn=1, pts=4_800 * (tenth - 104), seq=0))
        await scenario.at(20.0)

    scenario = perform(play, Cast(replies(LONG)), avatar=Avatar(reports=False))
    assert scenario.avatar.states()[-1] == "idle"
    assert bytes(scenario.avatar.turns[1].pcm) == scenario.cast.tts.pcm(LONG)


def test_a_client_that_stops_reporting_is_paced_by_the_clock_after_a_while() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(0.4)
        scenario.session.receive(m.Playhead(turn=1, pts=9_600, seq=0))
        await scenario.at(30.0)

    scenario = perform(play, Cast(replies(f"{LONG} {LONG}")), avatar=Avatar(reports=False))
    assert scenario.avatar.states()[-1] == "idle"
    assert bytes(scenario.avatar.turns[1].pcm) == scenario.cast.tts.pcm(f"{LONG} {LONG}")


def test_a_playhead_from_the_future_is_refused_and_changes_nothing() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(0.5)
        scenario.say(m.Playhead(turn=1, pts=10**12, seq=10**12))
        await scenario.at(5.0)

    scenario = perform(play, Cast(replies(LONG)))
    assert scenario.avatar.errors() == ["bad_playhead"]
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.heard(1) == LONG


def test_the_lead_is_a_rule() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(0.01)
        assert 1.0 <= len(scenario.avatar.turns[1].pcm) / 48_000 <= 1.21
        await scenario.at(6.0)

    scenario = perform(play, Cast(replies(LONG)), rules=Rules(lead=Ticks(MEDIA_RATE)))
    assert scenario.avatar.welcome
    assert scenario.avatar.welcome.lead_ms == 1000
