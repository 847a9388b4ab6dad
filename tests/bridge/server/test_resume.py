"""A lost connection is taken up again: no word lost, none repeated, or the client is told plainly to start afresh."""

from __future__ import annotations

import pytest

from bridge.core.outbox import MAX_BYTES, ReplayGap
from bridge.errors import Overloaded
from bridge.server.resume import Sessions
from bridge.session.companion import Rules
from protocol import messages as m
from testkit.avatar import Avatar
from testkit.judge import frame_numbers
from testkit.scripted.engines import ScriptedStt, ScriptedTts
from tests.bridge.scenario import Cast, Scenario, history, perform, replies

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen."
WHOLE = ScriptedTts(ms_per_word=200).pcm(LONG)


def welcomes(scenario: Scenario) -> list[m.Welcome]:
    return [x for _, x in scenario.avatar.messages if isinstance(x, m.Welcome)]


@pytest.mark.parametrize("away", [0.0, 0.2, 2.0, 50.0])
@pytest.mark.parametrize("at", [0.5, 0.51, 0.61, 0.64, 0.75, 1.3, 2.05, 3.2, 3.55])
def test_the_joined_reply_is_what_was_synthesized(at: float, away: float) -> None:
    async def play(scenario: Scenario) -> None:
        await scenario.at(0.5)
        scenario.type("count")
        await scenario.at(at)
        scenario.cut()
        await scenario.at(at + away)
        scenario.connect(seq=scenario.avatar.seq)
        await scenario.at(at + away + 10.0)

    scenario = perform(play, Cast(replies(LONG, first=0.1)), delay=lambda: 0.03)
    avatar = scenario.avatar
    assert avatar.faults == []
    assert [welcome.resumed for welcome in welcomes(scenario)] == [False, True]
    assert bytes(avatar.turns[1].pcm) == WHOLE
    assert [word.text for word in avatar.turns[1].words] == LONG.split()
    assert frame_numbers(avatar, 1) == list(range(180))
    assert avatar.turns[1].text == LONG
    assert avatar.heard(1) == LONG
    assert avatar.states()[-1] == "idle"
    seqs = [seq for _, x in avatar.messages if (seq := getattr(x, "seq", 0)) and not isinstance(x, m.Welcome)]
    assert seqs == sorted(set(seqs))


def test_nothing_is_sent_while_nobody_is_there_and_no_more_than_the_lead_after() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.0)
        scenario.cut()
        await scenario.at(10.0)
        before = len(scenario.avatar.messages)
        scenario.connect(seq=scenario.avatar.seq)
        await scenario.at(10.0)
        burst = [x for _, x in scenario.avatar.messages[before:] if isinstance(x, m.Media)]
        assert sum(len(x.pcm) for x in burst) / 48_000 <= 0.5
        await scenario.at(20.0)

    scenario = perform(play, Cast(replies(LONG)))
    assert bytes(scenario.avatar.turns[1].pcm) == WHOLE


def test_twice_in_one_reply() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        for at in (0.7, 1.9):
            await scenario.at(at)
            scenario.cut()
            await scenario.at(at + 0.6)
            scenario.connect(seq=scenario.avatar.seq)
        await scenario.at(12.0)

    scenario = perform(play, Cast(replies(LONG)), delay=lambda: 0.05)
    assert bytes(scenario.avatar.turns[1].pcm) == WHOLE
    assert scenario.avatar.faults == []


@pytest.mark.parametrize("at", [1.0, 1.05, 1.1, 1.15])
def test_an_interruption_that_was_lost_is_told_and_its_turn_is_not_replayed(at: float) -> None:
    """Media of the turn was lost with it, and is not wanted any more."""

    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(at)
        scenario.type("enough")
        await scenario.at(at + 0.2)
        scenario.cut()
        await scenario.at(3.0)
        scenario.connect(seq=scenario.avatar.seq)
        await scenario.at(8.0)

    scenario = perform(play, Cast(replies(LONG, "Fine.")), delay=lambda: 0.15)
    kinds = [type(x).__name__ for at, x in scenario.avatar.messages if at > 3.0]
    assert kinds[:3] == ["Welcome", "Interrupted", "ReplyStart"]
    assert scenario.avatar.faults == []
    assert scenario.avatar.heard(2) == "Fine."


def test_a_turn_that_ended_in_absence_is_in_history_only_as_far_as_it_was_heard() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.0)
        scenario.cut()
        await scenario.at(5.0)
        scenario.connect(seq=scenario.avatar.seq)
        scenario.type("enough")
        await scenario.at(8.0)

    scenario = perform(play, Cast(replies(LONG, "Fine.")))
    said = history(scenario)[1][1]
    assert LONG.startswith(said)
    assert len(said.split()) <= 7


def test_nothing_counts_as_heard_while_a_client_that_does_not_report_is_away() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.0)
        scenario.cut()
        await scenario.at(5.0)
        scenario.connect(seq=scenario.avatar.seq)
        scenario.type("enough")
        await scenario.at(8.0)

    scenario = perform(play, Cast(replies(LONG, "Fine.")), avatar=Avatar(reports=False))
    assert history(scenario)[1] == ("companion", "one two three four five")


