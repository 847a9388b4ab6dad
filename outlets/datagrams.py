"""Sends the faces of the tools that take UDP: made from an address, fed with frames, deaf to whoever is not there."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Final, TypeAlias

from outlets import ifacialmocap
from outlets.address import Address, BadAddress
from outlets.frame import REST, Frame
from outlets.livelink import LiveLink
from outlets.vmc import Vmc
from outlets.vrchat import CHATBOX_S, VrChat

Encode: TypeAlias = Callable[[Frame, float], list[bytes]]

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
        self._to: tuple[str | int, ...] | tuple[int, bytes]
        try:
            family, kind, number, _, self._to = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_DGRAM)[
                0
            ]
            self._socket = socket.socket(family, kind, number)
        except OSError as error:
            raise BadAddress("outlet_unreachable", f"{address} cannot be reached: {error.strerror or error}") from error
        self._socket.setblocking(False)

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
        self._socket.close()

    def _send(self, packet: bytes) -> None:
        # Nobody there, a full buffer, a network that is down: the next frame is another try.
        try:
            self._socket.sendto(packet, self._to)
            self.sent += 1
        except OSError:
            self.lost += 1


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
