"""Declares what the command line takes, and makes the configuration of it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from bridge.auth import RIGHTS
from bridge.command import conformance, mcp, memory, offline, review, show
from bridge.setup.config import Config
from bridge.setup.config import load as load_config
from bridge.version import SERVER
from engines.remote.desk import PLACES
from talk import terminal


def parser() -> argparse.ArgumentParser:
    """Declare every subcommand and its options; `command` of what is parsed is its name."""
    made = argparse.ArgumentParser(
        prog="companion", description="A mind, a voice and a face for an avatar in a game engine."
    )
    made.add_argument("--version", action="version", version=SERVER)
    commands = made.add_subparsers(required=True, metavar="COMMAND", dest="command")

    serve = commands.add_parser("serve", help="serve a companion until interrupted")
    serve.add_argument(
        "--lan",
        action="store_true",
        help="let phones and headsets of this network in: https by a certificate of its own, and a QR code",
    )
    serve.add_argument("--workers", type=int, metavar="N", help="serve with N processes together (Linux)")
    serve.add_argument("--seat", type=int, help=argparse.SUPPRESS)  # of one of them: its way to the others
    _add_config(serve)

    run = commands.add_parser("run", help="serve a companion, and talk to it right here")
    _add_config(run)

    talk = commands.add_parser("talk", help="talk to a running server")
    terminal.add_arguments(talk)

    speak = commands.add_parser("say", help="speak one line into files, without a server")
    speak.add_argument("text", help="what to say; [happy] and [gesture:wave] work as in a reply")
    speak.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files go")
    speak.add_argument("--face", default="arkit52", metavar="PROFILE", help="arkit52, oculus15, vrm or none")
    speak.add_argument("--fps", type=int, default=60, help="face frames per second (default: %(default)s)")
    speak.add_argument("--video", type=Path, metavar="FILE", help="a film of it, too: FILE.mp4 or FILE.webm")
    speak.add_argument("--look", default="auto", help="of the film: auto, head, drawn or portrait")
    speak.add_argument("--size", type=int, default=720, metavar="PX", help="of the film: its height (%(default)s)")
    _add_config(speak)

    play = commands.add_parser("play", help="speak one line here: sound on this machine, the face in the outlets")
    play.add_argument("text", help="what to say; - reads it from standard input")
    play.add_argument("--no-sound", action="store_true", help="show the face without a sound")
    _add_config(play)

    held = commands.add_parser("show", help="answer the chat of a stream: Twitch, YouTube, Discord, webhooks, files")
    show.add_arguments(held)
    _add_config(held)

    page = commands.add_parser("page", help="what the page in the browser can show, and how to show more")
    extra = page.add_mutually_exclusive_group()
    extra.add_argument(
        "--with-3d", action="store_true", help="install three.js and three-vrm, for 3D heads (needs npm)"
    )
    extra.add_argument(
        "--with-sight",
        nargs="?",
        const="",
        metavar="MODEL",
        help="install what reads the user's face in the browser; MODEL is face_landmarker.task (needs npm)",
    )
    extra.add_argument("--without-3d", action="store_true", help="take them away again")
    _add_config(page)

    acting = commands.add_parser("mcp", help="an MCP server that acts in the conversation of a running bridge")
    mcp.add_arguments(acting)

    token = commands.add_parser("token", help="make an access token")
    token.add_argument("--user", required=True, help="whom the token names")
    token.add_argument("--rights", default="speak,view", help=f"some of {','.join(sorted(RIGHTS))}")
    token.add_argument("--hours", type=float, default=24.0, help="how long it is valid (default: %(default)s)")
    _add_config(token)

    stored = commands.add_parser(
        "models", help="the models that are needed: what is here, fetching, checking, removing"
    )
    stored.add_argument("action", choices=("list", "pull", "check", "remove"), help="what to do with them")
    stored.add_argument(
        "names", nargs="*", metavar="ENGINE:MODEL", help="e.g. whisper:small; default: what is configured"
    )
    _add_config(stored)

    # Its command line is the studio's own: the command hands over before this parser is asked.
    commands.add_parser("identity", help="make a person, and look at one: companion identity --help", add_help=False)

    # So is training's.
    commands.add_parser("train", help="teach an identity a manner: companion train --help", add_help=False)

    detect = commands.add_parser("detect", help="what a file is: whether a machine made it, whose, as it was made")
    detect.add_argument("file", type=Path, metavar="FILE", help="a sound, a picture, a film, a model, an identity")
    detect.add_argument("--json", action="store_true", help="one JSON object instead of sentences")
    detect.add_argument("--sound-key", type=Path, metavar="FILE", help="look for the mark of this key, too")
    _add_config(detect)

    judged = commands.add_parser("review", help="what the content filter flagged, and decisions about it")
    review.add_arguments(judged)
    _add_config(judged)

    known = commands.add_parser("memory", help="what is remembered of people: list, export, erase, import")
    memory.add_arguments(known)
    _add_config(known)

    begin = commands.add_parser("init", help="write a commented configuration and an identity to begin with")
    begin.add_argument("folder", nargs="?", type=Path, default=Path(), metavar="DIR", help="where to (default: here)")
    begin.add_argument("--name", default="Ada", help="what the companion is called (default: %(default)s)")
    begin.add_argument("--force", action="store_true", help="write in the place of files that are there")

    first = commands.add_parser("setup", help="ask, write a configuration, and start it once to see that it works")
    first.add_argument("--yes", action="store_true", help="take every proposal without asking")
    first.add_argument("--force", action="store_true", help="write in the place of a file that is there")
    first.add_argument("--pull", action="store_true", help="fetch the proposed models from the Hugging Face Hub")
    first.add_argument("--no-test", action="store_true", help="do not start what was written")
    first.add_argument("--endpoint", metavar="URL", help="think with this OpenAI-compatible address")
    first.add_argument("--model", metavar="NAME", help="the language model, as its server calls it")
    first.add_argument("--whisper", metavar="SIZE", help="hear with this size of Whisper")
    first.add_argument("--piper", metavar="VOICE", help="speak with this voice of Piper")
    _add_config(first)

    judged = commands.add_parser("eval", help="play conversations from files, and judge each answer")
    judged.add_argument("scenario", nargs="+", metavar="FILE", help="a scenario, YAML or JSON")
    judged.add_argument("--url", default="", help="a server that runs (default: start the configured one for it)")
    judged.add_argument("--token", default="", help="access token, where that server asks for one")
    judged.add_argument("--junit", type=Path, metavar="FILE", help="write the results as JUnit XML")
    _add_config(judged)

    lent = commands.add_parser(
        "engines", help="engines for bridges elsewhere, which reach them by engines.JOB=remote_JOB"
    )
    lent.add_argument("--jobs", default="stt,dialogue,tts,face", help="which (default: %(default)s)")
    lent.add_argument("--places", type=int, default=PLACES, help="requests of a job at once (default: %(default)s)")
    _add_config(lent)

    keeping = commands.add_parser("conformance", help="whether a server keeps the protocol: a report, rule by rule")
    conformance.add_arguments(keeping)

    check = commands.add_parser("doctor", help="what works on this machine, what is missing, how to get it")
    _add_config(check)
    return made


def configuration(options: argparse.Namespace) -> Config:
    """Load the configuration of file, environment and options; ConfigError when it cannot be used."""
    named = {
        "identity.path": options.identity,
        "identity.language": options.language,
        "server.host": options.host,
        "server.port": options.port,
        "server.workers": getattr(options, "workers", None),
    }
    settings = [f"{name}={value}" for name, value in named.items() if value is not None]
    settings += ["models.offline=true"] if options.offline else []
    settings += (
        [f"outlets.to={','.join(each.replace(',', '%2C') for each in options.outlet)}"] if options.outlet else []
    )
    path = options.config or (Path(found) if (found := os.environ.get("COMPANION_CONFIG")) else None)
    config = load_config(path, os.environ, [*options.set, *settings])
    if config.models.offline:
        offline.enforce()
    return config


def _add_config(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", type=Path, metavar="FILE", help="a TOML configuration file")
    parser.add_argument("--identity", metavar="NAME", help="who speaks: a shipped identity, or the path of a card")
    parser.add_argument(
        "--language", metavar="TAG", help="the companion's language, e.g. de, instead of the identity's"
    )
    parser.add_argument("--host", help="address to listen on")
    parser.add_argument("--port", help="port to listen on")
    parser.add_argument(
        "--set", action="append", default=[], metavar="SECTION.KEY=VALUE", help="any setting; repeatable"
    )
    parser.add_argument(
        "--outlet", action="append", default=[], metavar="URL", help="send the face there too, e.g. vmc://; repeatable"
    )
    parser.add_argument("--offline", action="store_true", help="fetch nothing; what is not on disk is an error")
