"""The assemblies above the components, with their stubs and their tests, as jobs of the compiler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from testkit.unity.toolchain import HERE, PACKAGE, Job, sources

STUBS = HERE / "stubs"
ALWAYS = ("UNITY_2022_3_OR_NEWER",)
PLATFORMS: dict[str, tuple[str, ...]] = {
    "editor": ("UNITY_EDITOR", "ENABLE_LEGACY_INPUT_MANAGER"),
    "editor6": ("UNITY_EDITOR", "UNITY_IOS", "UNITY_2023_1_OR_NEWER", "UNITY_6000_0_OR_NEWER", "ENABLE_INPUT_SYSTEM"),
    "desktop": ("UNITY_STANDALONE", "ENABLE_LEGACY_INPUT_MANAGER"),
    "android": ("UNITY_ANDROID", "ENABLE_INPUT_SYSTEM"),
    "ios": ("UNITY_IOS", "ENABLE_LEGACY_INPUT_MANAGER"),
    "webgl": ("UNITY_WEBGL", "ENABLE_LEGACY_INPUT_MANAGER"),
}
CORE = "core.dll"
OWN = ("demo.dll", "vrm.dll", "unitask.dll", "editor.dll", "samples.dll")
NEEDS = (CORE, "engine.dll", "unity.dll", "demo.dll")


def jobs(platform: str, *, language: str = "8", name: str = "") -> list[Job]:
    """Every assembly of the layer for a platform, after those that it stands on."""
    extra = PLATFORMS[platform]
    defines = [*ALWAYS, *extra]
    stem = name or f"layer.{platform}"
    core = f"{name or 'layer'}.core.dll"  # knows no engine, so one serves every platform
    editor = "UNITY_EDITOR" in extra

    def job(out: str, folders: Sequence[str], needs: Sequence[str] = (), *, stub: bool = False) -> Job:
        base = STUBS if stub else PACKAGE
        files = sources(*(base / each for each in folders))
        if not editor:
            files = [path for path in files if "Editor" not in path.parts]
        return Job(
            f"{stem}.{out}", files, [core if each == CORE else f"{stem}.{each}" for each in needs], defines, language
        )

    built = [
        Job(core, sources(PACKAGE / "Runtime" / "Core"), language=language),
        job("engine.dll", ["UnityEngine"], stub=True),
        job("unity.dll", ["Runtime/Unity"], [CORE, "engine.dll"]),
        job("demo.dll", ["Runtime/Demo"], [CORE, "engine.dll", "unity.dll"]),
        job("packages.dll", ["Packages"], ["engine.dll"], stub=True),
        job("vrm.dll", ["Runtime/Unity.Vrm"], [CORE, "engine.dll", "unity.dll", "packages.dll"]),
        job("unitask.dll", ["Runtime/Unity.UniTask"], [CORE, "engine.dll", "unity.dll", "packages.dll"]),
    ]
    if editor:
        built += [
            job("unityeditor.dll", ["UnityEditor"], ["engine.dll"], stub=True),
            job("editor.dll", ["Editor"], [*NEEDS, "unityeditor.dll"]),
        ]
    above = ["unityeditor.dll", "editor.dll"] if editor else []
    return [*built, job("samples.dll", ["Samples~"], [*NEEDS, *above])]


def tests() -> list[Job]:
    """The layer and what is executed of it: the package's tests, those that need the stub, and the server probe."""
    layer = jobs("editor", name="layer.run")
    defines = layer[1].defines
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
