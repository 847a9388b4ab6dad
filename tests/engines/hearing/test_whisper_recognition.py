"""What is decoded when, and what the final is made of; the model is a table of loudness to words."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given

from engines.api import MIC_RATE, EngineError, Transcript
from engines.hearing.whisper.agreement import HeardWord
from engines.hearing.whisper.decoder import Decoded, Window
from engines.hearing.whisper.guards import Measures, Thresholds
from engines.hearing.whisper.recognition import Decode, Recognition
from tests.bridge.core.cuts import STEADY, cut, cuts

WORDS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten.")
WORD = round(0.3 * MIC_RATE)
STEP = round(0.1 * MIC_RATE)


def said(*numbers: int, after: float = 0.0) -> bytes:
    """Words by their numbers, 0.3 s each, number n at loudness n; 0 is silence."""
    signs = np.where(np.arange(WORD) % 2, 1, -1)
    sound = np.concatenate([signs * 1500 * number for number in numbers] or [np.zeros(0)])
    return np.concatenate([sound, np.zeros(round(after * MIC_RATE))]).astype("<i2").tobytes()


class Model:
    """Decodes when it is let; hears what was said for two thirds of a word at least."""

    def __init__(self, *, held: bool = False) -> None:
        self.gate = asyncio.Event()
        self.windows: list[Window] = []
        self.waited: list[bool] = []
        self.running = 0
        self.faults: list[EngineError] = []
        if not held:
            self.gate.set()

    async def decode(self, window: Window, waited: bool) -> Decoded:
        self.windows.append(window)
        self.waited.append(waited)
        self.running += 1
        try:
            await self.gate.wait()
        finally:
            self.running -= 1
        if self.faults:
            raise self.faults.pop(0)
        words, at = [], 0
        numbers = [
            round(float(np.abs(window.audio[i : i + STEP]).mean()) * 32768 / 1500)
            for i in range(0, window.audio.size, STEP)
        ]
        for number, steps in groupby(numbers):
            count = len(list(steps))
            if number and count >= 2:
                words.append(HeardWord(f" {WORDS[number]}", at * STEP, min(window.audio.size, (at + count) * STEP)))
            at += count
        return Decoded(tuple(words), tuple(range(len(words))), "en", Measures(0.0, -0.1, 1.0))


def recognition(decode: Decode, *, window: float = 30.0, every: float = 0.5) -> Recognition:
    return Recognition(
        decode,
        lambda text: tuple(map(len, text.split())),
        Thresholds(),
        language="en",
        every=round(every * MIC_RATE),
        window=round(window * MIC_RATE),
    )


def play(body: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await body()

    asyncio.run(main())


async def settle() -> None:
    """Whatever can go on now has gone on."""
    for _ in range(10):
        await asyncio.sleep(0)


async def hear(listener: Recognition, sound: bytes, *, block: int = 2 * STEP) -> list[str]:
    shown = []
    for piece in (sound[i : i + block] for i in range(0, len(sound), block)):
        if partial := listener.hear(piece):
            assert not partial.final
            shown.append(partial.text + "!" * partial.agreed)
        await settle()
    return shown


# ------------------------------------------------------------------------------------------- while it is said


def test_partials_grow_and_the_final_is_there_when_the_user_has_paused() -> None:
    async def body() -> None:
        model = Model()
        listener = recognition(model.decode)
        shown = await hear(listener, said(1, 2, 3, 4, after=0.4))
        assert shown == ["one two", "one two three", "one two three four!"]
        assert model.windows[-1].final
        assert not model.waited[-1], "it was decoded before anybody waited for it"
        before = len(model.windows)
        final = await listener.finish()
        assert (final.text, final.final) == ("one two three four", True)
        assert len(model.windows) == before
        await listener.close()

    play(body)


def test_without_a_pause_the_end_takes_one_decoding() -> None:
    async def body() -> None:
        model = Model()
        listener = recognition(model.decode)
        await hear(listener, said(1, 2, 3))
        before = len(model.windows)
        assert (await listener.finish()).text == "one two three"
        assert len(model.windows) == before + 1
        assert model.waited[-1]
        await listener.close()

    play(body)


def test_a_pause_that_is_no_end_costs_one_decoding() -> None:
    async def body() -> None:
        model = Model()
        listener = recognition(model.decode)
        await hear(listener, said(1, 2, after=0.4) + said(3, after=0.4))
        assert [window.final for window in model.windows] == [False, True, True]
        assert (await listener.finish()).text == "one two three"
        await listener.close()

    play(body)


def test_a_busy_device_is_asked_for_one_partial_at_a_time() -> None:
    async def body() -> None:
        model = Model(held=True)
        listener = recognition(model.decode)
        assert await hear(listener, said(5, 6, 7, 8, 9, 5, 6, 7, 8, 9)) == []
        assert model.running == 1
        model.gate.set()
        await settle()
        assert (await listener.finish()).text == " ".join(["five six seven eight nine"] * 2)
        await listener.close()

    play(body)


def test_what_nobody_wants_any_more_is_cancelled() -> None:
    async def body() -> None:
        model = Model(held=True)
        listener = recognition(model.decode)
        await hear(listener, said(1, 2, after=0.3) + said(3, after=0.3))
        assert model.running == 2, "a partial, and the second pause instead of the first"
        await listener.close()
        assert model.running == 0

    play(body)


@STEADY
@given(cuts(len(said(1, 2, 3, 0, 4, after=0.5))))
def test_where_the_sound_is_cut_never_changes_the_final(places: list[int]) -> None:
    async def body() -> None:
        listener = recognition(Model().decode, every=0.2)
        for piece in cut(said(1, 2, 3, 0, 4, after=0.5), places):
            listener.hear(piece)
            await settle()
        final = await listener.finish()
        assert final.text == "one two three four"
        assert [word.text for word in final.words] == ["one", "two", "three", "four"]
        assert [word.at for word in final.words] == [0, 4, 8, 14]
        assert [round(word.start / MIC_RATE, 1) for word in final.words] == [0.0, 0.3, 0.6, 1.2]
        await listener.close()

    play(body)


# ------------------------------------------------------------------------------------------------ longer than a window


@pytest.mark.parametrize("block", [2 * STEP, 10**9])
def test_a_long_utterance_is_heard_whole_in_windows(block: int) -> None:
    async def body() -> None:
        model = Model()
        listener = recognition(model.decode, window=2.0, every=0.3)
        await hear(listener, said(*range(1, 11), *range(1, 11), *range(1, 11), after=0.3), block=block)
        final = await listener.finish()
        assert final.text == " ".join(WORDS[1:] * 3)
        assert max(window.audio.size for window in model.windows) <= 2 * MIC_RATE
        assert any(window.context for window in model.windows)
        starts = [word.start / WORD for word in final.words]
        assert starts == pytest.approx(range(30), abs=0.2)
        await listener.close()

    play(body)


def test_noise_without_words_does_not_grow_for_ever() -> None:
    async def body() -> None:
        async def nothing(window: Window, waited: bool) -> Decoded:
            assert window.audio.size <= 2 * MIC_RATE
            return Decoded((), (), "en", Measures(0.1, -0.5, 0.0))

        listener = recognition(nothing, window=2.0)
        await hear(listener, said(*[5] * 40))
        assert await listener.finish() == Transcript("", final=True)
        await listener.close()

    play(body)


# ------------------------------------------------------------------------------------------------ what goes wrong


@pytest.mark.parametrize("sound", [b"", b"\1", bytes(2000), bytes(64_000), said(5)[:1000]])
def test_where_nothing_can_be_heard_nothing_is_decoded(sound: bytes) -> None:
    async def body() -> None:
        model = Model()
        listener = recognition(model.decode)
        await hear(listener, sound)
        assert await listener.finish() == Transcript("", final=True)
        assert model.windows == []
        await listener.close()

    play(body)


def test_a_partial_that_fails_is_one_partial_less() -> None:
    async def body() -> None:
        model = Model()
        model.faults = [EngineError("stt_failed", "no")]
        listener = recognition(model.decode)
        assert (await hear(listener, said(1, 2, 3, 4, 5, 6)))[0] == "one two three"
        assert (await listener.finish()).text == "one two three four five six"
        await listener.close()

    play(body)


def test_a_guess_that_fails_is_tried_again_at_the_end() -> None:
    async def body() -> None:
        model = Model()
        listener = recognition(model.decode, every=5)
        model.faults = [EngineError("stt_failed", "no")]
        await hear(listener, said(0, 1, after=0.2))
        assert (await listener.finish()).text == "one"
        await listener.close()

    play(body)


def test_a_final_that_fails_fails_the_utterance() -> None:
    async def body() -> None:
        model = Model()
        listener = recognition(model.decode)
        await hear(listener, said(1, 2))
        model.faults = [EngineError("stt_failed", "no")] * 3
        with pytest.raises(EngineError):
            await listener.finish()
        await listener.close()

    play(body)
