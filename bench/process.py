"""A server in a process of its own, for as long as a `with` lasts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

SERVER_CORE, CLIENT_CORE = 0, 1


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that listens on `port` of this machine, and how it is scheduled."""

    pid: int
    port: int
    scheduling: str


@contextmanager
def serving(kind: str, tree: Path | None = None, **settings: str) -> Iterator[Serving]:
    """Start `bench.serve` with this kind of server, wait until it listens, and end it; RuntimeError if it fails.

    The server is that of `tree`, another checkout, if one is given. `settings` are variables of its environment.
    """
    command = [sys.executable, "-m", "bench.serve", kind, str(SERVER_CORE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | settings, cwd=tree) as process:
        assert process.stdout
        try:
            scheduling = process.stdout.readline().strip()
            ready = process.stdout.readline().split()
            if ready[:1] != ["ready"]:
                raise RuntimeError(f"the {kind} server did not start")
            yield Serving(process.pid, int(ready[1]), scheduling)
        finally:
            process.terminate()
            process.wait(20)
