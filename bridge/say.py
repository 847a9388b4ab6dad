"""`companion say`: one line spoken into files, through the very chain that a live reply takes, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

from bridge.companion import Companion
from bridge.core.timeline import CueMark, MediaPiece, SpokenWord, seconds
from bridge.load import started
from bridge.patience import Limits
from bridge.reply import Progress, reply
from bridge.wallclock import here
from engines.api import FaceStyle, Phrase, Request, Rig, Speech, Stream, ToolResult, Voice
from engines.jobs import Tts
from talk.record import Recording


class Verbatim:
    """A dialogue that says one given text."""

    name = "verbatim"
    model = ""

    def __init__(self, text: str) -> None:
        self._text = text

    async def start(self) -> None:
        """Nothing to get ready."""

    async def close(self) -> None:
        """Nothing to release."""

    async def reply(self, request: Request) -> Stream[str]:
        """The text."""
        yield self._text

    def forget(self, session: str) -> None:
        """Nothing is kept."""


class Tapped:
    """A synthesizer that notes the phones of what it speaks, in seconds of the whole."""

    def __init__(self, tts: Tts) -> None:
        self._tts = tts
        self.name = tts.name
        self.phones: list[tuple[str, float, float]] = []
        self._samples = 0

    @property
    def rate(self) -> int:
        """The synthesizer's."""
        return self._tts.rate

    async def start(self) -> None:
        """Start the synthesizer."""
        await self._tts.start()

    async def close(self) -> None:
        """Close the synthesizer."""
        await self._tts.close()

    async def speak(self, phrases: Stream[Phrase], voice: Voice) -> Stream[Speech]:
        """What the synthesizer speaks."""
        async with aclosing(self._tts.speak(phrases, voice)) as speech:
            async for piece in speech:
                self.phones += [
                    (phone.ipa, (self._samples + phone.start) / piece.rate, (self._samples + phone.end) / piece.rate)
                    for phone in piece.phones
                ]
                self._samples += piece.samples
                yield piece


async def say(companion: Companion, text: str, *, rig: Rig, fps: int, rate: int) -> Recording:
    """Speak `text` as `companion`; tags in it work as in a live reply. Raises EngineError."""
    tapped = Tapped(companion.engines.tts)
    engines = replace(companion.engines, vad=None, stt=None, dialogue=Verbatim(text), tts=tapped)
    recording = Recording(rate, fps, rig.names)
    recording.turn(1)
    async with started(engines):
        stream = reply(
            engines,
            _request(companion, text),
            style=FaceStyle(rig.profile, fps),
            rate=rate,
            channels=len(rig.names),
            emotions=companion.emotions,
            limits=Limits(),
            progress=Progress(),
        )
        async with aclosing(stream):
            async for stamped in stream:
                for item in stamped:
                    match item:
                        case MediaPiece():
                            recording.speech(item.pcm)
                            recording.frames(_rows(item.face, rig), source=item.source)
                        case SpokenWord(word, pts, end):
                            recording.words([(word, seconds(pts), seconds(end))])
                        case CueMark(pts, kind, name, intensity):
                            recording.cue(kind, name, at=seconds(pts), intensity=intensity)
    recording.phones(tapped.phones)
    recording.end()
    return recording


def _request(companion: Companion, text: str) -> Request:
    async def no_tools(name: str, arguments: object) -> ToolResult:
        await asyncio.sleep(0)
        return ToolResult("failed", f"there is no tool named {name}")

    return Request("say", "user", (), "", companion.language, here(), {}, (), no_tools)


def _rows(face: bytes, rig: Rig) -> list[Sequence[float]]:
    width = len(rig.names)
    return [
        [low + (high - low) * face[row + i] / 255 for i, (low, high) in enumerate(rig.ranges)]
        for row in range(0, len(face), width or 1)
    ]


async def save(companion: Companion, text: str, directory: Path, *, rig: Rig, fps: int, rate: int) -> str:
    """Speak `text` into `directory`; returns one sentence on what was written."""
    recording = await say(companion, text, rig=rig, fps=fps, rate=rate)
    missing = recording.save(directory, about={"companion": companion.name, "face": rig.profile})
    return f"{recording.seconds:.2f} s spoken into {directory}{'; ' + missing if missing else ''}"
