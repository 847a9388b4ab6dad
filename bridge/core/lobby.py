"""Decides who may wait to be let in: bounds the connections before `hello`, in all and by address.

Where there are too many the one that has waited longest goes, of the address that has most: a good client is let in
within milliseconds, who only holds places is pushed out by the next. Pure; a guest is any hashable thing.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Hashable
from typing import Generic, TypeVar

G = TypeVar("G", bound=Hashable)


class Lobby(Generic[G]):
    """The guests who wait, and how many were let in."""

    def __init__(self, *, most: int, most_per_address: int, most_inside: int) -> None:
        """Let `most` wait, `most_per_address` of them from one address; `most_inside` counts those let in as well."""
        self._most = most
        self._most_per_address = most_per_address
        self._most_inside = most_inside
        self._waiting: dict[G, str] = {}
        self._by_address: dict[str, dict[G, None]] = {}  # in the order of arrival
        self._inside: set[G] = set()

    def __len__(self) -> int:
        return len(self._waiting)

    def waiting(self) -> list[G]:
        """Return those who wait, the oldest first."""
        return list(self._waiting)

    def enter(self, guest: G, address: str) -> G | None:
        """Take `guest` in to wait; return who has to go for that, perhaps the guest."""
        origin = network(address)
        self._waiting[guest] = origin
        line = self._by_address.setdefault(origin, {})
        line[guest] = None
        if len(line) > self._most_per_address:
            return self._drop(next(iter(line)))
        if len(self._waiting) > min(self._most, self._most_inside - len(self._inside)):
            longest = max(self._by_address.values(), key=len)
            return self._drop(next(iter(longest)))
        return None

    def admit(self, guest: G) -> None:
        """Let `guest` in: it waits no longer."""
        if guest in self._waiting:
            self._drop(guest)
            self._inside.add(guest)

    def leave(self, guest: G) -> None:
        """Forget `guest`, who has gone."""
        self._inside.discard(guest)
        if guest in self._waiting:
            self._drop(guest)

    def _drop(self, guest: G) -> G:
        origin = self._waiting.pop(guest)
        line = self._by_address[origin]
        del line[guest]
        if not line:
            del self._by_address[origin]
        return guest


def network(address: str) -> str:
    """Return what counts as one address: an IPv4 address, or the /64 that an IPv6 host has to itself."""
    if ":" not in address:
        return address
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
