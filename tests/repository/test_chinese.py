"""The README and the tutorials in Chinese tell their readers to run what the English ones do."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from tests.repository.pages import Page, names, page

FOLDER = "docs/tutorials"
PAIRS = [("README.md", "README.zh-CN.md")] + [
    (name, f"{FOLDER}/zh/{PurePosixPath(name).name}") for name in names() if str(PurePosixPath(name).parent) == FOLDER
]
SHELLS = ("sh", "bat")


def commands(content: Page) -> list[str]:
    """The lines of a page's shell blocks, without what is said of them."""
    lines = [line for kind, text in content.blocks if kind in SHELLS for line in text.splitlines()]
    return [line.partition(" # ")[0].rstrip() for line in lines if line.strip()]


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_both_tell_the_same_commands(english: str, chinese: str) -> None:
    assert commands(page(chinese)) == commands(page(english))


@pytest.mark.parametrize(("english", "chinese"), PAIRS)
def test_the_chinese_page_is_chinese(english: str, chinese: str) -> None:
    words = "".join(child for child in page(chinese).anchors)
    assert sum("\u4e00" <= letter <= "\u9fff" for letter in words) >= 2


def test_every_tutorial_is_there() -> None:
    assert len(PAIRS) >= 7
