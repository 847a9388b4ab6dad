"""Runs the command `companion`: one function per subcommand, and one place that turns a failure into a sentence.

companion run                 serve, and talk to it right here
companion serve               serve until interrupted
companion talk                talk to a running server
companion say TEXT --out DIR  speak one line into files
companion play TEXT           speak one line here: sound on this machine, the face in the outlets
companion show                answer the chat of a stream
companion page                what the page in the browser can show; --with-3d adds 3D heads
companion init                a commented configuration and an identity to begin with
companion setup               ask, write a configuration, and see that it works
companion models ACTION       list, pull, check or remove the models that are needed
companion identity COMMAND    make a person, and look at one
companion train COMMAND       teach an identity a manner from dialogues, and more
companion detect FILE         what a file is: of a machine, of whom, as it was made
companion review ACTION       what the content filter flagged, and decisions about it
companion memory ACTION       what is remembered of people: list, export, erase, import
companion token               make an access token
companion doctor              what works on this machine
companion eval FILE           play a conversation from a file, and judge each answer
companion conformance URL     whether a server keeps the protocol
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bridge import logs, wallclock
from bridge.auth import issue
from bridge.command import (
    conformance,
    detecting,
    doctor,
    first,
    initial,
    lan,
    mcp,
    memory,
    models,
    outlets,
    output,
    playing,
    review,
    say,
    serving,
    show,
    showing,
    train,
)
from bridge.command.arguments import configuration, parser
from bridge.command.detecting import labelling
from bridge.command.finding import table
from bridge.command.output import tell
from bridge.command.wishes import wishes
from bridge.errors import BridgeError, ConfigError
from bridge.setup import casting
from bridge.setup.config import Config
from bridge.setup.config import load as load_config
from bridge.setup.rules import rules
from bridge.web import install
from bridge.web.extras import Extras, place
from engines.api import EngineError, Rig
from engines.identity import IdentityError
from talk import terminal
from talk.record import Recording

HOUR: Final = 3600.0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; return 0 when it worked, 1 when it failed, 2 for a wrong command line."""
    output.prepare()
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["identity"]:
        return _identity(given[1:])
    if given[:1] == ["train"]:
        return train.run(given[1:])
    options = parser().parse_args(given)
    options.given = given
    try:
        return COMMANDS[options.command](options)
    except (BridgeError, EngineError) as error:
        sys.stderr.write(f"companion: {error.message}\n")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"companion: {where}{error.strerror or error}\n")
    except KeyboardInterrupt:
        return 0
    return 1


def _identity(given: Sequence[str]) -> int:
    """Hand over to the studio, which nothing else here knows."""
    from studio.command import cli as studio

    created = datetime.fromtimestamp(wallclock.now(), UTC).isoformat(timespec="seconds")
    return studio.main(given, prog="companion identity", created=created, speaker=_speaker)


def _speaker(identity: Path, text: str, fps: int) -> Recording:
    """Say `text` as the identity at that path, with the configuration that the environment names."""
    path = Path(found) if (found := os.environ.get("COMPANION_CONFIG")) else None
    config = load_config(path, os.environ, [f"identity.path={identity}"])
    try:
        companion = casting.companion(config)
        face = companion.engines.face
        if face is None:
            raise BridgeError("no_face", "a film needs a face: engines.face is none")
        rig = face.rig("arkit52", fps)
        return asyncio.run(say.say(companion, text, rig=rig, fps=fps, rate=rules(config).rate))
    except BridgeError as error:
        # The studio knows how engines fail, not how the bridge does.
        raise EngineError(error.code, error.message) from error


def _serve(options: argparse.Namespace) -> int:
    config = configuration(options)
    invitation = ""
    if options.seat is not None:
        logs.configure(config.log.level, config.log.format)
        serving.loop(serving.sit(config, options.seat))
        return 0
    if config.server.workers > 1:
        if options.lan:
            raise ConfigError("bad_config", "--lan is for one worker: put several behind a certificate of your own")
        logs.configure(config.log.level, config.log.format)
        serving.loop(serving.serve_together(config, options.given))
        return 0
    if options.lan:
        config, invited = lan.prepared(config)
        invitation = invited.told()
    logs.configure(config.log.level, config.log.format)
    serving.loop(serving.serve(config, invitation))
    return 0


def _run(options: argparse.Namespace) -> int:
    config = configuration(options)
    logs.configure("error", config.log.format)
    return serving.loop(serving.converse(config))


def _eval(options: argparse.Namespace) -> int:
    from bridge.command.evaluating.run import run

    logs.configure("error", "text")
    return run(options)


