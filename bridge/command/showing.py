"""Plays one spoken line here and now: its sound on this machine's loudspeaker, its face and words in the outlets.

Face and sound leave one host on one clock, that of the loudspeaker; without sound it is the loop's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Final

from bridge.errors import BridgeError
from outlets.address import Address, BadAddress
from outlets.cast import Cast, opened
from talk.microphone import NoAudio, load
from talk.record import Recording

EVERY: Final = 1 / 60  # seconds between two looks at what is heard
SETTLE: Final = 0.15  # seconds that the outlets have at the end to come to rest


class Sound:
    """Samples on the loudspeaker; `heard` is the second that is heard now."""

    def __init__(self, pcm: bytes, rate: int) -> None:
        self._pcm, self._rate = pcm, rate
        self._at = 0  # bytes given to the device
        self._stream: Any = None

    def start(self) -> None:
        """Begin to play; BridgeError `no_sound` where nothing can be played."""
        try:
            device = load()
            self._stream = device.RawOutputStream(
                samplerate=self._rate, blocksize=0, channels=1, dtype="int16", latency="low", callback=self._fill
            )
            self._stream.start()
        except NoAudio as error:
            raise BridgeError("no_sound", str(error)) from error
        except Exception as error:  # PortAudio's own class is known only once it is loaded
            raise BridgeError("no_sound", f"there is no loudspeaker that can be used: {error}") from error

    def heard(self, now: float) -> float:
        """Return the second of the recording that is heard."""
        return self._at / 2 / self._rate - float(self._stream.latency)

    def close(self) -> None:
        """Let go of the device."""
        if self._stream is not None:
            self._stream.close()

    def _fill(self, out: Any, samples: int, _time: Any, _status: Any) -> None:
        piece = self._pcm[self._at : self._at + 2 * samples]
        out[:] = piece + bytes(2 * samples - len(piece))
        self._at += 2 * samples


async def play(recording: Recording, name: str, to: Sequence[Address], *, sound: bool) -> float:
    """Show what was recorded in the outlets `to`, with its `sound` on this machine; return the seconds it took.

    Raises BridgeError where there is no loudspeaker, or an outlet leads nowhere.
    """
    loop = asyncio.get_running_loop()
    await _known(to)
    async with AsyncExitStack() as stack:
        try:
            cast = await stack.enter_async_context(opened(to, name, {}))
            if to:
                cast.wears(recording.names)
        except BadAddress as error:
            raise BridgeError(error.code, str(error)) from error
        except ValueError as error:
            raise BridgeError("bad_outlet", str(error)) from error
        heard: Callable[[float], float]
        began = loop.time()
        if sound:
            speaker = Sound(recording.pcm, recording.rate)
            stack.callback(speaker.close)
            speaker.start()
            heard = speaker.heard
        else:
            heard = lambda now: now - began  # noqa: E731 - one of two clocks
        await _show(recording, cast, heard)
        cast.silence(loop.time())
        cast.rest(loop.time())
        await asyncio.sleep(SETTLE)
    return loop.time() - began


async def _known(to: Sequence[Address]) -> None:
    """Raise BridgeError for an outlet whose host is not known: a line is over before it could be looked for again."""
    loop = asyncio.get_running_loop()
    for address in to:
        try:
            await loop.getaddrinfo(address.host, address.port)
        except OSError as error:
            raise BridgeError("bad_outlet", f"{address} cannot be reached: {error.strerror or error}") from error


async def _show(recording: Recording, cast: Cast, heard: Callable[[float], float]) -> None:
    """Show frames, words and cues when they are heard, to the end."""
    loop = asyncio.get_running_loop()
    words, cues = list(recording.heard), list(recording.cues)
    cast.begin()
    while (at := heard(loop.time())) < recording.seconds:
        now = loop.time()
        if (row := recording.row(at)) is not None:
            cast.face(row, now)
        while words and words[0][1] <= at:
            text, _, _, gap = words.pop(0)
            cast.word(text, gap, now)
        while cues and cues[0][1] <= at:
            cast.cue(cues.pop(0)[0], now)
        await asyncio.sleep(EVERY)
