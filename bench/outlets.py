"""Is the face in other tools at the sound? `python -m bench.outlets [--turns 10]`: real sockets, in real time.

A server with scripted engines, whose faces carry the number of their frame, sends them to VMC, Live Link Face and
VRChat at once, sixty times a second, while a client plays the reply and reports its playhead as the reference client
does. At each datagram the frame in it is compared with the position that the client plays at that instant: positive
means that the face is ahead of the sound. VMC and VRChat are decoded by python-osc, Live Link Face by its layout; what
the client does with its sound card is not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from bench.stats import summarize, table
from bridge.command.outlets import mirrored
from bridge.server.server import Server
from bridge.session.companion import Companion
from bridge.setup.config import Config
from bridge.setup.sections import ServerSection
from engines.face.rigs import NAMES
from outlets.address import parse
from outlets.cast import opened
from talk.client import Companion as Client
from talk.conversation import Conversation
from talk.screen import Screen
from testkit.scripted.engines import scripted_engines

TICKS, FPS, WRAP = 48_000, 60, 256
REPLY = " ".join(f"Sentence {n} has exactly eight words to say." for n in range(4))
MS_PER_WORD = 200


@dataclass(slots=True)
class Tool:
    """One tool: how its datagrams are read, and what was found, in ms."""

    read: Callable[[bytes], float | None]
    offsets: list[float] = field(default_factory=list)
    frames: int = 0


def _osc(wanted: str, name: str = "") -> Callable[[bytes], float | None]:
    def read(packet: bytes) -> float | None:
        for each in OscBundle(packet):
            if isinstance(each, OscMessage) and each.address == wanted:
                *names, value = each.params
                if not name or names == [name]:
                    return float(value)
        return None

    return read


def _livelink(packet: bytes) -> float | None:
    (size,) = struct.unpack_from(">i", packet, 1)
    (more,) = struct.unpack_from(">i", packet, 5 + size)
    return float(struct.unpack_from(">61f", packet, 5 + size + 4 + more + 17)[NAMES.index("jawOpen")])


TOOLS: dict[str, tuple[str, Callable[[bytes], float | None]]] = {
    "VMC": ("vmc://127.0.0.1:{}?clips=no&bones=no", _osc("/VMC/Ext/Blend/Val", "JawOpen")),
    "Live Link Face": ("livelink://127.0.0.1:{}", _livelink),
    "VRChat": ("vrchat://127.0.0.1:{}?chatbox=no", _osc("/avatar/parameters/FT/v2/JawOpen")),
}


async def _measure(turns: int) -> dict[str, Tool]:
    loop = asyncio.get_running_loop()
    tools = {name: Tool(read) for name, (_, read) in TOOLS.items()}
    ears = {name: socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for name in TOOLS}
    heard: list[tuple[float, int]] = [(0.0, 0)]
    playing: list[Conversation] = []

    def listen(name: str) -> None:
        packet, now = ears[name].recv(2000), loop.time()
        value = tools[name].read(packet)
        if value is None or not playing or not playing[0].playout.turn:
            return
        at, pts = heard[-1]
        position = pts / TICKS + now - at
        number = round(value * 255)
        behind = (number - position * FPS + WRAP / 2) % WRAP - WRAP / 2
        tools[name].frames += 1
        # Its first and last frames are eased: there the number is none.
        if 0.2 < position < len(REPLY.split()) * MS_PER_WORD / 1000 - 0.2:
            tools[name].offsets.append(1000 * (behind + 0.5) / FPS)

    for name, ear in ears.items():
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        loop.add_reader(ear, listen, name)
    to = [parse(url.format(ears[name].getsockname()[1])) for name, (url, _) in TOOLS.items()]
    engines = scripted_engines(replies=(REPLY,), ms_per_word=MS_PER_WORD)
    async with (
        Server(Config(server=ServerSection(port=0)), Companion(engines, "bench")) as server,
        opened(to, "bench", {}) as cast,
        mirrored(server, cast),
        Client.connect(f"ws://127.0.0.1:{server.port}") as client,
    ):
        conversation = Conversation(client, Screen(io.StringIO(), quiet=True))
        playing.append(conversation)
        read = conversation.playout.read

        def timed(samples: int) -> object:
            found = read(samples)
            heard[:] = [(loop.time(), conversation.playout.pts)]
            return found

        conversation.playout.read = timed  # type: ignore[assignment, method-assign]  # as it was, and when
        working = [loop.create_task(conversation.receive()), loop.create_task(conversation.play())]
        for turn in range(turns):
            await conversation.say("go on")
            await conversation.answered(turn, patience=60)
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)
    for ear in ears.values():
        loop.remove_reader(ear)
        ear.close()
    return tools


def measure(turns: int) -> dict[str, Tool]:
    """Play some replies."""
    return asyncio.run(_measure(turns))


def report(tools: dict[str, Tool]) -> str:
    """Return the table as Markdown."""
    rows: list[tuple[object, ...]] = []
    for name, tool in tools.items():
        signed, size = summarize(tool.offsets), summarize(abs(offset) for offset in tool.offsets)
        rows.append((name, len(tool.offsets), f"{signed.p50:+.1f}", f"{size.p95:.1f}", f"{size.p99:.1f}"))
    return table(("tool", "frames", "p50 ms", "p95 ms (size)", "p99 ms (size)"), rows)


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns", type=int, default=10)
    print(report(measure(parser.parse_args().turns)))


if __name__ == "__main__":
    main()
