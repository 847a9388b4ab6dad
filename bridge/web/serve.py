"""The pages of the browser client: a fixed list of this package's files, with the headers that keep them safe.

A request's path is only looked up, never joined to anything. It knows nothing of sockets and of who asks.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, TypeAlias

Headers: TypeAlias = tuple[tuple[str, str], ...]

TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
HOME: Final = "index.html"
LOOKS: Final = "/looks.json"

# `connect-src 'self'` covers the WebSocket of the same host and port (CSP level 3).
POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'self'",
    )
)
SAFETY: Final[Headers] = (
    ("Content-Security-Policy", POLICY),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "microphone=(self), camera=(), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    # A browser keeps what it has and asks each time whether that is still the latest.
    ("Cache-Control", "no-cache"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """What a GET is answered with."""

    status: int
    headers: Headers
    body: bytes


def respond(
    path: str, known: str = "", *, encodings: str = "", looks: Mapping[str, object] | None = None
) -> Page | None:
    """The page at `path` (no query, as it stands in the request), or None where there is none.

    `known` is the request's If-None-Match; what it names is answered with 304. `encodings` is its Accept-Encoding.
    `looks` are the identity's, told at /looks.json to the face that is drawn of them.
    """
    if path == LOOKS:
        return _answer(_page(TYPES[".json"], json.dumps(dict(looks or {})).encode()), known)
    plain, small = pages().get(path), _small().get(path)
    page = small if small and "gzip" in encodings else plain
    return page and _answer(page, known)


@cache
def pages() -> Mapping[str, Page]:
    """Every page by its path, read once."""
    root = files("bridge.web")
    found = {f"/{name}": _page(TYPES[_suffix(name)], file.read_bytes()) for name, file in _files(root, "")}
    return {**found, "/": found[f"/{HOME}"]}


@cache
def _small() -> Mapping[str, Page]:
    return {path: _page(dict(page.headers)["Content-Type"], page.body, small=True) for path, page in pages().items()}


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        elif _suffix(entry.name) in TYPES:
            yield f"{prefix}{entry.name}", entry


def _suffix(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""


def _page(kind: str, body: bytes, *, small: bool = False) -> Page:
    coding: Headers = (("Vary", "Accept-Encoding"),)
    if small:
        body, coding = gzip.compress(body, mtime=0), (("Content-Encoding", "gzip"), *coding)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    head = (("Content-Type", kind), ("Content-Length", str(len(body))), ("ETag", tag))
    return Page(200, (*head, *coding, *SAFETY), body)


def _answer(page: Page, known: str) -> Page:
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    etag = dict(page.headers)["ETag"]
    if etag not in tags and known.strip() != "*":
        return page
    kept = tuple(
        (name, value)
        for name, value in page.headers
        if name not in {"Content-Length", "Content-Type", "Content-Encoding"}
    )
    return Page(304, kept, b"")
