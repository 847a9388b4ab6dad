"""The package as Unity's package manager sees it: assembly definitions, manifest, samples. For .meta: test_samples."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from testkit.unity.toolchain import PACKAGE, ROOT

UNITYS_OWN = ("Unity", "UnityEngine", "UnityEditor", "VRM10", "UniTask", "UniGLTF", "VRMShaders", "glTFast")
# Modules of Unity that a project may have switched off, and what of the package's code needs each.
MODULES = {
    "com.unity.modules.androidjni": r"\bAndroidJavaObject\b",
    "com.unity.modules.animation": r"\bAnimator\b",
    "com.unity.modules.audio": r"\bAudioSource\b",
    "com.unity.modules.imgui": r"\bOnGUI\b",
    "com.unity.modules.physics": r"\bCollider\b",
    "com.unity.modules.unitywebrequest": r"\bUnityWebRequest\b",
    "com.unity.modules.unitywebrequesttexture": r"\bUnityWebRequestTexture\b",
    "com.unity.modules.xr": r"UnityEngine\.XR\b",
}
# Modules whose classes nothing here may use without a line above.
OTHERS = {
    "director": r"UnityEngine\.Playables\b",
    "jsonserialize": r"\bJsonUtility\b",
    "particlesystem": r"\bParticleSystem\b",
    "physics2d": r"\bCollider2D\b",
    "screencapture": r"\bScreenCapture\b",
    "ui": r"\bCanvas\b",
    "uielements": r"UnityEngine\.UIElements\b",
    "video": r"\bVideoPlayer\b",
}


def _manifest() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((PACKAGE / "package.json").read_text(encoding="utf-8"))
    return loaded


def _assemblies() -> dict[Path, dict[str, Any]]:
    return {path: json.loads(path.read_text(encoding="utf-8")) for path in sorted(PACKAGE.rglob("*.asmdef"))}


def test_git_ignores_no_part_of_the_package() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--ignored", "--exclude-standard", "unity_client_sample"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    assert not listed.stdout.strip(), "git ignores a part of the package"


def test_the_manifest_says_what_is_there() -> None:
    manifest = _manifest()
    assert re.fullmatch(r"[a-z0-9.-]+", manifest["name"])
    assert re.fullmatch(r"\d+\.\d+\.\d+", manifest["version"])
    for key in ("documentationUrl", "changelogUrl", "licensesUrl"):
        assert manifest[key].startswith("https://github.com/companion-bridge/companion-bridge/blob/main/"), key
        assert (ROOT / manifest[key].split("/blob/main/")[1]).is_file(), key
    assert manifest["unity"] == "2022.3"
    for sample in manifest["samples"]:
        assert (PACKAGE / sample["path"]).is_dir(), sample
    version = (PACKAGE / "Runtime" / "Unity" / "CompanionVersion.cs").read_text(encoding="utf-8")
    assert f'"{manifest["version"]}"' in version
    for name in ("README.md", "CHANGELOG.md"):
        assert (PACKAGE / name).is_file(), name
    assert f"[{manifest['version']}]" in (PACKAGE / "CHANGELOG.md").read_text(encoding="utf-8")
    folders = {path.name for path in (PACKAGE / "Samples~").iterdir() if path.is_dir()}
    assert folders == {Path(sample["path"]).name for sample in manifest["samples"]}


def test_the_manifest_depends_on_the_modules_that_are_used() -> None:
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("Runtime", "Editor")
        for path in (PACKAGE / folder).rglob("*.cs")
    )
    assert set(_manifest()["dependencies"].values()) == {"1.0.0"}, "as every module of Unity is numbered"
    assert {name for name, used in MODULES.items() if re.search(used, code)} == set(_manifest()["dependencies"])
    assert not [name for name, used in OTHERS.items() if re.search(used, code)]


def test_assemblies_refer_to_each_other() -> None:
    assemblies = _assemblies()
    names = [each["name"] for each in assemblies.values()]
    assert len(set(names)) == len(names)
    for path, each in assemblies.items():
        for reference in each["references"]:
            assert reference in names or reference.startswith(UNITYS_OWN), f"{path}: {reference}"


def test_every_source_belongs_to_an_assembly() -> None:
    folders = {path.parent for path in _assemblies()}
    for path in PACKAGE.rglob("*.cs"):
        assert folders & set(path.parents), path


def test_the_core_has_no_engine_and_the_tests_are_not_shipped() -> None:
    by_name = {each["name"]: each for each in _assemblies().values()}
    core = by_name["CompanionBridge.Core"]
    assert core["noEngineReferences"] is True
    assert core["references"] == []
    for name, each in by_name.items():
        if ".Tests" in name:
            assert each["defineConstraints"] == ["UNITY_INCLUDE_TESTS"], name
        if name.endswith(".Editor"):
            assert each["includePlatforms"] == ["Editor"], name
