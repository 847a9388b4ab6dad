"""Reads the certificate and the key that the server shows to its clients."""

from __future__ import annotations

import ssl
from pathlib import Path

from bridge.errors import ConfigError
from bridge.setup.sections import ServerSection


def tls(server: ServerSection) -> ssl.SSLContext | None:
    """Return the context of the certificate that is set, None without one; ConfigError `bad_tls` when it is no good."""
    if not server.tls_cert:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for setting, path in (("tls_cert", server.tls_cert), ("tls_key", server.tls_key)):
        try:
            Path(path).read_bytes()
        except OSError as error:
            raise ConfigError("bad_tls", f"cannot read server.{setting}, {path}: {error.strerror}") from error
    try:
        context.load_cert_chain(server.tls_cert, server.tls_key)
    except (OSError, ssl.SSLError) as error:
        files = f"server.tls_cert, {server.tls_cert}, or server.tls_key, {server.tls_key}"
        raise ConfigError("bad_tls", f"{files}, cannot be used: {error}") from error
    return context
