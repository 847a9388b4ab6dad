"""Conversations as screenplays, judged by what the avatar experienced."""

from __future__ import annotations

import time

import pytest

from bridge.core.timeline import MEDIA_RATE, Ticks
from bridge.session.companion import Rules
from engines.api import Request
from protocol import messages as m
from testkit.avatar import Avatar
from testkit.judge import frame_numbers, tones, troubles
from testkit.scripted.engines import ScriptedDialogue, ScriptedStt, ScriptedTts
from tests.bridge.scenario import LONG, WITH_LIFE, Cast, Scenario, history, listening, perform, replies, trace


def test_a_question_is_heard_answered_and_the_answer_played_to_its_end() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(6.0)

    scenario = perform(play, Cast(stt=listening("what is a comet")), mic=True)
    avatar = scenario.avatar
    assert troubles(avatar) == []
    assert avatar.transcripts() == ["what is a comet"]
    assert avatar.states() == ["listening", "thinking", "speaking", "idle"]
    assert avatar.heard(1) == "One two three four."
    assert avatar.sound(1) == scenario.cast.tts.pcm("One two three four.")
    assert frame_numbers(avatar, 1) == list(range(48))
    assert avatar.turns[1].text == "One two three four."
    # 1.0 s of speech, 0.3 s until it is certain that it ended, 0.25 s for the floor
    assert avatar.turns[1].sound_at == pytest.approx(2.0 + 0.3 + 0.25, abs=0.03)
    assert history(scenario) == [("user", "what is a comet")]


def test_the_recogniser_gets_the_whole_utterance_and_what_came_just_before() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 2.0)
        await scenario.at(4.0)

    scenario = perform(play, mic=True)
    assert scenario.cast.stt is not None
    (samples,) = scenario.cast.stt.heard
    assert samples / 16_000 == pytest.approx(1.0 + 0.3 + 0.24, abs=0.07)


def test_partials_come_while_the_user_speaks() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 3.0)
        await scenario.at(6.0)

    scenario = perform(play, Cast(stt=ScriptedStt(("what is a comet",), partial_s=0.5)), mic=True)
    partials = [(at, t.text) for at, t in scenario.avatar.messages if isinstance(t, m.TranscriptText) and not t.final]
    assert [text for _, text in partials] == ["what", "what is", "what is a", "what is a comet"]
    assert all(at <= 3.3 for at, _ in partials)
    assert all(t.seq == 0 for _, t in scenario.avatar.messages if isinstance(t, m.TranscriptText) and not t.final)


@pytest.mark.parametrize(("delay", "lead"), [(0.0, 0.3), (0.02, 0.3), (0.1, 0.3), (0.2, 0.5)])
def test_a_distant_avatar_hears_no_gap(delay: float, lead: float) -> None:
    """The lead shrinks by the round trip."""

    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(20.0)

    rules = Rules(lead=Ticks(round(lead * MEDIA_RATE)))
    scenario = perform(play, Cast(replies(LONG)), avatar=Avatar(threshold=0.1), rules=rules, delay=lambda: delay)
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.sound(1) == scenario.cast.tts.pcm(LONG)


def test_a_jittery_network_within_the_lead_makes_no_gap() -> None:
    waits = [0.0, 0.03, 0.1, 0.01, 0.06, 0.1, 0.0] * 1000
    turn = iter(waits)

    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(20.0)

    scenario = perform(play, Cast(replies(LONG)), avatar=Avatar(threshold=0.1), delay=lambda: next(turn))
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.heard(1) == LONG


@pytest.mark.parametrize("speed", [0.995, 1.005])
def test_a_client_whose_clock_is_wrong_hears_no_gap(speed: float) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(70.0)

    text = " ".join(["word"] * 300) + "."
    scenario = perform(play, Cast(replies(text)), avatar=Avatar(speed=speed))
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.turns[1].over_at == pytest.approx(60 / speed, abs=0.1)
    assert scenario.avatar.states()[-1] == "idle"


def test_the_server_keeps_its_lead_and_no_more() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(8.0)

    scenario = perform(play, Cast(replies(f"{LONG} {LONG}")))
    start = scenario.avatar.turns[1].sound_at
    assert start is not None
    ends = [
        (at, (media.pts + len(media.pcm)) / MEDIA_RATE)
        for at, media in scenario.avatar.messages
        if isinstance(media, m.Media)
    ]
    leads = [end - (at - start) for at, end in ends]
    assert max(leads) <= 0.3 + 0.2 + 1e-6
    assert min(leads[3:]) >= 0.3


def test_a_slow_mind_shows_thinking_and_then_speaks_without_a_gap() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(12.0)

    scenario = perform(play, Cast(replies(LONG, first=1.5, every=0.05)))
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.turns[1].first_at == pytest.approx(1.5 + 0.45, abs=0.1)
    assert scenario.avatar.states() == ["thinking", "speaking", "idle"]


