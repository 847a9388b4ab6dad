"""Runs scenarios for `companion eval`: against a server that runs, or one that is started for them."""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

import msgspec

from bridge import wallclock
from bridge.auth import issue
from bridge.command.arguments import configuration
from bridge.command.evaluating.judging import Verdict
from bridge.command.evaluating.junit import junit
from bridge.command.evaluating.rehearsal import rehearse
from bridge.command.evaluating.scenario import Scenario, load
from bridge.command.output import tell
from bridge.errors import BridgeError
from bridge.server.server import Server
from bridge.setup import casting, lifecycle
from bridge.setup.config import Config
from talk.client import CompanionError

TOKEN_S = 3600.0


def run(options: argparse.Namespace) -> int:
    """Play every scenario; return 1 when something is not as it was expected."""
    scenarios = [load(Path(path)) for path in options.scenario]
    played = asyncio.run(_played(scenarios, options))
    if options.junit:
        options.junit.write_text(junit(played), encoding="utf-8")
    failed = sum(1 for _, verdicts in played for verdict in verdicts if verdict.faults)
    checks = sum(len(verdicts) for _, verdicts in played)
    tell(f"{checks - failed} of {checks} checks passed")
    return 1 if failed else 0


async def _played(scenarios: list[Scenario], options: argparse.Namespace) -> list[tuple[str, list[Verdict]]]:
    if options.url:
        return await _all(scenarios, options.url, options.token or "")
    config = _quiet(configuration(options))
    person = casting.in_language(casting.identity(config.identity.path), config)
    companion = casting.cast(config, person, casting.engine)
    token = ""
    if config.auth.secret:
        token = issue(config.auth.secret, "eval", ["speak"], now=wallclock.now(), lifetime=TOKEN_S)
    async with lifecycle.started(companion.engines), Server(config, companion, person=person) as server:
        return await _all(scenarios, f"ws://127.0.0.1:{server.port}", token)


async def _all(scenarios: list[Scenario], url: str, token: str) -> list[tuple[str, list[Verdict]]]:
    played: list[tuple[str, list[Verdict]]] = []
    for scenario in scenarios:
        tell(scenario.name)
        try:
            played.append((scenario.name, await rehearse(scenario, url, token, tell)))
        except* CompanionError as errors:
            error = errors.exceptions[0]
            assert isinstance(error, CompanionError)
            raise BridgeError(error.code, error.message) from error
    return played


def _quiet(config: Config) -> Config:
    """Change what would disturb it: a port that is taken, and TLS."""
    replace = msgspec.structs.replace
    return replace(config, server=replace(config.server, host="127.0.0.1", port=0, tls_cert="", tls_key=""))
