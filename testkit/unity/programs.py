"""The assemblies of the package as these tests build them, and the programs that execute them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from testkit.unity.toolchain import HERE, PACKAGE, Built, Job, compile_all, sources

HARNESS, STUBS = HERE / "harness", HERE / "stubs"
CORE, UNITY, ENGINE, NUNIT = "CompanionBridge.Core.dll", "CompanionBridge.dll", "UnityEngine.dll", "NUnit.dll"
# What Unity defines in a player on a desktop.
PLAYER = ("UNITY_2022_3_OR_NEWER", "UNITY_STANDALONE", "ENABLE_LEGACY_INPUT_MANAGER")


def _harness(*names: str) -> list[Path]:
    return [HARNESS / f"{name}.cs" for name in names]


def core(language: str = "8", prefix: str = "") -> Job:
    """Return the part without an engine."""
    return Job(prefix + CORE, sources(PACKAGE / "Runtime" / "Core"), language=language)


def engine(defines: Sequence[str] = PLAYER, language: str = "8", prefix: str = "") -> Job:
    """Return the stub of UnityEngine."""
    return Job(prefix + ENGINE, sources(STUBS / "UnityEngine"), defines=defines, language=language)


def unity(defines: Sequence[str] = PLAYER, language: str = "8", prefix: str = "") -> Job:
    """Return the components."""
    references = [prefix + CORE, prefix + ENGINE]
    return Job(prefix + UNITY, sources(PACKAGE / "Runtime" / "Unity"), references, defines, language)


def brought_along(language: str = "8", prefix: str = "") -> Job:
    """Return the tests that the package brings along."""
    return Job(prefix + "Tests.dll", sources(PACKAGE / "Tests" / "Editor"), [prefix + CORE, NUNIT], language=language)


def build() -> Built:
    """Return everything that is executed."""
    return compile_all(
        [
            core(),
            Job(NUNIT, [STUBS / "NUnit.cs"]),
            brought_along(),
            Job("Runner.exe", _harness("Runner"), [NUNIT]),
            Job("Vectors.exe", _harness("Vectors", "Told"), [CORE]),
            Job("Player.exe", _harness("Player"), [CORE]),
            Job("Replay.exe", _harness("Replay"), [CORE]),
            Job("Traces.exe", _harness("Traces", "Line"), [CORE]),
            Job("Device.exe", _harness("Device", "Line"), [CORE]),
            Job("Speed.exe", _harness("Speed"), [CORE]),
            engine(),
            unity(),
            Job(
                "Loop.exe",
                _harness("Loop", "Stage", "Studio", "Faces", "Faults", "Ears", "Microphones", "Bodies", "Rooms"),
                [CORE, ENGINE, UNITY],
            ),
        ]
    )
