"""The front: holds the port, starts the workers, gives each client's socket to one, and replaces workers one by one.

It reads nothing that a client sends, so it knows neither TLS nor the protocol, and costs a system call a connection.
The port stays open while workers come and go: whoever connects meanwhile waits, and is not refused.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, Protocol, Self, TypeAlias, assert_never

from bridge.errors import ConfigError
from bridge.fleet import letters as x
from bridge.fleet.channel import Channel, pair
from bridge.fleet.counting import together
from bridge.fleet.roster import Roster, Stage, Worker

log = logging.getLogger("bridge.fleet.front")

BACKLOG: Final = 1024  # connections that the kernel keeps until a worker is there
AT_ONCE: Final = 64  # connections that are taken in one go
BEHIND: Final = 256  # letters that a worker may have untaken before it gets no more clients
START: Final = 600.0  # seconds that a worker may take to start: models are loaded
GRACE: Final = 10.0  # seconds beyond the time to drain after which a worker is killed
COUNTING: Final = 1.0  # seconds that workers may take to say what they count


class Child(Protocol):
    """A process that was started."""

    @property
    def pid(self) -> int:
        """Return its number."""
        ...

    def kill(self) -> None:
        """End it at once; ProcessLookupError where it has ended."""
        ...

    async def wait(self) -> int:
        """Wait for its end and return its status."""
        ...


Spawn: TypeAlias = Callable[[socket.socket], Awaitable[Child]]


def processes(command: Callable[[int], Sequence[str]]) -> Spawn:
    """Return what starts a worker by a command, which is told the number of its end of the channel."""

    async def spawn(end: socket.socket) -> Child:
        number = end.fileno()
        return await asyncio.create_subprocess_exec(
            *command(number), pass_fds=(number,), start_new_session=True, stdin=asyncio.subprocess.DEVNULL
        )

    return spawn


class Process:
    """A worker's process and the way to it."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.channel: Channel
        self.ready: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self.gone = asyncio.Event()
        self.child: Child | None = None
        self.arriving: dict[str, int] = {}  # sessions on their way to it, and from whom


