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
FOREIGN = {"UnityEngine.TestRunner", "UnityEditor.TestRunner", "VRM10", "UniTask"}


def _read(path: Path) -> dict[str, object]:
    found = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def test_there_are_four_samples() -> None:
    assert [path.name for path in SAMPLES] == [
        "01 Talking Head",
        "02 Tool Calls",
        "03 Two Companions",
        "04 Quest Push-to-Talk",
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


@pytest.mark.parametrize(
    ("assembly", "package"),
    [("CompanionBridge.Vrm", "com.vrmc.vrm"), ("CompanionBridge.UniTask", "com.cysharp.unitask")],
)
def test_an_optional_assembly_waits_for_its_package(assembly: str, package: str) -> None:
    told = _read(next(path for path in ASMDEFS if path.stem == assembly))
    assert [each["name"] for each in told["versionDefines"]] == [package]  # type: ignore[attr-defined]
    assert told["defineConstraints"] == [each["define"] for each in told["versionDefines"]]  # type: ignore[attr-defined]


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
