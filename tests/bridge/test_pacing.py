"""Clients that report where they are, that do not, that stand still or lie."""

from __future__ import annotations

from bridge.companion import Rules
from bridge.core.timeline import MEDIA_RATE, Ticks
from protocol import messages as m
from tests.avatar import Avatar
from tests.bridge.stage import LONG, Cast, Stage, history, perform, replies
from tests.judge import troubles


def test_a_client_that_never_reports_is_paced_by_the_clock() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(5.0)
        stage.type("again")
        await stage.at(10.0)

    stage = perform(play, Cast(replies(LONG)), avatar=Avatar(reports=False))
    assert troubles(stage.avatar) == []
    assert stage.avatar.states() == ["thinking", "speaking", "idle"] * 2
    assert history(stage)[1] == ("companion", LONG)


def test_a_client_that_stands_still_gets_no_more_than_the_lead() -> None:
    """It says so: the game is paused."""

    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(0.5)
        for tenth in range(5, 105):
            await stage.at(tenth / 10)
            stage.session.receive(m.Playhead(turn=1, pts=4_800, seq=0))
        sent = sum(len(x.pcm) for _, x in stage.avatar.messages if isinstance(x, m.Media))
        assert sent / 48_000 <= 0.1 + 0.1 + 0.3 + 0.1 + 0.5
        assert stage.avatar.states()[-1] == "speaking"
        for tenth in range(105, 130):
            await stage.at(tenth / 10)
            stage.session.receive(m.Playhead(turn=1, pts=4_800 * (tenth - 104), seq=0))
        await stage.at(20.0)

    stage = perform(play, Cast(replies(LONG)), avatar=Avatar(reports=False))
    assert stage.avatar.states()[-1] == "idle"
    assert bytes(stage.avatar.turns[1].pcm) == stage.cast.tts.pcm(LONG)


def test_a_client_that_stops_reporting_is_paced_by_the_clock_after_a_while() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(0.4)
        stage.session.receive(m.Playhead(turn=1, pts=9_600, seq=0))
        await stage.at(30.0)

    stage = perform(play, Cast(replies(f"{LONG} {LONG}")), avatar=Avatar(reports=False))
    assert stage.avatar.states()[-1] == "idle"
    assert bytes(stage.avatar.turns[1].pcm) == stage.cast.tts.pcm(f"{LONG} {LONG}")


def test_a_playhead_from_the_future_is_refused_and_changes_nothing() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(0.5)
        stage.say(m.Playhead(turn=1, pts=10**12, seq=10**12))
        await stage.at(5.0)

    stage = perform(play, Cast(replies(LONG)))
    assert stage.avatar.errors() == ["bad_playhead"]
    assert troubles(stage.avatar) == []
    assert stage.avatar.heard(1) == LONG


def test_the_lead_is_a_rule() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(0.01)
        assert 1.0 <= len(stage.avatar.turns[1].pcm) / 48_000 <= 1.21
        await stage.at(6.0)

    stage = perform(play, Cast(replies(LONG)), rules=Rules(lead=Ticks(MEDIA_RATE)))
    assert stage.avatar.welcome
    assert stage.avatar.welcome.lead_ms == 1000