def test_a_mind_slower_than_speech_makes_gaps_but_loses_nothing() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(12.0)

    text = "One. Two. Three. Four."
    scenario = perform(play, Cast(replies(text, every=0.6)))
    assert scenario.avatar.faults == []
    assert len(scenario.avatar.gaps) >= 2
    assert scenario.avatar.heard(1) == text
    assert scenario.avatar.sound(1) == scenario.cast.tts.pcm(text)
    assert scenario.avatar.states() == ["thinking", "speaking", "idle"]


def test_cues_come_with_the_words_they_stand_by() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(5.0)

    scenario = perform(play, Cast(replies("[happy] One two. [gesture:wave] Three four. [sad:0.5]")))
    cues = [(cue.kind, cue.name, cue.intensity, cue.pts) for cue in scenario.avatar.turns[1].cues]
    assert cues == [("emotion", "happy", 1.0, 0), ("gesture", "wave", 1.0, 19_200), ("emotion", "sad", 0.5, 38_400)]
    assert scenario.avatar.heard(1) == "One two. Three four."
    assert troubles(scenario.avatar) == []


def test_an_engine_at_another_rate_is_resampled_to_a_sample_exact_length() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(5.0)

    scenario = perform(play, Cast(replies("One two three."), tts=ScriptedTts(rate=22_050, ms_per_word=200)))
    assert troubles(scenario.avatar) == []
    assert len(scenario.avatar.sound(1)) == round(0.6 * 24_000) * 2
    assert tones(scenario.avatar.sound(1), 24_000)[2::10] == [0, 1, 2]


def test_a_reply_without_words_ends_at_once() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("hello")
        await scenario.at(1.0)
        scenario.type("hello?")
        await scenario.at(4.0)

    scenario = perform(play, Cast(replies("...", "One two.")))
    assert scenario.avatar.turns[1].text == ""
    assert scenario.avatar.turns[1].end == 0
    assert scenario.avatar.heard(2) == "One two."
    assert troubles(scenario.avatar) == []


def test_a_viewer_sees_the_same_on_the_same_clock() -> None:
    seen: list[Avatar] = []

    async def play(scenario: Scenario) -> None:
        await scenario.at(0.5)
        seen.append(scenario.watch())
        scenario.type("count")
        scenario.speak(1.5, 2.5)
        await scenario.at(6.0)

    scenario = perform(play, Cast(replies(LONG, "Yes."), stt=listening("why")), mic=True)
    (viewer,) = seen
    assert troubles(viewer) == []
    assert {turn.id: bytes(turn.pcm) for turn in viewer.turns.values()} == {
        turn.id: bytes(turn.pcm) for turn in scenario.avatar.turns.values()
    }
    assert viewer.turns[1].sound_at == scenario.avatar.turns[1].sound_at
    own = [line for line in trace(scenario.avatar) if "Welcome" not in line]
    assert [line for line in trace(viewer) if "Welcome" not in line][1:] == own


def minute() -> Scenario:
    def say(request: Request) -> str:
        return f"[happy] You said {len(request.history)} things. {LONG} {LONG}"

    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 3.0)  # answered
        scenario.speak(10.0, 12.0)
        scenario.speak(14.5, 16.5)  # a barge-in
        scenario.speak(24.0, 25.0)
        scenario.speak(26.2, 26.35)  # a murmur
        await scenario.at(40.0)
        scenario.say(m.Context(events=("The door creaks.",), respond="must"))
        await scenario.at(48.0)
        scenario.type("one more")
        await scenario.at(60.0)

    heard = ("what is a comet", "tell me more", "no wait", "go on then", "mhm")
    cast = Cast(
        ScriptedDialogue(say, first=0.25, every=0.02), ScriptedTts(ms_per_word=160, delay=0.05), listening(*heard)
    )
    return perform(play, cast, hello=WITH_LIFE, delay=lambda: 0.03, mic=True)


def test_a_minute_of_conversation_passes_at_once_and_twice_the_same() -> None:
    began = time.perf_counter()
    scenario = minute()
    took = time.perf_counter() - began
    print(f"one minute took {took:.3f} s")
    assert troubles(scenario.avatar) == []
    assert scenario.avatar.transcripts() == ["what is a comet", "tell me more", "no wait", "go on then", "mhm"]
    assert len([x for _, x in scenario.avatar.messages if isinstance(x, m.Interrupted)]) == 1
    assert len(scenario.cast.dialogue.requests) == 6
    assert scenario.avatar.states()[-1] == "idle"
    assert trace(scenario.avatar) == trace(minute().avatar)
