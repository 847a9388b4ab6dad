"""Every link and picture of every page leads somewhere: to a file of the repository, and to a heading of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

import pytest

from tests.repository.pages import ROOT, Page, names, page, read, tracked


def broken(name: str, content: Page) -> Iterator[str]:
    """The links of the page at `name` that lead nowhere."""
    files = set(tracked())
    folders = {str(parent) for file in files for parent in PurePosixPath(file).parents}
    for link in content.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            wanted = {"http": parts.netloc, "https": parts.netloc, "mailto": parts.path}
            if not wanted.get(parts.scheme):
                yield f"{link} is no address"
            continue
        path = unquote(parts.path)
        target = normpath(str(PurePosixPath(name).parent / path)) if path else name
        if target not in files and target not in folders:
            yield f"{link}: there is no {target}"
        elif parts.fragment and not (target.endswith(".md") and _has(target, parts.fragment, name, content)):
            yield f"{link}: {target} has no such heading"


def _has(target: str, fragment: str, name: str, content: Page) -> bool:
    return fragment in (content if target == name else page(target)).anchors


def test_every_link_leads_somewhere() -> None:
    assert len(names()) > 10
    assert [f"{name}: {fault}" for name in names() for fault in broken(name, page(name))] == []


@pytest.mark.parametrize(
    "link",
    ["nothing.md", "../docs/nothing.md", "README.md#nothing", "#nothing", "Makefile#run", "https:///x", "ftp://x.y/z"],
)
def test_a_link_that_leads_nowhere_is_found(link: str) -> None:
    assert list(broken("README.md", read(f"# A title\n\n[text]({link})")))


@pytest.mark.parametrize(
    "link", ["README.md", "docs", "docs/FACE.md#movements", "#a-title-1", "Makefile", "https://x.y"]
)
def test_one_that_leads_somewhere_is_not(link: str) -> None:
    assert list(broken("CHANGELOG.md", read(f"# A title\n\n## A title\n\n![text]({link})"))) == []


def test_no_file_was_merged_by_half() -> None:
    marks = ("<<<<<<< ", ">>>>>>> ")
    halves = [
        name
        for name in tracked()
        if (data := (ROOT / name).read_bytes()).find(b"\0") < 0
        and any(line.startswith(marks) for line in data.decode("utf-8", "replace").splitlines())
    ]
    assert halves == []
