"""Carries scenes out over real sockets: the only place of this room that knows websockets, processes and a clock."""

from __future__ import annotations

import asyncio
import shlex
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any, Final, TypeVar

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

from protocol.conformance import play
from protocol.conformance.client.scenes import ClientScene
from protocol.conformance.client.scenes import performed as played_to_client
from protocol.conformance.client.stage import ClientStage, choose
from protocol.conformance.play import Play, Verdict
from protocol.conformance.server.probes import Probe
from protocol.conformance.server.probes import performed as played_to_server
from protocol.conformance.server.stage import ServerStage

HOST: Final = "127.0.0.1"
ALL: Final = "{urls}"  # a word of a command for which all addresses stand
LARGEST: Final = 2**22  # bytes of a message that either end may send us
SEND_S: Final = 5.0  # for an end that does not read
LAST_WORDS: Final = 4000  # characters of a process's stderr that are kept
QUIT_S: Final = 3.0
CLOSE_S: Final = 1.0  # from our close frame until we drop the connection, whatever a client has said to it

Sees = Callable[[play.Event], Sequence[play.Event]]
Item = TypeVar("Item")


class Hall:
    """Plays one scene: brings events to it, and carries out what it wants."""

    def __init__(self, performance: Play, sees: Sees = lambda event: (event,)) -> None:
        self.play = performance
        self.events: asyncio.Queue[play.Event] = asyncio.Queue()
        self.lines: dict[int, Connection] = {}
        self.sees = sees  # what the scene is told of an event: tests put a wrong server here
        self.address = ""  # whom we connect to
        self._token = ""
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Play to the end."""
        loop = asyncio.get_running_loop()
        await self._do(self.play.begin(loop.time()))
        while not self.play.over:
            deadline = self.play.deadline
            left = None if deadline is None else max(0.0, deadline - loop.time())
            try:
                event = await asyncio.wait_for(self.events.get(), left)
            except TimeoutError:
                await self._do(self.play.expire(loop.time()))
                continue
            for seen in self.sees(event):
                await self._do(self.play.receive(seen, loop.time()))

    async def close(self) -> None:
        """End what goes on beside the scene."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=1.0)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for line in self.lines.values():
            line.transport.abort()

    def aside(self, work: Any) -> None:
        """Do something that the scene need not wait for."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _do(self, actions: Sequence[play.Action]) -> None:
        for action in actions:
            line = self.lines.get(action.line)
            match action:
                case play.Connect():
                    self.aside(self._connect(action))
                case play.Request():
                    self.aside(self._ask(action))
                case _ if line is None:
                    pass
                case play.Send():
                    with suppress(ConnectionClosed, TimeoutError):
                        await asyncio.wait_for(line.send(_parts(action.data, action.frames)), SEND_S)
                case play.Ping():
                    self.aside(self._ping(action.line, line))
                case play.Close():
                    self.aside(_closed(line, action.code, action.reason))
                case play.Cut():
                    line.transport.abort()
                case play.Freeze():
                    assert isinstance(line.transport, asyncio.Transport)
                    line.transport.pause_reading()

    async def _ping(self, number: int, line: Connection) -> None:
        with suppress(ConnectionClosed):
            await (await line.ping())
            self.events.put_nowait(play.Ponged(number))

    async def _hear(self, number: int, line: Connection) -> None:
        with suppress(ConnectionClosed):
            async for data in line:
                self.events.put_nowait(play.Came(number, data))
        code = line.close_code or play.LOST
        self.events.put_nowait(play.Shut(number, code, line.close_reason or ""))

    # ------------------------------------------------------------------------------------------ clients come to us

    @asynccontextmanager
    async def open(self, host: str, port: int) -> AsyncIterator[str]:
        """Listen for as long as the `with` lasts; yield the address."""

        def select(_: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
            chosen = choose(tuple(map(str, offered)))
            return None if chosen is None else Subprotocol(chosen)

        async with serve(
            self._welcome, host, port, select_subprotocol=select, compression=None, ping_interval=None,
            max_size=LARGEST, close_timeout=CLOSE_S,
        ) as server:  # fmt: skip
            yield f"ws://{host}:{next(iter(server.sockets)).getsockname()[1]}"
            await self.close()

    async def _welcome(self, line: ServerConnection) -> None:
        number = len(self.lines)
        self.lines[number] = line
        assert line.request is not None
        offered = ",".join(line.request.headers.get_all("Sec-WebSocket-Protocol"))
        names = tuple(name.strip() for name in offered.split(",") if name.strip())
        self.events.put_nowait(play.Opened(number, names, line.request.path))
        await self._hear(number, line)

    # ------------------------------------------------------------------------------------------ we come to a server

    async def _connect(self, action: play.Connect) -> None:
        offers = [Subprotocol(name) for name in action.subprotocols]
        try:
            line: ClientConnection = await connect(
                self.address, subprotocols=offers or None, origin=action.origin or None,  # type: ignore[arg-type]
                compression=None, ping_interval=None, max_size=LARGEST, proxy=None,
            )  # fmt: skip
        except InvalidStatus as refused:
            self.events.put_nowait(
                play.Answered(action.line, refused.response.status_code, bytes(refused.response.body or b""))
            )
            return
        except (OSError, InvalidHandshake, EOFError) as error:
            self.events.put_nowait(play.Shut(action.line, play.LOST, str(error)))
            return
        self.lines[action.line] = line
        self.events.put_nowait(play.Opened(action.line, (str(line.subprotocol),) if line.subprotocol else ()))
        await self._hear(action.line, line)

    async def _ask(self, action: play.Request) -> None:
        status, body = await http(self.address, action.method, action.path)
        self.events.put_nowait(play.Answered(action.line, status, body))


def _parts(data: bytes | str, count: int) -> Any:
    """Return a message, or its fragments."""
    if count <= 1 or len(data) < count:
        return data
    size = -(-len(data) // count)
    return [data[at : at + size] for at in range(0, len(data), size)]


async def _closed(line: Connection, code: int, reason: str) -> None:
    with suppress(ConnectionClosed):
        await line.close(code, reason)


async def http(address: str, method: str, path: str) -> tuple[int, bytes]:
    """Ask the port of a WebSocket address by plain HTTP; its status, 0 for none, and its answer."""
    import http.client
    from urllib.parse import urlsplit

    parts = urlsplit(address)

    def ask() -> tuple[int, bytes]:
        kind = http.client.HTTPSConnection if parts.scheme == "wss" else http.client.HTTPConnection
        connection = kind(parts.hostname or HOST, parts.port, timeout=SEND_S)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return 0, b""
        finally:
            connection.close()

    return await asyncio.to_thread(ask)


# ------------------------------------------------------------------------------------------------ whole runs


@asynccontextmanager
async def started(command: str, addresses: Sequence[str], halls: Sequence[Hall]) -> AsyncIterator[None]:
    """Run a client's command for as long as the `with` lasts; all of the halls are told when it ends by itself.

    In the command `{url}` is the first of our addresses, and a word `{urls}` all of them, a word each.
    """
    words: list[str] = []
    for word in shlex.split(command):
        words += addresses if word == ALL else [word.replace("{url}", addresses[0])]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *words, stdin=pipe, stdout=asyncio.subprocess.DEVNULL, stderr=pipe, limit=2**20
    )
    last = bytearray()

    async def listen() -> None:
        assert process.stderr is not None
        while data := await process.stderr.read(4096):
            last.extend(data)
            del last[:-LAST_WORDS]
        code = await process.wait()
        for hall in halls:
            hall.events.put_nowait(play.Ended(code, last.decode(errors="replace")))

    listening = asyncio.create_task(listen())
    try:
        yield
    finally:
        assert process.stdin is not None
        process.stdin.close()
        stops: tuple[Callable[[], None], ...] = (lambda: None, process.terminate, process.kill)
        for stop in stops:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    stop()
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), QUIT_S)
        await asyncio.wait_for(listening, None)


async def judge_client(
    *scenes: ClientScene,
    host: str = HOST,
    port: int = 0,
    start: str = "",
    slack: float = 0.35,
    patience: float = 20.0,
) -> list[Verdict]:
    """Play a scene to a client that is started, or that somebody points at the port.

    Several scenes are played at once, each on a port of its own, to a program that takes all of the addresses.
    """
    stages = [ClientStage(scene.name, slack=slack, patience=patience) for scene in scenes]
    halls = [Hall(Play(stage, played_to_client(scene))) for stage, scene in zip(stages, scenes, strict=True)]
    async with AsyncExitStack() as stack:
        addresses = [await stack.enter_async_context(hall.open(host, port)) for hall in halls]
        if start:
            await stack.enter_async_context(started(start, addresses, halls))
        await asyncio.gather(*(hall.run() for hall in halls))
    return [verdict for stage in stages for verdict in stage.verdicts.values()]


async def judge_server(
    probe: Probe, address: str, *, token: str = "", patience: float = 10.0, sees: Sees = lambda event: (event,)
) -> list[Verdict]:
    """Play one probe to a server."""
    stage = ServerStage(probe.name, token=token, patience=patience)
    hall = Hall(Play(stage, played_to_server(probe)), sees)
    hall.address = address
    await hall.run()
    await hall.close()
    return list(stage.verdicts.values())


async def all_of(works: Sequence[Callable[[], Any]], at_once: int) -> list[Verdict]:
    """Do so many at a time; every verdict, in their order."""
    door = asyncio.Semaphore(at_once)

    async def one(work: Callable[[], Any]) -> list[Verdict]:
        async with door:
            verdicts: list[Verdict] = await work()
            return verdicts

    return [verdict for verdicts in await asyncio.gather(*map(one, works)) for verdict in verdicts]
