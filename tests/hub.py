"""A model hub on this machine: as much of the Hugging Face Hub's HTTP interface as its library asks for.

It serves files of one commit for each repository, can break off in the middle of one, and can send one damaged.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

LARGE = 4096  # bytes from which a file is kept as a large one, named by its SHA-256


@dataclass(slots=True)
class Hub:
    """Repositories by name, and what goes wrong; `asked` is every request as (method, path, range)."""

    repositories: Mapping[str, Mapping[str, bytes]]
    gated: frozenset[str] = frozenset()
    cut: dict[str, int] = field(default_factory=dict)  # the next answer with this file stops after so many bytes
    down: bool = False  # from the next cut on nothing is answered
    damaged: set[str] = field(default_factory=set)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    address: str = ""

    def commit(self, name: str) -> str:
        """The one commit of a repository."""
        return hashlib.sha1(name.encode()).hexdigest()


def digest(data: bytes) -> str:
    """What the hub calls a file's etag: SHA-256 of a large one, git's blob hash of a small one."""
    if len(data) >= LARGE:
        return hashlib.sha256(data).hexdigest()
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def entry(path: str, data: bytes) -> dict[str, object]:
    plain: dict[str, object] = {"type": "file", "path": path, "size": len(data), "oid": digest(data)}
    if len(data) >= LARGE:
        plain |= {"oid": "0" * 40, "lfs": {"oid": digest(data), "size": len(data), "pointerSize": 130}}
    return plain


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The hub on a loopback port, in a thread, for as long as the `with` lasts."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            path = urlsplit(self.path).path
            if hub.down and not hub.cut:
                self.refuse(403, "")
                return
            hub.asked.append((self.command, path, self.headers.get("Range", "")))
            if fit := re.fullmatch(r"/api/models/([^/]+/[^/]+)/(revision|tree)/([^/]+)", path):
                self.describe(*fit.groups())
            elif fit := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
                self.file(*fit.groups())
            else:
                self.refuse(404, "")

        def known(self, name: str, revision: str) -> bool:
            if name in hub.gated:
                self.refuse(403, "GatedRepo")
            elif name not in hub.repositories:
                self.refuse(404, "RepoNotFound")
            elif revision not in ("main", hub.commit(name)):
                self.refuse(404, "RevisionNotFound")
            else:
                return True
            return False

        def describe(self, name: str, what: str, revision: str) -> None:
            if self.known(name, revision):
                files = hub.repositories[name]
                siblings = [{"rfilename": path} for path in files]
                info = {"id": name, "sha": hub.commit(name), "siblings": siblings, "private": False, "tags": []}
                tree = [entry(path, data) for path, data in files.items()]
                self.send(
                    json.dumps(info if what == "revision" else tree).encode(), {"Content-Type": "application/json"}
                )

        def file(self, name: str, revision: str, path: str) -> None:
            if not self.known(name, revision):
                return
            data = hub.repositories[name].get(path)
            if data is None:
                self.refuse(404, "EntryNotFound")
                return
            headers = {"ETag": f'"{digest(data)}"', "X-Repo-Commit": hub.commit(name), "Accept-Ranges": "bytes"}
            headers["X-Linked-Size"] = str(len(data))
            if path in hub.damaged:
                data = data[:-1] + bytes([data[-1] ^ 1])
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
            if start:
                headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            cut = hub.cut.pop(path, None) if self.command == "GET" else None
            self.send(data[start:], headers, status=206 if start else 200, cut=cut)

        def send(self, body: bytes, headers: dict[str, str], *, status: int = 200, cut: int | None = None) -> None:
            self.send_response(status)
            for header, value in headers.items():
                self.send_header(header, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body if cut is None else body[:cut])
            if cut is not None:
                self.close_connection = True

        def refuse(self, status: int, code: str) -> None:
            self.send(b"{}", {"X-Error-Code": code} if code else {}, status=status)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        hub.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield hub
        finally:
            server.shutdown()
            thread.join()
