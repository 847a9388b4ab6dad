"""What is handed out, and what never is."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

from bridge.server.front import AUTHORITY
from bridge.web import serve
from bridge.web.serve import Page, pages, respond

FOLDER = Path(serve.__file__).parent
TRICKS = [
    "/serve.py", "/__init__.py", "/../config.py", "/%2e%2e/config.py", "//etc/passwd", "/..%2fconfig.py", "/client",
    "/client/", "/page/../index.html", "index.html", "", "/INDEX.HTML", "/index.html/", "/face/RIG.md", "/\0", "/?",
]  # fmt: skip


def got(path: str, known: str = "", encodings: str = "") -> tuple[Page, dict[str, str]]:
    page = respond(path, known, encodings=encodings)
    assert page is not None
    return page, dict(page.headers)


@pytest.mark.parametrize("path", TRICKS)
def test_nothing_but_the_list_is_served(path: str) -> None:
    assert respond(path) is None


def test_everything_on_the_list_is_served_as_it_stands_in_the_package() -> None:
    assert len(pages()) > 20
    for path in pages():
        page, headers = got(path)
        name = "index.html" if path == "/obs" else f"{path}index.html" if path.endswith("/") else path
        assert page.body == (FOLDER / name.removeprefix("/")).read_bytes()
        assert headers["Content-Length"] == str(len(page.body))
        assert headers["Content-Type"] == serve.TYPES[Path(name).suffix]


def test_every_page_carries_the_policy() -> None:
    for path in [*pages(), "/looks.json", "/setup.json"]:
        for known in ("", "*"):
            _, headers = got(path, known)
            assert "script-src 'self'" in headers["Content-Security-Policy"]
            # WebAssembly may be compiled; no text may be run.
            assert "unsafe" not in headers["Content-Security-Policy"].replace("'wasm-unsafe-eval'", "")
            assert headers["X-Content-Type-Options"] == "nosniff"
            assert headers["Cache-Control"] == "no-cache"


def test_what_a_browser_has_is_not_sent_again() -> None:
    page, headers = got("/companion.js")
    for known in (headers["ETag"], f'"x", W/{headers["ETag"]}', "*"):
        again, fewer = got("/companion.js", known)
        assert (again.status, again.body) == (304, b"")
        assert fewer["ETag"] == headers["ETag"]
        assert "Content-Length" not in fewer
    assert got("/companion.js", '"another"')[0].body == page.body


def test_compressed_for_those_who_take_it() -> None:
    for path in pages():
        plain, small = got(path), got(path, encodings="br, gzip")
        assert gzip.decompress(small[0].body) == plain[0].body
        assert small[1]["Content-Encoding"] == "gzip"
        assert small[1]["ETag"] != plain[1]["ETag"]
    assert sum(len(got(path, encodings="gzip")[0].body) for path in pages()) < 300_000


def test_the_looks_of_the_identity() -> None:
    page = respond("/looks.json", looks={"hair": "grey", "age": 61})
    assert page is not None
    assert json.loads(page.body) == {"hair": "grey", "age": 61}
    assert got("/looks.json")[0].body == b"{}"


def test_what_the_server_adds() -> None:
    page = respond("/setup.json", setup={"three": True})
    assert page is not None
    assert json.loads(page.body) == {"three": True}
    extra = serve.page("text/javascript", b"1")
    assert respond("/more.js", more=lambda path, small: extra if path == "/more.js" else None) == extra
    assert respond("/less.js", more=lambda path, small: None) is None


def test_every_file_that_a_page_asks_for_is_there() -> None:
    for path, page in pages().items():
        text = "" if path.endswith(".png") else page.body.decode()
        asked = re.findall(r'(?:import|from) "(\.[^"]+)"|new URL\("(\.[^"]+)", import|import\("(\.[^"]+)"\)', text)
        asked += re.findall(r'(?:src|href)="([^"#]+)"', text) if path.endswith("index.html") else []
        for names in asked:
            name = names if isinstance(names, str) else "".join(names)
            target = (FOLDER / path.removeprefix("/")).parent / name
            there = {place.rstrip("/") for place in (*pages(), serve.LOOKS, serve.SETUP, AUTHORITY)}
            place = target.resolve().relative_to(FOLDER.resolve()).as_posix()
            assert f"/{place}".removesuffix("/.") in there, f"{path} asks for {name}"


def test_nothing_comes_from_elsewhere_and_nothing_is_inline() -> None:
    html = got("/")[0].body.decode()
    # But the import map, which has to stand in the page and is let through by its hash.
    (names,) = serve.IMPORT_MAP.findall(html)
    digest = base64.b64encode(hashlib.sha256(names.encode()).digest()).decode()
    assert f"script-src 'self' 'wasm-unsafe-eval' 'sha256-{digest}';" in serve.POLICY
    assert all(url.startswith("./") for url in json.loads(names)["imports"].values())
    html = serve.IMPORT_MAP.sub("", html)
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", html)
    assert not re.search(r"\son\w+=|\sstyle=|<style", html)
    for path, page in pages().items():
        for url in re.findall(rb"https?://[\w./-]+", page.body):
            assert url.startswith(b"http://www.w3.org/"), f"{path} names {url!r}"