def test_an_utterance_that_was_cut_off_is_answered_after_the_return() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.speak(1.0, 3.0)
        await scenario.at(2.0)
        scenario.cut()
        await scenario.at(4.0)
        scenario.connect(seq=scenario.avatar.seq)
        await scenario.at(10.0)

    scenario = perform(play, Cast(stt=ScriptedStt(("what is",))), mic=True)
    assert scenario.avatar.transcripts() == ["what is"]
    assert history(scenario) == [("user", "what is")]
    assert scenario.avatar.heard(1) == "One two three four."
    assert scenario.avatar.faults == []


def test_push_to_talk_is_up_after_a_lost_connection() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.say(m.Talk(on=True))
        await scenario.at(2.0)
        scenario.cut()
        await scenario.at(4.0)
        scenario.connect(seq=scenario.avatar.seq)
        await scenario.at(9.0)

    scenario = perform(play, Cast(stt=ScriptedStt(("hello",))), mic=True)
    assert history(scenario) == [("user", "hello")]
    assert scenario.avatar.states()[-1] == "idle"


def test_the_new_connection_takes_over_from_one_that_seems_alive() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.0)
        old, scenario.avatar = scenario.link, Avatar()
        scenario.connect(seq=0)
        assert old.error is not None
        assert old.error.code == "session_taken"
        scenario.session.detach(old)
        await scenario.at(8.0)

    scenario = perform(play, Cast(replies(LONG)), avatar=Avatar(reports=False))
    assert bytes(scenario.avatar.turns[1].pcm) == WHOLE
    assert scenario.avatar.faults == []


def test_what_was_acknowledged_cannot_be_had_again() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(2.0)
        scenario.cut()
        with pytest.raises(ReplayGap):
            scenario.connect(seq=1)
        scenario.connect(seq=scenario.avatar.seq)
        await scenario.at(8.0)

    assert bytes(perform(play, Cast(replies(LONG))).avatar.turns[1].pcm) == WHOLE


@pytest.mark.parametrize("seq", [10**6, 2**53])
def test_a_seq_from_the_future_cannot_be_resumed(seq: int) -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.0)
        scenario.cut()
        with pytest.raises(ReplayGap):
            scenario.connect(seq=seq)

    perform(play, Cast(replies(LONG)))


def test_a_client_that_acknowledged_nothing_for_a_minute_finds_a_gap() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(70.0)
        scenario.cut()
        with pytest.raises(ReplayGap):
            scenario.connect(seq=0)
        assert scenario.session.out._outbox._bytes <= MAX_BYTES

    perform(play, Cast(replies(" ".join([LONG] * 40))), avatar=Avatar(reports=False))


def test_a_session_waits_for_its_client_and_then_is_over() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.0)
        scenario.cut()
        await scenario.at(60.9)
        assert not scenario.session.over
        await scenario.at(61.1)
        assert scenario.session.over

    scenario = perform(play, Cast(replies(LONG)), rules=Rules(resume_after=60.0))
    assert list(scenario.cast.dialogue.forgotten) == ["s-1"]


def test_bye_ends_at_once() -> None:
    async def play(scenario: Scenario) -> None:
        scenario.type("count")
        await scenario.at(1.0)
        scenario.say(m.Bye())
        await scenario.at(1.1)
        assert scenario.session.over
        assert scenario.link.closed
        assert scenario.link.error is None

    perform(play, Cast(replies(LONG)))


# ------------------------------------------------------------------------------------------------- who may have it


def a_session() -> Scenario:
    async def play(scenario: Scenario) -> None:
        await scenario.at(0.1)

    return perform(play)


def test_only_its_user_with_its_token_gets_a_session_back() -> None:
    sessions = Sessions(most=2, most_per_user=1, retry_after=5.0)
    session = a_session().session
    session.over = False
    sessions.add(session)
    given = m.Resume(session="s-1", token="t", seq=0)
    assert sessions.reclaim(given, "ada") is session
    assert sessions.reclaim(m.Resume(session="s-1", token="x", seq=0), "ada") == "bad_token"
    assert sessions.reclaim(m.Resume(session="s-1", token="w", seq=0), "ada") == "bad_token"
    assert sessions.reclaim(m.Resume(session="s-1", token="ä", seq=0), "ada") == "bad_token"
    assert sessions.reclaim(given, "eve") == "bad_token"
    assert sessions.reclaim(m.Resume(session="s-2", token="t", seq=0), "ada") == "session_expired"
    assert sessions.watched(m.Resume(session="s-1", token="w", seq=0)) is session
    assert sessions.watched(given) is None
    session.over = True
    assert sessions.reclaim(given, "ada") == "session_expired"


def test_rooms_are_counted_in_all_and_per_user() -> None:
    sessions = Sessions(most=2, most_per_user=1, retry_after=5.0)
    first, second = a_session().session, a_session().session
    second.name = "s-2"
    second.user = ""
    sessions.add(first)
    with pytest.raises(Overloaded) as refused:
        sessions.check_room("ada")
    assert refused.value.code == "user_full"
    assert refused.value.retry_after == 5.0
    sessions.check_room("bob")
    sessions.check_room("")
    sessions.add(second)
    with pytest.raises(Overloaded) as refused:
        sessions.check_room("bob")
    assert refused.value.code == "server_full"
    sessions.remove(first)
    sessions.remove(first)
    sessions.check_room("ada")
    assert len(sessions) == 1
