"""The assemblies above the components, with their stubs and their tests, as jobs of the compiler."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from testkit.unity.toolchain import HERE, PACKAGE, Job, sources

STUBS = HERE / "stubs"
# What each version of Unity defines, the older ones' symbols included.
_2022 = ("UNITY_2021_3_OR_NEWER", "UNITY_2022_1_OR_NEWER", "UNITY_2022_2_OR_NEWER", "UNITY_2022_3_OR_NEWER")
_6000_0 = (*_2022, "UNITY_2023_1_OR_NEWER", "UNITY_2023_2_OR_NEWER", "UNITY_2023_3_OR_NEWER", "UNITY_6000_0_OR_NEWER")
_6000_3 = (*_6000_0, "UNITY_6000_1_OR_NEWER", "UNITY_6000_2_OR_NEWER", "UNITY_6000_3_OR_NEWER")
VERSIONS: dict[str, tuple[str, ...]] = {
    "2022.3": ("UNITY_2022_3", *_2022),
    "6000.0": ("UNITY_6000_0", "COMPANION_XRI_3", *_6000_0),
    "6000.3": ("UNITY_6000_3", "COMPANION_XRI_3", "COMPANION_GLTFAST_7", *_6000_3),
}
# What it defines for what it builds; either input system, and both.
PLATFORMS: dict[str, tuple[str, ...]] = {
    "editor": (
        "UNITY_EDITOR",
        "UNITY_EDITOR_WIN",
        "UNITY_STANDALONE",
        "UNITY_STANDALONE_WIN",
        "ENABLE_LEGACY_INPUT_MANAGER",
    ),
    "editor for iOS": ("UNITY_EDITOR", "UNITY_EDITOR_OSX", "UNITY_IOS", "ENABLE_INPUT_SYSTEM"),
    "editor for Android": ("UNITY_EDITOR", "UNITY_ANDROID", "ENABLE_INPUT_SYSTEM", "ENABLE_LEGACY_INPUT_MANAGER"),
    "editor for the web": ("UNITY_EDITOR", "UNITY_WEBGL", "ENABLE_INPUT_SYSTEM"),
    "desktop": ("UNITY_STANDALONE", "UNITY_STANDALONE_LINUX", "ENABLE_LEGACY_INPUT_MANAGER", "ENABLE_MONO"),
    "desktop, IL2CPP": ("UNITY_STANDALONE", "UNITY_STANDALONE_WIN", "ENABLE_INPUT_SYSTEM", "ENABLE_IL2CPP"),
    "Android": ("UNITY_ANDROID", "ENABLE_INPUT_SYSTEM", "ENABLE_IL2CPP"),
    "iOS": ("UNITY_IOS", "ENABLE_LEGACY_INPUT_MANAGER", "ENABLE_IL2CPP"),
    "the web": ("UNITY_WEBGL", "ENABLE_LEGACY_INPUT_MANAGER", "ENABLE_INPUT_SYSTEM", "ENABLE_IL2CPP"),
}
CORE = "core.dll"
OWN = ("demo.dll", "vrm.dll", "unitask.dll", "inputsystem.dll", "editor.dll", "editor.inputsystem.dll", "samples.dll")
NEEDS = (CORE, "engine.dll", "unity.dll", "demo.dll")


def jobs(platform: str, version: str = "2022.3", *, language: str = "8", name: str = "") -> list[Job]:
    """Return every assembly of the package, after those that it stands on, with the stubs.

    Without a `name` each is named after the symbols that make a difference to it, so that one serves every platform
    and version for which it would be the same.
    """
    defines = [*VERSIONS[version], *PLATFORMS[platform]]
    editor = "UNITY_EDITOR" in defines
    known: dict[str, str] = {}

    def job(out: str, folders: Sequence[str], needs: Sequence[str] = (), *, stub: bool = False) -> Job:
        files = sources(*((STUBS if stub else PACKAGE) / each for each in folders))
        files = [path for path in files if editor or "Editor" not in path.parts]
        used = [each for each in defines if each in _symbols(tuple(files))]
        below = [known[each] for each in needs]
        mark = hashlib.sha256("|".join([*used, "-", *below, "-", *map(str, files), language]).encode()).hexdigest()[:8]
        known[out] = f"{name}.{out}" if name else f"layer.{mark}.{out}"
        return Job(known[out], files, below, used, language)

    built = [
        job(CORE, ["Runtime/Core"]),
        job("engine.dll", ["UnityEngine"], stub=True),
        job("unity.dll", ["Runtime/Unity"], [CORE, "engine.dll"]),
        job("demo.dll", ["Runtime/Demo"], NEEDS[:3]),
        job("packages.dll", ["Packages"], ["engine.dll"], stub=True),
        job("vrm.dll", ["Runtime/Unity.Vrm"], [*NEEDS[:3], "packages.dll"]),
        job("unitask.dll", ["Runtime/Unity.UniTask"], [*NEEDS[:3], "packages.dll"]),
        job("inputsystem.dll", ["Runtime/Unity.InputSystem"], [*NEEDS[:3], "packages.dll"]),
    ]
    above = ["unityeditor.dll", "editor.dll"] if editor else []
    if editor:
        own = [each.name for each in (PACKAGE / "Editor").iterdir() if each.is_dir() and each.name != "InputSystem"]
        built += [
            job("unityeditor.dll", ["UnityEditor"], ["engine.dll"], stub=True),
            job(
                "editor.dll",
                [f"Editor/{each}" for each in sorted(own)] + ["Editor/SceneObjects.cs"],
                [*NEEDS, "unityeditor.dll"],
            ),
            job("editor.inputsystem.dll", ["Editor/InputSystem"], [*NEEDS, "packages.dll", "inputsystem.dll", *above]),
        ]
    return [*built, job("samples.dll", ["Samples~"], [*NEEDS, "packages.dll", *above])]


@cache
def _symbols(files: tuple[Path, ...]) -> frozenset[str]:
    """Return the symbols that a condition of these files names."""
    lines = (line for path in files for line in path.read_text(encoding="utf-8").splitlines())
    conditions = (line for line in lines if re.match(r"\s*#\s*(el)?if\b", line))
    return frozenset(word for line in conditions for word in re.findall(r"\w+", line))


def tests() -> list[Job]:
    """The layer and what is executed of it: the package's tests, those that need the stub, and the server probe."""
    layer = jobs("editor", name="layer.run")
    defines = [*VERSIONS["2022.3"], *PLATFORMS["editor"]]
    everything = [each.out for each in layer]
    here = HERE / "harness"
    return [
        *layer,
        Job("layer.run.nunit.dll", [STUBS / "NUnit.cs"]),
        Job("layer.run.runner.exe", [here / "Runner.cs"], ["layer.run.nunit.dll"]),
        Job(
            "layer.run.tests.dll",
            [
                *sources(PACKAGE / "Tests" / "Layer"),
                here / "layer" / "LayerTests.cs",
                here / "layer" / "TalkTests.cs",
                here / "layer" / "CharacterTests.cs",
                here / "layer" / "SampleTests.cs",
                here / "Studio.cs",
            ],
            [*everything, "layer.run.nunit.dll"],
            defines,
        ),
        Job("layer.run.probe.exe", [here / "layer" / "ProbeMain.cs"], everything, defines),
    ]


def misspelt(job: Job, good: str, bad: str, folder: Path) -> Job:
    """The job with one word of one of its files misspelt, in a copy in `folder`."""
    for path in job.sources:
        text = path.read_text(encoding="utf-8")
        if good in text:
            copy = folder / path.name
            copy.write_text(text.replace(good, bad, 1), encoding="utf-8")
            return replace(job, out=f"bad.{job.out}", sources=[copy if each == path else each for each in job.sources])
    raise LookupError(f"no source of {job.out} says {good}")
