"""The plugin's glue: read by a compiler against stubs of the engine, and held to the rules of its header tool.

No engine is at hand: neither the header tool nor the build tool was ever run. These tests catch a wrong name, a wrong
type, a missing include and what the header tool refuses; they do not show that the plugin runs.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from testkit import unreal
from testkit.unity.toolchain import Job, compile_all
from testkit.unreal_headers import MODULES, faults, headers, write
from tests.unity.conftest import need

HERE = Path(__file__).parent
STUB = HERE / "stubs" / "engine.h"
SOURCE = unreal.PLUGIN / "Source"
FLAGS = ("-std=c++20", "-fno-exceptions", "-fno-rtti", "-fsyntax-only", "-Wall", "-Wextra", "-Werror")
# Of declarations that do nothing.
QUIET = ("-Wno-unused-parameter", "-Wno-unused-variable", "-Wno-unused-but-set-parameter")
OLDEST, NEWEST = 5, 8  # minor versions


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of headers that stand in for the engine's."""
    need(unreal.missing())
    folder = tmp_path_factory.mktemp("engine")
    write(unreal.PLUGIN, STUB, folder)
    return folder


def read(source: Path, engine: Path, minor: int, *more: str) -> subprocess.CompletedProcess[str]:
    """Have a compiler read a file of the glue."""
    folders = [f"-I{SOURCE / module / side}" for module in MODULES for side in ("Public", "Private")]
    command = ["g++", *FLAGS, *QUIET, f"-DENGINE_MINOR_VERSION={minor}", f"-I{engine}", f"-I{unreal.CORE / 'Public'}"]
    return subprocess.run(
        [*command, *folders, *more, str(source)], capture_output=True, text=True, timeout=300, check=False
    )


def glue() -> list[Path]:
    return sorted(path for module in MODULES for path in (SOURCE / module).rglob("*.cpp"))


@pytest.mark.parametrize("source", glue(), ids=lambda path: path.stem)
def test_a_compiler_reads_the_glue(source: Path, engine: Path) -> None:
    done = read(source, engine, OLDEST)
    assert done.returncode == 0, done.stderr


def test_a_newer_engine_reads_every_header(engine: Path, tmp_path: Path) -> None:
    all_of_them = tmp_path / "all.cpp"
    names = [header.name for header in headers(unreal.PLUGIN)]
    all_of_them.write_text("".join(f'#include "{name}"\n' for name in names), encoding="utf-8")
    done = read(all_of_them, engine, NEWEST)
    assert done.returncode == 0, done.stderr


def test_the_rules_of_the_build_are_c_sharp(compilers: None) -> None:
    rules = sorted(SOURCE.rglob("*.Build.cs"))
    assert len(rules) == 4
    result = compile_all([Job("UnrealRules.dll", [HERE / "stubs" / "UnrealBuildTool.cs", *rules])])
    assert result.clean, result.told


def test_android_is_read_too(engine: Path) -> None:
    done = read(SOURCE / "CompanionBridge/Private/CompanionMicrophone.cpp", engine, OLDEST, "-DPLATFORM_ANDROID=1")
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("file", "right", "wrong"),
    [
        ("CompanionBridge/Private/CompanionSocket.cpp", "OnBinaryMessage()", "OnBinaryMesage()"),
        ("CompanionBridge/Private/CompanionVoiceComponent.cpp", "PlayWhenSilent", "PlayWhenMuted"),
        (
            "CompanionBridge/Private/AnimNode_CompanionFace.cpp",
            "Output.Curve.Set(Names[Index]",
            "Output.Curve.Set(Index",
        ),
        ("CompanionLiveLink/Private/CompanionLiveLinkSource.cpp", "Data.PropertyValues", "Data.PropertyNames"),
        ("CompanionBridge/Private/CompanionMicrophone.cpp", "double, bool)", "double)"),
        ("CompanionBridge/Private/CompanionSubsystem.cpp", '"HAL/PlatformTime.h"', '"Hal/PlatformTimes.h"'),
    ],
)
def test_a_wrong_name_or_type_is_caught(file: str, right: str, wrong: str, engine: Path, tmp_path: Path) -> None:
    text = (SOURCE / file).read_text(encoding="utf-8")
    assert right in text
    changed = tmp_path / Path(file).name
    changed.write_text(text.replace(right, wrong), encoding="utf-8")
    assert read(changed, engine, OLDEST).returncode != 0


def test_the_header_tool_would_take_every_header() -> None:
    assert [fault for header in headers(unreal.PLUGIN) for fault in faults(header)] == []


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('\n#include "CompanionVoiceComponent.generated.h"\n', "\n", "does not include"),
        ('generated.h"\n', 'generated.h"\n#include "CoreMinimal.h"\n', "after"),
        ("\tGENERATED_BODY()\n", "", "does not begin"),
        ("\tGENERATED_BODY()\n", "\tGENERATED_BODY()\n\n\tUSoundBase* Sound;\n", "without UPROPERTY"),
    ],
)
def test_what_the_header_tool_refuses_is_told(right: str, wrong: str, told: str, tmp_path: Path) -> None:
    header = SOURCE / "CompanionBridge/Public/CompanionVoiceComponent.h"
    changed = tmp_path / header.name
    changed.write_text(header.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    assert any(told in fault for fault in faults(changed))


def test_the_descriptor_names_every_module() -> None:
    plugin = json.loads((unreal.PLUGIN / "CompanionBridge.uplugin").read_text(encoding="utf-8"))
    assert plugin["FileVersion"] == 3
    named = {module["Name"]: module["Type"] for module in plugin["Modules"]}
    assert named == {
        "CompanionCore": "Runtime", "CompanionBridge": "Runtime", "CompanionLiveLink": "Runtime",
        "CompanionBridgeEditor": "UncookedOnly",
    }  # fmt: skip
    for name in named:
        rules = (SOURCE / name / f"{name}.Build.cs").read_text(encoding="utf-8")
        assert f"public class {name} : ModuleRules" in rules
        implemented = [
            path for path in (SOURCE / name).rglob("*.cpp") if f", {name})" in path.read_text(encoding="utf-8")
        ]
        assert len(implemented) == 1, f"{name} implements its module {len(implemented)} times"


def test_the_core_knows_no_engine() -> None:
    allowed = {"CompanionCoreModule.cpp"}
    for path in [*unreal.CORE.rglob("*.h"), *unreal.CORE.rglob("*.cpp")]:
        if path.name in allowed:
            continue
        text = path.read_text(encoding="utf-8")
        assert "CoreMinimal" not in text
        for line in text.splitlines():
            assert not line.startswith('#include "') or line.startswith('#include "Companion/'), f"{path.name}: {line}"
