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
from engines.catalogue import table as catalogue
from engines.identity import load_identity, shipped
from testkit.patience import PATIENCE
from tests.engines.dialogue import endpoint
from tests.engines.remote import lending
from tests.engines.tiny import lm, smart_turn, speaker_net, voices, whisper

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Maker:
    """How an engine is made: `module:Class`, the packages that it stands on, keyword arguments."""

    where: str
    packages: tuple[str, ...] = ()
    arguments: Callable[[], dict[str, Any]] = field(default=dict)
    models: bool = False  # whether it is made with a model that the tests build

    def __str__(self) -> str:
        return self.where.split(":")[1]

    def make(self) -> Any:
        """A new engine; skips the test where a package is missing."""
        for package in self.packages:
            if importlib.util.find_spec(package) is None:
                pytest.skip(f"{self} needs the package {package}, which is not installed")
        module, name = self.where.split(":")
        return getattr(importlib.import_module(module), name)(**self.arguments())


COQUI, PIPER, KOKORO = (catalogue.listing("tts", name).packages for name in ("coqui", "piper", "kokoro"))

# What engines are made with that cannot be made with nothing; several ways for what has several kinds of models.
WITH: dict[str, tuple[Callable[[], dict[str, Any]], ...]] = {
    "whisper": (lambda: {"model": str(whisper.folder()), "threads": 1},),
    "smart_turn": (lambda: {"model": str(smart_turn.smart_turn()), "threads": 1},),
    "speaker_net": (lambda: {"model": str(speaker_net.speaker_net()), "threads": 1},),
    "remote_diarizer": (lending.always,),
    "card": (lambda: {"identity": load_identity(shipped()["teacher"])},),
    "openai": (lambda: {"identity": load_identity(shipped()["teacher"]), "base_url": endpoint.always()},),
    "remote_stt": (lending.always,),
    "remote_dialogue": (lending.always,),
    "remote_tts": (lending.always,),
    "remote_face": (lending.always,),
    "transformers": (
        lambda: {  # whatever it is asked, it says something
            "identity": lm.person(),
            "model": str(lm.lm_folder()),
            "context": 4096,
            "max_tokens": 40,
            "temperature": 2.0,
            "top_k": 0,
            "top_p": 1.0,
        },
    ),
    "coqui": (lambda: {"model": str(voices.vits())},),
    "xtts": (lambda: {"model": str(voices.xtts()), "speaker": voices.XTTS_SPEAKER},),
    "piper": (lambda: {"model": str(voices.piper())}, lambda: {"model": str(voices.piper(times=False))}),
    "kokoro": (voices.kokoro_files,),
}


MODELS = frozenset({"whisper", "transformers", "coqui", "xtts", "piper", "kokoro"})


def listed(job: str) -> list[Maker]:
    """Every engine of the catalogue that does a job."""
    return [
        Maker(listing.where, listing.packages, arguments, listing.name in MODELS)
        for listing in catalogue.of(job)
        for arguments in WITH.get(listing.name, (dict,))
    ]


VADS = [Maker("testkit.scripted.engines:ScriptedVad"), *listed("vad")]
STTS = [Maker("testkit.scripted.engines:ScriptedStt"), *listed("stt")]
ENDINGS = listed("ending")
INTONATIONS = listed("intonation")
DIARIZERS = [Maker("testkit.gathering:ByLevel"), *listed("diarizer")]
DIALOGUES = [Maker("testkit.scripted.engines:ScriptedDialogue"), *listed("dialogue")]
TTSS = [
    Maker("testkit.scripted.engines:ScriptedTts"),
    Maker("testkit.scripted.engines:ScriptedTts", (), lambda: {"rate": 22_050, "ms_per_word": 300, "piece_words": 1}),
    *listed("tts"),
]
FACES = [Maker("testkit.scripted.engines:ScriptedFace"), *listed("face")]
EVERY = [*VADS, *STTS, *ENDINGS, *INTONATIONS, *DIARIZERS, *DIALOGUES, *TTSS, *FACES]


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
        self.begun = asyncio.Event()
        self.closed = False

    async def of(self, items: Iterable[T], *, then: asyncio.Event | None = None) -> Stream[T]:
        """The items; before the second it waits for `then`."""
        try:
            for item in items:
                if self.given and then:
                    await then.wait()
                self.given += 1
                self.begun.set()
                yield item
        finally:
            self.closed = True


async def collect(items: Stream[T]) -> list[T]:
    async with aclosing(items):
        return [item async for item in items]
