"""The pages of the browser client: a fixed list of this package's files, with the headers that keep them safe.

A request's path is only looked up, never joined to anything. It knows nothing of sockets and of who asks. The one
script that stands in a page, its import map, is let through by its hash.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
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
    ".webmanifest": "application/manifest+json",
}
HOME: Final = "index.html"
LOOKS: Final = "/looks.json"
SETUP: Final = "/setup.json"
HINTS: Final = "/hints.json"
IMPORT_MAP: Final = re.compile(r'<script type="importmap">(.*?)</script>', re.DOTALL)


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


_MAPS: Final = IMPORT_MAP.findall(files("bridge.web").joinpath(HOME).read_text("utf-8"))
# `connect-src 'self'` covers the WebSocket of the same host and port (CSP level 3); the textures inside a 3D head are
# read from blobs that the page itself has made. WebAssembly, which reads the user's face, is compiled
# from this server's files alone.
POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        " ".join(("script-src 'self' 'wasm-unsafe-eval'", *(f"'sha256-{_hash(text)}'" for text in _MAPS))),
        "style-src 'self'",
        "connect-src 'self' blob:",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
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
    ("Permissions-Policy", "microphone=(self), camera=(self), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    # A browser keeps what it has and asks each time whether that is still the latest.
    ("Cache-Control", "no-cache"),
)


KEPT: Final = "private, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Page:
    """What a GET is answered with."""

    status: int
    headers: Headers
    body: bytes


def respond(
    path: str,
    known: str = "",
    *,
    encodings: str = "",
    looks: Mapping[str, object] | None = None,
    setup: Mapping[str, object] | None = None,
    hints: Mapping[str, object] | None = None,
    more: Callable[[str, bool], Page | None] = lambda path, small: None,
) -> Page | None:
    """Return the page at `path` (no query, as it stands in the request), or None where there is none.

    `known` is the request's If-None-Match; what it names is answered with 304. `encodings` is its Accept-Encoding.
    `looks` are the identity's, told at /looks.json to the face that is drawn of them; `setup` is what this server
    adds to the page, told at /setup.json; `hints` are what may be asked for a start, told at /hints.json; `more`
    gives pages that are not of this package.
    """
    told = {LOOKS: looks, SETUP: setup, HINTS: hints}
    if path in told:
        return _answer(page(TYPES[".json"], json.dumps(dict(told[path] or {})).encode()), known)
    small = "gzip" in encodings
    found = (_small() if small else pages()).get(path) or more(path, small)
    return found and _answer(found, known)


@cache
def pages() -> Mapping[str, Page]:
    """Return every page by its path, read once."""
    root = files("bridge.web")
    found = {f"/{name}": page(TYPES[_suffix(name)], file.read_bytes()) for name, file in _files(root, "")}
    return {
        **found,
        "/": found[f"/{HOME}"],
        "/obs": found[f"/{HOME}"],
        "/dock/": found[f"/dock/{HOME}"],
        "/studio/": found[f"/studio/{HOME}"],
    }


@cache
def _small() -> Mapping[str, Page]:
    return {path: page(dict(each.headers)["Content-Type"], each.body, small=True) for path, each in pages().items()}


def _files(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if entry.is_dir():
            yield from _files(entry, f"{prefix}{entry.name}/")
        elif _suffix(entry.name) in TYPES:
            yield f"{prefix}{entry.name}", entry


def _suffix(name: str) -> str:
    return name[name.rfind(".") :] if "." in name else ""


def page(kind: str, body: bytes, *, small: bool = False) -> Page:
    """Return the answer with `body`, which is of content type `kind`; compressed if `small`."""
    coding: Headers = (("Vary", "Accept-Encoding"),)
    if small:
        body, coding = gzip.compress(body, mtime=0), (("Content-Encoding", "gzip"), *coding)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    head = (("Content-Type", kind), ("Content-Length", str(len(body))), ("ETag", tag))
    return Page(200, (*head, *coding, *SAFETY), body)


def picture(kind: str, body: bytes, known: str, *, origin: str = "") -> Page:
    """Return the answer with a picture whose path stands for its bytes; `origin` is another one that may read it."""
    whole = page(kind, body)
    shared: Headers = (("Vary", "Origin"),)
    if origin:
        shared = (("Access-Control-Allow-Origin", origin), ("Cross-Origin-Resource-Policy", "cross-origin"), *shared)
    changed = {"Cache-Control", "Vary", *(name for name, _ in shared)}
    kept = tuple((name, value) for name, value in whole.headers if name not in changed)
    return _answer(Page(200, (*kept, ("Cache-Control", KEPT), *shared), body), known)


def _answer(found: Page, known: str) -> Page:
    tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
    etag = dict(found.headers)["ETag"]
    if etag not in tags and known.strip() != "*":
        return found
    kept = tuple(
        (name, value)
        for name, value in found.headers
        if name not in {"Content-Length", "Content-Type", "Content-Encoding"}
    )
    return Page(304, kept, b"")
