"""Voices are told apart: by the shipped weights, by a net, and what is no voice is nobody's."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest

from engines.api import MIC_RATE, EngineError
from engines.hearing.apart.described import Sample, Space, is_voice
from engines.hearing.apart.fbank import BANDS, fbank
from engines.hearing.apart.frames import LONGEST, frames
from engines.hearing.apart.grouping import Voices
from engines.hearing.apart.net import NetDiarizer
from engines.hearing.apart.sessions import MOST, Sessions
from engines.hearing.apart.timbre import Timbre, TimbreDiarizer
from testkit.talkers import ADA, BEN, CLEO, DAN, Talker
from tests.engines.tiny.speaker_net import speaker_net

T = TypeVar("T")
AT = np.arange(3 * MIC_RATE) / MIC_RATE
PLAIN = Space(np.full(8, 25.0), np.full(8, 0.5), (0.2, 1.0), 1.0)


def pcm(sound: Any) -> bytes:
    data: bytes = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    return data


def at(*point: float, seconds: float = 3.0) -> Sample:
    """An utterance at these numbers, over and over, in all eight directions."""
    return Sample(np.resize(np.array(point), 8), seconds)


def use(engine: T, body: Callable[[T], Awaitable[Any]]) -> Any:
    async def main() -> Any:
        await engine.start()  # type: ignore[attr-defined]
        try:
            return await body(engine)
        finally:
            await engine.close()  # type: ignore[attr-defined]

    return asyncio.run(main())


@pytest.fixture(scope="module")
def timbre() -> Timbre:
    return Timbre()


# ------------------------------------------------------------------------------------------------ sounds


NO_VOICES = {
    "nothing": b"",
    "a sample": bytes(2),
    "10 ms": ADA.says(0.01),
    "a word": ADA.says(0.6),
    "silence": bytes(6 * MIC_RATE),
    "noise": pcm(np.random.default_rng(0).standard_normal(AT.size) * 0.1),
    "a loud click in silence": bytes(MIC_RATE) + pcm(np.ones(200)) + bytes(MIC_RATE),
    "a tone": pcm(0.3 * np.sin(2 * np.pi * 220 * AT)),
    "a chord": pcm(0.1 * sum(np.sin(2 * np.pi * hz * n * AT) / n for hz in (220, 277, 330) for n in range(1, 6))),
    "full scale": b"\xff\x7f" * MIC_RATE * 2,
}


@pytest.mark.parametrize("name", NO_VOICES)
def test_what_is_no_voice_or_too_little_of_one_is_nobodys(name: str, timbre: Timbre) -> None:
    assert timbre.sample(NO_VOICES[name]) is None


def test_of_a_long_utterance_the_first_seconds_are_looked_at(timbre: Timbre) -> None:
    sound = ADA.says(10.0)
    long, short = timbre.sample(sound * 6), timbre.sample(sound)
    assert long is not None
    assert short is not None
    assert len(sound) == 2 * LONGEST
    assert np.array_equal(long.point, short.point)


def test_the_pitch_is_that_of_the_voice() -> None:
    heard = frames(BEN.says(2.0))
    assert is_voice(heard)
    assert np.median(heard.pitch[heard.voiced]) == pytest.approx(BEN.pitch, rel=0.1)


def test_four_at_one_microphone_keep_their_names_in_any_order_at_any_loudness(timbre: Timbre) -> None:
    sessions = Sessions(timbre.space, most=8)
    people = {"voice 1": ADA, "voice 2": BEN, "voice 3": CLEO, "voice 4": DAN}
    for name, talker in people.items():
        assert sessions.who("s", timbre.sample(talker.says(3.0))) == name
    for turn, name in enumerate(("voice 3", "voice 1", "voice 4", "voice 2", "voice 1")):
        sound = people[name].says(2.5, seed=10 + turn, loud=2000 + 5000 * turn)
        assert sessions.who("s", timbre.sample(sound)) == name
    assert sessions.who("another", timbre.sample(DAN.says(3.0))) == "voice 1", "sessions know nothing of each other"


def test_two_who_speak_at_once_leave_the_names_of_each_alone(timbre: Timbre) -> None:
    sessions = Sessions(timbre.space, most=8)
    said = [sessions.who("s", timbre.sample(talker.says(3.0))) for talker in (ADA, BEN)]
    for seed in range(3):
        both = np.frombuffer(ADA.says(2.0, seed), "<i2") // 2 + np.frombuffer(BEN.says(2.0, seed + 9), "<i2") // 2
        sessions.who("s", timbre.sample(both.astype("<i2").tobytes()))
    assert [sessions.who("s", timbre.sample(talker.says(2.5, 20))) for talker in (ADA, BEN)] == said


def test_a_dozen_people_are_at_most_so_many_voices(timbre: Timbre) -> None:
    sessions = Sessions(timbre.space, most=3)
    dice = np.random.default_rng(0)
    talkers = [Talker(float(dice.uniform(90, 280)), float(dice.uniform(0.9, 1.3)), float(dice.uniform(6, 12)))
               for _ in range(12)]  # fmt: skip
    names = {sessions.who("s", timbre.sample(talker.says(2.0, seed))) for seed, talker in enumerate(talkers)}
    assert {"voice 1", "voice 2", "voice 3"} <= names <= {"voice 1", "voice 2", "voice 3", ""}


# ------------------------------------------------------------------------------------------------ grouping


def test_voices_are_numbered_as_they_come_and_known_again() -> None:
    voices = Voices(PLAIN, most=4)
    assert [voices.who(at(x)) for x in (6.0, -6.0, 6.4, -5.8, 0.3, 6.1)] == [1, 2, 1, 2, 3, 1]


def test_between_two_voices_and_in_few_words_nothing_is_told() -> None:
    voices = Voices(PLAIN, most=2)
    voices.who(at(1.2))
    voices.who(at(-1.2))
    for _ in range(3):
        voices.who(at(6.0, 6.0))
    known = len(voices)
    assert voices.who(at(9.0, -9.0, 9.0, seconds=1.2)) == 0, "a new voice takes longer words"
    assert len(voices) == known


def test_what_a_room_adds_to_all_makes_no_new_voice() -> None:
    room = Space(np.full(8, 4.0), np.full(8, 25.0), (0.2, 0.5), 1.0)
    voices = Voices(room, most=4)
    assert [voices.who(at(12.0 + x, 12.0 - x)) for x in (4.0, -4.0, 4.2, -4.1)] == [1, 2, 1, 2]


def test_one_direction_alone_makes_nobody_new() -> None:
    voices = Voices(PLAIN, most=4)
    voices.who(at(3.0))
    odd = at(3.0)
    odd.point[5] = -40.0
    assert voices.who(odd) == 1


def test_a_voice_is_never_sure_to_be_one_of_two_that_are_the_same() -> None:
    voices = Voices(PLAIN, most=4)
    voices.who(at(3.0))
    voices.who(at(-3.0))
    assert voices.who(at(3.0, -3.0, seconds=1.0)) == 0


def test_the_sessions_that_are_kept_are_bounded() -> None:
    sessions = Sessions(PLAIN, most=2)
    for number in range(MOST + 5):
        assert sessions.who(str(number), at(1.0)) == "voice 1"
    assert len(sessions) == MOST
    sessions.forget("7")
    sessions.forget("no such session")
    assert len(sessions) == MOST - 1


def test_a_hundred_people_are_at_most_eight_voices() -> None:
    voices = Voices(PLAIN, most=8)
    dice = np.random.default_rng(2)
    names = [voices.who(Sample(dice.normal(0, 6.0, 8), 3.0)) for _ in range(100)]
    assert len(voices) == 8
    assert set(names) <= set(range(9))
    assert 0 in names


# ------------------------------------------------------------------------------------------------ engines


def test_the_engine_says_it_is_closed_and_knows_nobody_after_it() -> None:
    engine = TimbreDiarizer(most=2)
    with pytest.raises(EngineError, match="closed"):
        asyncio.run(engine.who(ADA.says(2.0), "s"))

    async def body(engine: TimbreDiarizer) -> list[str]:
        together = [engine.who(talker.says(2.5), session) for session in "ab" for talker in (ADA, BEN)]
        return list(await asyncio.gather(*together))

    assert use(engine, body) == ["voice 1", "voice 2"] * 2
    assert use(engine, lambda engine: engine.who(BEN.says(2.5), "a")) == "voice 1"


def test_energies_are_those_of_the_definition() -> None:
    """One frame, by Kaldi's own steps and the discrete Fourier sum, against the difference to another."""
    sound = np.random.default_rng(3).integers(-8000, 8000, 720).astype("<i2")
    found = fbank(sound.tobytes())
    assert found.shape == (3, BANDS)

    def energies(first: int) -> np.ndarray[Any, np.dtype[np.float64]]:
        window = sound[first : first + 400].astype(float)
        window -= window.mean()
        window = np.array([window[n] - 0.97 * window[max(0, n - 1)] for n in range(400)])
        window *= (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(400) / 399)) ** 0.85
        power = np.abs(np.exp(-2j * np.pi * np.outer(np.arange(256), np.arange(400)) / 512) @ window) ** 2
        low, high = (1127 * np.log(1 + hz / 700) for hz in (20.0, 8000.0))
        step = (high - low) / (BANDS + 1)
        sums = np.zeros(BANDS)
        for band in range(BANDS):
            left, right = low + band * step, low + (band + 2) * step
            for n in range(256):
                mel = 1127 * np.log(1 + n * 16000 / 512 / 700)
                if left < mel < right:
                    sums[band] += power[n] * (1 - abs(mel - (left + right) / 2) / step)
        return np.log(np.maximum(sums, 1.1920929e-07))

    assert found[2] - found[0] == pytest.approx(energies(320) - energies(0), abs=2e-3)
    assert np.abs(found.mean(axis=0)).max() < 1e-4
    assert fbank(bytes(100)).shape == (0, BANDS)


