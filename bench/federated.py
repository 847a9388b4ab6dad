"""Three sites that know one topic each: together, in one place, and each alone: `python -m bench.federated`.

Each site has dialogues of one topic (optics, sound, heat); all are measured on persons never seen, of all three. The
same number of steps is taken everywhere: by each site in a federation, by each site alone, and in one place. The way
`secure` runs each site in a process of its own, with real sockets; `dropped` kills one of them in the third round.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.kept import kept
from bench.lessons import FACTS, dialogues
from bench.private import made
from bench.stats import table
from training.data.dialogue import Dialogue
from training.federate.aggregator import Aggregator
from training.federate.join import Guest, Way
from training.federate.learner import Talks
from training.federate.messages import Score
from training.federate.plan import Plan
from training.federate.record import Record
from training.federate.ring import Vector
from training.federate.serve import Door, Host
from training.tune.model import open_base

TOPICS = tuple(FACTS)
WAYS: dict[str, dict[str, Any]] = {
    "FedAvg, A frozen": {},
    "FedAvg, A learnt": {"freeze_a": False},
    "FedProx 0.1, A frozen": {"proximal": 0.1},
    "secure, three processes": {"secure": True},
    "secure, one dies in round 3": {"secure": True},
}


def talks(options: argparse.Namespace, topics: Sequence[str], place: Path) -> Talks:
    """Return a learner of these topics; what is held out is of all of them."""
    learned: list[Dialogue] = []
    for topic in topics:
        learned += dialogues(20 + TOPICS.index(topic), options.persons, 2, topics=(topic,))
    kept = dialogues(40, options.kept, 1)
    return Talks(open_base(str(options.model)), learned, kept, place, longest=256, budget=options.budget)


def plan_of(options: argparse.Namespace, **more: Any) -> Plan:
    return Plan(
        rounds=options.rounds, sites=3, least=2, steps=options.steps, batch=options.batch, rate=options.rate,
        rank=options.rank, alpha=2 * options.rank, grace_s=2.0, **more,
    )  # fmt: skip


def alone(options: argparse.Namespace, topics: Sequence[str], out: Path) -> Score:
    """Learn in one place, as many steps as a site takes in a federation."""
    site = talks(options, topics, out)
    site.prepare(plan_of(options))
    weights = site.vector()
    for round_ in range(options.rounds):
        weights, _ = site.learn(weights, round_)
    score = site.judge(weights)
    assert score is not None
    return score


def untaught(options: argparse.Namespace, out: Path) -> tuple[float, int]:
    """Return the loss before anything is learnt, and how many numbers are learnt where A is frozen."""
    site = talks(options, TOPICS, out)
    score = site.judge(site.prepare(plan_of(options)))
    assert score is not None
    return score.loss, len(site.vector())


async def together(options: argparse.Namespace, name: str, out: Path) -> tuple[float, list[Any], float]:
    """Run a federation; return the held-out loss, the rounds written down, and the seconds."""
    plan = plan_of(options, **WAYS[name])
    judge = talks(options, TOPICS, out / "judge")
    record = Record(out / "lead")
    rounds, weights = record.resume(plan, judge.base, judge.prepare(plan))
    listening: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    hub = Aggregator(plan, judge.base, weights, rounds=rounds)
    host = Host(hub, judge.base, Door("127.0.0.1", 0, lambda _: ""), record, ready=listening.set_result)
    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        serving = tasks.create_task(host.run())
        url = f"ws://127.0.0.1:{await listening}"
        if plan.secure:
            sites = [await _started(options, url, topic, out, name) for topic in TOPICS]
            await asyncio.gather(*(site.wait() for site in sites))
        else:
            guests = [Guest(topic, _quiet(talks(options, [topic], out / topic)), Way(url)) for topic in TOPICS]
            await asyncio.gather(*(guest.run() for guest in guests))
        finish = await serving
    seconds = time.perf_counter() - began
    score = judge.judge(finish.weights)
    assert score is not None
    return score.loss, record.rounds(), seconds


def _quiet(site: Talks) -> Talks:
    """Leave measuring to the end: the same dialogues are held out everywhere here."""
    site.kept = ()
    return site


async def _started(
    options: argparse.Namespace, url: str, topic: str, out: Path, name: str
) -> asyncio.subprocess.Process:
    given = [f"--{key}={getattr(options, key)}" for key in ("model", "persons", "kept", "budget")]
    die = ["--die"] if "dies" in name and topic == TOPICS[-1] else []
    return await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-m", "bench.federated", *given, "--site", topic, "--url", url,
        "--out", str(out / topic), *die, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


class Mortal(Talks):
    """A site whose process ends in its third round."""

    def learn(self, weights: Vector, round_: int) -> tuple[Vector, Score | None]:
        if round_ == 2:
            os._exit(9)
        return super().learn(weights, round_)


def take_part(options: argparse.Namespace) -> None:
    """Be a site."""
    site = _quiet(talks(options, [options.site], options.out))
    if options.die:
        site = Mortal(site.model, site.learned, (), options.out, longest=site.longest, budget=site.budget)
    asyncio.run(Guest(options.site, site, Way(options.url)).run())


def main() -> None:
    """Measure and print."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--model", type=Path)
    given.add_argument("--persons", type=int, default=100, help="of each topic, two dialogues each")
    given.add_argument("--kept", type=int, default=90, help="persons never seen")
    given.add_argument("--rounds", type=int, default=8)
    given.add_argument("--steps", type=int, default=8)
    given.add_argument("--batch", type=int, default=16)
    given.add_argument("--rate", type=float, default=1e-2)
    given.add_argument("--rank", type=int, default=4)
    given.add_argument("--budget", type=int, default=2048)
    given.add_argument("--pretrain", type=int, default=300)
    given.add_argument("--ways", nargs="+", default=list(WAYS))
    given.add_argument("--alone", action=argparse.BooleanOptionalAction, default=True, help="each site alone, too")
    given.add_argument("--out", type=Path)
    given.add_argument("--site")
    given.add_argument("--url", default="")
    given.add_argument("--die", action="store_true")
    options = given.parse_args()
    if options.site:
        take_part(options)
        return
    out = options.out or Path(tempfile.mkdtemp(prefix="federated-"))
    out.mkdir(parents=True, exist_ok=True)
    if options.model is None:
        options.model = out / "model"
        if not (options.model / "config.json").exists():
            made(options.model, options.pretrain)
    # What a row came to is kept in --out: the rows can be measured one by one.
    before, length = kept(out / "before.json", lambda: untaught(options, out))
    rows: list[list[str]] = [["before", f"{before:.3f}", "", "", "", ""]]
    central = kept(out / "central.json", lambda: alone(options, TOPICS, out).loss)
    rows.append(["in one place", f"{central:.3f}", "", "", "", ""])
    for topic in TOPICS if options.alone else ():
        own = kept(out / f"{topic}.json", lambda: alone(options, [topic], out).loss)  # noqa: B023 - called at once
        rows.append([f"{topic} alone", f"{own:.3f}", f"{own / central - 1:+.1%}", "", "", ""])
        print(rows[-1], file=sys.stderr, flush=True)
    for name in options.ways:
        place = out / name.replace(" ", "-").replace(",", "")
        found = kept(out / f"{place.name}.json", lambda: asyncio.run(together(options, name, place)))  # noqa: B023 - too
        loss, written, seconds = found
        sent, got = (np.mean([sum(row[way].values()) / max(1, len(row[way])) for row in written]) for way in
                     ("sent", "received"))  # fmt: skip
        sites = ",".join(str(len(row["sites"])) for row in written)
        rows.append(
            [name, f"{loss:.3f}", f"{loss / central - 1:+.1%}", f"{sent / 1024:.0f}", f"{got / 1024:.0f}", sites]
        )
        print(rows[-1], f"{seconds:.0f} s", file=sys.stderr, flush=True)
    print(f"The adapter has {length:,} numbers that are learnt where A is frozen.\n")
    print(table(["learnt", "held-out loss", "to one place", "KiB down", "KiB up", "sites in rounds"], rows))


if __name__ == "__main__":
    main()