class Front:
    """`async with Front(...)` listens and has every worker serve; leaving it lets them finish."""

    def __init__(
        self,
        listener: socket.socket,
        workers: int,
        spawn: Spawn,
        *,
        place: str,
        secret: bytes,
        drain_s: float,
    ) -> None:
        """Serve on `listener`; `spawn` starts a worker, given its end of the channel."""
        self._listener = listener
        self._slots = workers
        self._spawn = spawn
        self._seat = partial(x.Seat, place=place, secret=secret)
        self._drain_s = drain_s
        self._roster = Roster()
        self._processes: dict[int, Process] = {}
        self._loop = asyncio.get_running_loop()
        self._group: asyncio.TaskGroup | None = None
        self._stack = contextlib.AsyncExitStack()
        self._accepting = False
        self._ending = False
        self._replacing = asyncio.Lock()
        self._questions: dict[int, dict[str, bytes]] = {}
        self._asked = 0
        self._answered = asyncio.Event()

    @property
    def port(self) -> int:
        """Return the port that clients come to."""
        number: int = self._listener.getsockname()[1]
        return number

    @property
    def pids(self) -> dict[int, int]:
        """Return the process of each slot that serves."""
        serving = [each for each in self._processes.values() if each.worker.stage is Stage.SERVING]
        return {each.worker.slot: each.child.pid for each in serving if each.child is not None}

    async def __aenter__(self) -> Self:
        self._listener.setblocking(False)
        self._listener.listen(BACKLOG)
        self._group = await self._stack.enter_async_context(asyncio.TaskGroup())
        # The first alone: what keeps it from starting keeps all, and is told once.
        for slots in (range(1), range(1, self._slots)):
            started = [self._start(slot) for slot in slots]
            if not all(await asyncio.gather(*(self._up(process) for process in started))):
                await self.__aexit__()
                raise ConfigError("worker_failed", "a worker did not start; it has said why")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ending = True
        self._accept(wanted=False)
        for process in self._processes.values():
            self._finish(process, moves=False)
        await self._stack.aclose()
        self._listener.close()

    async def replace(self) -> bool:
        """Put a new process in the place of each worker, one after the other; False if one did not come up.

        Sessions go over as soon as they rest. What does not come up leaves the old worker where it is.
        """
        async with self._replacing:
            for slot in range(self._slots):
                old = [p for p in self._processes.values() if p.worker.slot == slot and p.worker.stage is Stage.SERVING]
                new = self._start(slot)
                if not await self._up(new):
                    log.error("a new worker did not start; the old one goes on", extra={"slot": slot})
                    return False
                for process in old:
                    self._roster.drain(process.worker.key)
                    self._finish(process, moves=True)
                    await process.gone.wait()
            return not self._ending

    # ---------------------------------------------------------------------------------------------------- processes

    def _start(self, slot: int) -> Process:
        worker = self._roster.begin(slot, self._loop.time())
        process = self._processes[worker.key] = Process(worker)
        ours, theirs = pair()
        process.channel = Channel(ours, partial(self._take, process), partial(self._lost, process))
        process.channel.send(self._seat(slot))
        assert self._group is not None
        self._group.create_task(self._watch(process, theirs))
        return process

    async def _up(self, process: Process) -> bool:
        try:
            async with asyncio.timeout(START):
                return await asyncio.shield(process.ready)
        except TimeoutError:
            self._kill(process)
            return False

    async def _watch(self, process: Process, theirs: socket.socket) -> None:
        """Run a worker's process to its end, and start another where it ended by itself."""
        worker = process.worker
        with theirs:
            process.child = await self._spawn(theirs)
        status = await process.child.wait()
        was, began = worker.stage, process.ready.done()
        process.channel.close()
        del self._processes[worker.key]
        pause = self._roster.gone(worker.key, self._loop.time())
        for session, sender in process.arriving.items():
            self._answer(sender, x.Moved(session, well=False))
        if not process.ready.done():
            process.ready.set_result(False)
        process.gone.set()
        self._accept(wanted=self._accepting)
        if self._ending or was is Stage.DRAINING or not began:
            return
        log.error("a worker has died and is started again", extra={"slot": worker.slot, "status": status})
        await asyncio.sleep(pause)
        while not self._ending and not await self._up(self._start(worker.slot)):
            pause = min(2 * pause, START)
            await asyncio.sleep(pause)

    def _finish(self, process: Process, *, moves: bool) -> None:
        """Have a worker finish, and see to it that it does."""
        process.channel.send(x.Drain(moves=moves, within=self._drain_s))
        self._loop.call_later((2 if moves else 1) * self._drain_s + GRACE, self._kill, process)

    def _lost(self, process: Process) -> None:
        """End a process that does not listen any more."""
        self._roster.lost(process.worker.key)
        self._accept(wanted=self._accepting)
        self._loop.call_later(GRACE, self._kill, process)

    def _kill(self, process: Process) -> None:
        if process.child is not None and not process.gone.is_set():
            with contextlib.suppress(ProcessLookupError):
                process.child.kill()

    # ------------------------------------------------------------------------------------------------------ clients

    def _accept(self, *, wanted: bool) -> None:
        """Take connections, while there is somebody to give them to."""
        wanted = wanted and not self._ending and self._roster.next() is not None
        if wanted and not self._accepting:
            self._loop.add_reader(self._listener, self._incoming)
        elif self._accepting and not wanted:
            self._loop.remove_reader(self._listener)
        self._accepting = wanted

    def _incoming(self) -> None:
        for _ in range(AT_ONCE):
            worker = self._roster.next()
            if worker is None:
                self._accept(wanted=False)
                return
            try:
                client, _ = self._listener.accept()
            except (BlockingIOError, ConnectionAbortedError):
                return
            except OSError as error:
                # No descriptors are left: whoever waits is not lost, and this loop must not spin meanwhile.
                log.error("cannot take a connection", extra={"reason": error.strerror})
                self._accept(wanted=False)
                self._loop.call_later(1.0, partial(self._accept, wanted=True))
                return
            self._give(self._processes[worker.key], x.Newcomer(), [client])

    def _give(self, process: Process, letter: x.Letter, sockets: list[socket.socket], bulk: bytes = b"") -> None:
        self._roster.took(process.worker.key, len(sockets))
        process.channel.send(letter, sockets, bulk)
        if process.channel.waiting > BEHIND:
            log.error("a worker takes nothing any more", extra={"slot": process.worker.slot})
            self._kill(process)

    # ------------------------------------------------------------------------------------------------------ letters

    def _take(self, process: Process, letter: x.Letter, sockets: list[socket.socket], bulk: bytes) -> None:
        roster, key = self._roster, process.worker.key
        match letter:
            case x.Ready():
                roster.ready(key)
                if not process.ready.done():
                    process.ready.set_result(True)
                self._accept(wanted=True)
            case x.Opened(session):
                roster.opened(session, key)
            case x.Closed(session):
                roster.closed(session, key)
            case x.Left():
                roster.left(key)
            case x.Passing(session):
                owner = roster.has(session)
                self._give(self._processes[owner.key] if owner is not None else process, letter, sockets, bulk)
            case x.Moving(session):
                self._move(process, letter, sockets, bulk)
            case x.Moved(session):
                sender = process.arriving.pop(session, 0)
                if not letter.well:
                    roster.opened(session, sender)
                self._answer(sender, letter)
            case x.Ask(number):
                assert self._group is not None
                self._group.create_task(self._count(process, number, bulk))
            case x.Told(number):
                if (answers := self._questions.get(number)) is not None:
                    answers[_label(process.worker)] = bulk
                    self._answered.set()
            case x.Seat() | x.Newcomer() | x.Drain():
                log.error("a letter that is not for the front")
            case _:
                assert_never(letter)

    def _move(self, process: Process, letter: x.Moving, sockets: list[socket.socket], bulk: bytes) -> None:
        heir = self._roster.heir(process.worker.key)
        if heir is None:
            for each in sockets:
                each.close()
            process.channel.send(x.Moved(letter.session, well=False))
            return
        # From now on whoever asks for the session is sent there, behind it.
        self._roster.opened(letter.session, heir.key)
        self._processes[heir.key].arriving[letter.session] = process.worker.key
        self._give(self._processes[heir.key], letter, sockets, bulk)

    def _answer(self, key: int, letter: x.Moved) -> None:
        if (process := self._processes.get(key)) is not None:
            process.channel.send(letter)

    async def _count(self, process: Process, number: int, own: bytes) -> None:
        """Tell a worker what all of them count."""
        self._asked += 1
        asked = self._asked
        answers = self._questions[asked] = {_label(process.worker): own}
        others = [p for p in self._processes.values() if p is not process and p.worker.stage is not Stage.STARTING]
        for each in others:
            each.channel.send(x.Ask(asked))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(COUNTING):
                while len(answers) <= len(others):
                    self._answered.clear()
                    await self._answered.wait()
        del self._questions[asked]
        process.channel.send(x.Told(number), (), together(answers))


def _label(worker: Worker) -> str:
    """Return what a worker is called in the metrics; a series of one that drains ends with it."""
    return f"{worker.slot}" if worker.stage is not Stage.DRAINING else f"{worker.slot}-draining"