def test_a_net_of_ones_own_tells_voices_apart() -> None:
    pytest.importorskip("onnx")
    engine = NetDiarizer(str(speaker_net()), alike=0.8, threads=1)

    async def body(engine: NetDiarizer) -> list[str]:
        talkers = (ADA, BEN, ADA, BEN, ADA)
        said = [await engine.who(talker.says(3.0, seed), "s") for seed, talker in enumerate(talkers)]
        return [*said, await engine.who(bytes(64_000), "s"), await engine.who(ADA.says(0.3), "s")]

    assert use(engine, body) == ["voice 1", "voice 2", "voice 1", "voice 2", "voice 1", "", ""]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: speaker_net(40), "frames x 80"),
        (lambda: speaker_net(80, 200), "frames alone"),
        (lambda: speaker_net(80, pooled=False), "one row of 8 to 4096"),
        (lambda: Path("no-such.onnx"), "There is no model in no-such.onnx"),
        (lambda: Path(), "No model is named"),
        (lambda: Path(__file__), "cannot be read as a model"),
    ],
)
def test_a_net_that_does_not_fit_is_refused_with_what_is_wrong(make: Callable[[], Path], says: str) -> None:
    pytest.importorskip("onnx")
    path = make()

    async def start() -> None:
        engine = NetDiarizer(str(path) if path.name else "", threads=1)
        try:
            await engine.start()
        finally:
            await engine.close()

    with pytest.raises(EngineError, match=says) as caught:
        asyncio.run(start())
    assert "speaker_net.model" in caught.value.message
