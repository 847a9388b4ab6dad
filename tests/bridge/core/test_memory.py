"""What is kept: the messages that a resume must replay, and the words that were heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.history import LONGEST, History, join
from bridge.core.outbox import Outbox, ReplayGap
from bridge.core.timeline import SpokenWord, Ticks
from engines.api import Message
from tests.bridge.core.cuts import STEADY

# ------------------------------------------------------------------------------------------------------ outbox


@STEADY
@given(
    limit=st.integers(0, 60),
    steps=st.lists(
        st.tuples(st.just("keep"), st.integers(0, 3), st.integers(0, 30))
        | st.tuples(st.just("skip"), st.just(0), st.just(0))
        | st.tuples(st.just("ack"), st.integers(0, 30), st.just(0))
        | st.tuples(st.just("cut"), st.integers(0, 3), st.just(0)),
        max_size=30,
    ),
    asked=st.integers(0, 40),
)
def test_a_replay_is_exact_or_refused(limit: int, steps: list[tuple[str, int, int]], asked: int) -> None:
    outbox: Outbox[int] = Outbox(limit)
    alive: dict[int, int] = {}  # what a client could still want, by seq, with its turn
    acked = 0
    for what, a, b in steps:
        match what:
            case "keep":
                seq = outbox.next_seq()
                outbox.keep(seq, seq, turn=a, size=b)
                alive[seq] = a
            case "skip":
                outbox.next_seq()
            case "ack":
                outbox.ack(a)
                acked = max(acked, min(a, outbox.seq))
            case "cut":
                outbox.cut(a)
                alive = {seq: turn for seq, turn in alive.items() if turn == 0 or turn > a}
        assert outbox._bytes <= limit
        assert len(outbox) <= len(alive)
    wanted = [seq for seq in alive if seq > asked]
    try:
        assert outbox.since(asked) == wanted
    except ReplayGap:
        kept = {kept.seq for kept in outbox._kept}
        # Some of it was dropped for its size, was acknowledged, or was never given.
        assert asked > outbox.seq or asked < acked or asked < outbox._lost
        assert asked >= outbox.seq or asked < acked or not set(wanted) <= kept or asked < outbox._lost


def test_what_was_dropped_for_its_size_is_a_gap() -> None:
    outbox: Outbox[str] = Outbox(10)
    for text in "abcd":
        outbox.keep(outbox.next_seq(), text, turn=1, size=4)
    assert outbox.since(2) == ["c", "d"]
    with pytest.raises(ReplayGap):
        outbox.since(1)


def test_numbers_that_were_skipped_are_no_gap() -> None:
    outbox: Outbox[str] = Outbox()
    outbox.keep(outbox.next_seq(), "a", turn=1, size=1)
    outbox.next_seq()
    outbox.keep(outbox.next_seq(), "c", turn=1, size=1)
    assert outbox.since(1) == ["c"]
    assert outbox.since(2) == ["c"]
    assert outbox.since(3) == []
    with pytest.raises(ReplayGap):
        outbox.since(4)


def test_a_cut_turn_is_not_replayed_but_the_cut_is() -> None:
    outbox: Outbox[str] = Outbox()
    outbox.keep(outbox.next_seq(), "transcript", turn=0, size=1)
    outbox.keep(outbox.next_seq(), "media 1", turn=1, size=1)
    outbox.cut(1)
    outbox.keep(outbox.next_seq(), "interrupted", turn=0, size=1)
    outbox.keep(outbox.next_seq(), "media 2", turn=2, size=1)
    assert outbox.since(0) == ["transcript", "interrupted", "media 2"]


def test_an_acknowledgement_from_the_future_counts_as_the_newest() -> None:
    outbox: Outbox[str] = Outbox()
    outbox.keep(outbox.next_seq(), "a", turn=1, size=1)
    outbox.ack(10**9)
    assert len(outbox) == 0
    outbox.keep(outbox.next_seq(), "b", turn=1, size=1)
    assert outbox.since(1) == ["b"]


# ------------------------------------------------------------------------------------------------------ history


def words(text: str) -> list[SpokenWord]:
    return [SpokenWord(word, Ticks(100 * i), Ticks(100 * i + 100)) for i, word in enumerate(text.split())]


@STEADY
@given(
    said=st.lists(st.integers(0, 1_000), max_size=10),
    heard=st.integers(0, 1_200),
    later=st.none() | st.integers(0, 1_200),
)
def test_only_heard_words_are_kept(said: list[int], heard: int, later: int | None) -> None:
    history = History()
    history.user("go on")
    history.reply(1)
    for i, pts in enumerate(sorted(said)):
        history.spoken(1, SpokenWord(f"w{i}", Ticks(pts), Ticks(pts + 10)))
    history.cut(1, Ticks(heard))
    if later is not None:
        history.cut(1, Ticks(later))
    end = heard if later is None else later
    expected = " ".join(f"w{i}" for i, pts in enumerate(sorted(said)) if pts < end)
    assert history.text(1) == expected
    assert [m.text for m in history.messages() if m.role == "companion"] == ([expected] if expected else [])


def test_a_word_that_had_not_begun_was_not_heard() -> None:
    history = History()
    history.reply(1)
    for word in words("one two three"):
        history.spoken(1, word)
    history.cut(1, Ticks(200))
    assert history.text(1) == "one two"


def test_a_question_taken_up_again_replaces_itself() -> None:
    history = History()
    history.user("hello")
    history.reply(1)
    for word in words("Hi."):
        history.spoken(1, word)
    history.user("what is")
    history.reply(2)
    history.spoken(2, words("Unheard")[0])
    history.cut(2, Ticks(0))
    history.user("what is a comet", again=True)
    assert history.messages() == (
        Message("user", "hello"),
        Message("companion", "Hi."),
        Message("user", "what is a comet"),
    )


def test_a_question_taken_up_again_does_not_swallow_the_scene_or_what_was_heard() -> None:
    history = History()
    history.reply(1)
    history.spoken(1, words("Hi.")[0])
    history.user("hello again", again=True)
    assert [m.text for m in history.messages()] == ["Hi.", "hello again"]
    history.event("The door creaks.")
    history.user("what", again=True)
    assert [m.text for m in history.messages()] == ["Hi.", "hello again", "The door creaks.", "what"]


def test_what_happened_stands_last() -> None:
    history = History()
    history.event("It rains.")
    history.happened("It rains.")
    assert history.messages() == (Message("scene", "It rains."),)
    history.user("hello")
    history.happened("It rains.")
    assert history.messages()[-1] == Message("scene", "It rains.")


def test_it_is_bounded() -> None:
    history = History()
    for i in range(LONGEST + 10):
        history.user(str(i))
    assert len(history.messages()) == LONGEST
    assert history.messages()[-1].text == str(LONGEST + 9)
    history.spoken(99, words("lost")[0])
    history.cut(99, Ticks(5))
    assert history.text(99) == ""


def test_words_are_joined_as_they_are_written() -> None:
    def line(*pairs: tuple[str, str]) -> str:
        return join([SpokenWord(text, Ticks(0), Ticks(0), gap) for gap, text in pairs])

    assert line(("", "Hello,"), (" ", "dear"), ("\n", "friend.")) == "Hello, dear\nfriend."
    assert line(("", "昨日"), ("", "は"), ("", "雨。")) == "昨日は雨。"
    assert line(("", "저는"), (" ", "노라입니다.")) == "저는 노라입니다."
    assert line(("", "it"), (" 😀 ", "so")) == "it 😀 so"
    assert line() == ""
