"""python -m protocol.conformance client                       judge clients that somebody points at ws://127.0.0.1:8765
python -m protocol.conformance client --start "COMMAND {url}"    start a client anew for each scene, and judge it
python -m protocol.conformance client --start "COMMAND {urls}"   start it with the addresses of several scenes at once
python -m protocol.conformance server ws://127.0.0.1:8765        judge a server
python -m protocol.conformance rules                             every rule, and where SPEC.md has it
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

from protocol.conformance.client.scenes import SCENES
from protocol.conformance.lines import ALL, HOST, all_of, judge_client, judge_server
from protocol.conformance.play import Verdict
from protocol.conformance.report import Report, report
from protocol.conformance.rules import CLIENT, SERVER
from protocol.conformance.server.probes import PROBES

PORT: Final = 8765
POINTED_S: Final = 600.0  # for a person who starts a client by hand


def add_server_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe what judging a server takes."""
    add = parser.add_argument
    add("address", help="the server: ws://HOST:PORT or wss://HOST")
    add("--token", default="", help="access token, where one is asked for")
    add("--probe", action="append", default=[], choices=[probe.name for probe in PROBES], help="only this; repeatable")
    add("--patience", type=float, default=10.0, metavar="S", help="how long it may take to answer (%(default)s)")
    add("--json", action="store_true", help="one JSON object instead of sentences")


def _parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(
        prog="python -m protocol.conformance", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    kinds = made.add_subparsers(required=True, dest="kind", metavar="WHAT")
    client = kinds.add_parser("client", help="judge a client")
    add = client.add_argument
    add(
        "--start",
        default="",
        metavar="COMMAND",
        help="how to start it; {url} becomes our address, {urls} those of --at-once scenes",
    )
    add("--scene", action="append", default=[], choices=[scene.name for scene in SCENES], help="only this; repeatable")
    add("--host", default=HOST, help="where to listen (%(default)s)")
    add("--port", type=int, default=PORT, help="where to wait for a client that is not started (%(default)s)")
    add("--at-once", type=int, default=4, metavar="N", help="with --start: scenes at a time or a process (%(default)s)")
    add("--slack", type=float, default=0.35, metavar="S", help="how late a busy machine may be (%(default)s)")
    add("--json", action="store_true", help="one JSON object instead of sentences")
    add_server_arguments(kinds.add_parser("server", help="judge a server"))
    kinds.add_parser("rules", help="list them")
    return made


async def client_report(
    start: str, names: Sequence[str] = (), *, at_once: int = 4, slack: float = 0.35, host: str = HOST, port: int = 0
) -> Report:
    """Judge a client by all scenes or by some.

    `at_once` is how many scenes are played at a time, or by each process of a client that takes several addresses.
    """
    scenes = [scene for scene in SCENES if not names or scene.name in names]
    works: list[Callable[[], Any]] = []
    groups = [scenes[at : at + at_once] for at in range(0, len(scenes), at_once)]
    if ALL in start:
        works += [partial(judge_client, *group, host=host, start=start, slack=slack) for group in groups]
        at_once = len(works)
    elif start:
        works += [partial(judge_client, scene, host=host, start=start, slack=slack) for scene in scenes]
    else:
        works += [partial(_pointed, scene.name, host, port, slack) for scene in scenes]
        at_once = 1
    verdicts = await all_of(works, at_once)
    return report(start or "the client", CLIENT, verdicts)


async def _pointed(name: str, host: str, port: int, slack: float) -> list[Verdict]:
    scene = next(scene for scene in SCENES if scene.name == name)
    sys.stderr.write(f"{scene.name}: {scene.what}. Point the client at ws://{host}:{port} now.\n")
    return await judge_client(scene, host=host, port=port, slack=slack, patience=POINTED_S)


async def server_report(address: str, names: Sequence[str] = (), *, token: str = "", patience: float = 10.0) -> Report:
    """Judge a server by all probes or by some."""
    probes = [probe for probe in PROBES if not names or probe.name in names]
    works = [partial(judge_server, probe, address, token=token, patience=patience) for probe in probes]
    return report(address, SERVER, await all_of(works, 1))


def judge_address(options: argparse.Namespace) -> int:
    """Judge the server that `options` name, and say what was found; 0 if it keeps the rules."""
    made = asyncio.run(server_report(options.address, options.probe, token=options.token, patience=options.patience))
    return told(made, as_json=options.json)


def told(made: Report, *, as_json: bool) -> int:
    """Write a report; 0 if every rule that was tried is kept, else 1."""
    sys.stdout.write((made.json() if as_json else made.text()) + "\n")
    return 0 if made.kept else 1


def main(arguments: list[str]) -> int:
    """Do as the arguments say."""
    options = _parser().parse_args(arguments)
    match options.kind:
        case "client":
            made = asyncio.run(
                client_report(
                    options.start, options.scene, at_once=options.at_once, slack=options.slack,
                    host=options.host, port=options.port,
                )
            )  # fmt: skip
            return told(made, as_json=options.json)
        case "server":
            return judge_address(options)
        case _:
            for who, rules in (("client", CLIENT), ("server", SERVER)):
                for rule in rules:
                    sys.stdout.write(f"{who}  {rule.id:20}  section {rule.section:4}  {rule.sentence}\n")
            return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
