"""Talking over the companion, half duplex and push-to-talk, as screenplays."""

from __future__ import annotations

import pytest

from bridge.core.timeline import MEDIA_RATE
from protocol import messages as m
from tests.avatar import Avatar
from tests.bridge.stage import LONG, Cast, Stage, history, listening, perform, played, replies
from tests.judge import troubles

HALF_DUPLEX = m.Hello()


def test_a_barge_in_ducks_then_stops_the_reply_and_cuts_history_at_what_was_heard() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        stage.speak(1.0, 2.5)
        await stage.at(6.0)

    stage = perform(play, Cast(replies(LONG, "Sorry."), stt=listening("no the other one")), mic=True)
    avatar = stage.avatar
    assert troubles(avatar) == []
    assert avatar.states() == ["thinking", "speaking", "overlap", "listening", "thinking", "speaking", "idle"]
    over = next(at for at, x in avatar.messages if isinstance(x, m.StateChange) and x.state == "overlap")
    cut = next(at for at, x in avatar.messages if isinstance(x, m.Interrupted))
    assert over == pytest.approx(1.06, abs=0.03)
    assert cut == pytest.approx(over + stage.rules.policy.barge_in_after, abs=0.03)
    assert played(stage, 1) == pytest.approx(cut, abs=0.01)
    assert avatar.heard(1) == "one two three four five six seven eight"
    assert history(stage) == [
        ("user", "count"),
        ("companion", avatar.heard(1)),
        ("user", "no the other one"),
    ]
    assert avatar.heard(2) == "Sorry."


def test_history_is_cut_where_the_client_really_stopped() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.1)
        stage.say(m.Interrupt(turn=1, pts=int(0.5 * MEDIA_RATE)))
        await stage.at(2.0)
        stage.type("what did you say")
        await stage.at(4.0)

    stage = perform(play, Cast(replies(LONG)), avatar=Avatar(reports=False))
    assert history(stage)[1] == ("companion", "one two three")


def test_a_distant_client_hears_more_before_it_stops_and_history_holds_that() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.5)
        stage.say(m.Interrupt())
        await stage.at(3.0)
        stage.type("what did you say")
        await stage.at(6.0)

    stage = perform(play, Cast(replies(LONG)), delay=lambda: 0.1)
    assert history(stage)[1] == ("companion", stage.avatar.heard(1))
    assert troubles(stage.avatar) == []


def test_a_backchannel_changes_nothing_but_the_loudness() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        stage.speak(1.0, 1.35)
        await stage.at(6.0)

    stage = perform(play, Cast(replies(LONG), stt=listening("mm-hm")), mic=True)
    avatar = stage.avatar
    assert avatar.states() == ["thinking", "speaking", "overlap", "speaking", "idle"]
    assert avatar.heard(1) == LONG
    assert troubles(avatar) == []
    assert len(stage.cast.dialogue.requests) == 1


def test_a_short_stop_is_understood() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        stage.speak(1.0, 1.2)
        await stage.at(6.0)

    stage = perform(play, Cast(replies(LONG, "Fine."), stt=listening("stop")), mic=True)
    avatar = stage.avatar
    assert troubles(avatar) == []
    assert avatar.turns[1].cut is not None
    assert avatar.heard(2) == "Fine."
    assert history(stage)[-1] == ("user", "stop")


def test_going_on_while_it_thinks_makes_one_question() -> None:
    async def play(stage: Stage) -> None:
        stage.speak(1.0, 2.0)
        stage.speak(3.0, 4.0)
        await stage.at(9.0)

    cast = Cast(replies("Well now.", first=2.0), stt=listening("what is a comet", "and a meteor"))
    stage = perform(play, cast, mic=True)
    assert troubles(stage.avatar) == []
    assert history(stage) == [("user", "what is a comet and a meteor")]
    assert stage.avatar.turns[1].pcm == b""
    assert stage.avatar.heard(2) == "Well now."


def test_an_utterance_may_outlast_the_reply() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        stage.speak(1.9, 3.0)
        await stage.at(8.0)

    stage = perform(play, Cast(replies(LONG, "Yes."), stt=listening("and then")), mic=True)
    assert stage.avatar.heard(1) == LONG
    assert history(stage)[-2:] == [("companion", LONG), ("user", "and then")]
    assert troubles(stage.avatar) == []


def test_typed_text_interrupts() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.1)
        stage.type("enough")
        await stage.at(4.0)

    stage = perform(play, Cast(replies(LONG, "Fine.")))
    assert troubles(stage.avatar) == []
    assert stage.avatar.turns[1].cut == int(1.1 * MEDIA_RATE)
    assert history(stage) == [("user", "count"), ("companion", "one two three four five six"), ("user", "enough")]


def test_the_client_may_stop_it() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.1)
        stage.say(m.Interrupt())
        await stage.at(4.0)

    stage = perform(play, Cast(replies(LONG)))
    assert stage.avatar.states() == ["thinking", "speaking", "idle"]
    assert played(stage, 1) == pytest.approx(1.1)
    assert troubles(stage.avatar) == []


def test_an_interrupt_of_an_old_turn_means_nothing() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(3.0)
        stage.type("again")
        await stage.at(4.0)
        stage.say(m.Interrupt(turn=1))
        await stage.at(7.0)

    stage = perform(play, Cast(replies(LONG)))
    assert stage.avatar.heard(2) == LONG


def test_half_duplex_does_not_hear_itself() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        stage.speak(0.1, 2.0)  # the loudspeaker
        stage.speak(3.0, 4.0)
        await stage.at(8.0)

    stage = perform(play, Cast(replies(LONG, "Yes."), stt=listening("and then")), hello=HALF_DUPLEX, mic=True)
    assert troubles(stage.avatar) == []
    assert stage.avatar.heard(1) == LONG
    assert stage.avatar.transcripts() == ["and then"]


def test_push_to_talk_stops_the_reply_and_is_one_utterance_however_long_the_pauses() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.1)
        stage.say(m.Talk(on=True, pts=17_600))
        stage.speak(1.2, 1.6)
        stage.speak(3.0, 3.4)
        await stage.at(4.0)
        stage.say(m.Talk(on=False, pts=64_000))
        await stage.at(8.0)

    cast = Cast(replies(LONG, "Yes."), stt=listening("so what"))
    stage = perform(play, cast, hello=HALF_DUPLEX, mic=True)
    assert troubles(stage.avatar) == []
    assert played(stage, 1) == pytest.approx(1.1, abs=0.001)
    assert stage.avatar.transcripts() == ["so what"]
    assert cast.stt is not None
    assert cast.stt.heard[0] / 16_000 == pytest.approx(2.9, abs=0.03)
    assert stage.avatar.turns[2].begun_at == pytest.approx(4.1, abs=0.01)


def test_push_to_talk_needs_no_voice_detection_and_takes_the_pre_roll() -> None:
    async def play(stage: Stage) -> None:
        await stage.at(1.0)
        stage.say(m.Talk(on=True, pts=16_000))
        for i in range(25):  # 0.5 s from before the key went down
            stage.say(m.Mic(pts=8_000 + 320 * i, data=bytes(640)))
        await stage.at(1.2)
        stage.say(m.Talk(on=False, pts=16_000))
        await stage.at(4.0)

    cast = Cast(vad=None, stt=listening("hello"))
    stage = perform(play, cast, hello=HALF_DUPLEX)
    assert cast.stt is not None
    assert list(cast.stt.heard) == [8_000]
    assert stage.avatar.heard(1) == "One two three four."
