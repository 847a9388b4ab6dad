"""The face in LiveKit's chain of audio outputs, by the real package."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("livekit.agents")
from livekit import rtc
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT, TimedString
from livekit.agents.voice import io

from engines.voices.reading.reader import Reader
from stacks.livekit import FaceAudioOutput
from stacks.voice import Shown, VoiceFace
from tests.bridge.peers import run

RATE = 22_050


class Speaker(io.AudioOutput):
    """The end of a chain."""

    def __init__(self, log: list[object]) -> None:
        super().__init__(label="speaker", capabilities=io.AudioOutputCapabilities(pause=False))
        self.log = log

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        await super().capture_frame(frame)
        self.log.append(bytes(memoryview(frame.data).cast("B")))

    def flush(self) -> None:
        super().flush()
        self.log.append("flush")

    def clear_buffer(self) -> None:
        self.log.append("clear")


def test_speech_passes_with_its_face_and_words_are_followed() -> None:
    async def body() -> None:
        reader = Reader()
        await reader.start()
        speech = await reader.render("Mama may be a map.", "en-us")
        await reader.close()
        log: list[object] = []

        async def show(shown: Shown | None) -> None:
            log.append(shown)

        async with VoiceFace() as face:
            output = FaceAudioOutput(Speaker(log), face=face, show=show)
            words = [TimedString(f"{w.text} ", start_time=w.start / RATE, end_time=w.end / RATE) for w in speech.words]
            for at in range(0, len(speech.pcm), 882):
                piece = speech.pcm[at : at + 882]
                frame = rtc.AudioFrame(piece, RATE, 1, len(piece) // 2)
                if not at:
                    frame.userdata[USERDATA_TIMED_TRANSCRIPT] = words
                await output.capture_frame(frame)
            output.flush()
            await output.aclose()
            assert b"".join(each for each in log if isinstance(each, bytes)) == speech.pcm
            assert log[-1] == "flush"
            shown = [each for each in log if isinstance(each, Shown)]
            assert {each.source for each in shown[: len(shown) // 2]} == {"aligned"}
            rows = b"".join(each.weights for each in shown)
            table = np.frombuffer(rows, np.uint8).reshape(-1, len(face.rig.names))
            assert len(table) == -(-speech.samples * 60 // RATE)
            assert table[:, face.rig.names.index("jawOpen")].max() > 20
            output.clear_buffer()
            await output.aclose()
            assert log[-2:] == ["clear", None]

    run(body)
