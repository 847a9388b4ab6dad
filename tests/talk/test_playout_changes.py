"""What happens to playback when the reply does not simply run: cuts, ducking, gaps, idle life."""

from __future__ import annotations

import numpy as np
import pytest

from talk.heard import Ended, Shown, Sound
from tests.talk.fake import RATE, sound
from tests.talk.playing import MS, of, play, playout, script, spoken


def test_an_interruption_fades_the_voice_and_shuts_the_mouth() -> None:
    player = playout()
    for message in [*script(1), *script(2)]:
        player.push(message)
    play(player, 300 * MS)
    player.push({"type": "interrupted", "turn": 1, "pts": 14_400})
    air, events = play(player, 60 * MS)
    exact = np.frombuffer(sound(1, 24_000)[2 * 300 * MS : 2 * 360 * MS], "<i2")
    heard = np.frombuffer(air, "<i2")
    gains = np.abs(heard[np.abs(exact) > 20_000] / exact[np.abs(exact) > 20_000])
    assert np.all(np.diff(gains) < 1e-4)
    assert gains[0] > 0.99
    assert gains[-1] < 0.01
    assert of(events, Ended) == [Ended(1, 2 * 360 * MS, True, "interrupted")]
    for message in script(1):
        player.push(message)
    after = play(player, RATE)[1]
    assert spoken(after, 1) == b"", "nothing of it comes back"
    assert spoken(after, 2) == sound(2, 24_000)
    assert np.abs(np.frombuffer(play(player, 10)[0], "<i2")).max() == 0


def test_the_mouth_is_shut_100_ms_after_an_interruption() -> None:
    player = playout()
    for message in script():
        player.push(message)
    play(player, 300 * MS)
    player.interrupt(1)
    events = play(player, 170 * MS)[1]
    last = of(events, Shown)[-1]
    assert last.weights == (0.0, 0.0, 0.0)
    assert last.pts - of(events, Ended)[0].pts <= 4800


@pytest.mark.parametrize("left_ms", [0, 30])
def test_an_interruption_ends_even_when_the_buffer_runs_dry_in_the_fade(left_ms: int) -> None:
    player = playout()
    player.push(next(message for message in script() if message["type"] == "media"))
    play(player, (100 - left_ms) * MS)
    player.interrupt(1)
    assert of(play(player, 100 * MS)[1], Ended) == [Ended(1, 4800, True, "interrupted")]
    assert player.quiet


def test_turns_that_never_began_end_without_a_sound() -> None:
    player = playout()
    for turn in (1, 2, 3):
        for message in script(turn, 4800):
            player.push(message)
    play(player, 10 * MS)
    player.interrupt(2)
    events = play(player, RATE)[1]
    assert {event.turn for event in of(events, Sound)} == {1, 3}
    assert [(event.turn, event.cut) for event in of(events, Ended)] == [(2, True), (1, True), (3, False)]


def test_talking_over_it_makes_it_quieter_until_the_next_state() -> None:
    player = playout()
    for message in script():
        player.push(message)
    play(player, 100 * MS)
    player.push({"type": "state", "state": "overlap"})
    play(player, 20 * MS)
    exact = np.frombuffer(sound(1, 24_000), "<i2")
    low = np.frombuffer(play(player, 50 * MS)[0], "<i2")
    assert np.abs(low - 0.3 * exact[120 * MS : 170 * MS]).max() <= 0.5
    player.push({"type": "state", "state": "speaking"})
    play(player, 20 * MS)
    assert play(player, 50 * MS)[0] == exact[190 * MS : 240 * MS].tobytes()


def test_shed_frames_hold_the_face() -> None:
    player = playout()
    for message in script():
        shed = message["type"] == "media" and 9600 <= message["pts"] < 19_200
        player.push(message | {"face": b""} if shed else message)
    shown = [frame for frame in of(play(player, RATE)[1], Shown) if frame.pts < 48_000]
    assert len(shown) == 60
    assert len({frame.weights for frame in shown[11:24]}) == 1
    assert shown[24].weights != shown[23].weights


def test_gaps_and_repeats_in_the_media_keep_the_clock() -> None:
    player = playout()
    first, second, third = [message for message in script() if message["type"] == "media"][:3]
    player.push(first)
    player.push(first)
    player.push(third)
    player.push(second)
    player.push({"type": "reply_end", "turn": 1, "pts": 14_400, "reason": "complete", "text": ""})
    exact = sound(1, 24_000)
    assert spoken(play(player, RATE)[1]) == exact[:4800] + bytes(4800) + exact[9600:14_400]


def test_idle_life_shows_between_turns_only() -> None:
    player = playout()
    idle = {"type": "media", "turn": 0, "pts": 0, "pcm": b"", "face_pts": 0, "face": bytes(range(18)), "source": ""}
    player.push(idle)
    assert [frame.turn for frame in of(play(player, 100 * MS)[1], Shown)] == [0] * 6
    player.push(idle)
    for message in script(samples=4800):
        player.push(message)
    turns = [frame.turn for frame in of(play(player, 600 * MS)[1], Shown)]
    assert turns == [1] * 24, "what waited when the turn began is dropped"
    player.push(idle)
    assert [frame.turn for frame in of(play(player, 100 * MS)[1], Shown)] == [0] * 6


def test_a_new_session_starts_from_turn_one() -> None:
    player = playout()
    for message in [*script(1), *script(2)]:
        player.push(message)
    play(player, 100)
    player.reset()
    for message in script(1, 4800):
        player.push(message)
    assert spoken(play(player, RATE)[1]) == sound(1, 4800)
    assert player.quiet
