"""Tries a configuration by starting it: each engine, then all together, on a free port, and one answer is heard."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from bridge import wallclock
from bridge.auth import issue
from bridge.command.doctor import tried
from bridge.command.finding import Finding
from bridge.errors import BridgeError, ConfigError
from bridge.server.server import Server
from bridge.setup import casting, lifecycle
from bridge.setup.config import Config
from engines.catalogue import table as catalogue
from talk.client import Companion, CompanionError

PATIENT_S: Final = 180.0  # a model that is asked for the first time is loaded first
ALL_S: Final = 300.0
TICKS: Final = 48_000  # a second on the media clock


def engines(config: Config) -> list[tuple[str, Finding]]:
    """Start and close each chosen engine; its job with what was found."""

    async def one_by_one() -> list[tuple[str, Finding]]:
        person = casting.identity(config.identity.path)
        chosen = {job.name: getattr(config.engines, job.name) for job in catalogue.JOBS}
        listings = [catalogue.listing(job, name) for job, name in chosen.items() if name != "none"]
        return [(listing.job, await tried(config, listing, person)) for listing in listings]

    return asyncio.run(one_by_one())


def conversation(config: Config) -> str:
    """Start everything, say hello by the real client, and tell how soon the answer was heard; raise ConfigError."""
    try:
        return asyncio.run(_conversation(_quiet(config)))
    except (BridgeError, CompanionError) as error:
        raise ConfigError(error.code, f"It starts, but does not answer: {error.message}") from error
    except TimeoutError as error:
        raise ConfigError("trial_failed", f"It starts, but does not answer within {ALL_S:g} s.") from error


def _quiet(config: Config) -> Config:
    """Change what would disturb a trial: a port that is taken, TLS, and a script that hides a model's silence."""
    replace = msgspec.structs.replace
    return replace(
        config,
        server=replace(config.server, host="127.0.0.1", port=0, tls_cert="", tls_key=""),
        openai=replace(config.openai, fallback=False, first_token_s=PATIENT_S),
        turns=replace(config.turns, first_word_s=PATIENT_S),
    )


async def _conversation(config: Config) -> str:
    companion = casting.companion(config)
    token = ""
    if config.auth.secret:
        token = issue(config.auth.secret, "setup", ["speak"], now=wallclock.now(), lifetime=PATIENT_S * 2)
    async with asyncio.timeout(ALL_S), lifecycle.started(companion.engines), Server(config, companion) as server:
        url = f"ws://127.0.0.1:{server.port}"
        async with Companion.connect(url, token=token, face={"profile": "none"}) as client:
            said, after = await _answer(client)
    return f'{companion.name} answers "{said}", first heard after {after:.2f} s'


async def _answer(client: Companion) -> tuple[str, float]:
    """Say hello; return the answer, and the seconds until its first sound. It is taken as fast as it is made."""
    loop = asyncio.get_running_loop()
    begun, heard = loop.time(), 0.0
    await client.text("Hello!")
    async for message in client:
        match message["type"]:
            case "error":
                raise ConfigError(message["code"], message["message"])
            case "media" if message["pcm"] and message["turn"]:
                heard = heard or loop.time() - begun
                ticks = len(message["pcm"]) // 2 * TICKS // client.welcome["audio"]["rate"]
                await client.playhead(message["turn"], message["pts"] + ticks)
            case "reply_end" if heard and message["reason"] != "failed":
                return str(message["text"]), heard
            case "reply_end":
                break
    raise ConfigError("trial_failed", "the answer has no sound")
