"""The embedded synthesizer, for real: hostile text, many sessions, cancelled turns and a process that dies."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from engines.api import Cue, EngineError, Phrase, Speech, Stream, Voice, Word
from engines.voices.espeak.engine import EspeakTts
from tests.engines.voices.speaker import RATE, Speaker, ipa, said, samples, stream, texts, well_formed


@pytest.fixture(scope="module")
def speaker() -> Iterator[Speaker]:
    speaker = Speaker()
    yield speaker
    speaker.run(speaker.tts.close())
    speaker.runner.close()


# ------------------------------------------------------------------------------------------------ hostile text


@pytest.mark.parametrize("text", ["...", "?!", "—", "😀", "\x00\x01\x02", "\ud83d", "«»", "***", "👩‍👩‍👧‍👦 🇩🇪"])
def test_what_cannot_be_said_is_a_short_silence_and_still_shown(speaker: Speaker, text: str) -> None:
    shown = text.replace("\ud83d", "").strip()
    pieces = speaker.say(Phrase(text, (Cue("emotion", "happy", 1.0, 0),)), "Yes.")
    silence, yes = pieces
    well_formed(silence)
    assert ipa([silence]) == ["_"]
    assert not samples(silence).any()
    assert silence.samples < RATE // 2
    assert [timed.start for timed in silence.cues] == [0]
    assert texts([silence]) in ([shown], [text], [])
    assert texts([yes]) == ["Yes."]


def test_nothing_to_say_is_no_speech(speaker: Speaker) -> None:
    assert speaker.say("", "  \n\t ") == []
    assert texts(speaker.say("", "One.", "", "Two.")) == ["One.", "Two."]


@pytest.mark.parametrize(
    "text",
    [
        "Zalgo " + "t\u0301\u0302\u0303\u0304\u0305\u0306" * 30,
        "aaaaaaaaaa" * 60,
        "1234567890" * 40,
        "<speak><prosody rate='x'>&amp;</prosody> [[h@l'oU]] \x01+10P",
        "\u202eright to left\u202c \u200bzero\u200dwidth\ufeff soft\u00adhyphen",
        "%s %n {} ${HOME} '; DROP TABLE words; --",
        "ﷺ ｆｕｌｌ ｗｉｄｔｈ ½ ① ™ ℃ ∑≈∞ → ʰ",
        "Ærøskøbing Łódź Þingvellir ŋɡɛ ʘǃǁ",
        "ᚠᛇᚻ 𓀀𓂀 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 ꙮ",
        ",,,,,,;;;;;::::: . . . ! ? ! ? ( [ { < > } ] )",
    ],
)
def test_hostile_text_is_spoken_somehow(speaker: Speaker, text: str) -> None:
    for language in ("en-us", "ru", "ja"):
        pieces = speaker.say(text, language=language)
        for piece in pieces:
            well_formed(piece)
        assert "".join(texts(pieces)).replace(" ", "") == text.replace(" ", "")


def test_ten_thousand_characters_come_in_pieces_that_join(speaker: Speaker) -> None:
    text = "The quick brown fox jumps over the lazy dog, and then it sleeps. " * 154
    pieces = speaker.say(text)
    assert len(pieces) > 50
    assert " ".join(texts(pieces)) == text.strip()
    at = [word.at for piece in pieces for word in piece.words]
    assert at == sorted(at)
    assert max(piece.samples for piece in pieces) < 20 * RATE
    for piece in pieces:
        well_formed(piece)


# ------------------------------------------------------------------------------------------------ the process

LONG = "Peter Piper picked a peck of pickled peppers. " * 200


def test_two_sessions_at_once_get_their_own_speech(speaker: Speaker) -> None:
    english, german = "This one is for you. " * 30, "Und das hier ist für dich. " * 30

    async def both() -> tuple[list[Speech], list[Speech]]:
        return await asyncio.gather(
            said(speaker.tts, *[english] * 3),
            said(speaker.tts, *[german] * 3, voice=Voice("de", "f2", rate=1.3)),
        )

    one, two = speaker.run(both())
    assert ipa(one) == ipa(speaker.say(*[english] * 3))
    assert ipa(two) == ipa(speaker.say(*[german] * 3, language="de", name="f2", rate=1.3))


def test_closing_in_the_middle_leaves_the_next_request_fine(speaker: Speaker) -> None:
    async def leave() -> None:
        closed = []

        async def phrases() -> Stream[Phrase]:
            try:
                yield Phrase(LONG)
            finally:
                closed.append(True)

        async with aclosing(speaker.tts.speak(phrases(), Voice())) as pieces:
            assert (await anext(pieces)).samples
        assert closed == [True]

    expected = ipa(speaker.say("Hello world."))
    for _ in range(20):
        speaker.run(leave())
    assert ipa(speaker.say("Hello world.")) == expected


def test_a_cancelled_turn_leaves_the_next_one_fine(speaker: Speaker) -> None:
    async def cancel() -> list[Speech]:
        begun = asyncio.Event()

        async def listen() -> None:
            async with aclosing(speaker.tts.speak(stream(LONG, LONG), Voice("de"))) as pieces:
                async for _ in pieces:
                    begun.set()

        task = asyncio.ensure_future(listen())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await said(speaker.tts, "Hello world.")

    assert " ".join(ipa(speaker.run(cancel()))) == "_ h ə l oʊ w ɜː l d _"


def test_a_machine_without_the_library_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "espeakng_loader.py").write_text("raise ImportError('not here')")
    monkeypatch.syspath_prepend(str(tmp_path))

    async def test() -> None:
        tts = EspeakTts()
        with pytest.raises(EngineError, match=r"pip install .*espeakng-loader") as caught:
            await tts.start()
        assert caught.value.code == "tts_failed"
        await tts.close()

    asyncio.run(test())


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_killed_process_fails_the_phrase_and_the_next_one_speaks() -> None:
    async def test() -> None:
        tts = EspeakTts()
        await tts.start()
        async with aclosing(tts.speak(stream(LONG), Voice())) as pieces:
            await anext(pieces)
            pid = tts.child.pid
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(EngineError, match="espeak-ng stopped unexpectedly") as caught:
                async for _ in pieces:
                    pass
        assert caught.value.code == "tts_failed"
        assert caught.value.retryable
        assert texts(await said(tts, "Still here.")) == ["Still", "here."]
        assert tts.child.pid != pid
        await tts.close()
        await tts.close()

    asyncio.run(test())


def test_another_rate_is_the_same_speech() -> None:
    async def test() -> None:
        tts = EspeakTts(rate=16_000)
        (piece,) = await said(tts, "Hello world.")
        assert piece.rate == tts.rate == 16_000
        assert piece.phones[-1].end == piece.samples
        assert 0.9 < piece.samples / 16_000 < 1.4
        assert [word.text for word in piece.words] == ["Hello", "world."]
        await tts.close()

    asyncio.run(test())


def test_words_are_values_of_the_contract(speaker: Speaker) -> None:
    (piece,) = speaker.say("Hi.")
    assert all(isinstance(word, Word) for word in piece.words)
    assert speaker.tts.name == "espeak-ng"
    assert speaker.tts.rate == RATE
