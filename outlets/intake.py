"""Takes a tracked performer's face by VMC from this machine: VSeeFace, Warudo, VMagicMirror and others send it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from outlets.address import Address, BadAddress
from outlets.frame import Frame
from outlets.vmc import Performer

PORT: Final = 39_540  # to which programs that track a performer send
MOST: Final = 1000  # packets a second; what is beyond is not read


class Intake(asyncio.DatagramProtocol):
    """The newest face that came, and when; `address` is where it listens."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.taken = 0  # frames
        self.dropped = 0  # packets
        self._performer = Performer()
        self._newest: tuple[Frame, float] | None = None
        self._second, self._packets = 0.0, 0

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Read a packet; what is no VMC changes nothing."""
        now = asyncio.get_running_loop().time()
        if now - self._second >= 1.0:
            self._second, self._packets = now, 0
        self._packets += 1
        if self._packets > MOST:
            self.dropped += 1
            return
        for frame in self._performer.take(data):
            self.taken += 1
            self._newest = (frame, now)

    def error_received(self, exc: Exception) -> None:
        """Do nothing: the next packet is another try."""

    def face(self, now: float, fresh: float) -> Frame | None:
        """Return the newest face if it came within `fresh` seconds."""
        if self._newest is None or now - self._newest[1] > fresh:
            return None
        return self._newest[0]


@asynccontextmanager
async def listening(address: Address) -> AsyncIterator[Intake]:
    """Listen at an address as long as the block lasts; BadAddress when somebody does already."""
    loop = asyncio.get_running_loop()
    try:
        transport, intake = await loop.create_datagram_endpoint(
            lambda: Intake(address), local_addr=(address.host, address.port)
        )
    except OSError as error:
        told = error.strerror or str(error)
        raise BadAddress("performer_unreachable", f"nobody can listen at {address} for a performer: {told}") from error
    try:
        yield intake
    finally:
        transport.close()
