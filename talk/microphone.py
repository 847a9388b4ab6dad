"""The live microphone and loudspeaker, through the optional package `sounddevice` (extra `mic`).

Nothing is imported before a device is opened, and everything that can be missing gives one sentence.
"""

from __future__ import annotations

import asyncio
import importlib
import threading
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

from talk.heard import Heard
from talk.playout import Playout

MIC_RATE = 16_000
FRAME = 320  # samples: 20 ms
MIC_FRAMES = 50  # wait at most, then the oldest goes; the receiver sees the gap in `pts`


class NoAudio(Exception):
    """Sound cannot be played or recorded here; the message says what is missing and how to get it."""


def load() -> Any:
    """Return the sounddevice module. Raises NoAudio."""
    try:
        return importlib.import_module("sounddevice")
    except ImportError as error:
        raise NoAudio("the sound package is not installed: pip install 'companion-bridge[mic]'") from error
    except OSError as error:
        raise NoAudio(
            "the PortAudio library is not installed (Debian, Ubuntu: apt install libportaudio2; Fedora: dnf install "
            "portaudio; macOS and Windows: reinstall sounddevice, which brings it)"
        ) from error


class Speaker:
    """Plays a Playout on the default output device; the device's own callback is the clock.

    `lock` goes around every use of the playout elsewhere.
    """

    def __init__(self, playout: Playout, lock: threading.Lock) -> None:
        self._playout = playout
        self._lock = lock
        self._heard: deque[Heard] = deque(maxlen=100_000)
        self._stream: Any = None

    @property
    def latency(self) -> float:
        """Seconds between a sample's event and its sound."""
        return float(self._stream.latency)

    def heard(self) -> list[Heard]:
        """Return what was heard since the last call."""
        return [self._heard.popleft() for _ in range(len(self._heard))]

    def __enter__(self) -> Self:
        self._stream = _open("RawOutputStream", "output", self._playout.rate, 0, self._fill)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def _fill(self, out: Any, samples: int, _time: Any, _status: Any) -> None:
        with self._lock:
            air, events = self._playout.read(samples)
        out[:] = air
        self._heard.extend(events)


class Microphone:
    """Iterates over (pts, data) of the default input device: 20 ms of s16le mono 16 kHz each."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._frames: asyncio.Queue[tuple[int, bytes]] = asyncio.Queue(MIC_FRAMES)
        self._pts = 0
        self._stream: Any = None

    def __enter__(self) -> Self:
        self._stream = _open("RawInputStream", "input", MIC_RATE, FRAME, self._take)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def __aiter__(self) -> AsyncIterator[tuple[int, bytes]]:
        return self

    async def __anext__(self) -> tuple[int, bytes]:
        return await self._frames.get()

    def _take(self, data: Any, samples: int, _time: Any, _status: Any) -> None:
        pts, self._pts = self._pts, self._pts + samples
        self._loop.call_soon_threadsafe(self._put, pts, bytes(data))

    def _put(self, pts: int, data: bytes) -> None:
        if self._frames.full():
            self._frames.get_nowait()
        self._frames.put_nowait((pts, data))


def _open(kind: str, way: str, rate: int, block: int, callback: Any) -> Any:
    device = load()
    try:
        stream = getattr(device, kind)(
            samplerate=rate, blocksize=block, channels=1, dtype="int16", latency="low", callback=callback
        )
        stream.start()
    except (device.PortAudioError, ValueError) as error:
        raise NoAudio(f"there is no audio {way} device that can be used: {error}") from error
    return stream
