"""One contract for every engine, scripted and real: names and ends, and what is heard and thought."""

from __future__ import annotations

import asyncio
import math
from array import array
from collections.abc import Sequence
from contextlib import aclosing
from datetime import UTC, datetime

import pytest

from engines.api import MIC_RATE, Cut, Message, Request, ToolResult, Transcript
from engines.jobs import Dialogue, Diarizer, Ending, Engine, Intonation, Stt, Vad
from testkit.talkers import ADA
from tests.engines.makers import (
    DIALOGUES,
    DIARIZERS,
    ENDINGS,
    EVERY,
    INTONATIONS,
    STTS,
    VADS,
    Maker,
    Source,
    collect,
    use,
)


def sine(seconds: float, *, hz: float = 220.0, level: float = 0.3) -> bytes:
    count = int(seconds * MIC_RATE)
    return array(
        "h", (round(32767 * level * math.sin(2 * math.pi * hz * i / MIC_RATE)) for i in range(count))
    ).tobytes()


# ------------------------------------------------------------------------------------------------ every engine


@pytest.mark.parametrize("maker", EVERY, ids=str)
def test_it_has_a_name_and_may_be_closed_at_any_time(maker: Maker) -> None:
    engine: Engine = maker.make()
    assert engine.name.strip()

    async def main() -> None:
        await engine.close()
        await engine.start()
        await engine.close()
        await engine.close()

    asyncio.run(main())


@pytest.mark.parametrize("maker", EVERY, ids=str)
def test_it_starts_on_the_fast_loop_too(maker: Maker) -> None:
    uvloop = pytest.importorskip("uvloop", reason="the fast event loop is not installed")
    engine: Engine = maker.make()

    async def main() -> None:
        await engine.start()
        await engine.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


# ------------------------------------------------------------------------------------------------ vad


@pytest.mark.parametrize("maker", VADS, ids=str)
def test_vad_gives_a_probability_for_each_window_and_none_for_silence(maker: Maker) -> None:
    async def body(vad: Vad) -> None:
        assert vad.window > 0
        sound = sine(1.0)
        size = vad.window * 2
        ears = vad.open()
        loud = [ears.probability(sound[i : i + size]) for i in range(0, len(sound) - size + 1, size)]
        ears.reset()
        quiet = [ears.probability(bytes(size)) for _ in range(40)]
        assert all(0.0 <= p <= 1.0 for p in loud + quiet)
        assert max(quiet[8:]) < 0.5

    use(maker, body)


@pytest.mark.parametrize("maker", VADS, ids=str)
def test_vad_streams_do_not_hear_each_other_and_forget_when_told(maker: Maker) -> None:
    async def body(vad: Vad) -> None:
        size = vad.window * 2
        sound = sine(0.5, hz=180)
        windows = [sound[i : i + size] for i in range(0, len(sound) - size + 1, size)]
        alone = vad.open()
        expected = [alone.probability(window) for window in windows]
        alone.reset()
        assert [alone.probability(window) for window in windows] == pytest.approx(expected, abs=1e-5)
        one, other = vad.open(), vad.open()
        together = []
        for window in windows:
            together.append(one.probability(window))
            other.probability(bytes(size))
        assert together == pytest.approx(expected, abs=1e-5)

    use(maker, body)


# ------------------------------------------------------------------------------------------------ stt


def check_transcripts(heard: Sequence[Transcript]) -> None:
    assert [t.final for t in heard] == [False] * (len(heard) - 1) + [True]


@pytest.mark.parametrize("maker", STTS, ids=str)
def test_stt_gives_exactly_one_final_whatever_it_is_fed(maker: Maker) -> None:
    async def body(stt: Stt) -> None:
        sound = sine(0.6)
        feeds: list[list[bytes]] = [
            [],
            [b""],
            [b"\0\0"],
            [sound],
            [sound[i : i + 640] for i in range(0, len(sound), 640)],
        ]
        for chunks in feeds:
            source = Source()
            check_transcripts(await collect(stt.transcribe(source.of(chunks), "en-us")))
            assert source.closed
        assert (await collect(stt.transcribe(Source().of([]), "en-us")))[-1].text == ""

    use(maker, body)


