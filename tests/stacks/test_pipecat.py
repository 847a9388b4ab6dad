"""The face in a pipecat pipeline, by the real package where it is installed: it cannot be beside the locked ones."""

from __future__ import annotations

import asyncio

import pytest

pytest.importorskip("pipecat")
from pipecat.frames.frames import (
    InterruptionFrame,
    TextFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.tests.utils import run_test

from engines.api import Speech
from engines.voices.reading.reader import Reader
from stacks.pipecat import NANOSECONDS, FaceFrame, FaceProcessor

RATE = 22_050


async def spoken() -> Speech:
    reader = Reader()
    await reader.start()
    try:
        return await reader.render("Mama may be a map.", "en-us")
    finally:
        await reader.close()


def test_speech_passes_with_its_face_and_words_are_followed() -> None:
    async def body() -> None:
        speech = await spoken()
        sent: list[object] = [TTSStartedFrame()]
        for word in speech.words:
            text = TTSTextFrame(word.text, text_type="word")
            text.pts = NANOSECONDS + word.start * NANOSECONDS // RATE
            sent.append(text)
        pieces = [speech.pcm[at : at + 882] for at in range(0, len(speech.pcm), 882)]
        sent += [TTSAudioRawFrame(audio=piece, sample_rate=RATE, num_channels=1) for piece in pieces]
        sent += [TTSStoppedFrame(), TextFrame("after")]
        processor = FaceProcessor()
        down, _ = await run_test(processor, frames_to_send=sent)
        assert b"".join(f.audio for f in down if isinstance(f, TTSAudioRawFrame)) == speech.pcm
        faces = [f for f in down if isinstance(f, FaceFrame)]
        assert {f.shown.source for f in faces[: len(faces) // 2]} == {"aligned"}
        frames = sum(len(f.shown.weights) for f in faces) // len(processor.face.rig.names)
        assert frames == -(-speech.samples * 60 // RATE)
        kinds = [type(f) for f in down]
        assert kinds.index(TTSStoppedFrame) > max(at for at, kind in enumerate(kinds) if kind is FaceFrame)
        assert faces[0].message["type"] == "companion_face"

    asyncio.run(body())


def test_an_interruption_drops_what_waits() -> None:
    async def body() -> None:
        sent = [
            TTSStartedFrame(),
            TTSAudioRawFrame(audio=bytes(882), sample_rate=RATE, num_channels=1),
            InterruptionFrame(),
            TTSStartedFrame(),
            TTSAudioRawFrame(audio=bytes(2 * RATE), sample_rate=RATE, num_channels=1),
            TTSStoppedFrame(),
        ]
        down, _ = await run_test(FaceProcessor(), frames_to_send=sent)
        assert [f for f in down if isinstance(f, FaceFrame)][-1].shown.first < 60

    asyncio.run(body())
