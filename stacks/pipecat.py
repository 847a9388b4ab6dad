"""A processor for pipecat: behind any text-to-speech service it adds the face to the sound that passes.

    pipeline = Pipeline([..., tts, FaceProcessor(), transport.output()])

Needs `pipecat-ai`, which is not installed with the bridge.
"""

from __future__ import annotations

import base64
from typing import Any

from pipecat.frames.frames import (
    EndFrame,
    Frame,
    InterruptionFrame,
    OutputTransportMessageFrame,
    StartFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor

from stacks.voice import Piece, Shown, Sound, Utterance, VoiceFace
from stacks.words import Spoken

NANOSECONDS = 1_000_000_000


class FaceFrame(OutputTransportMessageFrame):
    """Frames of a face, as a message that a transport sends in step with the sound that follows it."""

    def __init__(self, shown: Shown, face: VoiceFace) -> None:
        self.shown = shown
        weights = base64.b64encode(shown.weights).decode()
        told = {"profile": face.profile, "fps": face.fps, "first": shown.first, "source": shown.source}
        super().__init__(message={"type": "companion_face", **told, "delta": weights})


class FaceProcessor(FrameProcessor):
    """Adds ARKit's 52 weights, 60 times a second, to the speech that passes downstream.

    Words whose times the service tells (`TTSTextFrame.pts`) before their sound are followed; else the sound is.
    """

    def __init__(self, *, profile: str = "arkit52", fps: int = 60, language: str = "en-us", **options: Any) -> None:
        super().__init__(**options)
        self.face = VoiceFace(profile=profile, fps=fps, language=language)
        self._utterance: Utterance | None = None
        self._like: TTSAudioRawFrame | None = None  # what the last sound came in
        self._words: list[tuple[float, str]] = []  # and when they begin
        self._began: int | None = None  # the pts of the first word

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take a frame; everything but speech passes as it is."""
        await super().process_frame(frame, direction)
        match frame:
            case _ if direction is not FrameDirection.DOWNSTREAM:
                await self.push_frame(frame, direction)
            case StartFrame():
                await self.face.start()
                await self.push_frame(frame, direction)
            case TTSAudioRawFrame():
                await self._hear(frame)
            case TTSTextFrame():
                await self._read(frame)
                await self.push_frame(frame, direction)
            case TTSStartedFrame() | TTSStoppedFrame():
                await self._end()
                await self.push_frame(frame, direction)
            case InterruptionFrame():
                self._forget()
                await self.push_frame(frame, direction)
            case EndFrame():
                await self._end()
                await self.push_frame(frame, direction)
            case _:
                await self.push_frame(frame, direction)

    async def cleanup(self) -> None:
        """Let go of what reads words."""
        await super().cleanup()
        await self.face.close()

    async def _hear(self, frame: TTSAudioRawFrame) -> None:
        if self._utterance is not None and self._utterance.rate != frame.sample_rate:
            await self._end()
        if self._utterance is None:
            self._utterance = self.face.utterance(frame.sample_rate)
            await self._tell()
        self._like = frame
        await self._push(self._utterance.hear(_mono(frame.audio, frame.num_channels)))

    async def _read(self, frame: TTSTextFrame) -> None:
        if frame.pts is None or not frame.text.strip():
            return
        if self._began is None:
            self._began = frame.pts
        self._words.append(((frame.pts - self._began) / NANOSECONDS, frame.text.strip()))
        await self._tell()

    async def _tell(self) -> None:
        """Tell the utterance of the words whose ends are known: where the next begins."""
        if self._utterance is None or len(self._words) < 2:
            return
        ends = [start for start, _ in self._words[1:]]
        said = [Spoken(text, start, end) for (start, text), end in zip(self._words[:-1], ends, strict=True)]
        self._words = self._words[-1:]
        await self._utterance.say(said)

    async def _end(self) -> None:
        utterance = self._utterance
        self._utterance = None
        if utterance is not None:
            await self._push(utterance.finish())
        self._forget()

    def _forget(self) -> None:
        self._utterance = self._began = None
        self._words = []

    async def _push(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            match piece:
                case Shown():
                    await self.push_frame(FaceFrame(piece, self.face))
                case Sound(pcm) if pcm and self._like is not None:
                    like = self._like
                    sound = TTSAudioRawFrame(audio=pcm, sample_rate=like.sample_rate, num_channels=1)
                    sound.context_id = like.context_id
                    await self.push_frame(sound)


def _mono(audio: bytes, channels: int) -> bytes:
    """Return the first channel."""
    if channels == 1:
        return audio
    width = 2 * channels
    return b"".join(audio[at : at + 2] for at in range(0, len(audio) - width + 1, width))