def _say(options: argparse.Namespace) -> int:
    config = configuration(options)
    companion = casting.companion(config)
    face = companion.engines.face
    rig = Rig("none", (), ()) if face is None or options.face == "none" else face.rig(options.face, options.fps)
    rate = rules(config).rate
    label = labelling(config, companion)
    to = outlets.addresses(config.outlets)
    recordings: list[Recording] = []
    written = asyncio.run(
        say.save(
            companion, options.text, options.out, rig=rig, fps=options.fps, rate=rate, label=label,
            said=recordings.append,
        )
    )  # fmt: skip
    tell(f"{written}")
    if to:
        asyncio.run(showing.play(recordings[0], companion.name, to, sound=False))
    return _filmed(recordings[0], options, config) if options.video else 0


def _filmed(recording: Recording, options: argparse.Namespace, config: Config) -> int:
    """Have the studio make a film of what was said."""
    from studio.command import video
    from studio.command.output import ForPeople

    person = casting.identity(config.identity.path).origin
    film = video.Film(
        path=options.video,
        tall=options.size,
        fps=options.fps,
        keys=config.provenance.keys,
        on=datetime.fromtimestamp(wallclock.now(), UTC).date().isoformat(),
        jobs=os.cpu_count() or 1 if options.look == "head" else 1,
    )
    try:
        video.filmed(recording, person, options.text, film, options.look, ForPeople())
    except (video.StudioError, IdentityError) as error:
        raise BridgeError(error.code, error.message) from error
    return 0


def _play(options: argparse.Namespace) -> int:
    config = configuration(options)
    to = outlets.addresses(config.outlets)
    companion = casting.companion(config)
    text = sys.stdin.read(playing.TEXT) if options.text == "-" else options.text
    asyncio.run(playing.speak(companion, text, to, rate=rules(config).rate, sound=not options.no_sound))
    return 0


def _show(options: argparse.Namespace) -> int:
    config = configuration(options)
    logs.configure("error", config.log.format)
    return show.run(options, config)


def _page(options: argparse.Namespace) -> int:
    config = configuration(options).page
    if options.with_3d:
        tell(f"three.js and three-vrm are in {install.install(config.three)}")
    elif options.without_3d:
        tell(f"three.js and three-vrm are gone from {install.remove(config.three)}")
    elif options.with_sight is not None:
        model = Path(options.with_sight).expanduser() if options.with_sight else None
        tell(f"what reads faces is in {install.install_sight(model, config.three)}")
    extras = Extras(config.three, config.head)
    can = f"yes, by {place(config.three)}" if extras.complete else "no: companion page --with-3d installs them"
    sees = "yes" if extras.sees else "no: companion page --with-sight face_landmarker.task installs it"
    tell(f"3D heads (GLB, VRM): {can}\nhead: {extras.head or 'drawn from the identity'}\nreads the user's face: {sees}")
    return 0


def _models(options: argparse.Namespace) -> int:
    config = configuration(options)
    facts = casting.identity(config.identity.path).facts if not options.names else {}
    every = models.wanted(config, facts, options.names)
    match options.action:
        case "list":
            return 0 if models.show(every) else 1
        case "pull" if config.models.offline:
            raise ConfigError("offline", "nothing can be fetched with --offline (models.offline)")
        case "pull":
            return 0 if models.pull(every, progress=sys.stderr.isatty()) else 1
        case "check":
            return 0 if models.check(every) else 1
        case _ if not options.names:
            raise ConfigError("bad_model", "say which models to remove: companion models remove ENGINE:MODEL")
        case _:
            return 0 if models.take_away(every) else 1


def _token(options: argparse.Namespace) -> int:
    secret = configuration(options).auth.secret
    rights = [right.strip() for right in options.rights.split(",") if right.strip()]
    token = issue(secret, options.user, rights, now=wallclock.now(), lifetime=options.hours * HOUR)
    tell(f"{token}")
    return 0


def _init(options: argparse.Namespace) -> int:
    for line in initial.begin(options.folder, name=options.name, force=options.force):
        tell(line)
    return 0


def _setup(options: argparse.Namespace) -> int:
    return first.run(wishes(options))


def _doctor(options: argparse.Namespace) -> int:
    logs.configure("error", "text")
    findings = asyncio.run(doctor.examine(configuration(options)))
    tell(table(findings))
    return int(any(finding.needed and finding.verdict != "works" for finding in findings))


def _review(options: argparse.Namespace) -> int:
    return review.run(options, configuration(options))


def _memory(options: argparse.Namespace) -> int:
    return memory.run(options, configuration(options))


def _detect(options: argparse.Namespace) -> int:
    return detecting.run(options, configuration(options))


COMMANDS: Final[dict[str, Callable[[argparse.Namespace], int]]] = {
    "serve": _serve,
    "run": _run,
    "talk": terminal.run,
    "say": _say,
    "play": _play,
    "show": _show,
    "page": _page,
    "token": _token,
    "models": _models,
    "init": _init,
    "setup": _setup,
    "doctor": _doctor,
    "conformance": conformance.run,
    "eval": _eval,
    "detect": _detect,
    "review": _review,
    "memory": _memory,
    "mcp": mcp.serve,
}


if __name__ == "__main__":
    raise SystemExit(main())
