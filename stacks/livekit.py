"""An audio output for LiveKit Agents: before any other output it adds the face to the sound that passes.

    session.output.audio = FaceAudioOutput(session.output.audio, face=face, show=show)

Needs the extra `stacks`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, Final

from livekit import rtc
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT
from livekit.agents.voice import io

from stacks.voice import Piece, Shown, Sound, Utterance, VoiceFace
from stacks.words import Spoken

TOPIC: Final = "companion.face"


class FaceAudioOutput(io.AudioOutput):
    """Passes speech on, and gives `show` the frames of the face that begin in it, each before its sound.

    Words whose times come with the sound are followed; else the sound is. `show(None)` says that what was shown and not
    yet played is void.
    """

    def __init__(
        self, next_in_chain: io.AudioOutput, *, face: VoiceFace, show: Callable[[Shown | None], Awaitable[None]]
    ) -> None:
        super().__init__(
            label="companion face",
            next_in_chain=next_in_chain,
            sample_rate=next_in_chain.sample_rate,
            capabilities=io.AudioOutputCapabilities(pause=True),
        )
        self._face = face
        self._show = show
        self._utterance: Utterance | None = None
        self._ending: asyncio.Task[None] | None = None

    async def capture_frame(self, frame: rtc.AudioFrame) -> None:
        """Take a piece of speech."""
        await self._ended()
        await super().capture_frame(frame)
        if self._utterance is None:
            self._utterance = self._face.utterance(frame.sample_rate)
        words = _words(frame.userdata.get(USERDATA_TIMED_TRANSCRIPT, ()))
        if words:
            await self._utterance.say(words)
        await self._pass(self._utterance.hear(_mono(frame)), frame.sample_rate)

    def flush(self) -> None:
        """End what is being said."""
        super().flush()
        utterance, self._utterance = self._utterance, None
        self._ending = asyncio.get_running_loop().create_task(self._finish(utterance))

    def clear_buffer(self) -> None:
        """Drop what was not played."""
        self._utterance = None
        if self._ending is not None:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().create_task(self._void())
        assert self.next_in_chain is not None
        self.next_in_chain.clear_buffer()

    async def aclose(self) -> None:
        """Wait until everything was passed on."""
        await self._ended()

    async def _ended(self) -> None:
        ending, self._ending = self._ending, None
        if ending is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await ending

    async def _finish(self, utterance: Utterance | None) -> None:
        assert self.next_in_chain is not None
        if utterance is not None:
            await self._pass(utterance.finish(), utterance.rate)
        self.next_in_chain.flush()

    async def _void(self) -> None:
        await self._show(None)

    async def _pass(self, pieces: list[Piece], rate: int) -> None:
        assert self.next_in_chain is not None
        for piece in pieces:
            match piece:
                case Shown():
                    await self._show(piece)
                case Sound(pcm) if pcm:
                    await self.next_in_chain.capture_frame(rtc.AudioFrame(pcm, rate, 1, len(pcm) // 2))


def publishing(room: rtc.Room, face: VoiceFace) -> Callable[[Shown | None], Awaitable[None]]:
    """Return a `show` that sends frames to everybody in a room, as data on TOPIC: number of the first frame, then rows.

    The number has four bytes, the lowest first; a packet of these alone, all ones, says that what was sent is void.
    """

    async def show(shown: Shown | None) -> None:
        first = 0xFFFFFFFF if shown is None else shown.first
        packet = first.to_bytes(4, "little") + (b"" if shown is None else shown.weights)
        await room.local_participant.publish_data(packet, reliable=True, topic=TOPIC)

    return show


def _words(texts: Any) -> list[Spoken]:
    """Return those whose times are known."""
    found = []
    for text in texts:
        start, end = text.start_time, text.end_time
        if isinstance(start, float | int) and isinstance(end, float | int) and str(text).strip():
            found.append(Spoken(str(text).strip(), float(start), float(end)))
    return found


def _mono(frame: rtc.AudioFrame) -> bytes:
    """Return the first channel."""
    data = memoryview(frame.data).cast("B")
    if frame.num_channels == 1:
        return bytes(data)
    width = 2 * frame.num_channels
    return b"".join(bytes(data[at : at + 2]) for at in range(0, len(data) - width + 1, width))
