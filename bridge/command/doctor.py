"""Examines this machine (`companion doctor`): what works, what is missing and how to get it, by trying it."""

from __future__ import annotations

import asyncio
import platform
import sys
from typing import Final

from bridge.command.elsewhere import elsewhere
from bridge.command.finding import Finding, Verdict
from bridge.command.optional import heads, microphone, package
from bridge.errors import BridgeError
from bridge.setup import casting, load
from bridge.setup.config import Config
from bridge.setup.languages import named
from bridge.setup.listening import probe, why
from bridge.setup.models.cache import find
from bridge.setup.models.describe import describe
from bridge.setup.models.needs import Need, needs
from engines.api import EngineError
from engines.catalogue import table as catalogue
from engines.catalogue.listing import Listing
from engines.identity import Identity
from engines.jobs import Engine

PATIENCE: Final = 30.0  # seconds that one engine may take to start
# What the jobs bring that nothing has to do.
UNUSED: Final = {
    "intonation": "the end of a turn is judged by the words alone: with engines.intonation=smart_turn and `companion "
    "models pull` answers come sooner and cut in less",
    "diarizer": "people who share one microphone in a room are one person: engines.diarizer=timbre tells them apart by "
    "their voices (docs/ROOMS.md)",
    "sight": "pictures of the user are not read: with engines.sight=mediapipe and face_landmarker.task the companion "
    "sees them; pages read faces by themselves (companion page --with-sight)",
    "duplex": "hearing, thinking and speaking are done by an engine each; a model that does all of it can be talked to "
    "by its address with engines.duplex=realtime (docs/DUPLEX.md)",
}
HEARD_FIRST: Final = ("intonation", "diarizer")  # bring nothing where nobody is heard
LOADING: Final = 600.0  # seconds that one with a model of its own may take


async def examine(config: Config) -> list[Finding]:
    """Try everything that `config` uses, and look for what is optional."""
    findings = [_python(), _port(config)]
    person = None
    try:
        person = casting.identity(config.identity.path)
    except BridgeError as error:
        findings.append(Finding("identity", "broken", error.message))
    else:
        findings.append(Finding("identity", "works", f"{person.name}: {person.description}"))
        findings += [Finding("card", "missing", warning.message, needed=False) for warning in person.warnings]
        findings += _languages(config, person)
    chosen = {job.name: getattr(config.engines, job.name) for job in catalogue.JOBS}
    listings = [catalogue.listing(job, choice) for job, choice in chosen.items() if choice != "none"]
    findings += [await tried(config, listing, person) for listing in listings]
    findings += _models(config, person)
    deaf = chosen["stt"] == "none"
    findings += [
        Finding(job, "missing", sentence, needed=False)
        for job, sentence in UNUSED.items()
        if chosen[job] == "none" and not (deaf and job in HEARD_FIRST)
    ]
    findings += await elsewhere(config.outlets, person.name if person is not None else "companion")
    findings += [
        package("plot", "matplotlib", has="pictures of recordings", lacks="recordings have no picture", extra="plot"),
        package("uvloop", "uvloop", has="a faster event loop", lacks="asyncio's own event loop is used", extra="speed"),
        microphone(),
        heads(config),
    ]
    return findings


def _python() -> Finding:
    version = platform.python_version()
    good = sys.version_info >= (3, 11)
    return Finding("python", "works" if good else "broken", f"{version} on {platform.system()} {platform.machine()}")


def _port(config: Config) -> Finding:
    what = f"port {config.server.port}"
    try:
        probe(config.server)
    except OSError as error:
        return Finding(what, "broken", why(config.server, error), needed=False)
    return Finding(what, "works", f"free on {config.server.host}")


async def tried(config: Config, listing: Listing, person: Identity | None) -> Finding:
    """Start an engine with what the configuration and the identity give it, and close it."""
    what = f"{listing.job}: {listing.name}"
    loop = asyncio.get_running_loop()
    begun = loop.time()
    if person is None and listing.takes:
        return Finding(what, "missing", "cannot be tried without the identity")
    try:
        given = casting.equipped(config, listing, person) if person else casting.settings(config, listing.settings)
        engine: Engine = load.engine(listing, **given)
    except BridgeError as error:
        return Finding(what, "missing", _mended(listing, error.message))
    try:
        async with asyncio.timeout(LOADING if listing.models else PATIENCE):
            await engine.start()
    except EngineError as error:
        return Finding(what, "broken", _mended(listing, error.message))
    except TimeoutError:
        return Finding(what, "broken", _mended(listing, "did not start in time"))
    finally:
        await engine.close()
    return Finding(what, "works", f"{listing.about}; ready in {loop.time() - begun:.1f} s")


def _mended(listing: Listing, message: str) -> str:
    """End a message with the setting that chooses another engine, unless it names a setting of its own."""
    named_here = any(f"{section}." in message for section in ("engines", "identity", listing.name))
    return message if named_here else f"{message.rstrip('.')}; or set engines.{listing.job} to another"


def _languages(config: Config, person: Identity) -> list[Finding]:
    """Say what the chosen engines do not know of the companion's language."""
    try:
        language = casting.chosen_language(config, person)
    except BridgeError as error:
        return [Finding("language", "broken", error.message)]
    what = f"language: {language}"
    lacking = casting.lacking(config, person)
    if not lacking:
        how = "answered and spoken" if config.engines.stt == "none" else "heard, answered and spoken"
        return [Finding(what, "works", f"{named(language)} is {how}")]
    return [Finding(what, "missing", f"{gap.told} To mend it {gap.mend}.", needed=False) for gap in lacking]


def _models(config: Config, person: Identity | None) -> list[Finding]:
    try:
        return [_model(need) for need in needs(config, person.facts if person else {})]
    except BridgeError as error:
        return [Finding("models", "broken", error.message)]


def _model(need: Need) -> Finding:
    found = find(need)
    verdict: Verdict = "works" if found.state == "here" else "missing" if found.state == "missing" else "broken"
    return Finding(f"model: {need.label}", verdict, describe(found))
