"""The `.meta` files that Unity wants beside each file and folder: `python -m tests.unity.metas` writes them.

A package from a git URL lies in an immutable folder, where Unity ignores what has none. The GUID is the MD5 of the path
in the package, so that it never changes and references to it hold.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

from testkit.unity.toolchain import PACKAGE

_USER_DATA = "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
_SCRIPT = (
    "MonoImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n  executionOrder: 0\n"
    "  icon: {instanceID: 0}\n"
)
_PLUGIN = (
    "PluginImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  iconMap: {}\n  executionOrder: {}\n"
    "  defineConstraints: []\n  isPreloaded: 0\n  isOverridable: 0\n  isExplicitlyReferenced: 0\n"
    "  validateReferences: 1\n  platformData:\n  - first:\n      Any: \n    second:\n"
    "      enabled: 0\n      settings: {}\n  - first:\n      Editor: Editor\n    second:\n      enabled: 0\n"
    "      settings:\n        DefaultValueInitialized: true\n"
    "  - first:\n      WebGL: WebGL\n    second:\n      enabled: 1\n      settings: {}\n"
)
_IOS = _PLUGIN.replace("WebGL: WebGL", "iPhone: iOS").replace(
    "enabled: 1\n      settings: {}", "enabled: 1\n      settings:\n        FrameworkDependencies: AudioToolbox;"
)
_IMPORTERS = {
    ".cs": _SCRIPT,
    ".asmdef": "AssemblyDefinitionImporter:\n  externalObjects: {}\n",
    ".jslib": _PLUGIN,
    ".c": _IOS,
    ".md": "TextScriptImporter:\n  externalObjects: {}\n",
    ".xml": "TextScriptImporter:\n  externalObjects: {}\n",
}


def assets() -> Iterator[Path]:
    """Files and folders that Unity sees, now or when a sample is imported; not hidden ones nor the `~` folders."""
    for path in sorted(PACKAGE.rglob("*")):
        parts = path.relative_to(PACKAGE).parts
        if path.suffix == ".meta" or any(part.startswith(".") for part in parts):
            continue
        if parts[-1].endswith("~") or parts[0] == "Documentation~":
            continue
        yield path


def guid(path: Path) -> str:
    """32 hexadecimal digits for a path below the package."""
    return hashlib.md5(path.relative_to(PACKAGE).as_posix().encode(), usedforsecurity=False).hexdigest()


def text(path: Path) -> str:
    """What belongs into the path's `.meta`."""
    if path.is_dir():
        how = "folderAsset: yes\nDefaultImporter:\n  externalObjects: {}\n"
    elif path.name == "package.json":
        how = "PackageManifestImporter:\n  externalObjects: {}\n"
    else:
        how = _IMPORTERS[path.suffix]
    return f"fileFormatVersion: 2\nguid: {guid(path)}\n{how}{_USER_DATA}"


def beside(path: Path) -> Path:
    """The path's `.meta`."""
    return path.with_name(path.name + ".meta")


def main() -> int:
    """Write what is missing, remove what belongs to nothing; a `.meta` that is there is left as it is."""
    wanted = {beside(path): path for path in assets()}
    for meta, path in wanted.items():
        if not meta.exists():
            meta.write_text(text(path), encoding="utf-8")
    for meta in PACKAGE.rglob("*.meta"):
        if meta not in wanted:
            meta.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
