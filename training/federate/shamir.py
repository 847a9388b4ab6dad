"""Splits a secret of 32 bytes so that any `needed` of its shares bring it back and fewer say nothing (Shamir 1979)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from training.federate.errors import FederationError

PRIME: Final = 2**521 - 1
SECRET: Final = 32  # bytes
SHARE: Final = 66  # bytes


def split(secret: bytes, shares: int, needed: int, draw: Callable[[int], bytes]) -> list[bytes]:
    """Return the shares of persons 1 to `shares`; `draw(n)` gives n random bytes that nobody can guess."""
    if len(secret) != SECRET or not 1 <= needed <= shares:
        raise ValueError("a secret has 32 bytes and needs at least one and at most all of its shares")
    terms = [int.from_bytes(secret, "big"), *(int.from_bytes(draw(SHARE), "big") % PRIME for _ in range(needed - 1))]
    return [_value(terms, place).to_bytes(SHARE, "big") for place in range(1, shares + 1)]


def join(shares: Mapping[int, bytes]) -> bytes:
    """Return the secret from shares by their person's number; `bad_share` when they do not belong together."""
    points = {place: int.from_bytes(share, "big") for place, share in shares.items()}
    if not points or min(points) < 1 or any(len(share) != SHARE for share in shares.values()):
        raise FederationError("bad_share", "a share of a secret has the wrong length or belongs to nobody")
    secret = 0
    for place, value in points.items():
        over = under = 1
        for other in points:
            if other != place:
                over = over * -other % PRIME
                under = under * (place - other) % PRIME
        secret = (secret + value * over * pow(under, -1, PRIME)) % PRIME
    if secret >= 1 << (8 * SECRET):
        raise FederationError("bad_share", "the shares of a secret do not belong together")
    return secret.to_bytes(SECRET, "big")


def _value(terms: list[int], place: int) -> int:
    value = 0
    for term in reversed(terms):
        value = (value * place + term) % PRIME
    return value