@pytest.mark.parametrize("maker", STTS, ids=str)
def test_stt_hears_two_at_once_and_lets_go_when_cancelled(maker: Maker) -> None:
    async def body(stt: Stt) -> None:
        sound, gate, source = sine(0.3), asyncio.Event(), Source()
        waiting = asyncio.ensure_future(collect(stt.transcribe(source.of([sound, sound], then=gate), "en-us")))
        check_transcripts(await collect(stt.transcribe(Source().of([sound]), "en-us")))
        await source.begun.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert source.closed
        check_transcripts(await collect(stt.transcribe(Source().of([sound]), "en-us")))

    use(maker, body)


# ------------------------------------------------------------------------------------------------ ending


@pytest.mark.parametrize("maker", ENDINGS, ids=str)
@pytest.mark.parametrize("language", ["en-us", "de", "zh", "", "no such language"])
def test_ending_gives_a_likelihood_whatever_was_understood(maker: Maker, language: str) -> None:
    async def body(ending: Ending) -> None:
        for text in ("", "   ", "?!", "I would like to", "I would like to go home.", "你好", "word " * 400):
            likelihood = await ending.likely(text, language)
            assert 0.0 <= likelihood <= 1.0
            assert await ending.likely(text, language) == likelihood

    use(maker, body)


# -------------------------------------------------------------------------------------------- intonation


@pytest.mark.parametrize("maker", INTONATIONS, ids=str)
def test_intonation_gives_a_likelihood_whatever_is_heard(maker: Maker) -> None:
    async def body(intonation: Intonation) -> None:
        for sound in (b"", bytes(2), bytes(32_000), b"\xff\x7f" * 16_000, bytes(range(256)) * 2000):
            likelihood = await intonation.finished(sound)
            assert 0.0 <= likelihood <= 1.0
            assert await intonation.finished(sound) == pytest.approx(likelihood, abs=1e-6)

    use(maker, body)


# --------------------------------------------------------------------------------------------- diarizer


@pytest.mark.parametrize("maker", DIARIZERS, ids=str)
def test_a_diarizer_answers_whatever_is_heard_and_forgets_when_told(maker: Maker) -> None:
    async def body(diarizer: Diarizer) -> None:
        sounds = (bytes(2), bytes(320), bytes(32_000), b"\xff\x7f" * 16_000, bytes(range(256)) * 2000, sine(2.0))
        for sound in sounds:
            assert isinstance(await diarizer.who(sound, "s"), str)
        first = await diarizer.who(ADA.says(2.5), "one")
        assert await diarizer.who(ADA.says(2.5), "one") == first, "the same voice is called the same"
        diarizer.forget("one")
        diarizer.forget("one")
        diarizer.forget("never was")
        assert await diarizer.who(ADA.says(2.5), "one") == first, "a session that is forgotten begins anew"

    use(maker, body)


# ------------------------------------------------------------------------------------------------ dialogue


def request(text: str, *, session: str = "s", history: tuple[Message, ...] = ()) -> Request:
    async def call(name: str, arguments: object) -> ToolResult:
        return ToolResult("failed", "there are no tools")

    return Request(
        session=session,
        occasion="user" if text else "greeting",
        history=(*history, Message("user", text)) if text else history,
        user="Ada",
        language="en-us",
        now=datetime(2025, 3, 1, 12, tzinfo=UTC),
        scene={"place": "a quiet hall"},
        tools=(),
        call=call,
    )


@pytest.mark.parametrize("maker", DIALOGUES, ids=str)
@pytest.mark.parametrize("text", ["", "Hello, who are you?", "?!", "ñandú 你好 🙂", "word " * 400])
def test_dialogue_always_answers_in_pieces_of_text(maker: Maker, text: str) -> None:
    async def body(dialogue: Dialogue) -> None:
        pieces = await collect(dialogue.reply(request(text)))
        *most, last = pieces
        assert all(isinstance(piece, str) for piece in most)
        assert isinstance(last, str | Cut), "a model may reach its limit"
        assert any(c.isalnum() for piece in pieces if isinstance(piece, str) for c in piece)

    use(maker, body)


@pytest.mark.parametrize("maker", DIALOGUES, ids=str)
def test_dialogue_can_be_cut_short_and_forgets(maker: Maker) -> None:
    async def body(dialogue: Dialogue) -> None:
        async with aclosing(dialogue.reply(request("Hello, who are you?"))) as words:
            async for _ in words:
                break
        dialogue.forget("s")
        dialogue.forget("never seen")
        one, other = await asyncio.gather(
            collect(dialogue.reply(request("Hello!", session="a"))),
            collect(dialogue.reply(request("Hello!", session="b"))),
        )
        assert one
        assert other
        assert isinstance(dialogue.model, str)

    use(maker, body)
