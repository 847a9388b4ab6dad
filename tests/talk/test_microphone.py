"""Sound devices, played by a stand-in for the `sounddevice` module whose callbacks the test calls itself."""

from __future__ import annotations

import asyncio
import importlib
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from talk.heard import Began, Ended, Heard, Sound
from talk.microphone import MIC_FRAMES, Microphone, NoAudio, Speaker
from talk.playout import Playout
from tests.talk.fake import sound


class PortAudioError(Exception):
    pass


class Device:
    """Opens streams and remembers them; `broken` refuses."""

    PortAudioError = PortAudioError

    def __init__(self, *, broken: bool = False) -> None:
        self.broken = broken
        self.streams: list[dict[str, Any]] = []

    def open(self, **options: Any) -> Any:
        if self.broken:
            raise PortAudioError("Error querying device -1")
        self.streams.append(options | {"open": True})
        at = len(self.streams) - 1

        def close() -> None:
            self.streams[at]["open"] = False

        return SimpleNamespace(start=lambda: None, close=close, latency=0.02)

    RawOutputStream = RawInputStream = open


def install(monkeypatch: pytest.MonkeyPatch, module: Any) -> None:
    def load(name: str) -> Any:
        assert name == "sounddevice"
        if isinstance(module, Exception):
            raise module
        return module

    monkeypatch.setattr(importlib, "import_module", load)


def media(samples: int) -> list[dict[str, Any]]:
    return [
        {"type": "media", "turn": 1, "pts": 0, "pcm": sound(1, samples), "face_pts": 0, "face": b"", "source": ""},
        {"type": "reply_end", "turn": 1, "pts": 2 * samples, "text": "", "reason": "complete"},
    ]


def test_the_devices_callback_is_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device()
    install(monkeypatch, device)
    playout = Playout()
    with Speaker(playout, threading.Lock()) as speaker:
        options = device.streams[0]
        assert (options["samplerate"], options["channels"], options["dtype"]) == (24_000, 1, "int16")
        assert speaker.latency == 0.02
        for message in media(1000):
            playout.push(message)
        air = b""
        for _ in range(3):
            out = bytearray(1024)
            options["callback"](memoryview(out), 512, None, None)
            air += bytes(out)
        assert air == sound(1, 1000) + bytes(2 * 536)
        events: list[Heard] = speaker.heard()
        assert [type(event) for event in events] == [Began, Sound, Sound, Ended]
        assert speaker.heard() == []
    assert not device.streams[0]["open"]


def test_the_microphone_counts_what_it_must_drop(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> list[tuple[int, bytes]]:
        with Microphone() as microphone:
            hear: Callable[..., None] = device.streams[0]["callback"]
            assert (device.streams[0]["samplerate"], device.streams[0]["blocksize"]) == (16_000, 320)
            for index in range(MIC_FRAMES + 3):
                hear(bytes([index]) * 640, 320, None, None)
            return [await anext(microphone) for _ in range(MIC_FRAMES)]

    device = Device()
    install(monkeypatch, device)
    frames = asyncio.run(main())
    assert frames[0] == (3 * 320, bytes([3]) * 640), "the oldest went"
    assert [pts for pts, _ in frames] == [index * 320 for index in range(3, MIC_FRAMES + 3)]


@pytest.mark.parametrize(
    ("module", "sentence"),
    [
        (ImportError("sounddevice"), "pip install 'companion-bridge"),
        (OSError("PortAudio library not found"), "apt install libportaudio2"),
        (Device(broken=True), "no audio output device that can be used: Error querying device -1"),
    ],
)
def test_what_is_missing_is_one_sentence(monkeypatch: pytest.MonkeyPatch, module: Any, sentence: str) -> None:
    install(monkeypatch, module)
    with pytest.raises(NoAudio) as caught, Speaker(Playout(), threading.Lock()):
        pass
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)
