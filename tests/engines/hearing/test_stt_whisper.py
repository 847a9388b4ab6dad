"""The recogniser on a real, tiny Whisper: word for word, as it is said and at the end, for many, and when it fails."""

from __future__ import annotations

import argparse
import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import Any

import pytest

from bench import hearing
from engines.api import MIC_RATE, EngineError, Stream, Transcript
from engines.device.loop import Priority, Stage
from engines.hearing.whisper.decoder import Decoded, Window
from engines.hearing.whisper.engine import WhisperStt
from testkit.patience import PATIENCE, impatient
from tests.engines.makers import collect
from tests.engines.tiny.whisper import SENTENCES, folder, rendered, spoken

pytest.importorskip("faster_whisper", reason="the recogniser faster-whisper is not installed")

pytestmark = pytest.mark.models

IDLE: Stage[None, None] = Stage("idle", lambda items: items, "stt_failed")


@asynccontextmanager
async def started(**settings: Any) -> AsyncIterator[WhisperStt]:
    stt = WhisperStt(model=str(folder()), device="cpu", threads=1, **{"partial_s": 0.4, **settings})
    try:
        await stt.start()
        async with asyncio.timeout(PATIENCE):
            yield stt
    finally:
        await stt.close()


def play(body: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await body()

    asyncio.run(main())


async def live(stt: WhisperStt, pcm: bytes, frame: int = 640) -> Stream[bytes]:
    """As a microphone gives it, with a device that is always quick enough."""
    for number, at in enumerate(range(0, len(pcm), frame)):
        yield pcm[at : at + frame]
        if number % 5 == 0:
            assert stt.device is not None
            await stt.device.run(IDLE, None, priority=Priority.PARTIAL)


async def at_once(pcm: bytes) -> Stream[bytes]:
    yield pcm


def counted(stt: WhisperStt) -> tuple[int, int]:
    [work] = [work for work in stt.work() if work.stage == "whisper"]
    return work.items, work.batches


def waiting(stt: WhisperStt) -> int:
    [work] = [work for work in stt.work() if work.stage == "whisper"]
    return work.waiting


# ------------------------------------------------------------------------------------------------ what is heard


@pytest.mark.parametrize("sentence", SENTENCES)
def test_it_writes_down_what_is_said_while_it_is_said(sentence: str) -> None:
    async def body() -> None:
        async with started() as stt:
            heard = await collect(stt.transcribe(live(stt, spoken(sentence)), "en-us"))
            assert heard[-1].text == sentence
            partials = [one.text for one in heard[:-1]]
            assert len(partials) >= 2
            assert partials[-1] == sentence, "the pause before the end was enough"
            assert all(sentence.startswith(text.rstrip(".?")) for text in partials[1:])

    play(body)


def test_it_knows_when_each_word_was_said() -> None:
    async def body() -> None:
        async with started(compute_type="float32") as stt:
            for sentence in SENTENCES:
                final = (await collect(stt.transcribe(at_once(spoken(sentence, before=0.3)), "en")))[-1]
                true = rendered()[sentence].words
                assert [word.text for word in final.words] == [text for text, _, _ in true]
                for word, (text, begin, _) in zip(final.words, true, strict=True):
                    assert word.start / MIC_RATE == pytest.approx(0.3 + begin, abs=0.1), text
                    assert sentence[word.at :].startswith(word.text)

    play(body)


def test_however_the_sound_comes_the_final_is_the_same() -> None:
    async def body() -> None:
        async with started() as stt:
            pcm = spoken(SENTENCES[0])
            finals = [
                (await collect(stt.transcribe(source, "en")))[-1]
                for source in (at_once(pcm), live(stt, pcm), live(stt, pcm, 1918), live(stt, pcm + b"\0", 333))
            ]
            assert finals == [finals[0]] * 4

    play(body)


def test_more_than_one_window_is_heard_to_its_end() -> None:
    async def body() -> None:
        async with started() as stt:
            said = SENTENCES[:3]
            heard = await collect(stt.transcribe(live(stt, spoken(*said, gap=0.25)), "en"))
            assert heard[-1].text == " ".join(said)

    play(body)


def test_after_a_pause_the_final_takes_no_further_decoding() -> None:
    async def body() -> None:
        async with started() as stt:
            before = 0

            async def source() -> Stream[bytes]:
                nonlocal before
                async with aclosing(live(stt, spoken(SENTENCES[1], after=0.5))) as sound:
                    async for data in sound:
                        yield data
                before = counted(stt)[0]

            assert (await collect(stt.transcribe(source(), "en")))[-1].text == SENTENCES[1]
            assert counted(stt)[0] == before

    play(body)


def test_silence_is_no_words() -> None:
    async def body() -> None:
        async with started() as stt:
            assert await collect(stt.transcribe(at_once(bytes(64_000)), "en")) == [Transcript("", final=True)]

    play(body)


# ------------------------------------------------------------------------------------------------ many at once


def test_many_are_decoded_in_one_batch_and_hear_what_they_hear_alone() -> None:
    async def body() -> None:
        async with started(batch=8) as stt:
            held, hold = threading.Event(), threading.Event()
            assert stt.device is not None

            def keep(items: Sequence[None]) -> list[None]:
                held.set()
                assert hold.wait(PATIENCE)
                return [None for _ in items]

            block = asyncio.ensure_future(stt.device.run(Stage("busy", keep, "stt_failed"), None))
            while not held.is_set():  # noqa: ASYNC110 - else a slow thread would take what was asked for first
                await asyncio.sleep(0)
            said = [SENTENCES[i % len(SENTENCES)] for i in range(10)]
            before = counted(stt)
            listening = [
                asyncio.ensure_future(collect(stt.transcribe(at_once(spoken(text, after=0.0)), "en"))) for text in said
            ]
            while waiting(stt) < len(said):  # noqa: ASYNC110
                await asyncio.sleep(0)
            hold.set()
            finals = [(await one)[-1].text for one in listening]
            await block
            assert finals == said
            items, batches = (now - then for now, then in zip(counted(stt), before, strict=True))
            assert items >= 10
            assert items / batches >= 3

    play(body)


def test_leaving_in_the_middle_leaves_nothing_behind() -> None:
    async def body() -> None:
        async with started() as stt:
            async with aclosing(stt.transcribe(live(stt, spoken(SENTENCES[4])), "en")) as heard:
                async for _ in heard:
                    break
            assert [work.waiting for work in stt.work()] == [0] * len(stt.work())
            assert (await collect(stt.transcribe(at_once(spoken(SENTENCES[3])), "en")))[-1].text == SENTENCES[3]

    play(body)


# ------------------------------------------------------------------------------------------------ languages


def test_a_language_that_the_model_lacks_is_refused_with_a_remedy() -> None:
    async def body() -> None:
        async with started() as stt:
            with pytest.raises(EngineError, match=r"does not know 'de'.*without \.en") as caught:
                await collect(stt.transcribe(at_once(spoken(SENTENCES[0])), "de-DE"))
            assert caught.value.code == "stt_failed"
        async with started(language="auto") as stt:
            assert (await collect(stt.transcribe(at_once(spoken(SENTENCES[0])), "de")))[-1].text == SENTENCES[0]
        async with started(language="en") as stt:
            assert (await collect(stt.transcribe(at_once(spoken(SENTENCES[0])), "de")))[-1].text == SENTENCES[0]

    play(body)


# ------------------------------------------------------------------------------------------------ what goes wrong


class Faulty:
    """Stands before a decoder and does what it should not."""

    def __init__(self, stt: WhisperStt) -> None:
        self._decode = stt.decoder.decode
        self.fault: Callable[[list[Window]], None] = lambda windows: None
        stt.decoder.decode = self  # type: ignore[method-assign, assignment]  # a test's stand-in

    def __call__(self, windows: list[Window]) -> list[Decoded]:
        self.fault(windows)
        return self._decode(windows)


@contextmanager
def raising(faulty: Faulty, error: Exception, most: int = 0) -> Iterator[None]:
    def fault(windows: list[Window]) -> None:
        if len(windows) > most:
            raise error

    faulty.fault = fault
    yield
    faulty.fault = lambda windows: None


def test_a_decoding_that_crashes_fails_its_utterance_and_no_other() -> None:
    async def body() -> None:
        async with started() as stt:
            faulty = Faulty(stt)
            with raising(faulty, RuntimeError("broken")), pytest.raises(EngineError) as caught:
                await collect(stt.transcribe(at_once(spoken(SENTENCES[0])), "en"))
            assert caught.value.code == "stt_failed"
            assert (await collect(stt.transcribe(at_once(spoken(SENTENCES[0])), "en")))[-1].text == SENTENCES[0]
            [work] = [work for work in stt.work() if work.stage == "whisper"]
            assert work.failed >= 1

    play(body)


def test_a_decoding_that_hangs_is_given_up_and_hearing_goes_on_when_it_returns() -> None:
    async def body() -> None:
        async with started() as stt:
            faulty, release = Faulty(stt), threading.Event()
            faulty.fault = lambda windows: None if release.wait() else pytest.fail("never released")
            with impatient(stt.stage), pytest.raises(EngineError, match="does not answer") as caught:
                await collect(stt.transcribe(at_once(spoken(SENTENCES[0])), "en"))
            assert caught.value.retryable
            with pytest.raises(EngineError, match="does not answer"):
                await collect(stt.transcribe(at_once(spoken(SENTENCES[0])), "en"))
            assert sum(work.hung for work in stt.work()) == 1
            faulty.fault = lambda windows: None
            release.set()
            while True:
                try:
                    heard = await collect(stt.transcribe(at_once(spoken(SENTENCES[0])), "en"))
                except EngineError:
                    continue  # the hung one has not quite returned
                assert heard[-1].text == SENTENCES[0]
                break

    play(body)


def test_when_memory_runs_out_batches_get_smaller_and_all_are_heard() -> None:
    async def body() -> None:
        async with started(batch=4) as stt:
            faulty = Faulty(stt)
            with raising(faulty, RuntimeError("CUDA failed with error out of memory"), most=1):
                heard = await asyncio.gather(
                    *(collect(stt.transcribe(at_once(spoken(text)), "en")) for text in SENTENCES[:4])
                )
            assert [one[-1].text for one in heard] == list(SENTENCES[:4])
            with raising(faulty, RuntimeError("CUDA failed with error out of memory")):
                with pytest.raises(EngineError, match="not enough memory") as caught:
                    await collect(stt.transcribe(at_once(spoken(SENTENCES[0])), "en"))
                assert caught.value.retryable

    play(body)


def test_a_closed_recogniser_says_so() -> None:
    async def body() -> None:
        async with started() as stt:
            listening = stt.transcribe(live(stt, spoken(SENTENCES[0])), "en")
            await anext(listening)
            await stt.close()
            with pytest.raises((EngineError, AssertionError)):
                await collect(listening)

    play(body)


def test_the_bench_runs() -> None:
    options = argparse.Namespace(
        model=str(folder()), device="cpu", threads=1, batch=4, partial=0.4, sessions="2", rounds=1, abrupt=False
    )
    [row] = asyncio.run(hearing.main(options))
    assert row[:2] == (2, 2)
    assert row[-1] == 1.0, "all was understood word for word"


def test_another_person_is_heard_by_the_same_model() -> None:
    async def body() -> None:
        async with started(person="Mira", topics=("comets",)) as stt:
            other = stt.for_person(person="Olga", topics=("bees",))
            await other.start()
            assert other.device is stt.device
            async with aclosing(other.transcribe(at_once(spoken(SENTENCES[0])), "en")) as transcripts:
                assert [each async for each in transcripts][-1].final
            await other.close()
            assert other.work() == ()
            assert stt.device is not None

    play(body)
