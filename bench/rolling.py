"""A rolling restart under load: `python -m bench.rolling [--workers 4] [--sessions 200] [--turns 8]`.

Every session asks a question each PERIOD seconds, evenly phased, and plays the answers in real time; halfway every
worker is replaced. Counted: connections that closed, welcomes beyond the first, numbers that are missing or twice,
answers whose joined sound is not the synthesizer's sample for sample, and media that came after they were due.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from time import perf_counter

import msgpack

from bench.machine import runner
from bench.seat import sound
from bench.stats import Summary, summarize, table
from bench.wire import Wire, connect
from bridge.fleet.front import Front, processes

PERIOD = 6.0  # seconds from one question of a session to the next
LEAD = 0.05  # seconds of sound that a client has before it plays
TICKS = 48_000


@dataclass(slots=True)
class Answer:
    """One turn as it arrived; times by `perf_counter`."""

    asked: str
    number: int
    asked_at: float
    first_at: float = 0.0
    late: float = 0.0  # seconds by which the latest of its media came after it was due
    pcm: bytearray = field(default_factory=bytearray)
    whole: bool = False


class Talker:
    """One session: its questions and the answers."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.answers: list[Answer] = []
        self.welcomes = 0
        self.seqs: list[int] = []
        self.errors: list[str] = []
        self.wire: Wire | None = None
        self.welcomed = asyncio.Event()

    async def open(self, port: int) -> None:
        """Connect and say hello."""
        self.wire = await connect(port, self._receive, subprotocol="companion.v1.msgpack")
        hello = {"type": "hello", "version": 1, "client": "bench", "face": {"profile": "arkit52", "fps": 60}}
        self.wire.send(msgpack.packb(hello))
        await self.welcomed.wait()

    def ask(self) -> None:
        """Ask the next question."""
        assert self.wire is not None
        number = len(self.answers) + 1
        asked = f"{self.name} number {number}"
        self.answers.append(Answer(asked, number, perf_counter()))
        self.wire.send(msgpack.packb({"type": "text", "text": asked}))

    def _receive(self, payload: bytes) -> None:
        message = msgpack.unpackb(payload)
        kind = message["type"]
        if kind == "welcome":
            self.welcomes += 1
            self.welcomed.set()
            return
        if seq := message.get("seq"):
            self.seqs.append(seq)
        if kind == "error":
            self.errors.append(message["code"])
        elif kind == "media" and message["turn"]:
            self._media(message, perf_counter())
        elif kind == "reply_end":
            self.answers[message["turn"] - 1].whole = True

    def _media(self, message: dict[str, object], now: float) -> None:
        turn, pts, pcm = message["turn"], message["pts"], message.get("pcm", b"")
        assert isinstance(turn, int)
        assert isinstance(pts, int)
        assert isinstance(pcm, bytes)
        answer = self.answers[turn - 1]
        if not answer.first_at:
            answer.first_at = now
        answer.late = max(answer.late, now - answer.first_at - LEAD - pts / TICKS)
        answer.pcm += pcm
        assert self.wire is not None
        heard = min(pts, round((now - answer.first_at) * TICKS))
        self.wire.send(msgpack.packb({"type": "playhead", "turn": turn, "pts": heard, "seq": message["seq"]}))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What all sessions saw."""

    sessions: int
    answers: int
    restart_s: float
    closed: int
    welcomes: int  # beyond the first of each session
    wrong_numbers: int  # sessions whose numbers were not 1, 2, 3, ...
    unequal: int  # answers whose joined sound is another
    unfinished: int
    errors: int
    before_ms: Summary
    during_ms: Summary
    late_before: int
    late_during: int


async def talk(port: int, front: int, sessions: int, turns: int, replaced: asyncio.Event) -> Outcome:
    """Run all sessions, and the restart in their middle."""
    talkers = [Talker(f"session {number}") for number in range(sessions)]
    for talker in talkers:
        await talker.open(port)
    loop = asyncio.get_running_loop()
    start = loop.time() + 0.5
    for index, talker in enumerate(talkers):
        for turn in range(turns):
            loop.call_at(start + PERIOD * (turn + index / sessions), talker.ask)
    await asyncio.sleep(start + PERIOD * 2 - loop.time())
    began = perf_counter()
    os.kill(front, signal.SIGHUP)
    await replaced.wait()
    ended = perf_counter()
    await asyncio.sleep(max(0.0, start + PERIOD * (turns + 1) - loop.time()))
    answers = [answer for talker in talkers for answer in talker.answers]
    during = [answer for answer in answers if began <= answer.asked_at <= ended]
    before = [answer for answer in answers if answer.asked_at < began]
    return Outcome(
        sessions,
        len(answers),
        ended - began,
        sum(talker.wire is None or talker.wire.closed.done() for talker in talkers),
        sum(talker.welcomes - 1 for talker in talkers),
        sum(talker.seqs != list(range(1, len(talker.seqs) + 1)) for talker in talkers),
        sum(bytes(answer.pcm) != sound(answer.asked, answer.number) for answer in answers),
        sum(not answer.whole for answer in answers),
        sum(len(talker.errors) for talker in talkers),
        summarize((answer.first_at - answer.asked_at) * 1000 for answer in before if answer.first_at),
        summarize((answer.first_at - answer.asked_at) * 1000 for answer in during if answer.first_at),
        sum(answer.late > 0 for answer in before),
        sum(answer.late > 0 for answer in during),
    )


async def front(workers: int) -> None:
    """Be the front, in a process of its own: prints "ready PORT", and "replaced" after each SIGHUP."""
    loop = asyncio.get_running_loop()
    stop, again = asyncio.Event(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGHUP, again.set)
    listener = socket.create_server(("127.0.0.1", 0))
    spawn = processes(lambda end: [sys.executable, "-m", "bench.seat", str(end)])
    async with Front(listener, workers, spawn, place="here", secret=b"bench", drain_s=60.0) as serving:
        print("ready", serving.port, flush=True)
        ends = asyncio.ensure_future(stop.wait())
        while not ends.done():
            asked = asyncio.ensure_future(again.wait())
            await asyncio.wait([ends, asked], return_when=asyncio.FIRST_COMPLETED)
            if again.is_set():
                again.clear()
                print("replaced" if await serving.replace() else "failed", flush=True)
            asked.cancel()


def measure(workers: int, sessions: int, turns: int) -> Outcome:
    """Run front, workers and sessions."""
    command = [sys.executable, "-m", "bench.rolling", "--front", "--workers", str(workers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline().split()[1])
            with runner() as loop:
                return loop.run(_measured(process, port, sessions, turns))
        finally:
            process.terminate()
            process.wait(90)


async def _measured(process: subprocess.Popen[str], port: int, sessions: int, turns: int) -> Outcome:
    replaced = asyncio.Event()
    loop = asyncio.get_running_loop()
    assert process.stdout is not None
    pipe = process.stdout

    def told() -> None:
        if pipe.readline().strip() == "replaced":
            replaced.set()

    loop.add_reader(pipe, told)
    try:
        return await talk(port, process.pid, sessions, turns, replaced)
    finally:
        loop.remove_reader(pipe)


def report(workers: int, found: Outcome) -> str:
    """Return the outcome as Markdown."""
    rows = [
        ("connections that closed", found.closed),
        ("sessions that were welcomed again", found.welcomes),
        ("sessions with a number missing or twice", found.wrong_numbers),
        ("answers not equal to the synthesizer's sound, sample for sample", found.unequal),
        ("answers not finished", found.unfinished),
        ("errors told to clients", found.errors),
        ("question to first sound before the restart, ms (100 are the dialogue's)", str(found.before_ms)),
        ("the same during the restart", str(found.during_ms)),
        ("answers with media after it was due, before the restart", f"{found.late_before} of {found.before_ms.n}"),
        ("the same during the restart", f"{found.late_during} of {found.during_ms.n}"),
    ]
    told = f"{workers} workers, {found.sessions} sessions, {found.answers} answers; all workers new in "
    return f"{told}{found.restart_s:.1f} s.\n\n{table(('what', 'count'), rows)}"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--turns", type=int, default=8, help="questions of each session")
    parser.add_argument("--front", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.front:
        with runner() as loop:
            loop.run(front(arguments.workers))
        return
    print(report(arguments.workers, measure(arguments.workers, arguments.sessions, arguments.turns)))


if __name__ == "__main__":
    main()
