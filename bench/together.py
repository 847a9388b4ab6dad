"""Are ten headsets in step? `python -m bench.together [--devices 10] [--minutes 5]`: a simulated room, virtual time.

`--clients` has the devices play through the real players of the C#, the C++ and the Godot client too, as far as this
machine can build them; in the last two, messages are handed over once a frame of the game, 70 times a second.

A real room with scripted engines speaks to as many people as there are devices. Each device has a line of its own (a
delay of 5 to 60 ms one way, exponential jitter of 10 ms, one message in a hundred 150 ms late, in order), a clock that
started at another time and runs up to 100 ppm wrong, and a sound card that runs up to 200 ppm wrong by that clock. It
keeps to the protocol by `talk.instep`: pings, the quickest of ten answers, `media.at`, and 1 % faster or slower when it
is off. Looked at every 100 ms: how far apart the most distant two devices are in what is heard, and how far each is
from the instant that the server meant.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import tempfile
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

from bench.stats import summarize, table
from protocol import messages as m
from talk.instep import InStep
from testkit import clients, together, unreal
from testkit.gathering import Gathering, gather
from testkit.together import Device, Piece
from testkit.unity import programs, toolchain

RATE, BLOCK_S = 24_000, 0.01
SENTENCE = " ".join(f"word{number}" for number in range(40))  # 8 s of speech


class Reference(Device):
    """A device that keeps to the protocol by `talk.instep`, without a player."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__(dice)
        self.heard: dict[int, float] = {}  # tenth of a second: place in the stream, in seconds
        self.step = InStep()

    def play(self, media: Sequence[tuple[float, m.Media]], until: float) -> None:
        """Hear `media`, each with when it was sent, in blocks of 10 ms until `until`."""
        arrivals = [self.down.arrives(sent) for sent, _ in media]
        pongs: list[tuple[float, float, float]] = []  # arrives, stamp, the server's clock
        starts = [piece.at / 1000 for _, piece in media]
        place: float | None = None  # seconds of the server's clock at which what is heard now is due
        for number in range(int(until / BLOCK_S)):
            t = number * BLOCK_S
            now = self.clock(t)
            if self.step.due(now):
                there = self.up.arrives(t)
                pongs.append((self.back.arrives(there), now, there * 1000))
            while pongs and pongs[0][0] <= t:
                came, stamp, server = pongs.pop(0)
                self.step.pong(stamp, server, self.clock(came))
            come = bisect_right(arrivals, t)
            if place is None:
                # Between replies: begin with whatever is due now and is there.
                index = bisect_left(starts, (now + self.step.offset) / 1000, 0, come)
                if self.step.known and index < come and self.step.here(starts[index] * 1000) < now + 1000 * BLOCK_S:
                    place = (now + self.step.offset) / 1000 + BLOCK_S * self.skew
                continue
            speed = self.step.speed(place * 1000, now)
            if speed == float("inf") or not _has(place, starts, come, media):
                place = None
                continue
            if number % 10 == 0:
                self.heard[number // 10] = place
            place += BLOCK_S * self.card * self.skew * speed


def _has(place: float, starts: Sequence[float], come: int, media: Sequence[tuple[float, m.Media]]) -> bool:
    """Return whether what is due at `place` is among the first `come` pieces."""
    index = bisect_right(starts, place + 1e-9, 0, come) - 1
    return index >= 0 and place < starts[index] + len(media[index][1].pcm) / 2 / RATE


Found: TypeAlias = tuple[list[float], list[float]]  # the most distant two; each from the server, ms


def recorded(minutes: float) -> list[tuple[float, m.Media | m.ReplyEnd]]:
    """Return what a real room sends of its replies in so many minutes, each with when, in s."""

    async def play(room: Gathering) -> None:
        ada = await room.person("Ada")
        at = 1.0
        while at < minutes * 60 - 9:
            await room.at(at)
            ada.types("Mira, go on.")
            at += 10.0
        await room.at(minutes * 60)

    room = gather(play, {"Mira": (SENTENCE,)})
    told = room.people[0].avatar.messages
    return [(at, x) for at, x in told if isinstance(x, m.ReplyEnd) or (isinstance(x, m.Media) and x.turn and x.pcm)]


def devices(kind: Callable[[random.Random], Any], count: int, seed: int = 1) -> list[Any]:
    """Return so many devices, always the same."""
    dice = random.Random(seed)
    return [kind(random.Random(dice.random())) for _ in range(count)]


def apart(count: int, minutes: float, seed: int = 1) -> Found:
    """Return how far the devices of the reference are apart each tenth of a second."""
    media = [(at, x) for at, x in recorded(minutes) if isinstance(x, m.Media)]
    all_of_them = devices(Reference, count, seed)
    for device in all_of_them:
        device.play(media, minutes * 60)
    return together.offsets([device.heard for device in all_of_them])


def _sharp(paths: Sequence[str]) -> list[str]:
    built = programs.build()
    assert built.clean, built.told
    return ["mono", "--debug", str(toolchain.OUT / "Device.exe"), *paths]


def _plus(paths: Sequence[str]) -> list[str]:
    return [str(unreal.programs("fast", "device") / "device"), *paths]


def _godot(paths: Sequence[str]) -> list[str]:
    return [clients.GODOT, "--path", str(clients.godot()), "-s", "device.gd", *paths]


PLAYERS: Final[Mapping[str, tuple[Callable[[], str], Callable[[Sequence[str]], list[str]]]]] = {
    "C#": (toolchain.missing, _sharp),
    "C++": (unreal.missing, _plus),
    "Godot": (lambda: "" if shutil.which(clients.GODOT) else f"{clients.GODOT} is not installed", _godot),
}


def played(command: Callable[[Sequence[str]], list[str]], count: int, minutes: float) -> Found:
    """Return how far devices are apart that play what a real room sends through a client's own player."""
    pieces = []
    for sent, message in recorded(minutes):
        if isinstance(message, m.Media):
            samples = len(message.pcm) // 2
            pieces.append(Piece(sent, "media", message.turn, message.seq, message.pts, samples, message.at))
        else:
            pieces.append(Piece(sent, "reply_end", message.turn, message.seq, message.pts))
    scenarios = [together.scenario(device, pieces, minutes * 60) for device in devices(Device, count)]
    with tempfile.TemporaryDirectory() as folder:
        paths = together.written(Path(folder), scenarios)
        done = subprocess.run(command(paths), capture_output=True, text=True, check=False)
    return together.offsets(together.heard(done.stdout, pieces))


def main() -> None:
    """Print how far apart they are."""
    options = argparse.ArgumentParser()
    options.add_argument("--devices", type=int, default=10)
    options.add_argument("--minutes", type=float, default=5.0)
    options.add_argument("--clients", action="store_true")
    asked = options.parse_args()
    found = {"reference": apart(asked.devices, asked.minutes)}
    for name, (missing, command) in PLAYERS.items() if asked.clients else ():
        if why := missing():
            print(f"{name}: {why}")
        else:
            found[name] = played(command, asked.devices, asked.minutes)
    rows = []
    for name, (spreads, errors) in found.items():
        for what, values in (("the most distant two", spreads), ("each from the server", errors)):
            spread = summarize(values)
            rows.append([f"{name}: {what}", spread.n, spread.p50, spread.p99, spread.worst])
    print(table(["ms", "looks", "p50", "p99", "max"], rows))


if __name__ == "__main__":
    main()
