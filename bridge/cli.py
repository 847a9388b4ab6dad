"""The command `companion`: one function per subcommand, and one place that turns a failure into a sentence.

companion run                 serve, and talk to it right here
companion serve               serve until interrupted
companion talk                talk to a running server
companion say TEXT --out DIR  speak one line into files
companion page                what the page in the browser can show; --with-3d adds 3D heads
companion models ACTION       list, pull, check or remove the models that are needed
companion token               make an access token
companion doctor              what works on this machine
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from bridge import doctor, load, logs, offline, say, wallclock
from bridge.auth import RIGHTS, issue
from bridge.companion import rules
from bridge.config import Config
from bridge.config import load as load_config
from bridge.errors import BridgeError, ConfigError
from bridge.models import command
from bridge.server import Server
from bridge.version import SERVER, VERSION
from bridge.web import install
from bridge.web.extras import Extras, place
from engines.api import EngineError, Rig
from talk import terminal

T = TypeVar("T")

HOUR: Final = 3600.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; 0 fine, 1 it failed, 2 it was asked wrongly."""
    options = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except (BridgeError, EngineError) as error:
        sys.stderr.write(f"companion: {error.message}\n")
    except OSError as error:
        sys.stderr.write(f"companion: {error.strerror or error}\n")
    except KeyboardInterrupt:
        return 0
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="companion", description="A mind, a voice and a face for an avatar in a game engine."
    )
    parser.add_argument("--version", action="version", version=SERVER)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="serve a companion until interrupted")
    _add_config(serve)
    serve.set_defaults(command=_serve)

    run = commands.add_parser("run", help="serve a companion, and talk to it right here")
    _add_config(run)
    run.set_defaults(command=_run)

    talk = commands.add_parser("talk", help="talk to a running server")
    terminal.add_arguments(talk)
    talk.set_defaults(command=terminal.run)

    speak = commands.add_parser("say", help="speak one line into files, without a server")
    speak.add_argument("text", help="what to say; [happy] and [gesture:wave] work as in a reply")
    speak.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files go")
    speak.add_argument("--face", default="arkit52", metavar="PROFILE", help="arkit52, oculus15, vrm or none")
    speak.add_argument("--fps", type=int, default=60, help="face frames per second (default: %(default)s)")
    speak.add_argument("--language", default="", metavar="TAG", help="speak this language instead of the identity's")
    _add_config(speak)
    speak.set_defaults(command=_say)

    page = commands.add_parser("page", help="what the page in the browser can show, and how to show more")
    extra = page.add_mutually_exclusive_group()
    extra.add_argument(
        "--with-3d", action="store_true", help="install three.js and three-vrm, for 3D heads (needs npm)"
    )
    extra.add_argument("--without-3d", action="store_true", help="take them away again")
    _add_config(page)
    page.set_defaults(command=_page)

    token = commands.add_parser("token", help="make an access token")
    token.add_argument("--user", required=True, help="whom the token names")
    token.add_argument("--rights", default="speak,view", help=f"some of {','.join(sorted(RIGHTS))}")
    token.add_argument("--hours", type=float, default=24.0, help="how long it is valid (default: %(default)s)")
    _add_config(token)
    token.set_defaults(command=_token)

    stored = commands.add_parser(
        "models", help="the models that are needed: what is here, fetching, checking, removing"
    )
    stored.add_argument("action", choices=("list", "pull", "check", "remove"), help="what to do with them")
    stored.add_argument(
        "names", nargs="*", metavar="ENGINE:MODEL", help="e.g. whisper:small; default: what is configured"
    )
    _add_config(stored)
    stored.set_defaults(command=_models)

    check = commands.add_parser("doctor", help="what works on this machine, what is missing, how to get it")
    _add_config(check)
    check.set_defaults(command=_doctor)
    return parser


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="a TOML configuration file")
    parser.add_argument("--identity", metavar="NAME", help="who speaks: a shipped identity, or the path of a card")
    parser.add_argument("--host", help="address to listen on")
    parser.add_argument("--port", help="port to listen on")
    parser.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="any setting; repeatable"
    )
    parser.add_argument("--offline", action="store_true", help="fetch nothing; what is not on disk is an error")


def _config(options: argparse.Namespace) -> Config:
    named = {"identity.path": options.identity, "server.host": options.host, "server.port": options.port}
    settings = [f"{name}={value}" for name, value in named.items() if value is not None]
    settings += ["models.offline=true"] if options.offline else []
    path = options.config or (Path(found) if (found := os.environ.get("COMPANION_CONFIG")) else None)
    config = load_config(path, os.environ, [*options.set, *settings])
    if config.models.offline:
        offline.enforce()
    return config


# ------------------------------------------------------------------------------------------------- subcommands


