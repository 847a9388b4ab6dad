"""The number by which marks name an identity."""

from __future__ import annotations

import hashlib


def payload_of(identity: str) -> int:
    """Return the 16 bits by which a mark names an identity, from its `id`."""
    return int.from_bytes(hashlib.sha256(identity.encode()).digest()[:2], "big")
