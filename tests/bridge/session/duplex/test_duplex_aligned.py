"""A real voice for a model's, another for the reader's: where the words are laid, and what the lips follow."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from itertools import pairwise
from statistics import median

import pytest

from bridge.session.duplex import tracking
from bridge.session.duplex.laying import Laying, Line
from bridge.session.duplex.tracking import Tracker
from engines.api import Phrase, Speech, Stream, Voice
from engines.sound.align import align, joined
from engines.voices.espeak.engine import EspeakTts

PHRASES = (
    Phrase("The moon moves slowly around the earth."),
    Phrase("Do you remember what we said about the tides?"),
    Phrase("Tomorrow we build a small model of them."),
)


async def lines(*phrases: Phrase) -> Stream[Phrase]:
    for phrase in phrases:
        yield phrase


async def spoken(tts: EspeakTts, voice: Voice, *phrases: Phrase) -> Speech:
    async with aclosing(tts.speak(lines(*phrases), voice)) as pieces:
        return joined([piece async for piece in pieces])


def test_words_of_another_voice_at_another_tempo_are_found_by_their_sound() -> None:
    async def body() -> tuple[Speech, list[Speech]]:
        tts = EspeakTts()
        await tts.start()
        try:
            model = await spoken(tts, Voice(name="f3", rate=1.25), *PHRASES)
            return model, [await spoken(tts, Voice(name="m3"), phrase) for phrase in PHRASES]
        finally:
            await tts.close()

    model, readings = asyncio.run(body())
    laying = Laying(model.rate)
    for phrase, reading in zip(PHRASES, readings, strict=True):
        laying.say(Line(phrase, reading))
    reckoned: list[int] = []
    laid: list[int] = []
    for at in range(0, len(model.pcm), 4800):
        laying.hear(model.pcm[at : at + 4800])
        if at + 4800 >= len(model.pcm):
            laying.finish()
        while (piece := laying.take(hurry=False, free=False)) is not None:
            if piece.line is None:
                continue  # silence at the end
            assert piece.whole
            phones, words = align(piece.line.rendering, piece.pcm, model.rate)
            assert phones[-1].end == len(piece.pcm) // 2
            reckoned += [piece.start + word.start for word in piece.words]
            laid += [piece.start + word.start for word in words]
    exact = [word.start for word in model.words]
    assert len(reckoned) == len(laid) == len(exact)
    off = [abs(one - other) / model.rate for one, other in zip(laid, exact, strict=True)]
    assert median(off) < 0.01
    assert max(off) < 0.1
    assert median(abs(one - other) / model.rate for one, other in zip(reckoned, exact, strict=True)) < 0.06


@pytest.mark.parametrize("step", [0.24, 0.8])
def test_a_phrase_is_followed_while_its_sound_comes(step: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracking, "align", align)  # voices, not tones
    phrase = PHRASES[1]

    async def body() -> tuple[Speech, Speech]:
        tts = EspeakTts()
        await tts.start()
        try:
            return await spoken(tts, Voice(name="f3", rate=1.25), phrase), await spoken(tts, Voice(name="m3"), phrase)
        finally:
            await tts.close()

    model, reading = asyncio.run(body())
    tracker = Tracker(reading, model.rate)
    size = 2 * round(step * model.rate)
    found: list[tuple[str, float]] = []
    for at in range(0, len(model.pcm), size):
        piece, last = model.pcm[at : at + size], at + size >= len(model.pcm)
        laid = tracker.lay(piece, None if last else 1.0)
        assert laid.phones[0].start == 0
        assert laid.phones[-1].end == len(piece) // 2
        assert all(one.end == other.start for one, other in pairwise(laid.phones))
        found += [(word.text, (at // 2 + word.start) / model.rate) for word in laid.words]
    assert [text for text, _ in found] == [word.text for word in model.words]
    off = [abs(at - word.start / model.rate) for (_, at), word in zip(found, model.words, strict=True)]
    assert median(off) < 0.012
    assert max(off) < 0.08