def _serve(options: argparse.Namespace) -> int:
    config = _config(options)
    logs.configure(config.log.level, config.log.format)
    _loop(_serving(config))
    return 0


def _run(options: argparse.Namespace) -> int:
    config = _config(options)
    logs.configure("error", config.log.format)
    return _loop(_talking(config))


def _say(options: argparse.Namespace) -> int:
    config = _config(options)
    companion = load.companion(config)
    if options.language:
        companion = load.speaking(companion, options.language)
    face = companion.engines.face
    rig = Rig("none", (), ()) if face is None or options.face == "none" else face.rig(options.face, options.fps)
    rate = rules(config).rate
    written = asyncio.run(say.save(companion, options.text, options.out, rig=rig, fps=options.fps, rate=rate))
    sys.stdout.write(f"{written}\n")
    return 0


def _page(options: argparse.Namespace) -> int:
    config = _config(options).page
    if options.with_3d:
        sys.stdout.write(f"three.js and three-vrm are in {install.install(config.three)}\n")
    elif options.without_3d:
        sys.stdout.write(f"three.js and three-vrm are gone from {install.remove(config.three)}\n")
    extras = Extras(config.three, config.head)
    can = f"yes, by {place(config.three)}" if extras.complete else "no: companion page --with-3d installs them"
    sys.stdout.write(f"3D heads (GLB, VRM): {can}\nhead: {extras.head or 'drawn from the identity'}\n")
    return 0


def _models(options: argparse.Namespace) -> int:
    config = _config(options)
    facts = load.identity(config.identity.path).facts if not options.names else {}
    every = command.wanted(config, facts, options.names)
    match options.action:
        case "list":
            return 0 if command.show(every) else 1
        case "pull" if config.models.offline:
            raise ConfigError("offline", "nothing can be fetched with --offline (models.offline)")
        case "pull":
            return 0 if command.pull(every, progress=sys.stderr.isatty()) else 1
        case "check":
            return 0 if command.check(every) else 1
        case _ if not options.names:
            raise ConfigError("bad_model", "say which models to remove: companion models remove ENGINE:MODEL")
        case _:
            return 0 if command.take_away(every) else 1


def _token(options: argparse.Namespace) -> int:
    secret = _config(options).auth.secret
    rights = [right.strip() for right in options.rights.split(",") if right.strip()]
    token = issue(secret, options.user, rights, now=wallclock.now(), lifetime=options.hours * HOUR)
    sys.stdout.write(f"{token}\n")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    logs.configure("error", "text")
    findings = asyncio.run(doctor.examine(_config(options)))
    sys.stdout.write(doctor.table(findings) + "\n")
    return int(any(finding.needed and finding.verdict != "works" for finding in findings))


# ------------------------------------------------------------------------------------------------------- server


def _loop(work: Coroutine[Any, Any, T]) -> T:
    """Run `work` on uvloop where it is installed, else on asyncio's own loop."""
    try:
        import uvloop
    except ImportError:
        return asyncio.run(work)
    return uvloop.run(work)


@asynccontextmanager
async def _open(config: Config) -> AsyncIterator[Server]:
    companion = load.companion(config)
    async with load.started(companion.engines), Server(config, companion) as server:
        scheme, page = ("wss", "https") if config.server.tls_cert else ("ws", "http")
        engines = companion.engines
        jobs = {
            "hears by": engines.stt,
            "thinks by": engines.dialogue,
            "speaks by": engines.tts,
            "moves by": engines.face,
        }
        how = ", ".join(f"{job} {engine.name}" for job, engine in jobs.items() if engine)
        sys.stdout.write(
            f"Companion Bridge {VERSION}: {companion.name} is at {scheme}://{config.server.host}:{server.port}\n"
            f"talk to {companion.name} in a browser: {page}://{config.server.host}:{server.port}/\n{how}\n"
        )
        sys.stdout.flush()
        yield server


async def _serving(config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:  # Windows: Ctrl-C arrives as KeyboardInterrupt
            break
    async with _open(config) as server:
        if server.notice:
            sys.stdout.write(f"{server.notice}\n")
            sys.stdout.flush()
        await stop.wait()
        await server.drain()


async def _talking(config: Config) -> int:
    async with _open(config) as server:
        scheme = "wss" if config.server.tls_cert else "ws"
        url = f"{scheme}://{config.server.host}:{server.port}"
        parser = argparse.ArgumentParser()
        terminal.add_arguments(parser)
        arguments = ["--url", url]
        if config.token_required:
            user = issue(config.auth.secret, "run", ["speak"], now=wallclock.now(), lifetime=24 * HOUR)
            arguments += ["--token", user]
        return await terminal.talk(parser.parse_args(arguments))


if __name__ == "__main__":
    raise SystemExit(main())
