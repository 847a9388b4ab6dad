"""The documentation site: every document of docs/ is in it, every link leads somewhere, and nothing is fetched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.repository.pages import ROOT
from tools import site


def test_every_document_is_in_it_and_in_its_contents() -> None:
    there = set(site.pages())
    assert {page.relative_to(ROOT).as_posix() for page in (ROOT / "docs").rglob("*.md")} <= there
    named = set(re.findall(r"[\w./-]+\.md", (ROOT / "tools" / "site.yml").read_text("utf-8")))
    assert named <= there
    assert {f"docs/tutorials/{name}.md" for name in ("own", "stream", "unity", "kiosk", "class")} <= named


@pytest.mark.parametrize(
    ("link", "leads"),
    [
        ("../README.md", "../README.md"),
        ("#here", "#here"),
        ("https://x.example/a", "https://x.example/a"),
        ("images/page.webp", "images/page.webp"),
        ("../bridge/setup/config.py", f"{site.HOME}/blob/main/bridge/setup/config.py"),
        ("../tests/", f"{site.HOME}/tree/main/tests"),
        ("decisions/", "decisions/README.md"),
        ("../SECURITY.md#x", f"{site.HOME}/blob/main/SECURITY.md#x"),
    ],
)
def test_what_is_not_of_the_site_is_led_to_the_repository(link: str, leads: str) -> None:
    inside = frozenset({"README.md", "docs/WEB.md", "docs/decisions/README.md"})
    assert site.led(f"a [link]({link}) b", "docs/WEB.md", inside) == f"a [link]({leads}) b"


def test_it_builds_strictly_and_fetches_nothing(tmp_path: Path) -> None:
    pytest.importorskip("material")
    site.build(tmp_path / "site")
    for name in ("index.html", "README.zh-CN.html", "docs/WEB.html", "docs/tutorials/own.html", "protocol/SPEC.html"):
        text = (tmp_path / "site" / name).read_text("utf-8")
        fetched = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="(https?://[^"]+)"', text)
        assert [each for each in fetched if "github.com/companion-bridge" not in each] == []
