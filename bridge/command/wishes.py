"""Reads what the command line of `companion setup` says, so that it need not be asked."""

from __future__ import annotations

import argparse
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bridge.errors import ConfigError
from bridge.setup.config import is_this_machine

FILE: Final = "companion.toml"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the command line says: where to write, settings that are not asked for, and what may be done unasked."""

    path: Path
    settings: dict[str, str]
    environ: dict[str, str]
    yes: bool = False
    force: bool = False
    pull: bool = False
    offline: bool = False
    tests: bool = True


def wishes(options: argparse.Namespace) -> Wishes:
    """Read the options of `companion setup`; ConfigError for a setting that is none."""
    settings: dict[str, str] = {}
    for setting in options.set:
        name, equals, value = setting.partition("=")
        if not equals:
            raise ConfigError("bad_setting", "--set takes section.key=value, e.g. --set server.port=9000")
        settings[name] = value
    given = {
        "identity.path": options.identity,
        "identity.language": options.language,
        "server.host": options.host,
        "server.port": options.port,
        "openai.base_url": options.endpoint,
        "openai.model": options.model,
        "whisper.model": options.whisper,
        "piper.model": options.piper,
    }
    settings |= {name: value for name, value in given.items() if value is not None}
    for flag, (job, engine) in {"endpoint": ("dialogue", "openai"), "whisper": ("stt", "whisper")}.items():
        settings |= {f"engines.{job}": engine} if getattr(options, flag) is not None else {}
    settings |= {"engines.tts": "piper"} if options.piper is not None else {}
    settings |= {"models.offline": "true"} if options.offline else {}
    if "COMPANION_AUTH_SECRET" not in os.environ and not is_this_machine(settings.get("server.host", "127.0.0.1")):
        settings.setdefault("auth.secret", secrets.token_urlsafe(32))
    return Wishes(
        options.config or Path(FILE),
        settings,
        dict(os.environ),
        options.yes,
        options.force,
        options.pull,
        options.offline,
        not options.no_test,
    )
