"""Reads request headers that may stand once, and those that are lists; the library raises where one is repeated."""

from __future__ import annotations

from typing import Final

from websockets.datastructures import Headers

# What this server reads and what RFC 9110 or RFC 6455 let stand only once.
SINGLE: Final = (
    "Host",
    "Authorization",
    "Origin",
    "Content-Length",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
)


def repeated(headers: Headers) -> str:
    """Return the name of a header that stands more often than it may; "" if there is none."""
    return next((name for name in SINGLE if len(headers.get_all(name)) > 1), "")


def single(headers: Headers, name: str) -> str:
    """Return the value of a header; "" if it is not there exactly once."""
    values = headers.get_all(name)
    return values[0] if len(values) == 1 else ""


def listed(headers: Headers, name: str) -> str:
    """Return the value of a header that is a list, however many lines it came in; "" if it is not there."""
    return ", ".join(headers.get_all(name))


def bearer(headers: Headers) -> str:
    """Return the token of `Authorization: Bearer TOKEN`; "" if there is none."""
    scheme, _, token = single(headers, "Authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def offered(headers: Headers, prefix: str) -> str:
    """Return the rest of the first subprotocol offered that begins with `prefix`; "" if none does."""
    names = (name.strip() for name in listed(headers, "Sec-WebSocket-Protocol").split(","))
    return next((name.removeprefix(prefix) for name in names if name.startswith(prefix)), "")
