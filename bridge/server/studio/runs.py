"""Runs the studio's commands as child processes: bounded in number, output and time, and never left behind.

A run that is cancelled, or whose page has gone, is killed with all that it started; what the studio writes is whole at
every instant.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from bridge.server.studio.requests import Told

Progress: TypeAlias = Callable[[float, str], None]

MOST: Final = 2  # runs at once on one server
LONGEST: Final = 900.0  # seconds
LINE: Final = 2 * 1024 * 1024  # bytes of one line of output
OUTPUT: Final = 16 * 1024 * 1024  # bytes of all of it
READ: Final = 64 * 1024  # bytes of it that are read at once, at the end
TIDY: Final = 1.0  # seconds that a run has to tidy up when it is stopped
HIDDEN: Final = ("COMPANION_AUTH_SECRET",)  # of the environment


class Runs:
    """The child processes of one server; `program` is what they run."""

    def __init__(self, program: Sequence[str] = (sys.executable, "-P", "-m", "studio")) -> None:
        self._program = tuple(program)
        self._users: set[str] = set()
        self._commands: frozenset[str] | None = None

    @property
    def running(self) -> int:
        """Return how many run now."""
        return len(self._users)

    async def commands(self) -> frozenset[str]:
        """Return which commands the studio has here; asked once."""
        if self._commands is None:
            child = await asyncio.create_subprocess_exec(
                *self._program,
                "--help",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env=_environment(),
            )
            usage, _ = await child.communicate()
            self._commands = frozenset(re.findall(r"^  ([a-z]+)  ", usage.decode(errors="replace"), re.MULTILINE))
        return self._commands

    async def run(self, user: str, arguments: Sequence[str], place: Path, told: Progress) -> Mapping[str, Any]:
        """Run a command in the folder `place` and return its result; `told` hears how it goes.

        Told says why there is none: `busy` when this user has one running or the server too many, else the command's
        own code.
        """
        if user in self._users:
            raise Told("busy", "somebody is being worked on for you already: wait, or cancel it")
        if len(self._users) >= MOST:
            raise Told("busy", "the studio is busy with others; try again in a moment")
        self._users.add(user)
        try:
            async with asyncio.timeout(LONGEST):
                return await self._run(arguments, place, told)
        except TimeoutError as error:
            raise Told("too_slow", f"it took longer than {LONGEST / 60:.0f} minutes and was stopped") from error
        finally:
            self._users.discard(user)

    async def _run(self, arguments: Sequence[str], place: Path, told: Progress) -> Mapping[str, Any]:
        try:
            await asyncio.to_thread(place.mkdir, parents=True, exist_ok=True)
            child = await asyncio.create_subprocess_exec(
                *self._program,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                cwd=place,
                env=_environment(),
                limit=LINE,
                start_new_session=True,
            )
        except OSError as error:
            raise Told("unwritable", f"the studio cannot work in {place.name}: {error.strerror}") from error
        try:
            return await _result(child, told)
        finally:
            await _end(child)


async def _result(child: asyncio.subprocess.Process, told: Progress) -> Mapping[str, Any]:
    assert child.stdout is not None
    size = 0
    while True:
        try:
            line = await child.stdout.readline()
        except ValueError as error:
            raise Told("failed", "the studio said more than it may") from error
        size += len(line)
        if size > OUTPUT:
            raise Told("failed", "the studio said more than it may")
        if not line:
            raise Told("failed", "the studio has ended without a result")
        match _object(line):
            case {"progress": float() | int() as done, "doing": str(doing)}:
                told(float(done), doing)
            case {"done": dict(result)}:
                return result
            case {"error": {"code": str(code), "message": str(message)}}:
                raise Told(code, message)
            case _:
                pass  # a library that prints


def _object(line: bytes) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return None


def _environment() -> dict[str, str]:
    """Return the environment without the server's secrets, and with this program's own packages."""
    given = {name: value for name, value in os.environ.items() if name not in HIDDEN}
    home = str(Path(__file__).resolve().parents[3])
    paths = [home, *filter(None, [given.get("PYTHONPATH", "")])]
    return {**given, "PYTHONPATH": os.pathsep.join(paths), "PYTHONIOENCODING": "utf-8"}


async def _end(child: asyncio.subprocess.Process) -> None:
    """Have the child tidy up for a moment, then kill whatever is left of its group, also when nobody waits any more.

    What it still says is read meanwhile: asyncio sees the end of a child only at the end of its pipes.
    """
    spilling = asyncio.create_task(_spill(child))
    try:
        if child.returncode is None:
            _signal(child, kill=False)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TIDY):
                    await child.wait()
    finally:
        _signal(child, kill=True)
    await asyncio.shield(child.wait())
    await spilling


async def _spill(child: asyncio.subprocess.Process) -> None:
    assert child.stdout is not None
    while await child.stdout.read(READ):
        pass


def _signal(child: asyncio.subprocess.Process, *, kill: bool) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL if kill else signal.SIGINT)
