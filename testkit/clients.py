"""The five clients of this repository as commands, so that one conformance program can judge them all."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from protocol.conformance.__main__ import client_report
from protocol.conformance.client.scenes import SCENES
from protocol.conformance.report import Report, report
from protocol.conformance.rules import CLIENT
from testkit import unreal
from testkit.kept import kept
from testkit.unity import programs, toolchain

ROOT: Final = Path(__file__).parents[1]
GODOT: Final = "godot3-server"
TRIES: Final = 3  # of a scene: what is timed is seen again when a busy machine came too late


@dataclass(frozen=True, slots=True)
class Client:
    """A client: `missing` says what is not here to run it, `command` builds it and says how it is started."""

    name: str
    what: str
    missing: Callable[[], str]
    command: Callable[[], str]
    together: int = 40  # scenes that one process plays, or processes at a time


def _absent(program: str) -> Callable[[], str]:
    return lambda: "" if shutil.which(program) else f"{program} is not installed"


def _python() -> str:
    return f"{sys.executable} -m testkit.crowd {{urls}}"


def _javascript() -> str:
    return f"node --no-warnings --experimental-websocket {ROOT / 'tests' / 'web' / 'player.mjs'} {{urls}}"


def _sharp() -> str:
    built = programs.build()
    assert built.clean, built.told
    return f"mono {toolchain.OUT / 'Player.exe'} {{urls}}"


def _plus() -> str:
    return f"{unreal.programs('checked', *unreal.CHECKED) / 'player'} {{url}}"


def godot() -> Path:
    """Return a folder with the Godot sample and what the tests run it by."""
    sources = [ROOT / "godot_client_sample" / "companion.gd", *sorted((ROOT / "tests" / "godot").iterdir())]

    def make(folder: Path) -> None:
        for source in sources:
            shutil.copy(source, folder)

    return kept("godot", make, files=sources)


def _godot() -> str:
    return f"{GODOT} --path {godot()} -s run.gd {{urls}}"


def version(program: str) -> str:
    """Return the first line of what a program calls itself."""
    done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=60, check=False)
    return (done.stdout or done.stderr).strip().splitlines()[0]


CLIENTS: Final = (
    Client("Python", "`companion talk`, the reference client", lambda: "", _python),
    Client("JavaScript", "`companion.js` in Node.js, on a sound card that is played", _absent("node"), _javascript),
    Client("C#", "the core of the Unity package, on mono", toolchain.missing, _sharp),
    Client("C++", "the core of the Unreal plugin, watched by sanitizers", unreal.missing, _plus),
    Client("GDScript", "the Godot sample, on Godot 3 without a window", _absent(GODOT), _godot, 12),
)


def judged(client: Client, *, slack: float) -> Report:
    """Judge a client by every scene; a scene that was not kept is played again by itself."""

    async def judge() -> Report:
        command, verdicts = client.command(), {}
        names: Sequence[str] = [scene.name for scene in SCENES]
        for attempt in range(TRIES):
            made = await client_report(command, names, slack=slack, at_once=client.together if attempt == 0 else 2)
            for name in names:
                verdicts[name] = made.of(name)
            names = [name for name, seen in verdicts.items() if any(not verdict.kept for verdict in seen)]
            if not names:
                break
        return report(client.name, CLIENT, [verdict for seen in verdicts.values() for verdict in seen])

    return asyncio.run(judge())
