"""Does the face stay with the sound? `python -m bench.skew [--minutes 60]`: a simulated hour, on a virtual clock.

A real session with scripted engines talks to a simulated client over a network that delays every message by 20 ms and
an exponential jitter of 15 ms, and one in a hundred by 150 ms more, in order. The client's sound card runs 80 ppm fast;
its screen draws 60 times a second, and it moves the face by its own wall clock from the first sound of each reply,
never looking at the sound card: the least careful client that keeps to the protocol. The offset is the position that
the face shows minus the position that is heard, at every drawing; a frame that has not come is shown as the last that
has. What was heard and shown is also compared with what the engines made, sample by sample and frame by frame.
"""

from __future__ import annotations

import argparse
import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bench.stats import summarize, table
from bridge.metrics import Metrics
from bridge.session.companion import Companion, Rules
from bridge.session.opening import Opening, Shared
from bridge.session.session import Session
from protocol.messages import MEDIA_RATE, Hello, HelloAudio, UserText
from testkit.avatar import Avatar, Turn
from testkit.judge import frame_numbers, troubles
from testkit.link import AvatarLink
from testkit.scripted.engines import ScriptedTts, scripted_engines
from testkit.virtual_time import run

SPEED = 1 + 80e-6  # of the client's sound card
FPS, SCREEN_HZ = 60, 60
DELAY_S, JITTER_S, STALL_S, STALLS = 0.020, 0.015, 0.150, 0.01
BUFFER_S = 0.2  # what the client collects before it begins to play
MS_PER_WORD = 200
REPLY = " ".join(f"Sentence {n} has exactly eight words to say." for n in range(7))  # 56 words: 11.2 s
TURN_S = 12.5
WINDOW_S = 600.0


@dataclass(slots=True)
class Findings:
    """Offsets in ms by ten minutes, and what went wrong."""

    offsets_ms: dict[int, list[float]] = field(default_factory=dict)
    turns: int = 0
    wrong: list[str] = field(default_factory=list)


def network(seed: int) -> Callable[[], float]:
    """Return delays in seconds, the same for the same seed."""
    dice = random.Random(seed)
    return lambda: DELAY_S + dice.expovariate(1 / JITTER_S) + (STALL_S if dice.random() < STALLS else 0.0)


def offsets(turn: Turn, phase: float) -> Iterator[float]:
    """Return face minus sound in seconds at every drawing of one reply; `phase` is when the screen draws first."""
    assert turn.sound_at is not None
    assert turn.over_at is not None
    per_frame = MEDIA_RATE // FPS
    at = turn.sound_at + phase
    while at < turn.over_at:
        heard = (at - turn.sound_at) * MEDIA_RATE * SPEED
        shown = (at - turn.sound_at) * MEDIA_RATE
        number = int(shown / per_frame)
        while number and (number not in turn.faces or turn.faces[number][0] > at):
            number -= 1
            shown = number * per_frame
        yield (shown - heard) / MEDIA_RATE
        at += 1 / SCREEN_HZ


async def converse(minutes: float, seed: int) -> Findings:
    """Hold one session that answers every 12.5 s."""
    engines = scripted_engines(replies=(REPLY,), first=0.1, every=0.01, ms_per_word=MS_PER_WORD)
    assert engines.face
    pcm = ScriptedTts(ms_per_word=MS_PER_WORD).pcm(REPLY)
    findings, dice, loop = Findings(), random.Random(seed), asyncio.get_running_loop()
    avatar = Avatar(threshold=BUFFER_S, speed=SPEED)
    session = Session(
        Shared(Companion(engines, "bench"), Rules(), Metrics(), lambda: datetime(2025, 1, 1, tzinfo=UTC)),
        Opening(
            name="skew",
            token="",
            watch="",
            user="",
            hello=Hello(audio=HelloAudio(aec=True)),
            rig=engines.face.rig("arkit52", FPS),
            seed=seed,
        ),
    )
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(session.run())
        await session.started.wait()
        link = AvatarLink(avatar, session.receive, delay=network(seed))
        session.attach(link)
        while loop.time() < minutes * 60:
            begun = loop.time()
            link.say(UserText(text="Go on."))
            await asyncio.sleep(TURN_S)
            findings.turns += 1
            turn = avatar.turns[findings.turns]
            findings.offsets_ms.setdefault(int(begun // WINDOW_S), []).extend(
                1000 * offset for offset in offsets(turn, dice.random() / SCREEN_HZ)
            )
            if avatar.sound(turn.id) != pcm:
                findings.wrong.append(f"turn {turn.id} did not sound as it was spoken")
            if frame_numbers(avatar, turn.id) != list(range(len(pcm) // 2 * FPS // 24_000)):
                findings.wrong.append(f"turn {turn.id} did not show the frames that were drawn")
            # An hour of sound is not kept.
            turn.pcm.clear()
            turn.faces.clear()
            avatar.messages.clear()
        session.end(None)
    findings.wrong += troubles(avatar)
    return findings


def measure(minutes: float, seed: int = 1) -> Findings:
    """Hold a simulated conversation and measure it."""
    return run(converse(minutes, seed))


def report(findings: Findings) -> str:
    """Return the result as Markdown."""
    rows = []
    for window, values in sorted(findings.offsets_ms.items()):
        spread = summarize(abs(value) for value in values)
        rows.append((f"{window * 10}..{window * 10 + 10}", spread.n, *(f"{v:.3f}" for v in (spread.p50, spread.p95))))
        rows[-1] += (f"{spread.p99:.3f}", f"{spread.worst:.3f}")
    every = summarize(abs(value) for values in findings.offsets_ms.values() for value in values)
    wrong = f"went wrong: {'; '.join(findings.wrong[:5])}" if findings.wrong else "went wrong."
    return (
        f"Face against sound in ms at {every.n} drawings of {findings.turns} replies, sound card 80 ppm fast: "
        f"p50 {every.p50:.3f}, p95 {every.p95:.3f}, p99 {every.p99:.3f}. "
        f"{len(findings.wrong)} replies or frames {wrong}\n\n"
        + table(("minutes", "n", "p50", "p95", "p99", "max"), rows)
    )


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    print(report(measure(parser.parse_args().minutes)))


if __name__ == "__main__":
    main()
