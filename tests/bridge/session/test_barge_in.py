"""Talking over the companion, half duplex and push-to-talk, as screenplays."""

from __future__ import annotations

import pytest

from bridge.core.timeline import MEDIA_RATE
from protocol import messages as m
from testkit.avatar import Avatar
from testkit.judge import troubles
from tests.bridge.scenario import LONG, Cast, Scenario, history, listening, perform, played, replies

HALF_DUPLEX = m.Hello()


def test_a_barge_in_ducks_then_stops_the_reply_and_cuts_history_at_what_was_heard() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        scenario.speak(1.0, 2.5)
        await scenario.at(6.0)

    scenario = perform(play, Cast(replies(LONG, "Sorry."), stt=listening("no the other one")), mic=True)
    avatar = scenario.avatar
    assert troubles(avatar) == []
    assert avatar.states() == ["thinking", "speaking", "overlap", "listening", "thinking", "speaking", "idle"]
    over = next(at for at, x in avatar.messages if isinstance(x, m.StateChange) and x.state == "overlap")
    cut = next(at for at, x in avatar.messages if isinstance(x, m.Interrupted))
    assert over == pytest.approx(1.06, abs=0.03)
    assert cut == pytest.approx(over + scenario.rules.policy.barge_in_after, abs=0.03)
    assert played(scenario, 1) == pytest.approx(cut, abs=0.01)
    assert avatar.heard(1) == "one two three four five six seven eight"
    assert history(scenario) == [
        ("user", "count"),
        ("companion", avatar.heard(1)),
        ("user", "no the other one"),
    ]
    assert avatar.heard(2) == "Sorry."


def test_history_is_cut_where_the_client_really_stopped() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.1)
        scenario.say(m.Interrupt(turn=1, pts=int(0.5 * MEDIA_RATE)))
        await scenario.at(2.0)
        scenario.type("what did you say")
        await scenario.at(4.0)

    scenario = perform(play, Cast(replies(LONG)), avatar=Avatar(reports=False))
    assert history(scenario)[1] == ("companion", "one two three")


def test_a_distant_client_hears_more_before_it_stops_and_history_holds_that() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.5)
        scenario.say(m.Interrupt())
        await scenario.at(3.0)
        scenario.type("what did you say")
        await scenario.at(6.0)

    scenario = perform(play, Cast(replies(LONG)), delay=lambda: 0.1)
    assert history(scenario)[1] == ("companion", scenario.avatar.heard(1))
    assert troubles(scenario.avatar) == []


def test_a_backchannel_changes_nothing_but_the_loudness() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        scenario.speak(1.0, 1.35)
        await scenario.at(6.0)

    scenario = perform(play, Cast(replies(LONG), stt=listening("mm-hm")), mic=True)
    avatar = scenario.avatar
    assert avatar.states() == ["thinking", "speaking", "overlap", "speaking", "idle"]
    assert avatar.heard(1) == LONG
    assert troubles(avatar) == []
    assert len(scenario.cast.dialogue.requests) == 1


def test_a_short_stop_is_understood() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        scenario.speak(1.0, 1.2)
        await scenario.at(6.0)

    scenario = perform(play, Cast(replies(LONG, "Fine."), stt=listening("stop")), mic=True)
    avatar = scenario.avatar
    assert troubles(avatar) == []
    assert avatar.turns[1].cut is not None
    assert avatar.heard(2) == "Fine."
    assert history(scenario)[-1] == ("user", "stop")


def test_going_on_while_it_thinks_makes_one_question() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        scenario.speak(3.0, 4.0)
        await scenario.at(9.0)

    cast = Cast(replies("Well now.", first=2.0), stt=listening("what is a comet", "and a meteor"))
    scenario = perform(play, cast, mic=True)
    assert troubles(scenario.avatar) == []
    assert history(scenario) == [("user", "what is a comet and a meteor")]
    assert scenario.avatar.turns[1].pcm == b""
    assert scenario.avatar.heard(2) == "Well now."


def test_an_utterance_may_outlast_the_reply() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        scenario.speak(1.9, 3.0)
        await scenario.at(8.0)

    scenario = perform(play, Cast(replies(LONG, "Yes."), stt=listening("and then")), mic=True)
    assert scenario.avatar.heard(1) == LONG
    assert history(scenario)[-2:] == [("companion", LONG), ("user", "and then")]
    assert troubles(scenario.avatar) == []


def test_typed_text_interrupts() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.1)
        scenario.type("enough")
        await scenario.at(4.0)

    scenario = perform(play, Cast(replies(LONG, "Fine.")))
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.turns[1].cut == int(1.1 * MEDIA_RATE)
    assert history(scenario) == [("user", "count"), ("companion", "one two three four five six"), ("user", "enough")]


def test_the_client_may_stop_it() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.1)
        scenario.say(m.Interrupt())
        await scenario.at(4.0)

    scenario = perform(play, Cast(replies(LONG)))
    assert scenario.avatar.states() == ["thinking", "speaking", "idle"]
    assert played(scenario, 1) == pytest.approx(1.1)
    assert troubles(scenario.avatar) == []


def test_an_interrupt_of_an_old_turn_means_nothing() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(3.0)
        scenario.type("again")
        await scenario.at(4.0)
        scenario.say(m.Interrupt(turn=1))
        await scenario.at(7.0)

    scenario = perform(play, Cast(replies(LONG)))
    assert scenario.avatar.heard(2) == LONG


def test_half_duplex_does_not_hear_itself() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        scenario.speak(0.1, 2.0)  # the loudspeaker
        scenario.speak(3.0, 4.0)
        await scenario.at(8.0)

    scenario = perform(play, Cast(replies(LONG, "Yes."), stt=listening("and then")), hello=HALF_DUPLEX, mic=True)
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.heard(1) == LONG
    assert scenario.avatar.transcripts() == ["and then"]


def test_push_to_talk_stops_the_reply_and_is_one_utterance_however_long_the_pauses() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.1)
        scenario.say(m.Talk(on=True, pts=17_600))
        scenario.speak(1.2, 1.6)
        scenario.speak(3.0, 3.4)
        await scenario.at(4.0)
        scenario.say(m.Talk(on=False, pts=64_000))
        await scenario.at(8.0)

    cast = Cast(replies(LONG, "Yes."), stt=listening("so what"))
    scenario = perform(play, cast, hello=HALF_DUPLEX, mic=True)
    assert troubles(scenario.avatar) == []
    assert played(scenario, 1) == pytest.approx(1.1, abs=0.001)
    assert scenario.avatar.transcripts() == ["so what"]
    assert cast.stt is not None
    assert cast.stt.heard[0] / 16_000 == pytest.approx(2.9, abs=0.03)
    assert scenario.avatar.turns[2].begun_at == pytest.approx(4.1, abs=0.01)


def test_push_to_talk_needs_no_voice_detection_and_takes_the_pre_roll() -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(1.0)
        scenario.say(m.Talk(on=True, pts=16_000))
        for i in range(25):  # 0.5 s from before the key went down
            scenario.say(m.Mic(pts=8_000 + 320 * i, data=bytes(640)))
        await scenario.at(1.2)
        scenario.say(m.Talk(on=False, pts=16_000))
        await scenario.at(4.0)

    cast = Cast(vad=None, stt=listening("hello"))
    scenario = perform(play, cast, hello=HALF_DUPLEX)
    assert cast.stt is not None
    assert list(cast.stt.heard) == [8_000]
    assert scenario.avatar.heard(1) == "One two three four."
