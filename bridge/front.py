"""What the server's port says to plain HTTP: the page, health, metrics, and a refusal to foreign browser pages.

Decides only by the request and the configuration; WebSocket handshakes that may go on are let through.
"""

from __future__ import annotations

import ipaddress
from http import HTTPStatus
from urllib.parse import SplitResult, urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from bridge import wallclock
from bridge.auth import authorize
from bridge.companion import Companion
from bridge.config import Config
from bridge.errors import AuthError
from bridge.metrics import Metrics
from bridge.version import SERVER
from bridge.web.extras import Extras
from bridge.web.serve import respond


class Front:
    """The HTTP side of one server."""

    def __init__(self, config: Config, companion: Companion, metrics: Metrics) -> None:
        self._config = config
        self._companion = companion
        self._metrics = metrics
        self._extras = Extras(config.page.three, config.page.head)

    def answer(self, request: Request, *, draining: bool) -> Response | None:
        """What plain HTTP gets; None lets a WebSocket request through."""
        path = _parts(request.path).path
        host = request.headers.get("Host", "")
        if self._config.loopback and not self._own_name(_parts(f"//{host}").hostname or ""):
            # A foreign name that was made to point here (DNS rebinding), and no proxy of ours.
            self._metrics.refused("host")
            return _text(HTTPStatus.MISDIRECTED_REQUEST, "this server is for this machine only\n")
        if path == "/healthz":
            status = HTTPStatus.SERVICE_UNAVAILABLE if draining else HTTPStatus.OK
            return _text(status, "draining\n" if draining else "ok\n")
        if path == "/metrics":
            return self._expose(request)
        origin = request.headers.get("Origin")
        if origin is not None and not self._welcome_origin(origin, host):
            self._metrics.refused("origin")
            return _text(HTTPStatus.FORBIDDEN, f"pages of {origin} may not connect here\n")
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return self._page(path, request)
        return None

    def _page(self, path: str, request: Request) -> Response:
        known, encodings = (request.headers.get(name, "") for name in ("If-None-Match", "Accept-Encoding"))
        setup = {"three": self._extras.complete, "head": self._extras.head}
        looks, more = self._companion.looks, self._extras.page
        page = respond(path, known, encodings=encodings, looks=looks, setup=setup, more=more)
        if page is None:
            sentence = f"{SERVER}: there is no such page; the page to talk to {self._companion.name} is at /\n"
            return _text(HTTPStatus.NOT_FOUND, sentence)
        headers = Headers([*page.headers, ("Connection", "close")])
        return Response(page.status, HTTPStatus(page.status).phrase, headers, page.body)

    def _expose(self, request: Request) -> Response:
        if self._config.token_required:
            scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
            token = bearer.strip() if scheme.lower() == "bearer" else ""
            try:
                authorize(self._config.auth.secret, token, required=True, now=wallclock.now(), right="view")
            except AuthError as error:
                return _text(HTTPStatus.UNAUTHORIZED, f"{error.message}\n")
        return _text(HTTPStatus.OK, self._metrics.text().decode())

    def _own_name(self, name: str) -> bool:
        origins = self._config.server.origins
        return _is_loopback(name) or "*" in origins or name in {_parts(origin).hostname for origin in origins}

    def _welcome_origin(self, origin: str, host: str) -> bool:
        allowed = self._config.server.origins
        if "*" in allowed or origin in allowed:
            return True
        name = _parts(origin).hostname or ""
        # The page that this very server serves, or any of this machine's own when only this machine can connect.
        same = bool(host) and _parts(origin).netloc == host and (not self._config.loopback or _is_loopback(name))
        return same or (self._config.loopback and _is_loopback(name))


def _text(status: HTTPStatus, text: str) -> Response:
    body = text.encode()
    headers = Headers(
        [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body))), ("Connection", "close")]
    )
    return Response(status.value, status.phrase, headers, body)


def _parts(url: str) -> SplitResult:
    """The parts of what a client gave as a URL; those of none if it cannot be read."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
