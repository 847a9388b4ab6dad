"""Loads the engines that the configuration names, each by the import of its own module and of nothing else's."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import msgspec

from bridge.companion import Companion
from bridge.config import Config
from bridge.errors import ConfigError
from bridge.models.cache import find, located
from bridge.models.command import describe
from bridge.models.needs import EXTRAS, Repository, needed
from bridge.regrets import regrets
from engines.api import EngineError
from engines.identity import Identity, IdentityError, load_identity, shipped
from engines.identity.topics import texts, topics
from engines.jobs import Dialogue, Ending, Engine, Engines, Face, Stt, Tts, Vad

log = logging.getLogger("bridge.load")

# Where each engine of `EnginesSection` lives.
MODULES: Final = {
    "vad.silero": ("engines.vad_silero", "SileroVad"),
    "vad.energy": ("engines.vad_energy", "EnergyVad"),
    "stt.pocketsphinx": ("engines.stt_pocketsphinx", "PocketSphinxStt"),
    "stt.whisper": ("engines.stt_whisper", "WhisperStt"),
    "ending.words": ("engines.ending_words", "WordsEnding"),
    "dialogue.card": ("engines.dialogue_card", "CardDialogue"),
    "dialogue.transformers": ("engines.dialogue_transformers", "TransformersDialogue"),
    "dialogue.openai": ("engines.dialogue_openai", "OpenAiDialogue"),
    "tts.espeak": ("engines.tts_espeak", "EspeakTts"),
    "tts.coqui": ("engines.tts_coqui", "CoquiTts"),
    "tts.xtts": ("engines.tts_xtts", "XttsTts"),
    "tts.piper": ("engines.tts_piper", "PiperTts"),
    "tts.kokoro": ("engines.tts_kokoro", "KokoroTts"),
    "face.articulation": ("engines.face_articulation", "ArticulationFace"),
}

# Synthesizers that get the identity's voice ready, or refuse it, when they start.
CLONES: Final = frozenset({"xtts"})

NO_MODEL: Final = (
    "No language model is loaded: {name} speaks from a script and its own notes. "
    'For free conversation give it a language model: see "Language models" in the README.'
)

AWAY: Final = (
    "The language model cannot be reached: until it answers, {name} speaks from a script and its own notes. "
    "The log says what is wrong."
)


def engine(job: str, choice: str, **settings: Any) -> Any:
    """A new engine, not started; ConfigError when what it needs is not installed."""
    module, name = MODULES[f"{job}.{choice}"]
    try:
        return getattr(import_module(module), name)(**settings)
    except ImportError as error:
        extra = EXTRAS.get(f"{job}.{choice}")
        package = f"'companion-bridge[{extra}]'" if extra else error.name
        raise ConfigError(
            "missing_package",
            f"{job} engine {choice!r} needs the package {error.name!r}, which is not installed: pip install {package}",
        ) from error


def settings(config: Config, choice: str) -> dict[str, Any]:
    """What the engine `choice` takes from the section that carries its name; nothing where there is none."""
    section = getattr(config, choice, None)
    fields = msgspec.structs.asdict(section) if isinstance(section, msgspec.Struct) else {}
    fields.pop("fallback", None)  # who stands in is not the engine's business
    return fields


def equipped(config: Config, choice: str, person: Identity) -> dict[str, Any]:
    """The same with models as the files that they are on this disk; ConfigError when they are not here.

    Engines are never left to fetch: what is not here is named, with the command that brings it.
    """
    wanted = needed(config, choice, person.facts)
    if wanted is None:
        return settings(config, choice)
    paths = located(wanted)
    if not paths and isinstance(wanted.source, Repository):
        raise ConfigError("missing_model", f"{choice} cannot start: {describe(find(wanted))}")
    # Of a folder that is not whole the engine itself says what is wrong.
    return settings(config, choice) | paths


def identity(name: str) -> Identity:
    """The shipped identity called `name`, or the one at that path; ConfigError when it cannot be used."""
    paths = shipped()
    path = paths.get(name) or Path(name).expanduser()
    if not path.exists():
        known = ", ".join(sorted(paths))
        raise ConfigError("no_identity", f"there is no identity at {name!r}; shipped ones are: {known}")
    try:
        return load_identity(path)
    except IdentityError as error:
        raise ConfigError(error.code, f"the identity {name!r} cannot be used: {error.message}") from error


def companion(config: Config) -> Companion:
    """The companion that `config` describes, its engines not started; ConfigError when it cannot be."""
    chosen = config.engines
    person = identity(config.identity.path)
    hears = chosen.stt != "none"
    vad: Vad | None = engine("vad", chosen.vad) if hears else None
    hearing = equipped(config, chosen.stt, person)
    if chosen.stt == "pocketsphinx":
        workers = chosen.stt_workers or min(2, os.cpu_count() or 1)
        hearing |= {"workers": workers, "topics": topics(person), "texts": texts(person)}
    stt: Stt | None = engine("stt", chosen.stt, **hearing) if hears else None
    thinking = equipped(config, chosen.dialogue, person)
    dialogue: Dialogue = engine("dialogue", chosen.dialogue, identity=person, **thinking)
    falls_back = getattr(getattr(config, chosen.dialogue, None), "fallback", False) and person.scripted
    understudy: Dialogue | None = engine("dialogue", "card", identity=person) if falls_back else None
    language = person.voice.language or person.language
    try:
        sorry, away = regrets(language, **person.regrets)
    except IdentityError as error:
        raise ConfigError(error.code, f"the identity {person.name!r} cannot be used: {error.message}") from error
    voice = person.voice_of(chosen.tts)
    own = {"voice": voice} if chosen.tts in CLONES else {}
    tts: Tts = engine("tts", chosen.tts, **equipped(config, chosen.tts, person), **own)
    face: Face | None = engine("face", chosen.face, **settings(config, chosen.face)) if chosen.face != "none" else None
    ending: Ending | None = engine("ending", chosen.ending) if hears and chosen.ending != "none" else None
    return Companion(
        engines=Engines(vad, stt, dialogue, tts, face, voice, ending, understudy),
        name=person.name,
        description=person.description,
        language=language,
        notice=NO_MODEL.format(name=person.name) if chosen.dialogue == "card" else "",
        emotions=moods() if face else frozenset(),
        looks=person.looks,
        sorry=sorry,
        away=away if understudy else "",
        away_notice=AWAY.format(name=person.name),
    )


def moods() -> frozenset[str]:
    """Every name that a dialogue may use for a mood."""
    emotion = import_module("engines.emotion")
    return frozenset(emotion.emotion_names()) | frozenset(emotion.ALIASES)


@asynccontextmanager
async def started(engines: Engines) -> AsyncIterator[None]:
    """Start all engines side by side; close them at the end, whatever happens."""
    chosen = (
        engines.vad, engines.stt, engines.ending, engines.dialogue, engines.understudy, engines.tts, engines.face,
    )  # fmt: skip
    every: list[Engine] = [engine for engine in chosen if engine]
    try:
        await asyncio.gather(*(_begin(engine, engines) for engine in every))
        yield
    finally:
        await asyncio.gather(*(engine.close() for engine in every), return_exceptions=True)


async def _begin(engine: Engine, engines: Engines) -> None:
    """Start one; a dialogue that may work in a moment need not work now if somebody can speak in its stead."""
    try:
        await engine.start()
    except EngineError as error:
        if engine is not engines.dialogue or engines.understudy is None or not error.retryable:
            raise
        log.warning("the language model is away", extra={"code": error.code, "reason": error.message})


def speaking(companion: Companion, language: str) -> Companion:
    """The same companion with a voice of another language, the synthesizer's own for it."""
    voice = replace(companion.engines.voice, language=language, name="")
    return replace(companion, engines=replace(companion.engines, voice=voice), language=language)
