"""Unity's .meta files of the package: `python -m tests.unity.meta` writes those that are missing and removes orphans.

Unity ignores a file of a package that has none. Its GUID is made of the file's path, so that it never changes by chance.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.unity.toolchain import PACKAGE

IMPORTERS = {
    ".cs": "MonoImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n  executionOrder: 0\n"
    "  icon: {instanceID: 0}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n",
    ".asmdef": "AssemblyDefinitionImporter:\n  externalObjects: {}\n  userData: \n  assetBundleName: \n"
    "  assetBundleVariant: \n",
    ".json": "TextScriptImporter:\n  externalObjects: {}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n",
    ".md": "TextScriptImporter:\n  externalObjects: {}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n",
    ".jslib": "PluginImporter:\n  externalObjects: {}\n  serializedVersion: 2\n  iconMap: {}\n  executionOrder: {}\n"
    "  defineConstraints: []\n  isPreloaded: 0\n  isOverridable: 0\n  isExplicitlyReferenced: 0\n"
    "  validateReferences: 1\n  platformData:\n  - first:\n      Any: \n    second:\n      enabled: 0\n"
    "      settings: {}\n  - first:\n      Editor: Editor\n    second:\n      enabled: 0\n      settings:\n"
    "        DefaultValueInitialized: true\n  - first:\n      WebGL: WebGL\n    second:\n      enabled: 1\n"
    "      settings: {}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n",
}
PACKAGE_JSON = "PackageManifestImporter:\n  externalObjects: {}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
OTHER = "DefaultImporter:\n  externalObjects: {}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n"


def assets(package: Path = PACKAGE) -> list[Path]:
    """Every file and folder that needs a .meta. Folders that end with ~ need none, what lies in Samples~ does."""
    found = []
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        hidden = any(part.startswith(".") for part in parts)
        if hidden or path.suffix == ".meta" or path.name.endswith("~") or parts[0] == "Documentation~":
            continue
        found.append(path)
    return found


def meta_of(path: Path) -> Path:
    """Where the .meta of an asset lies."""
    return path.with_name(path.name + ".meta")


def guid(path: Path, package: Path = PACKAGE) -> str:
    """32 hexadecimal digits that belong to this path of this package."""
    name = f"com.companion-bridge.client/{path.relative_to(package).as_posix()}"
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def content(path: Path, package: Path = PACKAGE) -> str:
    """The .meta of an asset."""
    head = f"fileFormatVersion: 2\nguid: {guid(path, package)}\n"
    if path.is_dir():
        return f"{head}folderAsset: yes\n{OTHER}"
    if path.name == "package.json":
        return head + PACKAGE_JSON
    return head + IMPORTERS.get(path.suffix, OTHER)


def main() -> None:
    """Writes and removes."""
    wanted = {meta_of(path): content(path) for path in assets()}
    for path, text in wanted.items():
        if not path.exists():
            path.write_text(text, encoding="utf-8")
    for path in PACKAGE.rglob("*.meta"):
        if path not in wanted:
            path.unlink()


if __name__ == "__main__":
    main()
