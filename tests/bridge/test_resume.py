"""A lost connection is taken up again: no word lost, none repeated, or the client is told plainly to start afresh."""

from __future__ import annotations

import pytest

from bridge.companion import Rules
from bridge.core.outbox import MAX_BYTES, ReplayGap
from bridge.errors import Overloaded
from bridge.resume import Sessions
from engines.scripted import ScriptedStt, ScriptedTts
from protocol import messages as m
from tests.avatar import Avatar
from tests.bridge.stage import Cast, Stage, history, perform, replies
from tests.judge import frame_numbers

LONG = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen."
WHOLE = ScriptedTts(ms_per_word=200).pcm(LONG)


def welcomes(stage: Stage) -> list[m.Welcome]:
    return [x for _, x in stage.avatar.messages if isinstance(x, m.Welcome)]


@pytest.mark.parametrize("away", [0.0, 0.2, 2.0, 50.0])
@pytest.mark.parametrize("at", [0.5, 0.51, 0.61, 0.64, 0.75, 1.3, 2.05, 3.2, 3.55])
def test_the_joined_reply_is_what_was_synthesized(at: float, away: float) -> None:
    async def play(stage: Stage) -> None:
        await stage.at(0.5)
        stage.type("count")
        await stage.at(at)
        stage.cut()
        await stage.at(at + away)
        stage.connect(seq=stage.avatar.seq)
        await stage.at(at + away + 10.0)

    stage = perform(play, Cast(replies(LONG, first=0.1)), delay=lambda: 0.03)
    avatar = stage.avatar
    assert avatar.faults == []
    assert [welcome.resumed for welcome in welcomes(stage)] == [False, True]
    assert bytes(avatar.turns[1].pcm) == WHOLE
    assert [word.text for word in avatar.turns[1].words] == LONG.split()
    assert frame_numbers(avatar, 1) == list(range(180))
    assert avatar.turns[1].text == LONG
    assert avatar.heard(1) == LONG
    assert avatar.states()[-1] == "idle"
    seqs = [seq for _, x in avatar.messages if (seq := getattr(x, "seq", 0)) and not isinstance(x, m.Welcome)]
    assert seqs == sorted(set(seqs))


def test_nothing_is_sent_while_nobody_is_there_and_no_more_than_the_lead_after() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.0)
        stage.cut()
        await stage.at(10.0)
        before = len(stage.avatar.messages)
        stage.connect(seq=stage.avatar.seq)
        await stage.at(10.0)
        burst = [x for _, x in stage.avatar.messages[before:] if isinstance(x, m.Media)]
        assert sum(len(x.pcm) for x in burst) / 48_000 <= 0.5
        await stage.at(20.0)

    stage = perform(play, Cast(replies(LONG)))
    assert bytes(stage.avatar.turns[1].pcm) == WHOLE


def test_twice_in_one_reply() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        for at in (0.7, 1.9):
            await stage.at(at)
            stage.cut()
            await stage.at(at + 0.6)
            stage.connect(seq=stage.avatar.seq)
        await stage.at(12.0)

    stage = perform(play, Cast(replies(LONG)), delay=lambda: 0.05)
    assert bytes(stage.avatar.turns[1].pcm) == WHOLE
    assert stage.avatar.faults == []


@pytest.mark.parametrize("at", [1.0, 1.05, 1.1, 1.15])
def test_an_interruption_that_was_lost_is_told_and_its_turn_is_not_replayed(at: float) -> None:
    """Media of the turn was lost with it, and is not wanted any more."""

    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(at)
        stage.type("enough")
        await stage.at(at + 0.2)
        stage.cut()
        await stage.at(3.0)
        stage.connect(seq=stage.avatar.seq)
        await stage.at(8.0)

    stage = perform(play, Cast(replies(LONG, "Fine.")), delay=lambda: 0.15)
    kinds = [type(x).__name__ for at, x in stage.avatar.messages if at > 3.0]
    assert kinds[:3] == ["Welcome", "Interrupted", "ReplyStart"]
    assert stage.avatar.faults == []
    assert stage.avatar.heard(2) == "Fine."


