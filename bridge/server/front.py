"""What the server's port says to plain HTTP: the page, health, metrics, and a refusal to foreign browser pages.

Decides only by the request and the configuration; WebSocket handshakes that may go on are let through.
"""

from __future__ import annotations

import ipaddress
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from bridge import wallclock
from bridge.auth import Right, authorize
from bridge.errors import AuthError, BridgeError
from bridge.metrics import Metrics
from bridge.server.backstage import Backstage
from bridge.server.headers import bearer, listed, repeated, single
from bridge.server.neighbours import Neighbours
from bridge.server.posted import BODY, CALLS, Posting
from bridge.setup.config import Config
from bridge.setup.ensemble import Ensemble
from bridge.version import SERVER
from bridge.web.extras import Extras
from bridge.web.invitation import svg
from bridge.web.serve import HINTS, LOOKS, TYPES, picture, respond

log = logging.getLogger("bridge.server.front")

METHODS: Final = ("GET", "HEAD")
PICTURES: Final = "/pictures/"
INVITE: Final = "/invite.svg"
AUTHORITY: Final = "/ca.crt"
MOVED: Final = {"/studio": "studio/", "/dock": "dock/"}
QUOTED: Final = 80  # characters of a foreign origin that the refusal repeats


class Front:
    """The HTTP side of one server."""

    def __init__(
        self,
        config: Config,
        ensemble: Ensemble,
        metrics: Metrics,
        backstage: Backstage,
        neighbours: Neighbours,
        calls: Callable[[Request, bytes], Awaitable[Response]],
    ) -> None:
        self._config = config
        self._ensemble = ensemble
        self._metrics = metrics
        self._backstage = backstage
        self._neighbours = neighbours
        self._calls = calls
        self._extras = Extras(config.page.three, config.page.head)

    async def answer(self, request: Request, posting: Posting, *, draining: bool) -> Response | None:
        """Return what plain HTTP gets; None lets a WebSocket request through."""
        response = await self._answer(request, posting, draining=draining)
        if response is not None and request.method == "HEAD":
            response.body = b""
        return response

    async def _answer(self, request: Request, posting: Posting, *, draining: bool) -> Response | None:
        path = _parts(request.path).path
        if twice := repeated(request.headers):
            log.info("refused", extra={"code": "repeated_header", "header": twice})
            self._metrics.refused("repeated_header")
            return _text(HTTPStatus.BAD_REQUEST, f"the header {twice} may stand only once\n")
        host = single(request.headers, "Host")
        if self._config.loopback and not self._own_name(_parts(f"//{host}").hostname or ""):
            # A foreign name that was made to point here (DNS rebinding), and no proxy of ours.
            self._metrics.refused("host")
            return _text(HTTPStatus.MISDIRECTED_REQUEST, "this server is for this machine only\n")
        if path.startswith(PICTURES) and request.method == "OPTIONS":
            return self._preflight(request, host, METHODS)
        if path == CALLS:
            return await self._call(request, posting, host)
        if request.method not in METHODS:
            response = _text(HTTPStatus.METHOD_NOT_ALLOWED, "this server answers GET and HEAD\n")
            response.headers["Allow"] = ", ".join(METHODS)
            return response
        if path == "/livez":  # the process answers: one that only drains must not be killed for it
            return _text(HTTPStatus.OK, "ok\n")
        if path in ("/healthz", "/readyz"):  # it takes new sessions
            status = HTTPStatus.SERVICE_UNAVAILABLE if draining else HTTPStatus.OK
            return _text(status, "draining\n" if draining else "ok\n")
        if path == "/metrics":
            return await self._expose(request)
        origin = single(request.headers, "Origin")
        if "Origin" in request.headers and not self._welcome_origin(origin, host):
            self._metrics.refused("origin")
            return _text(HTTPStatus.FORBIDDEN, f"pages of {origin[:QUOTED]} may not connect here\n")
        if path.startswith(PICTURES):
            return await self._picture(path, request, origin)
        if listed(request.headers, "Upgrade").lower() != "websocket":
            if private := self._private(path, request) or self._invite(path, request):
                return private
            if path == LOOKS and _asked_for(request.path):
                await self._ensemble.listed()  # who is asked for may not have been seen yet
            return self._page(path, request)
        return None

    def _private(self, path: str, request: Request) -> Response | None:
        """Return what is told at the paths of the stream's side, None for another path."""
        try:
            found = self._backstage.answer(path, bearer(request.headers), _asked_for(request.path))
        except AuthError as error:
            return _text(HTTPStatus.UNAUTHORIZED, f"{error.message}\n")
        if found is None:
            return None
        response = _text(found[0], json.dumps(found[1]))
        response.headers["Cache-Control"] = "no-store"
        del response.headers["Content-Type"]
        response.headers["Content-Type"] = TYPES[".json"]
        return response

    def _invite(self, path: str, request: Request) -> Response | None:
        """Return the QR code of the page with the token of whoever asks, or the authority's certificate."""
        page = self._config.page
        if path == INVITE and page.address:
            if refusal := self._refused(request, "speak"):
                return refusal
            token = bearer(request.headers)
            try:
                drawn = svg(f"{page.address}#token={token}" if token else page.address)
            except BridgeError as error:
                return _text(HTTPStatus.NOT_IMPLEMENTED, f"{error.message}\n")
            return _file("image/svg+xml", drawn)
        if path == AUTHORITY and page.ca:
            try:
                return _file("application/x-x509-ca-cert", Path(page.ca).read_bytes())
            except OSError:
                return None
        return None

    async def _picture(self, path: str, request: Request, origin: str) -> Response:
        if refusal := self._refused(request, "view", "speak"):
            return refusal
        found = await self._ensemble.picture(path)
        if found is None:
            return _text(HTTPStatus.NOT_FOUND, f"{SERVER}: there is no such picture\n")
        known = listed(request.headers, "If-None-Match")
        page = picture(found.kind, found.body, known, origin=origin)
        return Response(
            page.status, HTTPStatus(page.status).phrase, Headers([*page.headers, ("Connection", "close")]), page.body
        )

    async def _call(self, request: Request, posting: Posting, host: str) -> Response:
        """Return the answer to whoever offers a call."""
        if request.method == "OPTIONS":
            return self._preflight(request, host, ("POST",))
        if request.method != "POST":
            response = _text(HTTPStatus.METHOD_NOT_ALLOWED, "an SDP offer is posted here\n")
            response.headers["Allow"] = "POST"
            return response
        origin = single(request.headers, "Origin")
        if "Origin" in request.headers and not self._welcome_origin(origin, host):
            self._metrics.refused("origin")
            return _text(HTTPStatus.FORBIDDEN, f"pages of {origin[:QUOTED]} may not connect here\n")
        if posting.body is None:
            if posting.too_large:
                return _text(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"an offer has at most {BODY} bytes\n")
            return _text(HTTPStatus.LENGTH_REQUIRED, "an offer comes with its Content-Length\n")
        response = await self._calls(request, posting.body)
        if origin:
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "Location"
            response.headers["Vary"] = "Origin"
        return response

    def _preflight(self, request: Request, host: str, methods: Sequence[str]) -> Response:
        """Let pages of an allowed origin send their token along."""
        origin = single(request.headers, "Origin")
        if not self._welcome_origin(origin, host):
            self._metrics.refused("origin")
            return _text(HTTPStatus.FORBIDDEN, f"pages of {origin[:QUOTED]} may not connect here\n")
        response = _text(HTTPStatus.OK, "")
        for name, value in (
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Headers", "Authorization, Content-Type" if "POST" in methods else "Authorization"),
            ("Access-Control-Allow-Methods", ", ".join(methods)),
            ("Access-Control-Max-Age", "86400"),
            ("Vary", "Origin"),
        ):
            response.headers[name] = value
        return response

    def _page(self, path: str, request: Request) -> Response:
        if path in MOVED:
            moved = _text(HTTPStatus.PERMANENT_REDIRECT, f"it is at {MOVED[path]}\n")
            moved.headers["Location"] = MOVED[path]
            return moved
        known, encodings = (listed(request.headers, name) for name in ("If-None-Match", "Accept-Encoding"))
        setup = {
            "three": self._extras.complete,
            "sight": self._extras.sees,
            "head": self._extras.head,
            "invites": bool(self._config.page.address),
        }
        looks = self._ensemble.looks(_asked_for(request.path)) if path == LOOKS else None
        if path == HINTS:
            asked = self._ensemble.questions(_asked_for(request.path), _asked_for(request.path, "language"))
            hints = {"questions": list(asked)}
        else:
            hints = None
        page = respond(path, known, encodings=encodings, looks=looks, setup=setup, hints=hints, more=self._extras.page)
        if page is None:
            sentence = f"{SERVER}: there is no such page; the page to talk to {self._ensemble.main.name} is at /\n"
            return _text(HTTPStatus.NOT_FOUND, sentence)
        headers = Headers([*page.headers, ("Connection", "close")])
        return Response(page.status, HTTPStatus(page.status).phrase, headers, page.body)

    def _refused(self, request: Request, *rights: Right) -> Response | None:
        """Return the refusal to a request that has no token with one of the rights where tokens are required."""
        if not self._config.token_required:
            return None
        message = ""
        for right in rights:
            try:
                token = bearer(request.headers)
                authorize(self._config.auth.secret, token, required=True, now=wallclock.now(), right=right)
                return None
            except AuthError as error:
                message = error.message
        return _text(HTTPStatus.UNAUTHORIZED, f"{message}\n")

    async def _expose(self, request: Request) -> Response:
        if refusal := self._refused(request, "view"):
            return refusal
        told = await self._neighbours.metrics(self._metrics.text())
        return _text(HTTPStatus.OK, told.decode())

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


def _file(kind: str, body: bytes) -> Response:
    """Return the answer with a file that nobody is to keep."""
    headers = Headers(
        [
            ("Content-Type", kind),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Connection", "close"),
        ]
    )
    return Response(HTTPStatus.OK.value, HTTPStatus.OK.phrase, headers, body)


def _parts(url: str) -> SplitResult:
    """Return the parts of what a client gave as a URL; those of none if it cannot be read."""
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _asked_for(url: str, key: str = "identity") -> str:
    """Return the identity that a request names, or what else it asks by `key`; "" where it names none."""
    try:
        return dict(parse_qsl(_parts(url).query, max_num_fields=16)).get(key, "")
    except ValueError:
        return ""


def _is_loopback(name: str) -> bool:
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
