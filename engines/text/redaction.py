"""Hides credentials in text that people or logs are shown, and keeps quoted values short."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "***"
QUOTED: Final = 80  # characters of a value that are quoted back
# User and password before the host. A password may hold "/" or "@", so everything up to the last "@" goes.
_LOGIN: Final = re.compile(r"(?<=://)[^\s\"'<>]{0,400}@")
_QUERY: Final = re.compile(
    r"([?&;](?:api[_-]?key|key|sig|signature|auth|(?:access[_-]|id[_-])?token|secret|pass(?:word|wd)?)=)[^&;#\s\"'<>]+",
    re.IGNORECASE,
)
_BEARER: Final = re.compile(r"\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)


def redacted(text: str) -> str:
    """Return the text with the logins of addresses, secrets of queries and authorization headers replaced."""
    text = _LOGIN.sub(f"{HIDDEN}@", text)
    return _BEARER.sub(rf"\1 {HIDDEN}", _QUERY.sub(rf"\1{HIDDEN}", text))


def quoted(value: object, most: int = QUOTED) -> str:
    """Quote a value that somebody gave, cut to `most` characters and without credentials."""
    text = redacted(str(value)[: 4 * most])
    return repr(text if len(text) <= most else f"{text[:most]}...")