def test_a_turn_that_ended_in_absence_is_in_history_only_as_far_as_it_was_heard() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.0)
        stage.cut()
        await stage.at(5.0)
        stage.connect(seq=stage.avatar.seq)
        stage.type("enough")
        await stage.at(8.0)

    stage = perform(play, Cast(replies(LONG, "Fine.")))
    said = history(stage)[1][1]
    assert LONG.startswith(said)
    assert len(said.split()) <= 7


def test_nothing_counts_as_heard_while_a_client_that_does_not_report_is_away() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.0)
        stage.cut()
        await stage.at(5.0)
        stage.connect(seq=stage.avatar.seq)
        stage.type("enough")
        await stage.at(8.0)

    stage = perform(play, Cast(replies(LONG, "Fine.")), avatar=Avatar(reports=False))
    assert history(stage)[1] == ("companion", "one two three four five")


def test_an_utterance_that_was_cut_off_is_answered_after_the_return() -> None:
    async def play(stage: Stage) -> None:
        stage.speak(1.0, 3.0)
        await stage.at(2.0)
        stage.cut()
        await stage.at(4.0)
        stage.connect(seq=stage.avatar.seq)
        await stage.at(10.0)

    stage = perform(play, Cast(stt=ScriptedStt(("what is",))), mic=True)
    assert stage.avatar.transcripts() == ["what is"]
    assert history(stage) == [("user", "what is")]
    assert stage.avatar.heard(1) == "One two three four."
    assert stage.avatar.faults == []


def test_push_to_talk_is_up_after_a_lost_connection() -> None:
    async def play(stage: Stage) -> None:
        stage.say(m.Talk(on=True))
        await stage.at(2.0)
        stage.cut()
        await stage.at(4.0)
        stage.connect(seq=stage.avatar.seq)
        await stage.at(9.0)

    stage = perform(play, Cast(stt=ScriptedStt(("hello",))), mic=True)
    assert history(stage) == [("user", "hello")]
    assert stage.avatar.states()[-1] == "idle"


def test_the_new_connection_takes_over_from_one_that_seems_alive() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.0)
        old, stage.avatar = stage.link, Avatar()
        stage.connect(seq=0)
        assert old.error is not None
        assert old.error.code == "session_taken"
        stage.session.detach(old)
        await stage.at(8.0)

    stage = perform(play, Cast(replies(LONG)), avatar=Avatar(reports=False))
    assert bytes(stage.avatar.turns[1].pcm) == WHOLE
    assert stage.avatar.faults == []


def test_what_was_acknowledged_cannot_be_had_again() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(2.0)
        stage.cut()
        with pytest.raises(ReplayGap):
            stage.connect(seq=1)
        stage.connect(seq=stage.avatar.seq)
        await stage.at(8.0)

    assert bytes(perform(play, Cast(replies(LONG))).avatar.turns[1].pcm) == WHOLE


@pytest.mark.parametrize("seq", [10**6, 2**53])
def test_a_seq_from_the_future_cannot_be_resumed(seq: int) -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.0)
        stage.cut()
        with pytest.raises(ReplayGap):
            stage.connect(seq=seq)

    perform(play, Cast(replies(LONG)))


def test_a_client_that_acknowledged_nothing_for_a_minute_finds_a_gap() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(70.0)
        stage.cut()
        with pytest.raises(ReplayGap):
            stage.connect(seq=0)
        assert stage.session._out._outbox._bytes <= MAX_BYTES

    perform(play, Cast(replies(" ".join([LONG] * 40))), avatar=Avatar(reports=False))


def test_a_session_waits_for_its_client_and_then_is_over() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.0)
        stage.cut()
        await stage.at(60.9)
        assert not stage.session.over
        await stage.at(61.1)
        assert stage.session.over

    stage = perform(play, Cast(replies(LONG)), rules=Rules(resume_after=60.0))
    assert list(stage.cast.dialogue.forgotten) == ["s-1"]


def test_bye_ends_at_once() -> None:
    async def play(stage: Stage) -> None:
        stage.type("count")
        await stage.at(1.0)
        stage.say(m.Bye())
        await stage.at(1.1)
        assert stage.session.over
        assert stage.link.closed
        assert stage.link.error is None

    perform(play, Cast(replies(LONG)))


# ------------------------------------------------------------------------------------------------- who may have it


def a_session() -> Stage:
    async def play(stage: Stage) -> None:
        await stage.at(0.1)

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
