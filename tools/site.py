"""Builds the documentation site: `python -m tools.site OUT` (needs the extra `docs`).

The pages stay where they are in the repository and are written for readers there: they are copied beside one another,
and what they link to outside the site leads to the repository. A link that leads nowhere fails the build.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Final

ROOT: Final = Path(__file__).parents[1]
HOME: Final = "https://github.com/companion-bridge/companion-bridge"
# Every document of docs/, and what they lean on.
PAGES: Final = (
    "README.md",
    "README.zh-CN.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "docs",
    "protocol/SPEC.md",
    "protocol/vectors/playout/README.md",
    "identities/README.md",
    "bench/README.md",
    "bridge/web/face/RIG.md",
    "deploy/README.md",
    "unity_client_sample/README.md",
    "unreal_client_sample/README.md",
)
PICTURES: Final = (".png", ".webp", ".svg", ".gif", ".jpg", ".mp4")
LINK: Final = re.compile(r"(?<!`)(!?\[(?:[^\[\]]|\[[^\]]*\])*\]\()([^)\s]+)(\))")


def pages(root: Path = ROOT) -> tuple[str, ...]:
    """Return every page of the site by its path in the repository."""
    found = [
        page.relative_to(root)
        for name in PAGES
        for page in ([root / name] if name.endswith(".md") else sorted((root / name).rglob("*.md")))
        if page.is_file()
    ]
    return tuple(page.as_posix() for page in found)


def led(text: str, name: str, inside: frozenset[str], root: Path = ROOT) -> str:
    """Return the page at `name` with links that leave the site led to the repository."""

    def target(found: re.Match[str]) -> str:
        link, _, fragment = found[2].partition("#")
        if not link or ":" in link.partition("/")[0]:
            return found[0]
        path = normpath(str(PurePosixPath(name).parent / link))
        if path in inside or PurePosixPath(path).suffix in PICTURES:
            return found[0]
        if f"{path}/README.md" in inside:
            here = relpath(f"{path}/README.md", str(PurePosixPath(name).parent))
            return f"{found[1]}{here}{'#' + fragment if fragment else ''}{found[3]}"
        kind = "tree" if (root / path).is_dir() else "blob"
        return f"{found[1]}{HOME}/{kind}/main/{path}{'#' + fragment if fragment else ''}{found[3]}"

    return LINK.sub(target, text)


def staged(folder: Path, root: Path = ROOT) -> None:
    """Write the pages and their pictures into `folder`, in the places that they have in the repository."""
    names = pages(root)
    inside = frozenset(names)
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(led((root / name).read_text("utf-8"), name, inside, root), "utf-8")
    for picture in _pictures(root):
        target = folder / picture
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / picture, target)


def _pictures(root: Path) -> Iterator[str]:
    for folder in ("docs", "bridge/web/face", "unity_client_sample", "unreal_client_sample", "bench"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix in PICTURES and "node_modules" not in file.parts:
                yield file.relative_to(root).as_posix()


def build(out: Path) -> None:
    """Build the site into `out`; CalledProcessError when a page is not as it must be."""
    with tempfile.TemporaryDirectory() as passing:
        stage = Path(passing)
        staged(stage / "pages")
        shutil.copyfile(ROOT / "tools" / "site.yml", stage / "mkdocs.yml")
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(out.resolve())]
        subprocess.run(command, cwd=stage, check=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})


if __name__ == "__main__":
    build(Path(sys.argv[1]))
