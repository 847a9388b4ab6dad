"""What an outside judge sees in heads: `python -m bench.appearance [--people N] [--sentences N] [--style toon]`.

Prints Markdown. It needs the packages of the extras `head` and `sight`, and MediaPipe's `face_landmarker.task`: by
`--judge`, or from where the tests keep it. Voices are espeak-ng's.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Final

import numpy as np

from bench.appearance.judge import SEEN, Judge
from bench.appearance.shapes import DEAF, confusion, described, own
from bench.appearance.speech import Spoken, spoken
from bench.lips.corpus import REPORTED
from bench.people import COUNT, person
from bench.stats import table
from studio.head.model import Sculpture
from studio.head.plan import REAL, STYLES, plan
from studio.head.sculpt import sculpt
from training.lips import espeak_voice

SEED: Final = 500


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", type=Path, help="face_landmarker.task")
    parser.add_argument("--people", type=int, default=COUNT, help="of whom each shape is read")
    parser.add_argument("--sentences", type=int, default=12)
    parser.add_argument("--seed", type=int, default=SEED, help="of the first person; no shape was set by these people")
    parser.add_argument("--style", choices=STYLES, default=REAL)
    parser.add_argument(
        "--keep", type=Path, help="a folder of what was read, so that a run goes on where another ended"
    )
    options = parser.parse_args()
    judge = Judge(options.judge or _kept())
    if options.people:
        _shapes(judge, options.people, options.seed, options.style, options.keep)
    if options.sentences:
        _speech(judge, options.sentences, options.seed, options.style, options.keep)


def _shapes(judge: Judge, count: int, seed: int, style: str, keep: Path | None) -> None:
    changes = []
    for number in range(count):
        before = time.process_time()
        path = keep / f"{style}-{seed + number}.npy" if keep else None
        if path and path.exists():
            changes.append(np.load(path))
            continue
        changes.append(confusion(judge, _made(number, seed, style)))
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            np.save(path, changes[-1])
        print(f"person {number}: {time.process_time() - before:.0f} CPU seconds", file=sys.stderr, flush=True)
    mean = np.mean(changes, axis=0)
    read = sum(own(mean))
    each = [sum(own(one)) for one in changes]
    deaf = sum(bool(mean[:, number].max() < DEAF) for number in range(len(SEEN)))
    print(f"Read as their own strongest change: **{read} of {len(SEEN)}** shapes in the mean of {count} people,")
    print(
        f"{min(each)} to {max(each)} (mean {np.mean(each):.1f}) person by person. The judge never reads {deaf} of them."
    )
    print()
    print(described(changes))


def _speech(judge: Judge, count: int, seed: int, style: str, keep: Path | None) -> None:
    rows = []
    found = []
    for number, take in enumerate(espeak_voice.say_all(REPORTED[:count], "en-us")):
        path = keep / f"{style}-{seed + number}-spoken.json" if keep else None
        if path and path.exists():
            one = Spoken(**json.loads(path.read_text("utf-8")))
        else:
            one = spoken(judge, _made(number, seed, style), take)
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(asdict(one)), "utf-8")
        found.append(one)
        rows.append((one.text, f"{one.r:.2f}", f"{one.seen}/{one.true}"))
        print(f"sentence {number}", file=sys.stderr, flush=True)
    seen, true = sum(one.seen for one in found), sum(one.true for one in found)
    print()
    r = np.mean([one.r for one in found])
    print(f"Over {count} sentences: r {r:.3f}, closures seen {seen}/{true} = {seen / true:.3f}.")
    print()
    print(table(("sentence", "r of the opening", "p b m seen shut"), rows))


def _made(number: int, seed: int, style: str) -> Sculpture:
    return sculpt(plan(person(number), seed + number, style=style))


def _kept() -> Path:
    from testkit.real.packages import FACE_LANDMARKER, folder

    return folder(FACE_LANDMARKER) / "face_landmarker.task"


if __name__ == "__main__":
    main()
