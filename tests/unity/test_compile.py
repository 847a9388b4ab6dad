"""The package compiles without a warning as C# 8 and C# 9, for every platform; and a misspelt call does not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from testkit.unity import programs
from testkit.unity.toolchain import OUT, PACKAGE, Job, compile_all, compile_newer, sources

# What Unity defines on each platform, in the versions at both ends of what the package promises.
PLATFORMS = {
    "editor": (
        "UNITY_EDITOR",
        "UNITY_EDITOR_WIN",
        "UNITY_STANDALONE",
        "UNITY_2022_3_OR_NEWER",
        "ENABLE_LEGACY_INPUT_MANAGER",
    ),
    "android": ("UNITY_ANDROID", "UNITY_2022_3_OR_NEWER", "ENABLE_INPUT_SYSTEM", "ENABLE_IL2CPP"),
    "ios": (
        "UNITY_IOS",
        "UNITY_2022_3_OR_NEWER",
        "UNITY_6000_0_OR_NEWER",
        "ENABLE_LEGACY_INPUT_MANAGER",
        "ENABLE_IL2CPP",
    ),
    "webgl": ("UNITY_WEBGL", "UNITY_2022_3_OR_NEWER", "ENABLE_LEGACY_INPUT_MANAGER", "ENABLE_IL2CPP"),
    "desktop": (
        "UNITY_STANDALONE",
        "UNITY_STANDALONE_WIN",
        "UNITY_2022_3_OR_NEWER",
        "UNITY_6000_0_OR_NEWER",
        "ENABLE_IL2CPP",
    ),
}


def _all(defines: tuple[str, ...], language: str, prefix: str) -> list[Job]:
    return [
        programs.core(language, prefix),
        programs.engine(defines, language, prefix),
        programs.unity(defines, language, prefix),
    ]


@pytest.fixture(scope="module")
def folders(compilers: None) -> None:
    for name in PLATFORMS:
        (OUT / name).mkdir(parents=True, exist_ok=True)


def test_c_sharp_8_on_every_platform(folders: None) -> None:
    jobs = [job for name, defines in PLATFORMS.items() for job in _all(defines, "8", f"{name}/")]
    result = compile_all(jobs)
    assert result.clean, result.told


def test_c_sharp_9(built: None, newer_compiler: None) -> None:
    (OUT / "newer").mkdir(exist_ok=True)
    jobs = [*_all(PLATFORMS["editor"], "9", "newer/"), programs.brought_along("9", "newer/")]
    result = compile_newer(jobs)
    assert result.clean, result.told


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("SetBlendShapeWeight", "SetBlendShapeWeigth", "CS1061"),
        ("AudioSettings.outputSampleRate", "AudioSettings.outputSamplingRate", "CS0117"),
        ("Microphone.GetPosition(_name)", "Microphone.GetPosition()", "CS7036"),
    ],
)
def test_a_misspelt_call_does_not_compile(built: None, tmp_path: Path, right: str, wrong: str, code: str) -> None:
    changed, found = [], 0
    for path in sources(PACKAGE / "Runtime" / "Unity"):
        text = path.read_text(encoding="utf-8")
        found += text.count(right)
        copy = tmp_path / path.name
        copy.write_text(text.replace(right, wrong), encoding="utf-8")
        changed.append(copy)
    assert found, f"{right} is not used any more: choose another"
    result = compile_all([Job("Misspelt.dll", changed, [programs.CORE, programs.ENGINE], programs.PLAYER)])
    assert not result.clean
    assert code in result.told


def test_the_core_knows_no_engine() -> None:
    for path in sources(PACKAGE / "Runtime" / "Core"):
        text = path.read_text(encoding="utf-8")
        assert "UnityEngine" not in text, path
        assert not re.search(r"System\.Reflection|\bdynamic\b|\brecord (struct|class) |\binit;", text), (
            f"{path}: not for IL2CPP"
        )
