"""The bridge's own door for others than its clients: address, certificate and tokens of its configuration."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bridge import wallclock
from bridge.auth import authorize
from bridge.errors import AuthError
from bridge.server.tls import tls
from bridge.setup.config import load


@dataclass(frozen=True, slots=True)
class Gate:
    """Where to listen, by which certificate, and whom to let in.

    `admit` is given a token and returns whom it names, "" for anybody, and why it is refused, "" when it is not.
    """

    host: str
    port: int
    tls: ssl.SSLContext | None
    admit: Callable[[str], tuple[str, str]]


def training_gate(file: Path | None, host: str, port: int) -> Gate:
    """Return the gate of a configuration, "" and 0 taking its address; ConfigError when it is not safe to open.

    Outside of this machine that takes a certificate and tokens, as for `companion serve`. Tokens need the right
    `train`.
    """
    settings = [*([f"server.host={host}"] if host else []), *([f"server.port={port}"] if port else [])]
    config = load(file, os.environ, settings)

    def admit(token: str) -> tuple[str, str]:
        try:
            caller = authorize(
                config.auth.secret, token, required=config.token_required, now=wallclock.now(), right="train"
            )
        except AuthError as error:
            return "", error.message
        return caller.user, ""

    return Gate(config.server.host, config.server.port, tls(config.server), admit)
