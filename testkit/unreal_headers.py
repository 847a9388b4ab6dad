"""What stands in for Unreal's header tool and its headers, so that the plugin's glue can be read by a compiler.

Each `X.generated.h` is made from the plugin's header, as the header tool makes it: the macro of each GENERATED_BODY
line declares `Super`, `ThisClass` and `StaticClass`. Each header of the engine that the plugin may include leads to one
stub.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

MODULES: Final = ("CompanionBridge", "CompanionBridgeEditor", "CompanionLiveLink")
# What may be included of the engine. A header that is not here does not exist, as far as the check knows.
ENGINE: Final = (
    "Animation/AnimInstance.h", "Animation/AnimInstanceProxy.h", "Animation/AnimNodeBase.h", "AnimGraphNode_Base.h",
    "AndroidPermissionFunctionLibrary.h", "AudioCaptureCore.h", "Components/ActorComponent.h",
    "Components/AudioComponent.h", "Components/SkeletalMeshComponent.h", "Components/SynthComponent.h",
    "Containers/StringConv.h", "CoreMinimal.h", "Engine/GameInstance.h", "Engine/World.h",
    "Features/IModularFeatures.h", "GameFramework/Actor.h", "HAL/PlatformTime.h", "ILiveLinkClient.h",
    "ILiveLinkSource.h", "IWebSocket.h", "Modules/ModuleManager.h", "Roles/LiveLinkBasicRole.h",
    "Roles/LiveLinkBasicTypes.h", "Sound/SoundGenerator.h", "Subsystems/GameInstanceSubsystem.h", "Tickable.h",
    "WebSocketsModule.h",
)  # fmt: skip

_TYPE = re.compile(
    r"^(?:class|struct)\s+(?:\w+_API\s+)?(?P<name>\w+)(?:\s+final)?(?:\s*:\s*public\s+(?P<base>\w+))?", re.MULTILINE
)
_BODY = re.compile(r"^\s*GENERATED_BODY\(\)", re.MULTILINE)
_INCLUDE = re.compile(r'^#include "([^"]+)"', re.MULTILINE)
_REFLECTED = re.compile(r"^(UCLASS|USTRUCT|UENUM)\(", re.MULTILINE)
_HELD = re.compile(r"^\t(?:TObjectPtr<)?[UA][A-Z]\w+(?:\*|>)\s*\w+.*;", re.MULTILINE)


def generated(header: Path) -> str:
    """Return what the header tool would make of a header, as far as the plugin uses it."""
    text = header.read_text(encoding="utf-8")
    lines = ["#pragma once"]
    for body in _BODY.finditer(text):
        owner = [found for found in _TYPE.finditer(text) if found.start() < body.start()][-1]
        number = text.count("\n", 0, text.index("GENERATED_BODY", body.start())) + 1
        parts = [f"public: typedef {owner['name']} ThisClass;", "static UClass* StaticClass();"]
        if owner["base"]:
            parts.append(f"typedef {owner['base']} Super;")
        if owner["name"].startswith("U"):
            parts.append("private:")
        lines += [f"#undef GENERATED_LINE_{number}", f"#define GENERATED_LINE_{number} {' '.join(parts)}"]
    return "\n".join(lines) + "\n"


def write(plugin: Path, stub: Path, into: Path) -> None:
    """Fill a folder with the engine's headers and the generated ones."""
    for name in ENGINE:
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#include "{stub}"\n', encoding="utf-8")
    for header in headers(plugin):
        (into / f"{header.stem}.generated.h").write_text(generated(header), encoding="utf-8")


def headers(plugin: Path) -> list[Path]:
    """Return the headers of the modules that know the engine."""
    return sorted(path for module in MODULES for path in (plugin / "Source" / module).rglob("*.h"))


def faults(header: Path) -> Iterator[str]:
    """Say what the header tool would not take."""
    text = header.read_text(encoding="utf-8")
    if not _REFLECTED.search(text):
        return
    includes = _INCLUDE.findall(text)
    own = f"{header.stem}.generated.h"
    if own not in includes:
        yield f"{header.name} does not include {own}"
    elif includes[-1] != own:
        yield f"{header.name} includes {includes[-1]} after {own}"
    for kind in re.finditer(r"^(UCLASS|USTRUCT)\(.*\)\n(.*)\n\{\n(.*)\n", text, re.MULTILINE):
        if kind[3].strip() != "GENERATED_BODY()":
            yield f"{header.name}: {kind[2].strip()} does not begin with GENERATED_BODY()"
    for found in re.finditer(r"^UCLASS\(.*\)\nclass (?:\w+_API )?(\w+)", text, re.MULTILINE):
        if found[1][0] not in "UA":
            yield f"{header.name}: {found[1]} is a class whose name begins with neither U nor A"
    for held in _HELD.finditer(text):
        before = text[: held.start()].rstrip().splitlines()[-1].strip()
        if not before.startswith("UPROPERTY("):
            yield f"{header.name} holds an object without UPROPERTY: {held[0].strip()}"
