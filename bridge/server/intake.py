"""A client's socket from its first byte: held in the lobby, wrapped in TLS, and read no faster than it may cost.

The WebSocket library parses whatever one read brings in one go, and a read may bring 40,000 pings. So its input passes
through here in small pieces, each paid for in frames and bytes; what cannot be paid for yet waits in the kernel. Whole
binary messages, which nearly all are, never reach the library: `frames` reads and writes them.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from msgspec import Struct
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.datastructures import Headers
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import State

from bridge.core.budget import Budget
from bridge.core.lobby import Lobby, network
from bridge.core.rate import Pace
from bridge.server.frames import framed, payload
from bridge.server.posted import Posting

PIECE: Final = 4096  # bytes that are parsed in one go, of large frames
SMALL_PIECE: Final = 512  # of small ones: 85 of the smallest
LARGE: Final = 256  # bytes of a frame, on average, above which frames are large
RELAYED: Final = "Companion-Relayed"  # a header: another bridge passes this connection on, and nobody does again
TLS_PATIENCE: Final = 10.0  # seconds that a TLS handshake may take
TLS_GOODBYE: Final = 2.0  # seconds that closing TLS may take


@dataclass(frozen=True, slots=True)
class Door:
    """What every connection of a server comes in by.

    `pace` says when the next of an address is listened to, `open_budget` gives a new connection's budget, `crowded` is
    told that somebody had to leave the lobby, `left` of each connection that is gone.
    """

    lobby: Lobby[Intake]
    pace: Pace
    tls: ssl.SSLContext | None
    open_budget: Callable[[], Budget]
    crowded: Callable[[], None]
    left: Callable[[], None] = lambda: None


class Wired(Struct, frozen=True):
    """What must be known to go on with an open WebSocket: its terms, and the bytes that were not understood yet."""

    subprotocol: str
    path: str
    authorization: str
    tail: bytes
    relayed: bool = False


class Intake(ServerConnection):
    """A connection of the WebSocket library whose input is let through piece by piece."""

    def __init__(self, door: Door, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._door = door
        self.budget = door.open_budget()
        self._raw: asyncio.Transport | None = None  # what is under TLS
        self._flow: asyncio.Transport | None = None  # what the bytes come from, once they may
        self._securing: asyncio.Task[None] | None = None
        self._held = bytearray()  # read and not yet parsed; bounded by a read or two, as reading stops meanwhile
        self._next: asyncio.Handle | None = None  # when to go on
        self._full = False  # the library holds enough messages that nobody took
        self._reading = True
        self._ended = False
        self._parsed = 0
        self._most = PIECE  # bytes that may be parsed in one go
        self._take: Callable[[bytes], None] | None = None
        self._queued = 0  # messages that the library has begun to assemble and nobody has received
        self._tail: bytearray | None = None  # of a frame that is not whole; None while it is not known
        self._sized = 0  # bytes of the frames that were parsed in one go
        self._trusted = False  # it comes from another process of this server, which has let it in
        self._diverted: Callable[[bytes], None] | None = None
        self.posting = Posting()
        self._reads_head = True

    # ----------------------------------------------------------------------------------------------- coming in

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Enter the lobby; whoever has to go for that is cut off without a word."""
        self._raw = raw = cast("asyncio.Transport", transport)
        address = str((raw.get_extra_info("peername") or ("",))[0])
        gone = self._door.lobby.enter(self, address)
        if self._trusted and gone is not self:
            self._door.lobby.admit(self)
        if gone is not None:
            self._door.crowded()
            gone.cut_off()
        if gone is self:
            return
        wait = 0.0 if self._trusted else self._door.pace.wait(network(address), self.loop.time())
        if wait:
            raw.pause_reading()
            self._next = self.loop.call_later(wait, self._begin, raw)
        else:
            self._begin(raw)

    def _begin(self, raw: asyncio.Transport) -> None:
        self._next = None
        if self._door.tls is None or self._tail is not None:
            raw.resume_reading()
            self._open(raw)
        else:
            raw.pause_reading()
            self._securing = self.loop.create_task(self._secure(raw, self._door.tls))

    def cut_off(self) -> None:
        """Close the socket at once."""
        if self._raw is not None:
            self._raw.abort()

    async def _secure(self, raw: asyncio.Transport, context: ssl.SSLContext) -> None:
        try:
            secure = await self.loop.start_tls(
                raw,
                self,
                context,
                server_side=True,
                ssl_handshake_timeout=TLS_PATIENCE,
                ssl_shutdown_timeout=TLS_GOODBYE,
            )
        except OSError:  # the handshake failed or took too long, or the connection is lost
            secure = None
        if secure is None or raw.is_closing():
            raw.abort()
            self._door.lobby.leave(self)
            self._door.left()
        else:
            self._open(secure)

    def _open(self, transport: asyncio.Transport) -> None:
        self._flow = transport
        super().connection_made(cast("asyncio.Transport", _Tap(transport, self._pause, self._resume)))
        if self._held or self._ended:
            self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        """Leave the lobby, and forget what was not parsed."""
        self._door.lobby.leave(self)
        self._door.left()
        if self._next is not None:
            self._next.cancel()
        self._held.clear()
        if self._flow is not None:
            super().connection_lost(exc)

    # --------------------------------------------------------------------------------------------------- input

    def data_received(self, data: bytes) -> None:
        """Parse the first of `data` now and the rest when it is due."""
        if self._diverted is not None:
            self._diverted(data)
            return
        if self._reads_head:
            whole = self.posting.take(data)
            if whole is None:
                return
            data, self._reads_head = whole, False
            if self.posting.posted:
                self._diverted = _drop  # nothing more of it is read
        waits = self._held or self._full or self._next is not None or self._flow is None
        if not waits and len(data) <= self._most:
            # A message, as a rule: it is parsed as it came.
            if wait := self._parse(data):
                self._next = self.loop.call_later(wait, self._go_on)
            if self._full or self._next is not None:
                self._read(wanted=False)
            return
        self._held += data
        if self._flow is not None and self._next is None:
            self._go_on()

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio takes True for: keep the transport open
        """Pass the end on after all that came before it."""
        self._ended = True
        if self._flow is None or self._held:
            return self._flow is not None
        super().eof_received()
        return False

    def deliver(self, take: Callable[[bytes], None] | None) -> None:
        """Hand whole binary messages to `take` where they are parsed, with no queue and no task to wake.

        Everything else, and what comes behind it until that was received, is for `receive`. `take` raises nothing.
        """
        self._take = take

    def put(self, message: str | bytes) -> None:
        """Write a message to the socket's buffer at once; it is dropped where the connection is closing.

        For whoever writes in no other way meanwhile.
        """
        flow = self._flow
        if type(message) is bytes and flow is not None and self.protocol.state is State.OPEN:
            flow.write(framed(message))
        else:
            broadcast((self,), message)

    async def receive(self) -> str | bytes:
        """Return the next message that was not delivered; raises ConnectionClosed."""
        data = await self.recv()
        self._queued -= 1
        return data

    def process_event(self, event: Frame | Request | Response) -> None:
        """Count what is parsed, and deliver it where that may be."""
        self._parsed += 1
        if isinstance(event, Frame):
            opcode = event.opcode
            size = len(event.data)
            self._sized += size + (6 if size < 126 else 8 if size < 65_536 else 14)
            if opcode is Opcode.BINARY and event.fin and self._take is not None and not self._queued:
                self._take(bytes(event.data))
                return
            self._queued += opcode is Opcode.BINARY or opcode is Opcode.TEXT
        super().process_event(event)

    def _go_on(self) -> None:
        """Parse a piece if that is due, and see whether more may be read."""
        self._next = None
        if self._held and not self._full:
            size = self._most
            piece = bytes(self._held[:size])
            del self._held[:size]
            wait = self._parse(piece)
            if self._held or wait:
                self._next = self.loop.call_later(wait, self._go_on)
        self._read(wanted=not self._held and not self._full and self._next is None)

    def _parse(self, piece: bytes) -> float:
        """Deliver the messages that a piece begins with; let the library parse what they leave of it.

        Returns the seconds until there is credit for another piece.
        """
        self._parsed = self._sized = 0
        size = len(piece)
        if self._tail is None and self.request is not None and not self.protocol.reader.buffer:
            self._tail = bytearray()
        at = 0
        # Only from the beginning of a frame, with no message half read or not received.
        if self._tail is not None and not self._tail and not self._queued and self.protocol.state is State.OPEN:
            while self._take is not None and (found := payload(piece, at)) is not None:
                message, at = found
                self._parsed += 1
                self._take(message)
        if at < size:
            rest = piece[at:] if at else piece
            super().data_received(rest)
            if (tail := self._tail) is not None and (tail or self._sized != len(rest)):
                tail += rest
                del tail[: self._sized]
        # Few at once where the last piece held many small frames.
        self._most = SMALL_PIECE if self._parsed > 1 and size < self._parsed * LARGE else PIECE
        return self.budget.read(self.loop.time(), size, self._parsed)

    # --------------------------------------------------------------------------------------------- going elsewhere

    @property
    def relayed(self) -> bool:
        """Return whether another bridge passes this connection on."""
        return self.request is not None and RELAYED in self.request.headers

    def wired(self) -> Wired:
        """Return what another process must know; the bytes that were not understood leave this one."""
        request = self.request
        tail = bytes(self._tail or b"") + bytes(self._held)
        self._held.clear()
        if self._next is not None:
            self._next.cancel()
            self._next = None
        return Wired(
            self.subprotocol or "",
            request.path if request is not None else "/",
            request.headers.get("Authorization", "") if request is not None else "",
            tail,
            self.relayed,
        )

    @property
    def movable(self) -> bool:
        """Return whether the socket can ever be given to another process: it is not under TLS, and was read in step."""
        return self._flow is not None and self._flow is self._raw and self._tail is not None

    @property
    def portable(self) -> bool:
        """Return whether the socket can be given to another process now: all is sent, and no message is half read."""
        flow = self._flow
        if flow is None or not self.movable or self._queued or self._full or self._ended:
            return False
        return self.protocol.state is State.OPEN and not flow.is_closing() and not flow.get_write_buffer_size()

    def part(self) -> tuple[socket.socket, Wired]:
        """Give the socket up, which must be portable: it stays open, and this process reads and writes it no more."""
        assert self.portable
        assert self._flow is not None
        self._flow.pause_reading()
        taken = socket.socket(fileno=os.dup(self._flow.get_extra_info("socket").fileno()))
        wired = self.wired()
        self.forget()
        self._flow.abort()
        return taken, wired

    def forget(self) -> None:
        """Have the library write nothing more of its own."""
        if self.keepalive_task is not None:
            self.keepalive_task.cancel()
            self.keepalive_task = None

    def divert(self, take: Callable[[bytes], None]) -> Wired:
        """Hand every byte that comes from now on to `take`, and nothing to the library."""
        self.forget()
        wired = self.wired()
        self._diverted = take
        self._full = False
        self._read(wanted=True)
        return wired

    def settle(self, wired: Wired, *, trusted: bool) -> None:
        """Go on, before there is a transport, with a WebSocket that was opened elsewhere."""
        headers = Headers({"Authorization": wired.authorization} if wired.authorization else {})
        if wired.relayed:
            headers[RELAYED] = "1"
        self.request = Request(wired.path, headers)
        self._tail = bytearray()
        self._reads_head = False
        self._held += wired.tail
        self._trusted = trusted

    def _read(self, *, wanted: bool) -> None:
        flow = self._flow
        if flow is None or flow.is_closing():
            return
        if wanted and self._ended:
            super().eof_received()
            flow.close()
        elif wanted != self._reading:
            self._reading = wanted
            (flow.resume_reading if wanted else flow.pause_reading)()

    def _pause(self) -> None:
        self._full = True
        self._read(wanted=False)

    def _resume(self) -> None:
        self._full = False
        if self._next is None:
            # The library is in the middle of something.
            self._next = self.loop.call_soon(self._go_on)


def _drop(_: bytes) -> None:
    """Read no further."""


class _Tap:
    """A transport whose reading is turned off and on by whom it is told."""

    def __init__(self, transport: asyncio.Transport, pause: Callable[[], None], resume: Callable[[], None]) -> None:
        self._transport = transport
        self.pause_reading = pause
        self.resume_reading = resume

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
