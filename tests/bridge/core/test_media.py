"""The media clock and the pacing of a reply: exact, contiguous, never too far ahead and never stuck."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.pacer import AHEAD, Pacer
from bridge.core.playhead import SILENCE, TRUST, Playhead
from bridge.core.timeline import (
    MEDIA_RATE,
    PIECE,
    CueMark,
    MediaPiece,
    SpokenWord,
    Stamped,
    Ticks,
    Timeline,
    exact_div,
    seconds,
)
from engines.api import Cue, FaceBlock, Speech, TimedCue, Word
from tests.bridge.core.cuts import STEADY, cuts

RATES = st.sampled_from([8_000, 12_000, 16_000, 24_000, 48_000])
FPS = st.sampled_from([24, 25, 30, 50, 60])
CHANNELS = 3


def sound(samples: int) -> bytes:
    return b"".join((i % 65_536).to_bytes(2, "little") for i in range(samples))


def frames(first: int, count: int) -> bytes:
    return b"".join(bytes([i & 255, i >> 8 & 255, 7]) for i in range(first, first + count))


# --------------------------------------------------------------------------------------------------- timeline


def run(rate: int, fps: int, total: int, places: list[int], words: list[int]) -> list[Stamped]:
    """`total` samples in speech cut at `places`, each preceded by its frames, a word and a cue at each of `words`."""
    timeline, out, pcm, have = Timeline(rate, fps, CHANNELS), list[Stamped](), sound(total), 0
    for start, end in zip([0, *places], [*places, total], strict=True):
        due = -(-end * fps // rate)
        if due > have:
            timeline.push(FaceBlock(have, frames(have, due - have), "exact"))
            have = due
        last = end == total
        own = [w for w in words if start <= w < end or (last and w == end)]
        out += timeline.push(
            Speech(
                pcm[2 * start : 2 * end],
                rate,
                words=tuple(Word(str(w), w - start, w - start, 0) for w in own),
                cues=tuple(TimedCue(Cue("gesture", str(w), 1.0, 0), w - start) for w in own),
            )
        )
    return out + timeline.flush()


@STEADY
@given(st.data(), RATES, FPS, st.integers(0, 12_000))
def test_however_speech_is_cut_the_pieces_are_the_same(data: st.DataObject, rate: int, fps: int, total: int) -> None:
    words = sorted(data.draw(st.lists(st.integers(0, total), max_size=5, unique=True)))
    # No empty pieces of speech: a word at a cut would belong to two of them.
    places = sorted(set(data.draw(cuts(total))) - {0, total})
    assert run(rate, fps, total, places, words) == run(rate, fps, total, [], words)


@STEADY
@given(st.data(), RATES, FPS, st.integers(0, 12_000))
def test_every_sample_and_frame_comes_once_in_its_piece(data: st.DataObject, rate: int, fps: int, total: int) -> None:
    words = sorted(data.draw(st.lists(st.integers(0, total), max_size=5, unique=True)))
    out = run(rate, fps, total, sorted(set(data.draw(cuts(total))) - {0, total}), words)
    pieces = [item for item in out if isinstance(item, MediaPiece)]
    assert b"".join(piece.pcm for piece in pieces) == sound(total)
    expected, frame, per_frame = 0, 0, MEDIA_RATE // fps
    for piece in pieces:
        assert piece.pts == expected
        assert piece.end - piece.pts == len(piece.pcm) // 2 * (MEDIA_RATE // rate)
        expected = piece.end
        rows = len(piece.face) // CHANNELS
        assert piece.face == frames(frame, rows)
        if rows:
            assert piece.face_pts == frame * per_frame
        frame += rows
        assert all(piece.pts <= number * per_frame < piece.end for number in range(frame - rows, frame))
    assert frame == -(-total * fps // rate)
    assert all(piece.end - piece.pts == PIECE for piece in pieces[:-1])
    # Words and cues in order, each before the piece that it begins in.
    marks = [item for item in out if not isinstance(item, MediaPiece)]
    assert [mark.pts for mark in marks] == sorted(mark.pts for mark in marks)
    assert len(marks) == 2 * len(words)
    sent = 0
    for item in out:
        if isinstance(item, MediaPiece):
            sent = item.end
        else:
            assert item.pts >= sent


def test_words_of_a_reply_are_stamped_on_its_clock() -> None:
    timeline = Timeline(24_000, 60, 0)
    timeline.push(Speech(sound(1200), 24_000))
    timeline.push(Speech(sound(2400), 24_000, words=(Word("hi", 100, 2000, 0),)))
    timeline.mark(Cue("emotion", "happy", 0.5, 0))
    out = timeline.flush()
    assert isinstance(out[0], MediaPiece)
    assert out[-1] == CueMark(Ticks(7200), "emotion", "happy", 0.5)
    assert timeline.end == 7200
    assert SpokenWord("hi", Ticks(2600), Ticks(6400)) not in out  # it left with the first piece
    assert seconds(MEDIA_RATE) == 1.0


def test_what_does_not_fit_the_clock_is_refused() -> None:
    with pytest.raises(ValueError, match="multiple"):
        Timeline(22_050, 60, 0)
    with pytest.raises(ValueError, match="multiple"):
        Timeline(24_000, 7, 0)
    timeline = Timeline(24_000, 60, 2)
    with pytest.raises(ValueError, match="16000 Hz"):
        timeline.push(Speech(sound(10), 16_000))
    timeline.push(FaceBlock(0, bytes(4), "exact"))
    with pytest.raises(ValueError, match="out of order"):
        timeline.push(FaceBlock(3, bytes(2), "exact"))
    assert exact_div(48_000, 60) == 800


# --------------------------------------------------------------------------------------------------- playhead


def test_before_anything_was_sent_there_is_no_position() -> None:
    head = Playhead()
    assert head.at(5.0) == 0
    assert head.when(100, 5.0) is None
    assert not head.report(Ticks(1), 5.0)
    assert head.report(Ticks(0), 5.0)


def test_the_clock_carries_it_on_but_never_past_what_was_sent() -> None:
    head = Playhead()
    head.let_go(Ticks(48_000), 10.0)
    assert head.at(10.5) == 24_000
    assert head.at(12.0) == 48_000


def test_a_report_counts_and_is_trusted_for_a_second() -> None:
    head = Playhead()
    head.let_go(Ticks(480_000), 10.0)
    assert head.report(Ticks(4_800), 11.0)
    assert head.at(11.5) == 4_800 + 24_000
    assert head.at(11.0 + TRUST) == head.at(11.0 + SILENCE) == 4_800 + 48_000
    assert head.at(11.0 + SILENCE + 1.0) == 4_800 + 96_000
    assert not head.report(Ticks(480_001), 11.0)
    assert head.at(11.5) == 4_800 + 24_000


def test_what_comes_after_it_ran_dry_is_heard_from_then() -> None:
    head = Playhead()
    head.let_go(Ticks(4_800), 10.0)
    head.let_go(Ticks(9_600), 11.0)
    assert head.at(11.05) == 4_800 + 2_400


def test_it_stands_still_while_held() -> None:
    head = Playhead()
    head.let_go(Ticks(48_000), 10.0)
    head.hold(10.5)
    assert head.at(20.0) == 24_000
    assert head.when(48_000, 20.0) is None
    head.resume(30.0)
    assert head.at(30.25) == 36_000


# ------------------------------------------------------------------------------------------------------ pacer


def pieces(count: int, *, cues: bool = False) -> list[Stamped]:
    out: list[Stamped] = []
    for i in range(count):
        if cues:
            out.append(SpokenWord(str(i), Ticks(i * PIECE), Ticks((i + 1) * PIECE)))
        out.append(MediaPiece(Ticks(i * PIECE), Ticks((i + 1) * PIECE), b"", Ticks(0), b"", "exact"))
    return out


@dataclass
class Client:
    """Plays in steps that a strategy chose; it knows what it was sent."""

    pts: int = 0
    sent: int = 0
    furthest: int = 0


@STEADY
@given(
    start=st.sampled_from([0.0, 1.0, 1e3, 86_400.0, 3e6, 1e8]),
    lead=st.integers(4_800, 240_000),
    waiting=st.lists(st.integers(1, 40), min_size=1, max_size=6),
    steps=st.lists(
        st.tuples(st.sampled_from(["play", "silence", "stall", "future", "back"]), st.integers(1, 3_000)), max_size=40
    ),
)
def test_it_never_runs_ahead_and_never_gets_stuck(
    start: float, lead: int, waiting: list[int], steps: list[tuple[str, int]]
) -> None:
    pacer, now, client, made = Pacer(Ticks(lead)), start, Client(), 0
    for size in waiting:
        made += size
    pacer.push(pieces(made, cues=True))
    pacer.complete = True
    sent: list[Stamped] = []

    def let_go() -> None:
        items = pacer.due(now)
        sent.extend(items)
        for item in items:
            if isinstance(item, MediaPiece):
                client.sent = item.end
        head = pacer.playhead.at(now)
        assert head <= client.sent
        client.furthest = max(client.furthest, head)
        # A piece begins within the lead; of two that leave together the second begins one later.
        assert client.sent <= client.furthest + lead + 2 * PIECE

    let_go()
    for what, millis in steps:
        now += millis / 1000
        match what:
            case "play":
                client.pts = min(client.sent, client.pts + millis * 48)
                assert pacer.playhead.report(Ticks(client.pts), now)
            case "stall":
                assert pacer.playhead.report(Ticks(client.pts), now)
            case "back":
                client.pts = max(0, client.pts - millis)
                assert pacer.playhead.report(Ticks(client.pts), now)
            case "future":
                assert not pacer.playhead.report(Ticks(client.sent + millis), now)
            case _:
                pass
        let_go()
    # Left alone it ends: at every deadline there is something to do.
    for _ in range(10 * made + 10):
        if pacer.heard_all(now):
            break
        deadline = pacer.deadline(now)
        assert deadline is not None
        assert deadline - now <= SILENCE + lead / MEDIA_RATE + made * PIECE / MEDIA_RATE
        before, now = len(sent), max(now, deadline)
        let_go()
        assert len(sent) > before or pacer.heard_all(now) or pacer.deadline(now) != deadline
    assert pacer.heard_all(now)
    assert sent == pieces(made, cues=True)


def test_the_first_burst_leaves_at_once_and_the_rest_in_time() -> None:
    pacer = Pacer(Ticks(14_400))
    pacer.push(pieces(20))
    assert [item.pts for item in pacer.due(50.0)] == [0], "the first sound leaves alone"
    deadline = pacer.deadline(50.0)
    assert deadline is not None
    assert deadline <= 50.0
    assert [item.pts for item in pacer.due(50.0)] == [4_800, 9_600]
    assert pacer.due(50.0) == []
    deadline = pacer.deadline(50.0)
    assert deadline == pytest.approx(50.0, abs=1e-3)
    assert [item.pts for item in pacer.due(50.0 + 1e-3)] == [14_400, 19_200]


def test_it_says_when_enough_was_made() -> None:
    pacer = Pacer(Ticks(14_400))
    pacer.push(pieces(AHEAD // PIECE))
    assert not pacer.full(0.0)
    pacer.push([MediaPiece(AHEAD, Ticks(AHEAD + PIECE), b"", Ticks(0), b"", "exact")])
    assert pacer.full(0.0)


def test_a_turn_without_media_is_over_when_it_is_complete() -> None:
    pacer = Pacer(Ticks(14_400))
    assert pacer.deadline(0.0) is None
    assert not pacer.heard_all(0.0)
    pacer.push([CueMark(Ticks(0), "gesture", "wave", 1.0)])
    assert len(pacer.due(0.0)) == 1
    pacer.complete = True
    assert pacer.heard_all(0.0)


def test_a_lost_connection_has_no_deadline() -> None:
    pacer = Pacer(Ticks(14_400))
    pacer.push(pieces(20))
    pacer.due(0.0)
    pacer.playhead.hold(0.1)
    assert pacer.deadline(0.2) is None
    pacer.playhead.resume(9.0)
    assert pacer.deadline(9.0) is not None
