"""What the lips make of a neural voice's times, by the benchmark's measures: exact from durations, and aligned."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

import pytest

from bench.lips.corpus import REPORTED
from bench.lips.methods import FPS, show
from engines.api import Speech, Voice
from engines.voices import score
from engines.voices.reading.reader import Reader
from engines.voices.timing import Told, rendered, told
from tests.engines.makers import COQUI
from tests.engines.tiny import voices
from tests.engines.voices.narrator import Narrator, needs
from training.lips import flite_voice, metrics

needs("tts", *COQUI)

pytestmark = pytest.mark.models

SENTENCES = [text for text in REPORTED if len(text) < 52][:7]
MARKS = ".,;:!?"


def closures(pieces: Sequence[Speech], truth: Sequence[metrics.Phone]) -> metrics.Score:
    """Of one reply, shown as it streams: a piece at a time."""
    return metrics.closures(show(list(pieces)).lips, truth, FPS)


def tokens_as_truth(tokens: Sequence[tuple[str, int]], seconds: float) -> list[metrics.Phone]:
    """Each sound's own token, without the blanks around it; marks and what lies around all sound are pauses."""
    found: list[metrics.Phone] = []
    at = 0.0
    for symbol, samples in tokens:
        end = at + samples / voices.VITS_RATE
        if symbol.isalpha() or symbol in MARKS:
            found.append(metrics.Phone(symbol if symbol.isalpha() else "", at, end))
        at = end
    return [metrics.Phone("", 0.0, found[0].start), *found, metrics.Phone("", found[-1].end, seconds)]


def test_every_closure_of_a_vits_voice_is_seen_where_its_durations_put_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The truth is that of the model's tokens themselves, not of the phones that were made of them."""
    from engines.voices.coqui import engine as tts_coqui

    taken: list[list[tuple[str, int]]] = []

    def noted(tokens: list[tuple[str, int]], rate: int) -> Any:
        taken.append(tokens)
        return score.phones(tokens, rate)

    monkeypatch.setattr(tts_coqui, "phones", noted)
    narrator = Narrator(tts_coqui.CoquiTts(model=str(voices.vits())))
    total = metrics.Score(0, 0, 0, 0)
    try:
        for sentence in SENTENCES:
            taken.clear()
            pieces = narrator.say(sentence)
            assert len(pieces) > 1
            assert len(taken) == 1  # the sentence is one line, so that its tokens begin where it does
            total += closures(pieces, tokens_as_truth(taken[0], sum(p.samples for p in pieces) / voices.VITS_RATE))
    finally:
        narrator.close()
    assert total.true > 20
    assert total.f1 >= 0.99


@pytest.mark.skipif(not flite_voice.available(), reason="flite is not installed")
def test_closures_of_a_voice_without_times_are_seen_where_flite_makes_them() -> None:
    takes = [flite_voice.say("slt", sentence) for sentence in SENTENCES]

    async def spoken() -> list[list[Speech]]:
        reader = Reader()
        await reader.start()
        found = []
        for take in takes:
            rendering = await rendered(reader, take.text, "en-us", Voice().rate)
            parts = [Told(take.speech.pcm, None)]
            async with aclosing(told(parts, rendering, take.speech.rate, 0.2, (0.6, 1.6))) as pieces:
                found.append([piece async for piece in pieces])
        await reader.close()
        return found

    total = metrics.Score(0, 0, 0, 0)
    for take, pieces in zip(takes, asyncio.run(spoken()), strict=True):
        assert len(pieces) > 1
        assert {piece.source for piece in pieces} == {"aligned"}
        silence = metrics.Phone("", take.seconds, sum(piece.samples for piece in pieces) / take.speech.rate)
        total += closures(pieces, [*take.truth, silence])
    assert total.f1 >= 0.97
