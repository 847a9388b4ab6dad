"""Databases for the tests: SQLite in a folder, PostgreSQL of a real server where this machine has one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path


def programs() -> Path | None:
    """The folder of PostgreSQL's programs, None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).parent if named else None


def why_not() -> str:
    """Why there can be no server here, "" when there can."""
    if find_spec("psycopg") is None:
        return "psycopg is not installed (extra memory)"
    if programs() is None:
        return "PostgreSQL is not installed"
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        return "PostgreSQL does not run as root, and setpriv is missing"
    return ""


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of its own in `folder`; its address."""
    bin_ = programs()
    assert bin_ is not None
    data = folder / "data"
    data.mkdir()
    as_other: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        for each in (folder, *folder.parents):
            if each.is_relative_to("/tmp"):
                each.chmod(each.stat().st_mode | 0o011)
        shutil.chown(data, 65534, 65534)
        shutil.chown(folder, 65534, 65534)
        as_other = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    run = [*as_other, str(bin_ / "initdb"), "-D", str(data), "-U", "ada", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run(run, check=True, capture_output=True, cwd="/")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    control = [*as_other, str(bin_ / "pg_ctl"), "-D", str(data), "-w"]
    subprocess.run(
        [*control, "-o", options, "-l", str(data / "log"), "start"], check=True, capture_output=True, cwd="/"
    )
    try:
        yield f"postgresql://ada@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, capture_output=True, cwd="/")
