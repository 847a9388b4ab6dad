"""Proposes engines and models for a machine, and says what would be better. Pure: the machine is an argument."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bridge.setup.languages import primary
from bridge.setup.machine import GB, Machine
from bridge.setup.nearby import Mind
from engines.catalogue import table as catalogue

# Bytes of the files on the hub. Decoding takes about as much again.
WHISPER: Final = {
    "tiny": 0.08 * GB,
    "base": 0.15 * GB,
    "small": 0.49 * GB,
    "medium": 1.53 * GB,
    "large-v3-turbo": 1.62 * GB,
}
ENGLISH: Final = ("tiny", "base", "small", "medium")  # of which there is one for English alone, which is better at it
QUICK: Final = {"tiny": 1, "base": 2, "small": 4}  # cores from which a size keeps up with speech on a CPU
# A voice of Piper for each language, of the project's own list of voices.
PIPER: Final = {
    "ar": "ar_JO-kareem-medium", "ca": "ca_ES-upc_ona-medium", "cs": "cs_CZ-jirka-medium",
    "da": "da_DK-talesyntese-medium",
    "de": "de_DE-thorsten-medium", "el": "el_GR-rapunzelina-low", "en": "en_US-lessac-medium",
    "en-gb": "en_GB-alan-medium", "es": "es_ES-davefx-medium", "fa": "fa_IR-amir-medium", "fi": "fi_FI-harri-medium",
    "fr": "fr_FR-siwis-medium", "hu": "hu_HU-anna-medium", "is": "is_IS-salka-medium", "it": "it_IT-paola-medium",
    "kk": "kk_KZ-issai-high", "nl": "nl_NL-mls-medium", "no": "no_NO-talesyntese-medium", "pl": "pl_PL-darkman-medium",
    "pt": "pt_BR-faber-medium", "ro": "ro_RO-mihai-medium", "ru": "ru_RU-irina-medium", "sk": "sk_SK-lili-medium",
    "sv": "sv_SE-nst-medium", "sw": "sw_CD-lanfrica-medium", "tr": "tr_TR-dfki-medium",
    "uk": "uk_UA-ukrainian_tts-medium",
    "vi": "vi_VN-vais1000-medium", "zh": "zh_CN-huayan-medium",
}  # fmt: skip
LOW: Final = {"en": "en_US-lessac-low", "de": "de_DE-thorsten-low", "en-gb": "en_GB-alan-low"}  # for little memory
LITTLE: Final = 2 * GB
# What Ollama may be asked for, by the memory from which it runs beside the rest.
OLLAMA: Final = ((16 * GB, "qwen3:8b"), (8 * GB, "qwen3:4b"), (0, "llama3.2:1b"))


@dataclass(frozen=True, slots=True)
class Option:
    """One way to do a job: the settings that choose it, one line about it, and what must be fetched first."""

    label: str
    settings: dict[str, str] = field(default_factory=dict)
    fetch: str = ""  # engine:model, for `companion models pull`


IsHere = Callable[[str, str], bool]  # whether the model (engine, name) is on this disk


def minds(found: Sequence[Mind], machine: Machine) -> list[Option]:
    """List what can think, the best first: models of servers that run here, then the script."""
    if "openai" not in machine.engines:
        found = []
    ranked = sorted(found, key=lambda mind: not machine.holds(mind.size))
    options = [
        Option(
            f"{mind.model}, by {mind.server}",
            {"engines.dialogue": "openai", "openai.base_url": mind.base_url, "openai.model": mind.model},
        )
        for mind in ranked
    ]
    return [*options, Option("the identity's script, without a language model", {"engines.dialogue": "card"})]


def ears(machine: Machine, language: str, is_here: IsHere) -> list[Option]:
    """List the recognisers, the best first that needs nothing fetched; larger sizes of Whisper where memory allows."""
    sizes = [_whisper(size, language) for size in WHISPER if machine.holds(2 * WHISPER[size])]
    options = [
        Option(
            f"Whisper {size}",
            {"engines.stt": "whisper", "whisper.model": size},
            "" if is_here("whisper", size) else f"whisper:{size}",
        )
        for size in sizes
        if "whisper" in machine.engines
    ]
    embedded = Option("PocketSphinx, embedded: modest, English only", {"engines.stt": "pocketsphinx"})
    return _ranked(options, embedded, best=_whisper(_quick(machine), language))


def voices(machine: Machine, language: str, is_here: IsHere) -> list[Option]:
    """List the voices: Piper's of the language if there is one, and the embedded one."""
    names = [name for name in (_voice(language, machine),) if name and "piper" in machine.engines]
    options = [
        Option(
            f"Piper {name}",
            {"engines.tts": "piper", "piper.model": name},
            "" if is_here("piper", name) else f"piper:{name}",
        )
        for name in names
    ]
    embedded = Option("espeak-ng, embedded: clear, but a robot's", {"engines.tts": "espeak"})
    return _ranked(options, embedded, best=names[0] if names else "")


def better(machine: Machine, language: str, chosen: dict[str, str]) -> list[str]:
    """Say what would be better than what was chosen, with the commands that bring it."""
    said = []
    if chosen.get("engines.dialogue", "card") == "card":
        model = next(name for least, name in OLLAMA if machine.memory >= least)
        said.append(
            f"A language model, for free conversation: install Ollama (https://ollama.com), run `ollama pull {model}`"
            f"{_install('openai', machine)}, then this command again."
        )
    if chosen.get("engines.stt") == "pocketsphinx" and machine.holds(2 * WHISPER["tiny"]):
        size = _whisper(_quick(machine), language)
        said.append(f"Better ears: {_fetched('whisper', size, machine)}, then this command again.")
    if chosen.get("engines.tts") == "espeak" and (voice := _voice(language, machine)):
        said.append(f"A voice like a person's: {_fetched('piper', voice, machine)}, then this command again.")
    return said


def _ranked(options: list[Option], embedded: Option, *, best: str) -> list[Option]:
    """Put the best that is here first, then the embedded, then what would have to be fetched, the best first."""
    here = [option for option in options if not option.fetch]
    away = [option for option in options if option.fetch]

    def first(option: Option) -> bool:
        return best not in option.settings.values()

    return [*sorted(here, key=first), embedded, *sorted(away, key=first)]


def _quick(machine: Machine) -> str:
    fits = [size for size, cores in QUICK.items() if machine.cores >= cores and machine.holds(2 * WHISPER[size])]
    return fits[-1] if fits else "tiny"


def _whisper(size: str, language: str) -> str:
    return f"{size}.en" if size in ENGLISH and primary(language) == "en" else size


def _voice(language: str, machine: Machine) -> str:
    tag, code = language.lower().replace("_", "-"), primary(language)
    table = LOW | {key: name for key, name in PIPER.items() if key not in LOW} if machine.memory < LITTLE else PIPER
    if not machine.memory:
        table = PIPER
    return table.get(tag) or table.get({"nb": "no", "cmn": "zh"}.get(code, code), "")


def _install(engine: str, machine: Machine) -> str:
    extra = next(each.extra for each in catalogue.ENGINES if each.name == engine)
    return "" if engine in machine.engines else f" and `pip install 'companion-bridge[{extra}]'`"


def _fetched(engine: str, model: str, machine: Machine) -> str:
    extra = next(each.extra for each in catalogue.ENGINES if each.name == engine)
    install = "" if engine in machine.engines else f"`pip install 'companion-bridge[{extra},models]'` and "
    return f"{install}`companion models pull {engine}:{model}`"
