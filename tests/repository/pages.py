"""The pages of the repository as a reader of them sees them: headings with their anchors, links, code."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Page:
    """A Markdown file: the targets of its links and pictures, its anchors, its code blocks and spans."""

    links: tuple[str, ...]
    anchors: frozenset[str]
    blocks: tuple[tuple[str, str], ...]  # language, text
    spans: tuple[str, ...]


def read(text: str) -> Page:
    """The page that is written in `text`."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    links: list[str] = []
    spans: list[str] = []
    for token in _inline(tokens):
        if token.type == "link_open":
            links.append(str(token.attrGet("href")))
        elif token.type == "image":
            links.append(str(token.attrGet("src")))
        elif token.type == "code_inline":
            spans.append(token.content)
    blocks = tuple((token.info.split(" ")[0], token.content) for token in tokens if token.type == "fence")
    return Page(tuple(links), frozenset(_anchors(tokens, text)), blocks, tuple(spans))


def _inline(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _inline(token.children or [])


def _anchors(tokens: list[Token], text: str) -> Iterator[str]:
    """The anchors that GitHub gives headings, and those that are written as HTML."""
    seen: Counter[str] = Counter()
    for opening, content in pairwise(tokens):
        if opening.type == "heading_open":
            title = "".join(child.content for child in content.children or [] if child.type in ("text", "code_inline"))
            slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
            yield f"{slug}-{seen[slug]}" if seen[slug] else slug
            seen[slug] += 1
    yield from re.findall(r"<a (?:id|name)=\"([^\"]+)\"", text)


@cache
def tracked() -> tuple[str, ...]:
    """Every file of the repository, without what git ignores; skips the test outside a checkout."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a checkout of git")
    return tuple(name for name in done.stdout.split("\0") if name and (ROOT / name).is_file())


@cache
def page(name: str) -> Page:
    """The page at a path of the repository."""
    return read((ROOT / name).read_text(encoding="utf-8"))


def names() -> list[str]:
    """The paths of all pages."""
    return [name for name in tracked() if name.endswith(".md")]
