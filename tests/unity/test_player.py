"""Builds of a game without an editor: every version, platform and input system; what they stumble over."""

from __future__ import annotations

import subprocess
from itertools import product
from pathlib import Path

import pytest

from testkit.unity.toolchain import COMPILER, HERE, TIMEOUT_S, Job, compile_all
from tests.unity import layer

VARIANTS = list(product(layer.VERSIONS, layer.PLATFORMS))
SHIPPED = ("core.dll", "unity.dll", "demo.dll", "vrm.dll", "unitask.dll", "inputsystem.dll", "samples.dll")
# What the components do on other platforms than the web: the pump, and tokens.
THREADS = {"thread System.Threading.Timer", "thread System.Threading.Tasks.Task.Run"}
TRANSPORT = {"socket System.Net.WebSockets.ClientWebSocket", "thread System.Threading.Tasks.Task.Run"}
HOSTILE = Job("hostile.dll", [HERE / "lint" / "Hostile.cs"])


def _variant(version: str, platform: str) -> list[Job]:
    return layer.jobs(platform, version)


@pytest.fixture(scope="module")
def variants(compilers: None) -> dict[tuple[str, str], list[Job]]:
    """Every version and platform, compiled without a warning; what would be the same is compiled once."""
    found = {(version, platform): _variant(version, platform) for version, platform in VARIANTS}
    once = {job.out: job for jobs in found.values() for job in jobs}
    result = compile_all(once.values())
    assert result.clean, result.told
    return found


@pytest.fixture(scope="module")
def lint(compilers: None) -> Path:
    """The program that reads assemblies, beside the libraries that it stands on."""
    assert compile_all([HOSTILE]).clean
    program = COMPILER.with_name("Lint.exe")
    used = [
        f"-r:{COMPILER.parent / each}"
        for each in ("System.Reflection.Metadata.dll", "System.Collections.Immutable.dll")
    ]
    command = [
        "mcs",
        "-nowarn:1701,1702",
        f"-out:{program}",
        *used,
        "-r:Facades/netstandard.dll",
        "-r:Facades/System.Runtime.dll",
    ]
    done = subprocess.run([*command, str(HERE / "lint" / "Lint.cs")], capture_output=True, text=True, timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stdout + done.stderr
    return program


def _told(lint: Path, *assemblies: Path) -> set[str]:
    """Return what the lint says, without the names of the assemblies."""
    command = ["mono", str(lint), *map(str, assemblies)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert done.returncode == 0, done.stderr
    return {line.split(" ", 1)[1] for line in done.stdout.splitlines()}


def test_every_version_platform_and_input_system_compiles(variants: dict[tuple[str, str], list[Job]]) -> None:
    assert len(variants) == 3 * len(layer.PLATFORMS)
    for jobs in variants.values():
        assert {job.out.split(".", 2)[2] for job in jobs} >= set(SHIPPED)
    # The platforms are not all one: each has a build of the components that no other has.
    players = ("the web", "Android", "iOS", "desktop")
    assert len({_named(variants["2022.3", each], "unity.dll").out for each in players}) == len(players)


def _named(jobs: list[Job], stem: str) -> Job:
    return next(job for job in jobs if job.out.split(".", 2)[2] == stem)


@pytest.mark.parametrize(("version", "platform"), VARIANTS)
def test_a_player_without_a_compiler_runs_it(
    variants: dict[tuple[str, str], list[Job]], lint: Path, version: str, platform: str
) -> None:
    jobs = variants[version, platform]
    # The transport of every other platform lies in the core, which is one for all; on the web nothing makes it.
    core = _told(lint, _named(jobs, "core.dll").path) - TRANSPORT
    above = _told(lint, *(_named(jobs, stem).path for stem in SHIPPED if stem != "core.dll"))
    assert not core | (above if platform == "the web" else above - THREADS)


def test_the_lint_finds_each_thing_that_it_is_for(lint: Path) -> None:
    rules = {line.split(" ", 1)[0] for line in _told(lint, HOSTILE.path)}
    assert rules == {"activator", "reflection", "generic-virtual", "static", "thread", "expression"}
