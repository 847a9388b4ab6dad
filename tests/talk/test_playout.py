"""Playback judged by what is heard: the same samples in the same order, however they arrive and are read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talk.heard import Began, Cued, Ended, Said, Shown, Sound, Voiced
from talk.wall import Wall
from tests.talk.fake import FPS, RATE, face, sound
from tests.talk.playing import MS, of, play, playout, script, spoken


def test_a_turn_is_heard_and_seen_whole() -> None:
    player = playout()
    for message in script():
        player.push(message)
    air, events = play(player, 30_000)
    assert air == sound(1, 24_000) + bytes(12_000)
    assert spoken(events) == sound(1, 24_000)
    assert events[0] == Began(1)
    assert of(events, Ended) == [Ended(1, 48_000, False, "complete")]
    assert [word.text for word in of(events, Said)] == ["one", "two", "three", "four"]
    assert [(cue.name, cue.pts) for cue in of(events, Cued)] == [("happy", 0)]
    assert player.quiet
    assert player.underruns == 0


def test_phones_are_heard_among_the_words_and_only_as_far_as_the_sound_came() -> None:
    player = playout()
    phones = [{"ipa": ipa, "pts": at, "end": at + 12_000} for ipa, at in (("w", 0), ("ʌ", 12_000), ("n", 24_000))]
    for message in script():
        first = message["type"] == "media" and message["pts"] == 0
        player.push(message | {"phones": phones} if first else message)
    events = play(player, 9600)[1]
    assert [(phone.ipa, phone.pts, phone.end) for phone in of(events, Voiced)] == [
        ("w", 0, 12_000),
        ("ʌ", 12_000, 24_000),
    ]
    due = [event.pts for event in events if isinstance(event, Said | Voiced | Cued)]
    assert due == sorted(due)


def test_frames_are_decoded_by_their_ranges_and_ease_to_rest() -> None:
    player = playout()
    for message in script(samples=6000):
        player.push(message)
    shown = of(play(player, 24_000)[1], Shown)
    rows = np.frombuffer(face(1, 6000), np.uint8).reshape(-1, 3) / 255.0
    rows[:, 2] = rows[:, 2] * (127 / 256 + 0.5) - 0.5
    assert len(rows) == 15
    assert np.allclose([frame.weights for frame in shown[:15]], rows)
    assert [frame.pts for frame in shown[:15]] == [index * 800 for index in range(15)]
    tail = [np.abs(frame.weights).max() for frame in shown[15:]]
    assert len(tail) == 12, "0.2 s at 60 fps"
    assert tail == sorted(tail, reverse=True)
    assert tail[-1] == 0.0


def test_words_cues_and_frames_come_with_the_samples_they_belong_to() -> None:
    player = playout()
    for message in script():
        player.push(message)
    position = 0
    for _ in range(100):
        events = player.read(240)[1]
        for event in events:
            if isinstance(event, Said | Cued | Shown) and event.pts < 48_000:
                assert position * 2 <= event.pts < (position + 240) * 2
        position += 240
        assert player.pts in (position * 2, 0)
        assert player.turn in (1, 0)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_arrival_and_block_size_change_nothing_that_is_heard(data: st.DataObject) -> None:
    chunk = data.draw(st.sampled_from([480, 960, 2400]))
    samples = [data.draw(st.integers(1, 9000)), data.draw(st.integers(0, 5000))]
    messages = [*script(1, samples[0], chunk=chunk), *script(2, samples[1], chunk=chunk)]
    delays = data.draw(st.lists(st.integers(0, 200), min_size=len(messages), max_size=len(messages)))
    player, air = playout(), b""
    events: list[Any] = []
    for message, delay in zip(messages, delays, strict=True):
        left = delay * MS
        while left:
            block = min(left, data.draw(st.sampled_from([1, 37, 240, 1024])) * 4)
            more, due = player.read(block)
            air, events, left = air + more, events + due, left - block
        player.push(message)
    more, due = play(player, 40_000, block=data.draw(st.sampled_from([64, 240, 4096])))
    air, events = air + more, events + due

    for turn in (1, 2):
        assert spoken(events, turn) == sound(turn, samples[turn - 1])
        frames = [event for event in of(events, Shown) if event.turn == turn and event.pts < 2 * samples[turn - 1]]
        assert len(frames) == -(-samples[turn - 1] * FPS // RATE)
        words = [event.pts for event in of(events, Said) if event.turn == turn]
        assert words == sorted(words)
        assert len(words) == sum(1 for message in messages if message["type"] == "text" and message["turn"] == turn)
    assert [(event.turn, event.cut) for event in of(events, Ended)] == [(1, False), (2, False)]
    if player.underruns == 0:
        assert sound(1, samples[0]) in air, "no gap inside a turn unless it ran dry"
        assert sound(2, samples[1]) in air


def test_it_starts_at_80_ms_or_at_the_end_of_the_reply() -> None:
    player = playout()
    messages = script(samples=12_000, chunk=480)
    waiting = [message for message in messages if message["type"] == "media"]
    for message in waiting[:3]:
        player.push(message)
    assert play(player, 10 * MS)[1] == []
    player.push(waiting[3])
    assert Began(1) in play(player, 1)[1]

    short = playout()
    for message in script(samples=100):
        short.push(message)
    assert spoken(play(short, 1000)[1]) == sound(1, 100)


def test_a_stalled_start_is_heard_all_the_same() -> None:
    first = next(message for message in script(chunk=480) if message["type"] == "media")
    player = playout()
    player.push(first)
    events = play(player, 250 * MS)[1]
    assert not of(events, Began)
    assert of(play(player, 20 * MS)[1], Sound)


def test_an_underrun_holds_the_media_clock_and_primes_longer() -> None:
    player = playout()
    media = [message for message in script() if message["type"] == "media"]
    player.push(media[0])
    air, _ = play(player, 150 * MS)
    assert air == sound(1, 24_000)[:4800] + bytes(2 * 50 * MS)
    assert (player.turn, player.pts, player.underruns) == (1, 4800, 1)
    player.push(media[1] | {"pcm": media[1]["pcm"][: 2 * 110 * MS]})
    assert not of(play(player, 10 * MS)[1], Sound), "120 ms are wanted now"
    player.push(media[2])
    assert play(player, 200 * MS)[0] == sound(1, 24_000)[4800:14_400]


def test_priming_stays_below_what_the_server_keeps_ahead() -> None:
    player = playout(lead=0.15)
    for message in [message for message in script() if message["type"] == "media"]:
        player.push(message)
        play(player, 300 * MS)
    assert player.underruns == 10
    assert spoken(play(player, 1)[1]) == b""


def test_a_voice_without_a_face_shows_nothing() -> None:
    player = playout(ranges=())
    for message in script():
        player.push(message | {"face": b""} if message["type"] == "media" else message)
    events = play(player, 30_000)[1]
    assert of(events, Shown) == []
    assert spoken(events) == sound(1, 24_000)


def test_a_server_that_does_not_pace_is_refused() -> None:
    player = playout()
    player.push(script()[0])  # the turn begins at 0, so this is no viewer who joins in its course
    far = {"type": "media", "turn": 1, "pts": 2**40, "pcm": b"\0\0", "face_pts": 0, "face": b"", "source": ""}
    with pytest.raises(OverflowError, match="turn 1"):
        player.push(far)
    with pytest.raises(ValueError, match="44100"):
        playout(rate=44_100)


@pytest.mark.parametrize("fps", [10, 24, 25, 30, 50, 60, 70, 120])
def test_every_frame_rate_covers_the_sound(fps: int) -> None:
    player = playout(fps=fps)
    total = -(-24_000 * fps // RATE)
    rows = bytes(index for frame in range(total) for index in (frame % 256, 0, 0))
    message = {"type": "media", "turn": 1, "pts": 0, "pcm": sound(1, 24_000), "face_pts": 0, "face": rows, "source": ""}
    player.push(message)
    player.push({"type": "reply_end", "turn": 1, "pts": 48_000, "reason": "complete", "text": ""})
    shown = [frame for frame in of(play(player, 24_000)[1], Shown) if frame.pts < 48_000]
    assert [round(frame.weights[0] * 255) for frame in shown] == [frame % 256 for frame in range(total)]


def test_wall_time_becomes_samples_without_drift() -> None:
    wall = Wall(RATE, 5.0)
    assert sum(wall.due(5.0 + 0.0101 * step) for step in range(1, 1001)) == int(10.1 * RATE)
    assert wall.due(500.0) == 0
    assert wall.due(500.01) == pytest.approx(240, abs=1)
