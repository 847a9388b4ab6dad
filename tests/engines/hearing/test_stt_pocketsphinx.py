"""The embedded recogniser: what it hears, in any chunking, and how it behaves when busy, killed or left."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import wave
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import aclosing
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np
import pytest
import soxr
from hypothesis import given
from hypothesis import strategies as st

from engines.api import MIC_RATE, EngineError, Stream, Transcript
from engines.hearing.blocks import BLOCK, in_blocks
from engines.hearing.pocketsphinx.engine import PocketSphinxStt
from tests.engines.hearing.sounds import hum, mixed, noise, pcm, silence, speech

T = TypeVar("T")
QUESTION = "How many planets are there?"
Ears: TypeAlias = Callable[[Callable[[PocketSphinxStt], Coroutine[Any, Any, T]]], T]

pytest.importorskip("pocketsphinx", reason="the recogniser is not installed")


@pytest.fixture(scope="module")
def ears() -> Iterator[Ears[Any]]:
    """Runs a test on one recogniser with one decoder; every utterance must leave it as it was."""
    with asyncio.Runner() as runner:
        stt = PocketSphinxStt(workers=1, waiting=1)
        runner.run(stt.start())
        yield lambda test: runner.run(test(stt))
        runner.run(stt.close())


@pytest.fixture(scope="module")
def question(ears: Ears[list[Transcript]]) -> list[Transcript]:
    """What is heard of QUESTION by the embedded voice."""
    return ears(lambda stt: heard(stt, speech(QUESTION)))


async def chunks(sound: bytes, size: int) -> Stream[bytes]:
    for at in range(0, len(sound), size):
        yield sound[at : at + size]


async def each(items: Iterable[bytes]) -> Stream[bytes]:
    for item in items:
        yield item


async def gated(sound: bytes, gate: asyncio.Event) -> Stream[bytes]:
    """Most of the sound, and the rest when the gate opens."""
    yield sound[: len(sound) * 4 // 5]
    await gate.wait()
    yield sound[len(sound) * 4 // 5 :]


async def heard(stt: PocketSphinxStt, sound: bytes, size: int = 1024) -> list[Transcript]:
    async with aclosing(stt.transcribe(chunks(sound, size), "en-us")) as transcripts:
        return [transcript async for transcript in transcripts]


async def rest(transcripts: Stream[Transcript]) -> list[Transcript]:
    return [transcript async for transcript in transcripts]


async def final(stt: PocketSphinxStt, sound: bytes) -> str:
    return (await heard(stt, sound))[-1].text


# ------------------------------------------------------------------------------------------------ hearing


def test_it_understands_the_embedded_voice(question: list[Transcript]) -> None:
    assert {"many", "planets", "are", "there"} <= set(question[-1].text.split())


@pytest.mark.skipif(shutil.which("flite") is None, reason="another synthesizer (flite) is not installed")
@pytest.mark.parametrize(
    ("voice", "sentence"), [("slt", "tell me something about this statue"), ("rms", "can you repeat the question")]
)
def test_it_understands_another_synthesizer(voice: str, sentence: str, ears: Ears[str], tmp_path: Path) -> None:
    path = tmp_path / "question.wav"
    subprocess.run(["flite", "-voice", voice, "-t", sentence, "-o", str(path)], check=True)
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
        if file.getframerate() != MIC_RATE:
            samples = soxr.resample(samples, file.getframerate(), MIC_RATE)
    whole = silence(0.3) + pcm(samples * 0.5) + silence(0.4)
    text = ears(lambda stt: final(stt, mixed(whole, noise(len(whole) / 2 / MIC_RATE, -60))))
    said = sentence.split()
    assert sum(word in text.split() for word in said) >= len(said) - 1


def test_partials_grow_into_the_final(question: list[Transcript]) -> None:
    *partials, last = question
    assert last.final
    assert len(partials) >= 2
    assert not any(partial.final for partial in partials)
    texts = [partial.text for partial in partials]
    assert all(texts)
    assert all(one != other for one, other in pairwise(texts))
    assert len(texts[0].split()) < len(last.text.split())


def test_chunking_changes_nothing(question: list[Transcript], ears: Ears[list[Transcript]]) -> None:
    assert ears(lambda stt: heard(stt, speech(QUESTION), 321)) == question


@given(st.lists(st.integers(0, 3 * BLOCK), max_size=20), st.integers(0, 12 * BLOCK))
def test_what_is_decoded_at_once_depends_on_the_samples_alone(cuts: list[int], size: int) -> None:
    sound = np.random.default_rng(size).bytes(size)
    ends = [*np.cumsum(cuts).tolist(), size]

    async def test() -> None:
        cut = (sound[start:end] for start, end in pairwise([0, *sorted(ends)]))
        blocks = [block async for block in in_blocks(each(cut))]
        assert b"".join(blocks) == sound[: size // 2 * 2]
        assert {len(block) for block in blocks[:-1]} <= {BLOCK}

    asyncio.run(test())


def test_an_utterance_does_not_depend_on_the_one_before(
    question: list[Transcript], ears: Ears[list[Transcript]]
) -> None:
    ears(lambda stt: heard(stt, noise(1.1, -10)))
    assert ears(lambda stt: heard(stt, speech(QUESTION))) == question


def test_a_whisper_is_as_good_as_a_shout(ears: Ears[str]) -> None:
    quieter = pcm(np.frombuffer(speech(QUESTION), "<i2") * 0.03)
    assert "many planets" in ears(lambda stt: final(stt, quieter))


@pytest.mark.parametrize(
    "sound",
    [silence(0), silence(0.05), silence(1), noise(1, -25), mixed(hum(1, -20), noise(1, -45))],
    ids=["nothing", "a moment", "silence", "roar", "hum and hiss"],
)
def test_where_nobody_speaks_there_are_no_words(sound: bytes, ears: Ears[list[Transcript]]) -> None:
    assert ears(lambda stt: heard(stt, sound))[-1] == Transcript("", final=True)


def test_a_word_it_does_not_know_is_heard_with_a_hint() -> None:
    async def test() -> None:
        hints = {"refraction": ["ɹ", "ᵻ", "f", "ɹ", "æ", "k", "ʃ", "ə", "n"], "moon": ["m", "uː", "n"]}
        stt = PocketSphinxStt(workers=1, hints=hints)
        await stt.start()
        try:
            assert "refraction" in await final(stt, speech("Tell me about refraction."))
        finally:
            await stt.close()

    asyncio.run(test())


# ------------------------------------------------------------------------------------------------ refusing


@pytest.mark.parametrize("language", ["de", "fr-FR", "eng", ""])
def test_it_says_that_it_knows_english_only(language: str, ears: Ears[None]) -> None:
    async def test(stt: PocketSphinxStt) -> None:
        audio = chunks(silence(1), 640)
        await anext(audio)
        with pytest.raises(EngineError, match=r"English only.*faster-whisper") as caught:
            await anext(stt.transcribe(audio, language))
        assert (caught.value.code, caught.value.retryable) == ("stt_failed", False)
        with pytest.raises(StopAsyncIteration):
            await anext(audio)

    ears(test)


@pytest.mark.parametrize("language", ["en", "EN", "en-GB", "en_US"])
def test_any_english_will_do(language: str, ears: Ears[None]) -> None:
    async def test(stt: PocketSphinxStt) -> None:
        async with aclosing(stt.transcribe(chunks(silence(0.05), 640), language)) as transcripts:
            assert [t async for t in transcripts] == [Transcript("", final=True)]

    ears(test)


def test_what_it_heard_and_how_long_others_waited_stands_in_its_measures(ears: Ears[None]) -> None:
    def told(stt: PocketSphinxStt) -> tuple[int, float, float]:
        (work,) = (work for work in stt.work() if work.stage == "pocketsphinx hear")
        assert work.device == "process 1"
        return work.items, work.audio, work.queue_sum

    async def test(stt: PocketSphinxStt) -> None:
        await heard(stt, speech("Yes."))
        items, audio, waited = told(stt)
        sound = speech("No.")
        await asyncio.gather(heard(stt, sound), heard(stt, sound))
        assert told(stt)[0] == items + 2
        assert told(stt)[1] == pytest.approx(audio + 2 * (len(sound) / 2 / MIC_RATE))
        assert told(stt)[2] > waited, "the second waited for the decoder"
        assert all(work.real_time_factor > 0 for work in stt.work() if work.audio)

    ears(test)


def test_one_more_than_can_wait_is_told_so(ears: Ears[None]) -> None:
    async def test(stt: PocketSphinxStt) -> None:
        gate, sound = asyncio.Event(), speech(QUESTION)
        async with aclosing(stt.transcribe(gated(sound, gate), "en-us")) as talking:
            assert not (await anext(talking)).final
            waiting = asyncio.ensure_future(final(stt, silence(0.2)))
            await asyncio.sleep(0)
            with pytest.raises(EngineError, match="busy") as caught:
                await final(stt, sound)
            assert (caught.value.code, caught.value.retryable) == ("stt_failed", True)
            assert not waiting.done()
            gate.set()
            assert [t async for t in talking][-1].final
        assert await waiting == ""

    ears(test)


@pytest.mark.parametrize("arguments", [{"workers": 0}, {"workers": -1}, {"waiting": -1}])
def test_arguments_out_of_bounds_are_refused(arguments: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be"):
        PocketSphinxStt(**arguments)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize("hint", [{"two words": ["t", "uː"]}, {"": ["t"]}, {"fugue": ["f", "y", "ɡ"]}, {"hush": []}])
def test_a_hint_is_one_word_with_english_sounds(hint: dict[str, list[str]]) -> None:
    with pytest.raises(ValueError, match=r"single word|no sound|at least one"):
        PocketSphinxStt(hints=hint)


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    async def test() -> None:
        stt = PocketSphinxStt(workers=1, model=tmp_path)
        with pytest.raises(EngineError, match="no acoustic model") as caught:
            await stt.start()
        assert (caught.value.code, caught.value.retryable) == ("stt_failed", False)
        await stt.close()

    asyncio.run(test())


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "am").mkdir()
    for path in (tmp_path / "am" / "mdef", tmp_path / "en.lm.bin", tmp_path / "en.dict"):
        path.write_bytes(b"not a model")

    async def test() -> None:
        stt = PocketSphinxStt(workers=1, model=tmp_path)
        with pytest.raises(EngineError, match=f"cannot read the model in {tmp_path.name}") as caught:
            await stt.start()
        assert not caught.value.retryable
        await stt.close()

    asyncio.run(test())


# ------------------------------------------------------------------------------------------------ failing


def pid(stt: PocketSphinxStt) -> int:
    (child,) = stt._children
    assert child.pid is not None
    return child.pid


def test_a_killed_decoder_costs_its_utterance_and_no_other(question: list[Transcript], ears: Ears[None]) -> None:
    async def test(stt: PocketSphinxStt) -> None:
        sound, killed = speech(QUESTION), pid(stt)
        async with aclosing(stt.transcribe(gated(sound, asyncio.Event()), "en-us")) as talking:
            await anext(talking)
            os.kill(killed, signal.SIGKILL)
            with pytest.raises(EngineError, match="pocketsphinx stopped unexpectedly") as caught:
                await rest(talking)
        assert (caught.value.code, caught.value.retryable) == ("stt_failed", True)
        assert await heard(stt, sound) == question
        assert pid(stt) != killed

    ears(test)


@pytest.mark.parametrize("closed", [True, False], ids=["closed", "cancelled"])
def test_leaving_frees_the_decoder(closed: bool, ears: Ears[None]) -> None:
    async def test(stt: PocketSphinxStt) -> None:
        sound, process = speech(QUESTION), pid(stt)
        if closed:
            async with aclosing(stt.transcribe(gated(sound, asyncio.Event()), "en-us")) as talking:
                await anext(talking)
        else:
            started = asyncio.Event()

            async def talk() -> None:
                async with aclosing(stt.transcribe(gated(sound, asyncio.Event()), "en-us")) as talking:
                    async for _ in talking:
                        started.set()

            task = asyncio.ensure_future(talk())
            await started.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert await final(stt, silence(1)) == ""
        assert pid(stt) == process

    ears(test)


def test_audio_that_fails_is_passed_on_and_frees_the_decoder(ears: Ears[None]) -> None:
    async def broken() -> Stream[bytes]:
        yield silence(1.5)
        raise OSError("the microphone is gone")

    async def test(stt: PocketSphinxStt) -> None:
        async with aclosing(stt.transcribe(broken(), "en-us")) as transcripts:
            with pytest.raises(OSError, match="microphone"):
                await rest(transcripts)
        assert await final(stt, silence(1)) == ""

    ears(test)
