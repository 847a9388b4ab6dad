"""Whose turn it is: the whole table against its golden file.

UPDATE_GOLDEN=1 writes the table anew; then read the difference.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core import turn_events as e
from bridge.core.turn_policy import Policy
from bridge.core.turns import State, Turns
from tests.bridge.core.turn_table import document, walk

GOLDEN = Path(__file__).parent / "golden" / "turns.txt"


def test_the_table_is_the_golden_one() -> None:
    text = document()
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes it anew; then read the difference"


@pytest.mark.parametrize("full_duplex", [True, False])
def test_in_every_state_there_is_a_way_back_to_silence(full_duplex: bool) -> None:
    lines = walk(full_duplex=full_duplex)
    quiet = {"IDLE"}
    while more := {line.before for line in lines if line.after in quiet} - quiet:
        quiet |= more
    assert quiet == {line.before for line in lines}


@pytest.mark.parametrize("full_duplex", [True, False])
def test_every_transition_keeps_the_promises_about_replies(full_duplex: bool) -> None:
    for line in walk(full_duplex=full_duplex):
        running, after = (
            state.split()[0] in ("THINKING", "SPEAKING", "OVERLAP") for state in (line.before, line.after)
        )
        actions = line.actions
        if running and "StartReply" in actions and "PlaybackEnded" not in line.event:
            assert actions.startswith("CancelReply"), f"two replies at once: {line}"
        if running and not after and "PlaybackEnded" not in line.event:
            assert "CancelReply" in actions, f"a reply is forgotten: {line}"
        if "CancelReply" in actions:
            assert running, f"nothing to cancel: {line}"
        if "Duck" in actions.split():
            assert line.after.startswith("OVERLAP"), str(line)
        if line.before.startswith("OVERLAP") and line.after.startswith(("SPEAKING", "THINKING unheard murmur")):
            assert "Unduck" in actions, f"it stays quiet: {line}"
        if "prompted" in line.event.lower() and not line.before.startswith("IDLE"):
            assert not actions, f"a prompt interrupts: {line}"


@pytest.mark.parametrize("full_duplex", [True, False])
def test_what_is_begun_ahead_is_released_or_withdrawn_and_never_doubled(full_duplex: bool) -> None:
    for line in walk(full_duplex=full_duplex):
        held, holds = ("guess:" in state for state in (line.before, line.after))
        actions = line.actions
        assert not (held and "Speculate" in actions and not actions.startswith("Withdraw")), f"two at once: {line}"
        assert not ("Withdraw" in actions and not held), f"nothing to withdraw: {line}"
        assert not ("from guess" in actions and not held), f"nothing to release: {line}"
        assert not (holds and not held and "Speculate" not in actions), f"it begins by itself: {line}"
        if held and not holds:
            assert ("Withdraw" in actions) != ("from guess" in actions), f"it is forgotten or used twice: {line}"
        if holds:
            assert line.after.startswith(("LISTENING", "ENDPOINTING")), f"it outlives the user's turn: {line}"
        if "Speculate" in actions:
            assert line.after.startswith(("LISTENING", "ENDPOINTING")), str(line)
            assert not ("LISTENING" in line.after and "quiet" not in line.after), f"while they speak: {line}"
        if "from guess" in actions:
            assert "spoken" in actions, str(line)


_IDS = st.integers(1, 3)
_EVENTS: st.SearchStrategy[e.Event] = st.one_of(
    st.builds(e.SpeechStarted, _IDS),
    st.builds(e.SpeechPaused, _IDS, st.booleans()),
    st.builds(e.SpeechStopped, _IDS),
    st.builds(e.PartlyTranscribed, _IDS, st.sampled_from(["", "yes", "what is", "what is it"]), st.booleans()),
    st.builds(e.Transcribed, _IDS, st.sampled_from(["", "Yes.", "What is it?"])),
    st.builds(e.EndOfTurnLikely, _IDS, st.floats(0.0, 1.0)),
    st.builds(e.TalkPressed, _IDS),
    st.builds(e.TalkReleased, _IDS),
    st.builds(e.Typed, st.just("typed")),
    st.builds(e.Prompted, st.just("prompt"), st.booleans()),
    st.builds(e.PlaybackStarted, _IDS),
    st.builds(e.PlaybackEnded, _IDS),
    st.just(e.StopRequested()),
)


@given(st.lists(st.tuples(st.floats(0.0, 0.6), _EVENTS), max_size=40), st.booleans())
def test_looking_ahead_changes_nothing_about_the_floor(play: list[tuple[float, e.Event]], full_duplex: bool) -> None:
    def acted(policy: Policy) -> list[tuple[float, e.Action]]:
        turns, now, done = Turns(policy, full_duplex=full_duplex), 0.0, []
        for after, event in play:
            until = now + after
            while turns.deadline is not None and turns.deadline <= until:
                deadline = turns.deadline
                done += [(deadline, action) for action in turns.expire(deadline)]
            now = until
            done += [(now, action) for action in turns.receive(event, now)]
        return done

    plain, ahead = acted(replace(Policy(), tries=0)), acted(Policy())
    running = 0
    for _, action in ahead:
        match action:
            case e.Speculate(guess=guess):
                assert running == 0
                running = guess
            case e.Withdraw(guess=guess):
                assert guess == running
                running = 0
            case e.StartReply(guess=guess):
                assert guess in (0, running)
                assert guess == running, "one is held while a reply begins"
                running = 0
    assert plain == [
        (at, replace(action, guess=0) if isinstance(action, e.StartReply) else action)
        for at, action in ahead
        if not isinstance(action, e.Speculate | e.Withdraw)
    ]


@given(st.lists(st.tuples(st.floats(0.0, 0.6), _EVENTS), max_size=40), st.booleans())
def test_words_are_answered_or_told_to_be_lost_and_every_cut_reply_was_begun(
    play: list[tuple[float, e.Event]], full_duplex: bool
) -> None:
    """Whatever happens in whatever order: each utterance has words of its own, and is transcribed once."""
    turns, now, done = Turns(Policy(), full_duplex=full_duplex), 0.0, []
    known: set[int] = set()

    def pass_time(until: float) -> None:
        while turns.deadline is not None and turns.deadline <= until:
            done.extend(turns.expire(turns.deadline))

    for after, event in play:
        now += after
        pass_time(now)
        if isinstance(event, e.Transcribed):
            if event.utterance in known:
                continue
            known.add(event.utterance)
            event = replace(event, text=f"word{event.utterance}" if event.text else "")
        done += turns.receive(event, now)
    if turns.state in (State.LISTENING, State.OVERLAP):
        done += turns.receive(e.SpeechStopped(turns.utterance), now)
    for utterance in sorted(turns.spoken.awaited):
        done += turns.receive(e.Transcribed(utterance, ""), now)
    pass_time(now + 10)
    answered = {word for action in done if isinstance(action, e.StartReply) for word in action.text.split()}
    lost = {action.utterance for action in done if isinstance(action, e.Lost)}
    said = {event.utterance for _, event in play if isinstance(event, e.Transcribed) and event.text}
    silent = {event.utterance for _, event in reversed(play) if isinstance(event, e.Transcribed) and not event.text}
    for utterance in said - silent:
        assert (f"word{utterance}" in answered) != (utterance in lost), utterance
    begun = [action.turn for action in done if isinstance(action, e.StartReply)]
    cut = [action.turn for action in done if isinstance(action, e.CancelReply)]
    assert begun == list(range(1, len(begun) + 1))
    assert cut == sorted(set(cut))
    assert set(cut) <= set(begun)
