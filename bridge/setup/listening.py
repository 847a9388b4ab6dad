"""Explains why the server cannot listen, with the next step."""

from __future__ import annotations

import errno
import os
import socket
from typing import Final

from bridge.setup.sections import ServerSection

_BUSY: Final = (errno.EADDRINUSE, 10048)  # 10048 and the others of five digits are Windows' own
_FORBIDDEN: Final = (errno.EACCES, errno.EPERM, 10013)
_FOREIGN: Final = (errno.EADDRNOTAVAIL, 10049)


def bound(server: ServerSection) -> socket.socket:
    """Take the server's address, for others to accept from; OSError when it cannot be had."""
    found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    # One address is taken: where a name has several, that of IPv4, which every client can reach.
    family, kind, protocol, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    place = socket.socket(family, kind, protocol)
    try:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        place.bind(address)
    except BaseException:
        place.close()
        raise
    return place


def probe(server: ServerSection) -> None:
    """Take the server's address for a moment; OSError when it cannot be had."""
    found = socket.getaddrinfo(server.host, server.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    for family, kind, protocol, _, address in found:
        with socket.socket(family, kind, protocol) as place:
            if os.name == "posix":  # elsewhere it would share a port that somebody listens on
                place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                place.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            place.bind(address)


def why(server: ServerSection, error: OSError) -> str:
    """Say what `error` means for the address, and what to do."""
    port = server.port
    if isinstance(error, socket.gaierror):
        return f"there is no host {server.host}: set server.host (--host) to an address of this machine"
    if error.errno in _BUSY:
        return (
            f"port {port} on {server.host} is in use, perhaps by another companion: end that, or choose another port "
            f"with --port {port + 1 if port < 65_535 else 8765} (server.port; 0 takes any free one)"
        )
    if error.errno in _FORBIDDEN:
        return f"this user may not listen on port {port}: choose one above 1023 with --port (server.port)"
    if error.errno in _FOREIGN:
        return f"{server.host} is no address of this machine: set server.host (--host) to one, or to 0.0.0.0 for all"
    return f"cannot listen on {server.host} port {port} (server.host, server.port): {error.strerror or error}"
