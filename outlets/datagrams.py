"""Sends the faces of the tools that take UDP: made from an address, fed with frames, deaf to whoever is not there."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeAlias

from outlets import ifacialmocap
from outlets.address import Address, BadAddress
from outlets.frame import REST, Frame
from outlets.livelink import LiveLink
from outlets.standing import REASON, Standing
from outlets.vmc import Vmc
from outlets.vrchat import CHATBOX_S, VrChat

log = logging.getLogger("outlets.datagrams")

Place: TypeAlias = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
Encode: TypeAlias = Callable[[Frame, float], list[bytes]]

NUMERIC: Final = socket.AI_NUMERICHOST
FIRST_WAIT: Final = 1.0  # seconds until a host that is not known is looked for again
LONGEST_WAIT: Final = 30.0
EARLY: Final = 0.002  # seconds that a frame may come before its time, so that two clocks of one rate do not beat
DEVICE: Final = "00000000-0000-4000-8000-00000000c0b1"  # of the iPhone that this stands for


class Datagrams:
    """One outlet over UDP; `name` is the companion's, `midnight` the seconds of the day at time 0."""

    def __init__(self, address: Address, name: str, *, midnight: float = 0.0) -> None:
        self.address = address
        self.sent = 0  # datagrams
        self.lost = 0  # that the system would not take
        self._encode, self._chat = _encoder(address, name, midnight)
        self._every = 1 / address.fps
        self._due = float("-inf")
        self._chat_due = float("-inf")
        self._line = ""
        self._to: Place | None = None
        self._socket: socket.socket | None = None
        self._away = "its host was not looked for yet"
        self._closed = False
        with suppress(OSError):
            # A number needs no looking up, which may take long.
            self._found(socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM, flags=NUMERIC)[0])

    @property
    def standing(self) -> Standing:
        """Return how it stands now; whether anybody takes the datagrams, nobody is told."""
        return Standing(self.address.tool, "away" if self._away else "works", self._away[:REASON])

    async def run(self) -> None:
        """Find the host, and look again while it is not known; until then every frame is lost."""
        loop, wait, said = asyncio.get_running_loop(), FIRST_WAIT, ""
        while self._socket is None and not self._closed:
            try:
                self._found((await loop.getaddrinfo(self.address.host, self.address.port, type=socket.SOCK_DGRAM))[0])
            except OSError as error:
                self._away = f"{self.address.host} is not found: {error.strerror or error}"
                if said != self._away:
                    said = self._away
                    log.warning("outlet is away", extra={"outlet": str(self.address), "reason": said[:REASON]})
                await asyncio.sleep(wait)
                wait = min(LONGEST_WAIT, 2 * wait)

    def _found(self, place: tuple[int, int, int, str, Place]) -> None:
        if self._closed:
            return  # it was left while it was looked for
        family, kind, number, _, self._to = place
        self._socket = socket.socket(family, kind, number)
        self._socket.setblocking(False)
        self._away = ""

    def face(self, frame: Frame, now: float) -> None:
        """Send a frame if one is due, at most `fps` times a second."""
        if now < self._due - EARLY:
            return
        self._due = (self._due if now - self._due < self._every else now) + self._every
        for packet in self._encode(frame, now):
            self._send(packet)

    def words(self, text: str, now: float) -> None:
        """Show what was said so far, where the tool can."""
        if self._chat is None or text == self._line or now < self._chat_due:
            return
        self._line, self._chat_due = text, now + CHATBOX_S
        self._send(self._chat(text))

    def cue(self, name: str, now: float) -> None:
        """Do nothing: these tools have no cues."""

    def close(self, now: float) -> None:
        """Leave the face at rest."""
        for packet in self._encode(REST, now):
            self._send(packet)
        self._closed = True
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, packet: bytes) -> None:
        if self._socket is None or self._to is None:
            self.lost += 1
            return
        # Nobody there, a full buffer, a network that is down: the next frame is another try.
        try:
            self._socket.sendto(packet, self._to)
        except BlockingIOError:
            self.lost += 1
        except OSError as error:
            self.lost += 1
            self._away = f"it cannot be reached: {error.strerror or error}"
        else:
            self.sent += 1
            self._away = ""


def _encoder(address: Address, name: str, midnight: float) -> tuple[Encode, Callable[[str], bytes] | None]:
    match address.tool:
        case "livelink":
            subject = LiveLink(address.options.get("subject", name), DEVICE, address.fps)
            return lambda frame, now: [subject.packet(frame, int((midnight + now) * address.fps))], None
        case "vmc":
            sent = Vmc(address.says("perfect_sync"), address.says("clips"), address.says("bones"))
            return sent.packets, None
        case "ifacialmocap":
            version = int(address.options.get("version", "1"))
            return lambda frame, now: [ifacialmocap.text(frame, version=version)], None
        case "vrchat":
            chat = VrChat(address.options.get("prefix", "FT"))
            return lambda frame, now: chat.packets(frame), chat.subtitle if address.says("chatbox") else None
        case _:
            raise BadAddress("bad_outlet", f"{address.tool} is not sent by UDP")
