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
from typing import Any, Final, Literal

from bridge import load
from bridge.config import Config
from bridge.errors import BridgeError
from bridge.models.cache import find
from bridge.models.command import describe
from bridge.models.needs import Need, needs
from engines.api import Engine, EngineError

Verdict = Literal["works", "missing", "broken"]
PATIENCE: Final = 30.0  # seconds that one engine may take to start
LOADING: Final = 600.0  # seconds that a language model may take


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the table; `needed` says whether the bridge cannot do without."""

    what: str
    verdict: Verdict
    detail: str
    needed: bool = True


async def examine(config: Config) -> list[Finding]:
    """Try everything that `config` uses, and look for what is optional."""
    findings = [_python(), _port(config)]
    for job, choice in (
        ("vad", config.engines.vad),
        ("stt", config.engines.stt),
        ("tts", config.engines.tts),
        ("face", config.engines.face),
    ):
        if choice != "none":
            findings.append(await _engine(config, job, choice))
    findings.append(_identity(config))
    if findings[-1].verdict == "works":
        findings += [_model(need) for need in needs(config, load.identity(config.identity.path).facts)]
    if config.engines.dialogue != "card" and findings[-1].verdict == "works":
        findings.append(await _dialogue(config))
    findings += [
        _optional("plot", "matplotlib", "pictures of recordings", "pip install 'companion-bridge[plot]'"),
        _optional("uvloop", "uvloop", "a faster event loop", "pip install 'companion-bridge[speed]'"),
        _microphone(),
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


async def _engine(config: Config, job: str, choice: str, **more: Any) -> Finding:
    what = f"{job}: {choice}"
    loop = asyncio.get_running_loop()
    begun = loop.time()
    try:
        engine: Engine = load.engine(job, choice, **(load.settings(config, choice) | more))
    except BridgeError as error:
        return Finding(what, "missing", error.message)
    try:
        async with asyncio.timeout(PATIENCE if job != "dialogue" else LOADING):
            await engine.start()
    except EngineError as error:
        return Finding(what, "broken", error.message)
    except TimeoutError:
        return Finding(what, "broken", "did not start in time")
    finally:
        await engine.close()
    return Finding(what, "works", f"{engine.name} is ready in {loop.time() - begun:.1f} s, with no download")


async def _dialogue(config: Config) -> Finding:
    person = load.identity(config.identity.path)
    try:
        settings = load.equipped(config, config.engines.dialogue, person)
    except BridgeError as error:
        return Finding(f"dialogue: {config.engines.dialogue}", "missing", error.message)
    return await _engine(config, "dialogue", config.engines.dialogue, identity=person, **settings)


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
