"""One socket: the handshake, the receive loop, the write loop, the close. With `server` the only user of websockets.

Messages to send wait in `_unsent`, bounded in bytes: a client that does not read is closed, its session parked. The
socket's own buffers are kept small by the server, so that what waits, waits here, where an interruption can drop it.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from typing import Final, assert_never

from websockets.exceptions import ConnectionClosed

from bridge.core.budget import Budget, Kind
from bridge.core.rate import Verdict
from bridge.errors import close_code
from bridge.metrics import Metrics
from bridge.server.intake import Intake, Wired
from bridge.session.alarm import Alarm
from bridge.session.session import Session
from protocol import messages as m
from protocol.codec import MIC_VALUES, codec_for
from protocol.errors import RemoteProtocolError

DIRECT: Final = 8_192  # bytes in the socket's buffer up to which a message need not wait its turn
BAD_MESSAGES: Final = 8  # after which a client is not worth listening to
RESTART: Final = 1012  # close code: the service restarts
BYTES_PER_S: Final = 2 * m.MIC_RATE  # of a microphone
ABORT_AFTER: Final = 2.0  # seconds that a polite close may take


class Connection:
    """A client's socket, as a `Link` of its session."""

    def __init__(self, socket: Intake, *, budget: Budget, max_backlog: int, metrics: Metrics) -> None:
        self._loop = asyncio.get_running_loop()
        self._socket = socket
        self._waiting = socket.transport.get_write_buffer_size  # bytes in the socket's buffer
        self._codec = codec_for(socket.subprotocol)
        self._budget = budget
        self._max_backlog = max_backlog
        self._metrics = metrics
        self._unsent: deque[tuple[m.ServerMessage, int]] = deque()
        self._unsent_bytes = 0
        self._alarm = Alarm()
        self._writing = False  # the write loop has a message in hand
        self._finished = False
        self._restarts = False  # the session is in another process, the client has to come again
        self._parted = False  # another process has the socket
        self._farewell: m.Error | None = None
        self._bad = 0
        self.first: str | bytes = b""  # the first message, as it came

    # --------------------------------------------------------------------------------------------- handshake

    async def hello(self, patience: float) -> m.Hello:
        """Return the client's first message.

        RemoteProtocolError for anything else or none within `patience` seconds.
        """
        try:
            async with asyncio.timeout(patience):
                data = self.first = await self._socket.receive()
        except TimeoutError as error:
            raise RemoteProtocolError("hello_timeout", f"no hello came within {patience:g} s") from error
        return self.opening(data)

    def opening(self, data: str | bytes) -> m.Hello:
        """Return the first message that a client has sent; RemoteProtocolError for anything but a good hello."""
        try:
            message = self._codec.decode_client(data)
        except RemoteProtocolError as error:
            raise RemoteProtocolError("bad_message", error.message) from error
        if not isinstance(message, m.Hello):
            raise RemoteProtocolError("hello_expected", "the first message must be `hello`")
        if message.version != m.VERSION:
            raise RemoteProtocolError("unsupported_version", f"this server speaks version {m.VERSION}")
        return message

    async def refuse(self, error: m.Error) -> None:
        """Say why there is no session, and close."""
        self.finish(error)
        await self._write()

    async def part(self) -> None:
        """Say what is left to be said when serving has ended, if the socket still takes it."""
        if self._finished:
            await self._write()

    # ------------------------------------------------------------------------------------------ as a Link

    @property
    def backlog(self) -> int:
        """Bytes posted and not yet handed to the socket."""
        return self._unsent_bytes + self._waiting()

    def post(self, message: m.ServerMessage, size: int) -> None:
        """Send `message`, of about `size` bytes, after those before it."""
        if self._finished:
            return
        if type(message) is m.Media:
            # A client may tell of each one where it plays.
            self._budget.expect(1.0)
        if not self._unsent and not self._writing and self._waiting() < DIRECT:
            # Nothing waits: the message goes to the socket at once, and no task has to wake for it.
            self._socket.put(self._codec.encode(message))
            return
        self._unsent.append((message, size))
        self._unsent_bytes += size
        if self._unsent_bytes > self._max_backlog:
            self._unsent.clear()
            self._unsent_bytes = 0
            sentence = "you read more slowly than the companion speaks; resume when you can"
            self.finish(m.Error(code="slow_client", message=sentence, fatal=True))
        self._alarm.ring()

    def cut(self, interrupted: m.Interrupted) -> None:
        """Drop what is unsent of turns up to that of `interrupted`, and send it next."""
        if self._finished:
            return
        # What is left is no media: little enough to go before it, and so the numbers stay in order.
        self._unsent = deque(item for item in self._unsent if not _of_turn(item[0], interrupted.turn))
        self._unsent.append((interrupted, 64))
        self._unsent_bytes = sum(size for _, size in self._unsent)
        self._alarm.ring()

    def finish(self, error: m.Error | None) -> None:
        """Send what is unsent and `error`, then close; a socket that does not take it is aborted."""
        if self._finished:
            return
        self._finished = True
        self._farewell = error
        asyncio.get_running_loop().call_later(ABORT_AFTER, self._socket.transport.abort)
        self._alarm.ring()

    # ---------------------------------------------------------------------------------------------- going elsewhere

    @property
    def portable(self) -> bool:
        """Return whether the socket can be given to another process now."""
        return not (self._finished or self._unsent or self._writing) and self._socket.portable

    @property
    def movable(self) -> bool:
        """Return whether it ever can."""
        return self._socket.movable

    def give_up(self) -> tuple[socket.socket, Wired]:
        """Return the socket, which must be portable, and what another process must know to go on with it."""
        self._finished = self._parted = True
        self._alarm.ring()
        return self._socket.part()

    def restart(self) -> None:
        """Close as a proxy does that restarts: the client comes back for its session."""
        if not self._finished:
            self._restarts = True
            self.finish(None)

    # ---------------------------------------------------------------------------------------------- serving

    async def serve(self, session: Session | None) -> None:
        """Carry messages both ways until either side closes; a viewer's connection has no session to talk to."""
        # What a resume replays was posted already, and is no sign of a slow client.
        self._max_backlog += self._unsent_bytes
        broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        time, microphone, affords = self._loop.time, self._codec.microphone, self._budget.sound

        def take(data: bytes) -> None:
            try:
                # Fifty times a second for each microphone: what is in hand pays for it in one go.
                mic = microphone(data) if session is not None and not self._finished else None
                if mic is None or session is None or not affords(MIC_VALUES, len(mic.data) / BYTES_PER_S):
                    self._take(data, session)
                else:
                    session.hear(mic, time())
            except BaseException as error:  # of our own code: it ends this connection here, not the library's reading
                if not broken.done():
                    broken.set_exception(error)

        try:
            async with asyncio.TaskGroup() as group:
                others = [group.create_task(self._write()), group.create_task(_raised(broken))]
                self._socket.deliver(take)
                await self._receive(session)
                for task in others:
                    task.cancel()
        finally:
            self._socket.deliver(None)

    async def _receive(self, session: Session | None) -> None:
        try:
            while True:
                self._take(await self._socket.receive(), session)
        except ConnectionClosed:
            pass

    def _take(self, data: str | bytes, session: Session | None) -> None:
        if self._finished:
            return
        now = self._loop.time()
        if not self._affords(now, "messages"):
            return
        try:
            values = self._codec.weigh(data)
            if not self._affords(now, "values", values):
                return
            message = self._codec.decode_client(data, weighed=True)
        except RemoteProtocolError as error:
            self._mistake(error)
            return
        if type(message) is m.Mic:
            taken = self._affords(now, "sound", len(message.data) / BYTES_PER_S)
        else:
            taken = not _begins_turn(message) or self._affords(now, "turns")
        if taken:
            self._understood(message, session, now)

    def _understood(self, message: m.ClientMessage, session: Session | None, now: float) -> None:
        match message:
            case m.Mic(companion="main") if session is not None:
                session.hear(message, now)
            case m.Ping(stamp=stamp):
                if session is not None:
                    session.alive()
                self.post(m.Pong(stamp=stamp, server=now * 1000), 32)
            case m.Hello():
                self._mistake(RemoteProtocolError("bad_message", "`hello` may only be the first message"))
            case m.Bye() if session is None:
                self.finish(None)
            case _ if session is None:
                self._tell("unsupported", "a viewer only watches")
            case m.Bye():
                session.receive(message)
            case _ if not session.knows(message.companion):
                self._tell("unknown_companion", f"there is no companion {message.companion!r} here")
            case _:
                session.receive(message)

    def _affords(self, now: float, kind: Kind, cost: float = 1.0) -> bool:
        verdict = self._budget.judge(now, kind, cost)
        if verdict is Verdict.TAKEN:
            return True
        self._metrics.rate_limited.inc()
        sentence = f"too many {kind} a second; what is beyond that is dropped"
        match verdict:
            case Verdict.DROPPED:
                pass
            case Verdict.TOLD:
                self._tell("rate_limited", sentence)
            case Verdict.FLOOD:
                self.finish(m.Error(code="rate_limited", message=sentence, fatal=True))
            case _:
                assert_never(verdict)
        return False

    def _mistake(self, error: RemoteProtocolError) -> None:
        self._bad += error.code == "bad_message"
        if self._bad >= BAD_MESSAGES:
            self.finish(m.Error(code="bad_message", message=error.message, fatal=True))
        else:
            self._tell(error.code, error.message)

    def _tell(self, code: str, sentence: str) -> None:
        self.post(m.Error(code=code, message=sentence), 128)

    async def _write(self) -> None:
        encode, send = self._codec.encode, self._socket.send
        try:
            while True:
                while self._unsent:
                    message, size = self._unsent.popleft()
                    self._unsent_bytes -= size
                    self._writing = True
                    await send(encode(message))
                    self._writing = False
                if self._finished:
                    break
                await self._alarm.until(None)
            farewell = self._farewell
            if self._parted:
                return
            if self._restarts:
                await self._socket.close(RESTART, "moved")
            elif farewell is None:
                await self._socket.close(1000, "bye")
            else:
                await send(encode(farewell))
                await self._socket.close(close_code(farewell.code), farewell.code)
        except ConnectionClosed:
            pass


async def _raised(broken: asyncio.Future[None]) -> None:
    """Raise what `broken` is told of."""
    await broken


def _begins_turn(message: m.ClientMessage) -> bool:
    """Return whether the companion may answer `message` with a reply."""
    match message:
        case m.UserText() | m.Talk(on=True):
            return True
        case m.Context(respond=respond):
            return respond != "silent"
        case _:
            return False


def _of_turn(message: m.ServerMessage, turn: int) -> bool:
    """Return whether `message` is what is heard or seen of a reply up to `turn` (idle life too.

    It was for another moment).
    """
    match message:
        case m.WordText() | m.Media() | m.CueAt() | m.ToolCall() | m.ReplyEnd():
            return message.turn <= turn
        case _:
            return False
