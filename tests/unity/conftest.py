"""What the tests of the Unity package share: compilers, and the programs that are built once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from testkit.unity import programs
from testkit.unity.toolchain import ROOT, missing, missing_newer


def need(why: str) -> None:
    """Skip for this reason, if there is one; in CI that is a failure."""
    if why and os.environ.get("CI") == "true":
        pytest.fail(f"in CI this must not be missing: {why}")
    if why:
        pytest.skip(why)


@pytest.fixture(scope="session")
def compilers() -> None:
    """Mono and Roslyn for C# 8 are here."""
    need(missing())


@pytest.fixture(scope="session")
def newer_compiler() -> None:
    """Node and Roslyn for C# 9 are here."""
    need(missing_newer())


@pytest.fixture(scope="session")
def built(compilers: None) -> None:
    """Every program that the tests execute, compiled."""
    result = programs.build()
    assert result.clean, result.told


@pytest.fixture(scope="session")
def bridge() -> Iterator[tuple[int, int]]:
    """The ports of a running bridge: an open one, and one that asks for a token."""
    command = [sys.executable, "-m", "tests.unity.stage"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ports = process.stdout.readline().split()
        try:
            assert len(ports) == 2, "the bridge did not start"
            yield int(ports[0]), int(ports[1])
        finally:
            process.terminate()
