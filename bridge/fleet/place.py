"""Names sessions so that everybody who serves can tell where one is: `CHANCE.PLACE.SIGNATURE`. Pure.

The signature lets nobody else invent a place: a bridge connects to another only by a name that a bridge has given.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64encode
from typing import Final

CHANCE: Final = 6  # bytes that tell sessions apart
PLACE: Final = re.compile(r"[A-Za-z0-9-]{1,32}")
SIGNED: Final = 12  # bytes of the signature
_PURPOSE: Final = b"companion-bridge session place\0"


def placed(host: str) -> str:
    """Return what a machine of this name is called in the names of its sessions."""
    return re.sub(r"[^A-Za-z0-9-]", "-", host.partition(".")[0])[:32].strip("-") or "here"


class Places:
    """The names of the sessions of one place; everybody who shares `secret` can read them."""

    def __init__(self, place: str, secret: bytes) -> None:
        if not PLACE.fullmatch(place):
            raise ValueError(f"a place has 1 to 32 letters, digits and hyphens, not {place!r}")
        self.here = place
        self._secret = secret

    def name(self, chance: bytes) -> str:
        """Return the name of a session of this place, by CHANCE random bytes."""
        told = f"{chance.hex()}.{self.here}"
        return f"{told}.{self._signature(told)}"

    def of(self, session: str) -> str | None:
        """Return the place of the session with this name; None for a name that nobody here has given."""
        told, _, signature = session.rpartition(".")
        _, _, place = told.partition(".")
        if not PLACE.fullmatch(place) or not signature.isascii():
            return None
        return place if hmac.compare_digest(signature, self._signature(told)) else None

    def _signature(self, told: str) -> str:
        made = hmac.digest(self._secret, _PURPOSE + told.encode(errors="replace"), "sha256")
        return urlsafe_b64encode(made[:SIGNED]).decode()
