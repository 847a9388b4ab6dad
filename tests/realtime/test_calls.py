"""Calls over WebRTC: an offer by the stock package, events on the data channel, sound in the tracks, the face in step."""

from __future__ import annotations

import base64
from typing import Any

import pytest

pytest.importorskip("aiortc")
pytest.importorskip("openai")
import numpy as np

from engines.sound.audio import resample
from tests.bridge.peers import run, serving
from tests.bridge.scenario import LONG
from tests.realtime.calling import calling
from tests.realtime.sounds import quick, quiet, tone


def test_a_call_hears_speaks_and_shows_a_face_in_step_with_its_track() -> None:
    cast = quick("One two three.", ms=200)

    async def body() -> None:
        async with serving(cast) as server, calling(server, companion_face={}) as call:
            face = call.seen[0]["session"]["companion_face"]
            call.microphone.pcm += resample(tone(0.6) + quiet(0.2), 24_000, 48_000)
            await call.until("input_audio_buffer.speech_started")
            done = (await call.until("response.done"))["response"]
            if not any(event["type"] == "output_audio_buffer.stopped" for event in call.seen):
                await call.until("output_audio_buffer.stopped")
            assert done["output"][0]["content"][0]["transcript"] == "One two three."
            assert [said.text for said in cast.dialogue.requests[-1].history] == ["tell me something"]
            first, heard = call.sound()
            starts = place(heard, np.frombuffer(resample(cast.tts.pcm("One two three."), 24_000, 48_000), "<i2"))
            shown = 0
            for event in call.seen:
                if event["type"] == "response.companion_face.delta":
                    due = (event["rtp"] - first) % 2**32 - starts  # ticks since the sound began that was heard
                    print(due, event["pts"])
                    assert abs(due - event["pts"]) <= 48_000 // 60 // 2
                    assert event["pts"] == shown * 800
                    shown += len(base64.b64decode(event["delta"])) // len(face["names"])
            assert shown == 36
            kinds = [event["type"] for event in call.seen]
            assert "response.output_audio.delta" not in kinds
            assert kinds.count("output_audio_buffer.started") == kinds.count("output_audio_buffer.stopped") == 1

    run(body)


def place(heard: Any, said: Any) -> int:
    """Where a sound begins in another."""
    part = said.astype(float)
    window = heard.astype(float)
    size = 1 << (len(window) + len(part)).bit_length()
    both = np.fft.irfft(np.fft.rfft(window, size) * np.conj(np.fft.rfft(part, size)), size)
    return int(both[: len(window)].argmax())
