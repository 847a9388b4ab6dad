"""`companion doctor`: what works on this machine, what is missing, how to get it; tried rather than guessed."""

from __future__ import annotations

import asyncio
import platform
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Final, Literal

from bridge import load
from bridge.config import Config
from bridge.errors import BridgeError
from bridge.models.cache import find
from bridge.models.command import describe
from bridge.models.needs import EXTRAS, Need, needs
from bridge.web.extras import Extras
from engines.api import EngineError
from engines.identity import Identity
from engines.jobs import Engine

Verdict = Literal["works", "missing", "broken"]
PATIENCE: Final = 30.0  # seconds that one engine may take to start
LOADING: Final = 600.0  # seconds that one with a model of its own may take


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table; `needed` says whether the bridge cannot do without."""

    what: str
    verdict: Verdict
    detail: str
    needed: bool = True


async def examine(config: Config) -> list[Finding]:
    """Try everything that `config` uses, and look for what is optional."""
    findings = [_python(), _port(config), _identity(config)]
    person = load.identity(config.identity.path) if findings[-1].verdict == "works" else None
    for job, choice in (
        ("vad", config.engines.vad),
        ("stt", config.engines.stt),
        ("tts", config.engines.tts),
        ("face", config.engines.face),
    ):
        if choice != "none":
            findings.append(await _engine(config, job, choice, person))
    if config.engines.dialogue != "card" and person:
        findings.append(await _engine(config, "dialogue", config.engines.dialogue, person))
    findings += [_model(need) for need in needs(config, person.facts if person else {})]
    findings += [
        _optional("plot", "matplotlib", "pictures of recordings", "pip install 'companion-bridge[plot]'"),
        _optional("uvloop", "uvloop", "a faster event loop", "pip install 'companion-bridge[speed]'"),
        _microphone(),
        _heads(config),
    ]
    return findings


def table(findings: list[Finding]) -> str:
    """The findings as aligned text."""
    width = max(len(finding.what) for finding in findings)
    signs = {"works": "ok  ", "missing": "none", "broken": "FAIL"}
    return "\n".join(f"{signs[f.verdict]}  {f.what:<{width}}  {f.detail}" for f in findings)


def _python() -> Finding:
    version = platform.python_version()
    good = sys.version_info >= (3, 11)
    return Finding("python", "works" if good else "broken", f"{version} on {platform.system()} {platform.machine()}")


def _port(config: Config) -> Finding:
    what = f"port {config.server.port}"
    with socket.socket(socket.AF_INET6 if ":" in config.server.host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((config.server.host, config.server.port))
        except OSError as error:
            return Finding(what, "broken", f"cannot listen on {config.server.host}: {error.strerror}", needed=False)
    return Finding(what, "works", f"free on {config.server.host}")


async def _engine(config: Config, job: str, choice: str, person: Identity | None) -> Finding:
    what = f"{job}: {choice}"
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        settings = load.equipped(config, choice, person) if person else load.settings(config, choice)
        if job == "dialogue":
            settings |= {"identity": person}
            settings.pop("fallback", None)  # of the bridge, not of the engine
        elif choice in load.CLONES and person:
            settings |= {"voice": person.voice_of(choice)}
        engine: Engine = load.engine(job, choice, **settings)
    except BridgeError as error:
        return Finding(what, "missing", error.message)
    try:
        async with asyncio.timeout(LOADING if f"{job}.{choice}" in EXTRAS else PATIENCE):
            await engine.start()
    except EngineError as error:
        return Finding(what, "broken", error.message)
    except TimeoutError:
        return Finding(what, "broken", "did not start in time")
    finally:
        await engine.close()
    return Finding(what, "works", f"{engine.name} is ready in {loop.time() - begun:.1f} s, with no download")


def _identity(config: Config) -> Finding:
    try:
        person = load.identity(config.identity.path)
    except BridgeError as error:
        return Finding("identity", "broken", error.message)
    return Finding("identity", "works", f"{person.name}: {person.description}")


def _model(need: Need) -> Finding:
    found = find(need)
    verdict: Verdict = "works" if found.state == "here" else "missing" if found.state == "missing" else "broken"
    return Finding(f"model: {need.label}", verdict, describe(found))


def _optional(what: str, package: str, purpose: str, remedy: str) -> Finding:
    if find_spec(package) is None:
        return Finding(what, "missing", f"no {purpose}: {remedy}", needed=False)
    return Finding(what, "works", purpose, needed=False)


def _heads(config: Config) -> Finding:
    try:
        extras = Extras(config.page.three, config.page.head)
    except BridgeError as error:
        return Finding("3D heads", "broken", error.message)
    if not extras.complete:
        return Finding("3D heads", "missing", "the page draws its own face: companion page --with-3d", needed=False)
    return Finding("3D heads", "works", f"the page shows {extras.head or 'GLB and VRM files'}", needed=False)


def _microphone() -> Finding:
    def devices() -> str:
        audio = import_module("sounddevice")
        names = [str(device["name"]) for device in audio.query_devices() if device["max_input_channels"]]
        return names[0] if names else ""

    return _device(devices)


def _device(find: Callable[[], str]) -> Finding:
    try:
        name = find()
    except ImportError:
        return Finding("microphone", "missing", "no live sound: pip install 'companion-bridge[mic]'", needed=False)
    except OSError as error:
        remedy = "install PortAudio (Debian: apt install libportaudio2)"
        return Finding("microphone", "missing", f"{error}: {remedy}", needed=False)
    if not name:
        return Finding("microphone", "missing", "there is no input device; type, or use --wav", needed=False)
    return Finding("microphone", "works", name, needed=False)
