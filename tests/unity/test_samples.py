"""The parts of the package that people import: samples and documentation are complete and fit together."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from testkit.unity.toolchain import PACKAGE
from tests.unity import metas

SAMPLES = sorted(path for path in (PACKAGE / "Samples~").iterdir() if path.is_dir())
ASMDEFS = sorted(PACKAGE.rglob("*.asmdef"))
# Assemblies of Unity, of UniVRM and of UniTask.
FOREIGN = {
    "UnityEngine.TestRunner",
    "UnityEditor.TestRunner",
    "VRM10",
    "UniTask",
    "Unity.InputSystem",
    "Unity.TextMeshPro",
    "Unity.Timeline",
    "Unity.XR.Interaction.Toolkit",
    "Unity.XR.ARFoundation",
    "Unity.XR.ARSubsystems",
    "glTFast",
}
# Optional assemblies, and the packages of which any wakes them.
OPTIONAL = {
    "CompanionBridge.Vrm": {"com.vrmc.vrm"},
    "CompanionBridge.UniTask": {"com.cysharp.unitask"},
    "CompanionBridge.InputSystem": {"com.unity.inputsystem"},
    "CompanionBridge.Editor.InputSystem": {"com.unity.inputsystem"},
    "CompanionBridge.Samples.TextSubtitles": {"com.unity.textmeshpro", "com.unity.ugui"},
    "CompanionBridge.Samples.Timeline": {"com.unity.timeline"},
    "CompanionBridge.Samples.Interaction": {"com.unity.xr.interaction.toolkit"},
    "CompanionBridge.Samples.AR": {"com.unity.xr.arfoundation"},
    "CompanionBridge.Samples.SculptedHead": {"com.unity.cloud.gltfast"},
}


def _read(path: Path) -> dict[str, object]:
    found = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_the_samples_that_are_promised() -> None:
    assert [path.name for path in SAMPLES] == [
        "01 Talking Head",
        "02 Tool Calls",
        "03 Two Companions",
        "04 Quest Push-to-Talk",
        "05 TextMeshPro Subtitles",
        "06 Timeline",
        "07 XR Interaction Toolkit",
        "08 AR Foundation",
        "09 Room in VR",
        "10 Sculpted Head",
    ]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_a_sample_is_whole(sample: Path) -> None:
    assert len(list(sample.glob("*.asmdef"))) == 1
    assert len(list((sample / "Editor").glob("*.asmdef"))) == 1
    assert "[MenuItem(" in "".join(path.read_text(encoding="utf-8") for path in (sample / "Editor").glob("*.cs"))
    title = re.search(
        r'MenuItem\("Tools/Companion Bridge/Samples/([^"]+)"',
        next((sample / "Editor").glob("*.cs")).read_text(encoding="utf-8"),
    )
    assert title
    assert title[1] in (sample / "README.md").read_text(encoding="utf-8")
    # Scenes are built by code: nothing here was made by an editor.
    assert not [path for path in sample.rglob("*") if path.suffix in {".unity", ".prefab", ".asset", ".mat", ".png"}]


@pytest.mark.parametrize("path", ASMDEFS, ids=lambda path: path.stem)
def test_an_assembly_refers_to_what_is_there(path: Path) -> None:
    names = {_read(each)["name"] for each in ASMDEFS}
    told = _read(path)
    assert told["name"] == path.stem
    references = told["references"]
    assert isinstance(references, list)
    assert set(references) <= names | FOREIGN
    if "Editor" in path.relative_to(PACKAGE).parts[:-1] or path.parent.name == "Layer":
        assert told["includePlatforms"] == ["Editor"]


def _optional() -> list[Path]:
    return [path for path in ASMDEFS if path.stem.removesuffix(".Editor") in OPTIONAL]


@pytest.mark.parametrize("path", _optional(), ids=lambda path: path.stem)
def test_an_optional_assembly_waits_for_its_package(path: Path) -> None:
    told = _read(path)
    versions, constraints = told["versionDefines"], told["defineConstraints"]
    assert isinstance(versions, list)
    assert isinstance(constraints, list)
    assert {each["name"] for each in versions} == OPTIONAL[path.stem.removesuffix(".Editor")]
    assert constraints[0] in {each["define"] for each in versions}
    # The Input System's assembly also wants it switched on in the Player Settings.
    assert constraints[1:] == (["ENABLE_INPUT_SYSTEM"] if "InputSystem" in path.stem else [])


def test_what_stands_on_a_package_is_optional() -> None:
    packages = FOREIGN - {"UnityEngine.TestRunner", "UnityEditor.TestRunner"}
    stand = {path for path in ASMDEFS if packages & set(_read(path)["references"])}  # type: ignore[call-overload]
    assert {path.stem for path in stand} <= {path.stem for path in _optional()}


def test_pages_link_to_what_is_there() -> None:
    pages = [PACKAGE / "README.md", PACKAGE / "CHANGELOG.md", *(PACKAGE / "Documentation~").glob("*.md")]
    assert len(pages) >= 4
    for page in pages:
        for link in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link.replace("%20", " ")).exists(), f"{page.name}: {link}"


def test_pages_name_menus_that_are_there() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.cs"))
    menus = set(re.findall(r'MenuItem\("([^"]+)"', code)) | set(re.findall(r'const string Menu = "([^"]+)"', code))
    for page in [PACKAGE / "README.md", *(PACKAGE / "Documentation~").glob("*.md")]:
        for told in re.findall(r"\*((?:Tools|GameObject) > Companion[^*]+)\*", page.read_text(encoding="utf-8")):
            assert told.replace(" > ", "/").replace("Samples/…", "Samples/Sample Talking Head") in menus, (
                f"{page.name}: {told}"
            )


def test_everything_has_its_meta() -> None:
    told = {path: metas.beside(path) for path in metas.assets()}
    missing = [str(path.relative_to(PACKAGE)) for path, meta in told.items() if not meta.is_file()]
    assert not missing, f"run python -m tests.unity.metas: {missing}"
    stray = [str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.meta") if path not in told.values()]
    assert not stray, stray


def test_no_two_assets_have_one_guid() -> None:
    guids = re.findall(
        r"^guid: ([0-9a-f]{32})$",
        "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.meta")),
        re.MULTILINE,
    )
    assert len(guids) == len(list(PACKAGE.rglob("*.meta")))
    assert len(set(guids)) == len(guids)
