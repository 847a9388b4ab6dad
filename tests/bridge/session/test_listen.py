"""Microphone frames become utterances, however the sound was cut into frames."""

from __future__ import annotations

import asyncio
from array import array
from contextlib import aclosing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.core.segmenter import Hysteresis
from bridge.session.listen import MAX_GAP, Began, Ended, Heard, Listener, Paused, Sound
from bridge.session.utterance import MOST, WAKE, Utterance
from testkit import virtual_time
from testkit.scripted.engines import ScriptedVad
from tests.bridge.core.cuts import STEADY

LOUD, QUIET = 12_000, 0
SECOND = 16_000


def listener(*, longest: float = 30.0, vad: bool = True) -> Listener:
    engine = ScriptedVad()
    return Listener(engine.open() if vad else None, engine.window, Hysteresis(), longest=longest)


def tone(level: int, samples: int) -> bytes:
    return array("h", [level] * samples).tobytes()


def hear(ear: Listener, sound: bytes, sizes: list[int], *, start: int = 0) -> list[Heard]:
    """Everything heard when `sound` comes in frames of these sizes, round and round."""
    heard: list[Heard] = []
    at = turn = 0
    while at < len(sound):
        frame = sound[at : at + 2 * sizes[turn % len(sizes)]]
        heard += ear.hear(start + at // 2, frame)
        at += len(frame)
        turn += 1
    return heard


def gist(heard: list[Heard]) -> list[object]:
    """Sounds joined: where they were cut does not matter."""
    out: list[object] = []
    for event in heard:
        if isinstance(event, Sound) and out and isinstance(out[-1], bytes):
            out[-1] += event.data
        else:
            out.append(event.data if isinstance(event, Sound) else event)
    return out


PLAY = st.lists(st.tuples(st.sampled_from([LOUD, QUIET]), st.integers(1, 9_000)), max_size=8)
SIZES = st.lists(st.integers(160, 960), min_size=1, max_size=6)


@STEADY
@given(PLAY, SIZES)
def test_cutting_never_changes_what_is_heard(play: list[tuple[int, int]], sizes: list[int]) -> None:
    sound = b"".join(tone(level, samples) for level, samples in play)
    assert gist(hear(listener(), sound, sizes)) == gist(hear(listener(), sound, [320]))


@STEADY
@given(PLAY, SIZES, st.integers(0, 4 * SECOND))
def test_events_of_an_utterance_come_in_their_order(play: list[tuple[int, int]], sizes: list[int], gap: int) -> None:
    ear, running, last = listener(longest=1.0), False, 0
    sound = b"".join(tone(level, samples) for level, samples in play)
    middle = len(sound) // 4 * 2
    heard = hear(ear, sound[:middle], sizes)
    heard += hear(ear, sound[middle:], sizes, start=middle // 2 + gap)
    for event in [*heard, *ear.stop()]:
        match event:
            case Began(utterance):
                assert not running
                assert utterance == last + 1
                running, last = True, utterance
            case Sound() | Paused():
                assert running
            case Ended(utterance):
                assert running
                assert utterance == last
                running = False
    assert not running


def test_an_utterance_holds_its_beginning() -> None:
    heard = gist(hear(listener(), tone(QUIET, SECOND) + tone(LOUD, SECOND) + tone(QUIET, SECOND), [320]))
    assert heard[0] == Began(1)
    assert heard[-1] == Ended(1)
    sound = b"".join(part for part in heard if isinstance(part, bytes))
    assert sound.lstrip(b"\0").startswith(tone(LOUD, 1))
    before = len(sound) - len(sound.lstrip(b"\0"))
    assert before / 2 / SECOND == pytest.approx(0.3 - 0.04, abs=0.03)
    assert sound.count(tone(LOUD, 1)) >= SECOND


def test_a_gap_is_heard_as_silence() -> None:
    ear = listener()
    first = hear(ear, tone(LOUD, SECOND), [320])
    second = hear(ear, tone(LOUD, SECOND), [320], start=SECOND + SECOND // 10)
    whole = hear(listener(), tone(LOUD, SECOND) + tone(QUIET, SECOND // 10) + tone(LOUD, SECOND), [320])
    assert gist(first + second) == gist(whole)


@pytest.mark.parametrize("jump", [MAX_GAP + 1, 60 * SECOND, -SECOND])
def test_a_long_gap_or_another_microphone_ends_the_utterance_and_begins_afresh(jump: int) -> None:
    ear = listener()
    hear(ear, tone(LOUD, SECOND), [320])
    assert ear.speaking
    heard = gist(hear(ear, tone(LOUD, SECOND), [320], start=SECOND + jump))
    assert heard[:2] == [Ended(1), Began(2)]


def test_what_was_heard_already_is_not_heard_again() -> None:
    ear = listener()
    first = hear(ear, tone(LOUD, SECOND), [320])
    again = hear(ear, tone(LOUD, SECOND), [320], start=SECOND // 2)
    assert gist(first + again) == gist(hear(listener(), tone(LOUD, SECOND * 3 // 2), [320]))
    assert ear.hear(SECOND // 2, tone(LOUD, 320)) == []


def test_push_to_talk_is_one_utterance_of_everything() -> None:
    ear = listener()
    hear(ear, tone(QUIET, SECOND), [320])
    heard = ear.press()
    assert heard == [Began(1, pressed=True)]
    heard += hear(ear, tone(QUIET, SECOND) + tone(LOUD, SECOND), [320], start=SECOND)
    heard += ear.release()
    assert gist(heard) == [Began(1, pressed=True), tone(QUIET, SECOND) + tone(LOUD, SECOND), Ended(1, pressed=True)]
    assert ear.release() == []


def test_pressing_ends_what_was_being_heard() -> None:
    ear = listener()
    hear(ear, tone(LOUD, SECOND), [320])
    assert ear.press() == [Ended(1), Began(2, pressed=True)]
    assert ear.press() == []


def test_a_gap_while_pressed_does_not_end_it() -> None:
    ear = listener()
    ear.press()
    hear(ear, tone(LOUD, SECOND), [320])
    assert gist(ear.hear(60 * SECOND, tone(LOUD, 320))) == [tone(LOUD, 320)]
    assert ear.stop() == [Ended(1, pressed=True)]


def test_an_utterance_has_a_longest() -> None:
    heard = gist(hear(listener(longest=1.0), tone(LOUD, 3 * SECOND), [320]))
    assert [event for event in heard if isinstance(event, Ended)][:2] == [Ended(1, cut=True), Ended(2, cut=True)]
    ear = listener(longest=1.0)
    ear.press()
    heard = gist(hear(ear, tone(LOUD, 2 * SECOND), [320]))
    assert heard[1] == Ended(1, pressed=True, cut=True)
    assert not ear.pressed


def test_a_muted_ear_hears_nothing_and_forgets() -> None:
    ear = listener()
    hear(ear, tone(LOUD, 640), [320])
    ear.muted = True
    assert hear(ear, tone(LOUD, SECOND), [320], start=640) == []
    ear.muted = False
    assert gist(hear(ear, tone(LOUD, SECOND), [320], start=SECOND + 640))[0] == Began(1)


def test_without_voice_detection_only_push_to_talk_begins() -> None:
    ear = listener(vad=False)
    assert hear(ear, tone(LOUD, SECOND), [320]) == []
    assert ear.press() == [Began(1, pressed=True)]


def test_sound_reaches_the_recogniser_in_pieces_that_are_worth_waking_it_for() -> None:
    async def main() -> list[tuple[float, bytes]]:
        sound, got = Utterance(), list[tuple[float, bytes]]()
        loop = asyncio.get_running_loop()
        half = WAKE // 2
        for number, at in enumerate((1.0, 2.0, 3.0)):
            loop.call_at(at, sound.push, bytes((number,)) * half)
        loop.call_at(5.0, sound.push, b"x" * (2 * MOST))
        loop.call_at(5.5, sound.push, b"y")
        loop.call_at(6.0, lambda: sound.end(give_up_at=9.0))
        async with aclosing(sound.audio()) as audio:
            async for data in audio:
                got.append((loop.time(), data))
        assert loop.time() == 6.0
        assert sound.ended_at == 6.0
        return got

    got = virtual_time.run(main())
    half = WAKE // 2
    assert [(at, len(data)) for at, data in got] == [(2.0, WAKE), (5.0, MOST), (5.0, MOST), (6.0, half + 1)]
    whole = b"".join(bytes((number,)) * half for number in range(3)) + b"x" * (2 * MOST) + b"y"
    assert b"".join(data for _, data in got) == whole
