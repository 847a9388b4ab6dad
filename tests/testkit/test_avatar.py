"""The fake avatar notices what a person would: gaps, late faces, strays after an interruption, words out of time."""

from __future__ import annotations

import pytest

from engines.api import FaceStyle
from engines.face.rigs import rig
from protocol.messages import (
    Interrupted,
    Media,
    Playhead,
    ReplyEnd,
    ReplyStart,
    ServerMessage,
    Welcome,
    WelcomeAudio,
    WelcomeFace,
    WelcomeIdentity,
    WelcomeLimits,
    WordText,
)
from testkit.avatar import Avatar
from testkit.judge import frame_numbers, tones, troubles
from testkit.scripted.engines import ScriptedFace, ScriptedTts

TEXT = "one two three four"
TTS = ScriptedTts(ms_per_word=200)
PIECE = 4800  # ticks: 100 ms


def welcome() -> Welcome:
    arkit = rig("arkit52", 60)
    return Welcome(
        version=1,
        server="test",
        session="s",
        token="t",
        resumed=False,
        seq=0,
        resume_s=60,
        lead_ms=300,
        audio=WelcomeAudio(),
        face=WelcomeFace(profile="arkit52", fps=60, names=arkit.names, ranges=arkit.ranges),
        identity=WelcomeIdentity(name="test"),
        engines={},
        limits=WelcomeLimits(message_bytes=1, text_chars=1, messages_per_s=1, idle_s=1),
        features=(),
    )


def reply() -> list[ServerMessage]:
    """Four words of 200 ms in eight pieces of 100 ms, each with its six frames."""
    pcm, face = TTS.pcm(TEXT), ScriptedFace()
    made: list[ServerMessage] = [ReplyStart(turn=1, seq=1)]
    for i in range(8):
        if i % 2 == 0:
            word = TEXT.split()[i // 2]
            made.append(WordText(turn=1, seq=10 * i + 2, text=word, pts=i * PIECE, end=(i + 2) * PIECE))
        frames = face.idle(FaceStyle(), 6 * i, 6).weights
        sound = pcm[i * PIECE : (i + 1) * PIECE]
        made.append(Media(turn=1, seq=10 * i + 3, pts=i * PIECE, pcm=sound, face_pts=i * PIECE, face=frames))
    return [*made, ReplyEnd(turn=1, seq=100, pts=8 * PIECE, text=TEXT)]


def play(avatar: Avatar, sent: list[tuple[float, ServerMessage]]) -> list[tuple[float, Playhead]]:
    """Delivers messages at their instants and lets time pass until nothing is left to do."""
    out = []
    avatar.receive(welcome(), 0.0)
    for at, message in sent:
        while avatar.deadline is not None and avatar.deadline < at:
            now = avatar.deadline
            out += [(round(now, 6), playhead) for playhead in avatar.expire(now)]
        out += [(round(at, 6), playhead) for playhead in avatar.receive(message, at)]
    while avatar.deadline is not None:
        now = avatar.deadline
        out += [(round(now, 6), playhead) for playhead in avatar.expire(now)]
    return out


def test_a_good_reply_is_heard_whole() -> None:
    avatar = Avatar()
    playheads = play(avatar, [(1.0, message) for message in reply()])
    assert troubles(avatar) == []
    turn = avatar.turns[1]
    assert turn.sound_at == 1.0
    assert turn.over_at == pytest.approx(1.8)
    assert avatar.heard(1) == TEXT
    assert avatar.sound(1) == TTS.pcm(TEXT)
    assert frame_numbers(avatar, 1) == list(range(48))
    assert tones(avatar.sound(1), 24_000) == [0] * 10 + [1] * 10 + [2] * 10 + [3] * 10
    assert [(at, p.pts) for at, p in playheads] == [(1.2, 9600), (1.4, 19200), (1.6, 28800), (1.8, 38400)]
    assert playheads[-1][1].seq == 100


@pytest.mark.parametrize("lead", [0.05, 0.3])
def test_a_paced_reply_is_heard_whole(lead: float) -> None:
    avatar = Avatar()
    times = [max(0.0, getattr(message, "pts", 0) / 48_000 - lead) for message in reply()]
    play(avatar, list(zip(times, reply(), strict=True)))
    assert troubles(avatar) == []
    assert avatar.turns[1].over_at == pytest.approx(0.8)


def test_a_late_message_is_a_gap_as_long_as_it_was() -> None:
    avatar = Avatar()
    sent = [(0.0 if message.seq < 40 else 0.55, message) for message in reply()]  # type: ignore[union-attr]  # all have one
    play(avatar, sent)
    (gap,) = avatar.gaps
    assert gap.pts == 4 * PIECE
    assert [gap.at, gap.seconds] == pytest.approx([0.4, 0.15])
    assert troubles(avatar) == ["turn 1: 0.150 s of silence at 19200"]
    assert avatar.turns[1].over_at == pytest.approx(0.95)


def test_missing_faces_and_a_hole_in_the_sound_are_noticed() -> None:
    faceless = [
        Media(turn=1, seq=m.seq, pts=m.pts, pcm=m.pcm) if isinstance(m, Media) and m.pts == PIECE else m
        for m in reply()
    ]
    avatar = Avatar()
    play(avatar, [(0.0, message) for message in faceless])
    assert troubles(avatar) == ["turn 1: 6 frames were never there"]
    holed = [m for m in reply() if not (isinstance(m, Media) and m.pts == PIECE)]
    avatar = Avatar()
    play(avatar, [(0.0, message) for message in holed])
    assert f"turn 1: media at {2 * PIECE} where {PIECE} was due" in troubles(avatar)


def test_after_an_interruption_it_stops_reports_and_hears_no_more() -> None:
    avatar = Avatar()
    made = reply()
    sent = [(0.0, message) for message in made[:7]]
    playheads = play(avatar, [*sent, (0.25, Interrupted(turn=1, seq=101, pts=12_000))])
    assert troubles(avatar) == []
    assert avatar.heard(1) == "one two"
    assert (avatar.turns[1].played, avatar.turns[1].cut) == (12_000, 12_000)
    assert playheads[-1] == (0.25, Playhead(turn=1, pts=12_000, seq=101))
    avatar.receive(made[9], 0.3)
    assert any("came after it was interrupted" in trouble for trouble in troubles(avatar))


def test_words_and_numbers_out_of_order_are_noticed() -> None:
    avatar = Avatar()
    made = reply()
    late = made.pop(1)
    play(avatar, [(0.0, message) for message in made[:4]] + [(0.1, late)])
    assert any("'one' of turn 1 came after its time" in trouble for trouble in troubles(avatar))
    assert any("seq 2 came after" in trouble for trouble in troubles(avatar))


def test_a_fast_clock_finishes_early() -> None:
    avatar = Avatar(speed=1.01)
    play(avatar, [(0.0, message) for message in reply()])
    assert avatar.turns[1].over_at == pytest.approx(0.8 / 1.01)
