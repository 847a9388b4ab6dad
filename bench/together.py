"""Are ten headsets in step? `python -m bench.together [--devices 10] [--minutes 5]`: a simulated room, virtual time.

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
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.stats import summarize, table
from protocol import messages as m
from talk.instep import InStep
from testkit.gathering import Gathering, gather

RATE, BLOCK_S = 24_000, 0.01
SENTENCE = " ".join(f"word{number}" for number in range(40))  # 8 s of speech


@dataclass
class Line:
    """A network: in order, delayed, seldom stalled."""

    dice: random.Random
    base: float
    _last: float = 0.0

    def delay(self) -> float:
        """Return the seconds of the next message."""
        return self.base + self.dice.expovariate(1 / 0.010) + (0.150 if self.dice.random() < 0.01 else 0.0)

    def arrives(self, sent: float) -> float:
        """Return when what is sent at `sent` arrives, after what was sent before."""
        self._last = max(self._last, sent + self.delay())
        return self._last


@dataclass
class Device:
    """One headset; `clock` is ms of its own at true time `t`."""

    dice: random.Random
    heard: dict[int, float] = field(default_factory=dict)  # tenth of a second: place in the stream, in seconds

    def __post_init__(self) -> None:
        self.skew = 1 + self.dice.uniform(-100e-6, 100e-6)
        self.card = 1 + self.dice.uniform(-200e-6, 200e-6)
        self.began = self.dice.uniform(0, 1e9)
        self.down = Line(self.dice, self.dice.uniform(0.005, 0.060))
        self.up = Line(self.dice, self.down.base)
        self.back = Line(self.dice, self.down.base)  # of the pongs: as the media, and not in their order
        self.step = InStep()

    def clock(self, t: float) -> float:
        """Return its own clock at true time `t`, ms."""
        return self.began + t * 1000 * self.skew

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


def apart(devices: int, minutes: float, seed: int = 1) -> tuple[list[float], list[float]]:
    """Return how far the two most distant devices are apart each tenth of a second, and each from the server, ms."""

    async def play(room: Gathering) -> None:
        ada = await room.person("Ada")
        at = 1.0
        while at < minutes * 60 - 9:
            await room.at(at)
            ada.types("Mira, go on.")
            at += 10.0
        await room.at(minutes * 60)

    room = gather(play, {"Mira": (SENTENCE,)})
    media = [(at, x) for at, x in room.people[0].avatar.messages if isinstance(x, m.Media) and x.turn and x.pcm]
    dice = random.Random(seed)
    all_of_them = [Device(random.Random(dice.random())) for _ in range(devices)]
    for device in all_of_them:
        device.play(media, minutes * 60)
    spreads, errors = [], []
    for tenth in sorted(set().union(*(device.heard for device in all_of_them))):
        places = [device.heard[tenth] for device in all_of_them if tenth in device.heard]
        if len(places) == devices:
            spreads.append(1000 * (max(places) - min(places)))
            errors += [1000 * abs(place - tenth / 10) for place in places]
    return spreads, errors


def main() -> None:
    """Print how far apart they are."""
    options = argparse.ArgumentParser()
    options.add_argument("--devices", type=int, default=10)
    options.add_argument("--minutes", type=float, default=5.0)
    asked = options.parse_args()
    spreads, errors = apart(asked.devices, asked.minutes)
    found = {"the most distant two": summarize(spreads), "each from the server": summarize(errors)}
    rows = [[what, spread.n, spread.p50, spread.p99, spread.worst] for what, spread in found.items()]
    print(table(["ms", "looks", "p50", "p99", "max"], rows))


if __name__ == "__main__":
    main()
