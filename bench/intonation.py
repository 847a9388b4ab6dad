"""How well a judge hears whether a turn is over: `python -m bench.intonation [--model FILE] [--write FILE]`.

Sentences are spoken by synthetic voices (`bench.spoken`), whole (a true end) and cut after a word in the middle (two
false ends each), with 10 ms of fade, a noise floor at -60 dB and a pause of several lengths after it. For each pause:
how likely the judge finds an end, as quantiles of true and of false ends, by voice and together. `--write` keeps the
quantiles as JSON, the dice of `bench.ahead`. Synthetic voices cut off in mid-sentence are not people who hesitate: the
rates are a yardstick, not a promise.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.ahead import SENTENCES
from bench.spoken import Take, takes
from bench.stats import summarize, table
from engines.api import MIC_RATE
from engines.hearing.smart_turn.engine import SmartTurnIntonation
from testkit.real.packages import SMART_TURN, folder

PAUSES: Final = (0.06, 0.15, 0.3)  # seconds
FADE: Final = MIC_RATE // 100
FLOOR: Final = 0.001
QUANTILES: Final = 41
SURE: Final = 0.8
UNLIKELY: Final = 0.2


def ends(take: Take) -> list[tuple[bool, int]]:
    """Return where to stop: (True, the end), and twice (False, the end of a word in the middle)."""
    words = take.ends[1:-1]
    chosen = random.Random(take.text).sample(range(len(words)), min(2, len(words)))
    return [(True, len(take.sound)), *((False, words[n]) for n in sorted(chosen))]


def heard(take: Take, end: int, pause: float) -> bytes:
    """Return the sound up to `end` and the pause after it, s16le at MIC_RATE."""
    said = take.sound[:end].copy()
    said[-FADE:] *= np.linspace(1, 0, min(FADE, said.size), dtype=np.float32)
    dice = np.random.default_rng(end)
    quiet = np.zeros(round(pause * MIC_RATE), np.float32)
    sound = np.concatenate([said, quiet])
    sound += FLOOR * dice.standard_normal(sound.size).astype(np.float32)
    pcm: bytes = (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()
    return pcm


async def judged(model: Path, spoken: list[Take]) -> tuple[dict[tuple[str, float, bool], list[float]], list[float]]:
    """Return likelihoods by voice, pause and truth, and how long each judgement took in seconds."""
    engine = SmartTurnIntonation(str(model))
    await engine.start()
    found: dict[tuple[str, float, bool], list[float]] = defaultdict(list)
    took: list[float] = []
    try:
        for number, take in enumerate(spoken):
            print(number, take.voice, file=sys.stderr, flush=True)
            for true, end in ends(take):
                for pause in PAUSES:
                    begun = time.perf_counter()
                    found[take.voice, pause, true].append(await engine.finished(heard(take, end, pause)))
                    took.append(time.perf_counter() - begun)
    finally:
        await engine.close()
    return found, took


def rates(true: list[float], false: list[float]) -> tuple[str, ...]:
    """Return how often each is found to be sure, and how often unlikely, in percent."""
    sure = [sum(x >= SURE for x in values) / max(1, len(values)) for values in (true, false)]
    unlikely = [sum(x < UNLIKELY for x in values) / max(1, len(values)) for values in (true, false)]
    return tuple(f"{100 * share:.0f} %" for share in (*sure, *unlikely))


def report(found: dict[tuple[str, float, bool], list[float]], took: list[float]) -> str:
    """Return the rates as Markdown."""
    voices = sorted({voice for voice, _, _ in found})
    rows: list[tuple[object, ...]] = []
    for voice in (*voices, "all"):
        for pause in PAUSES:
            true, false = (
                [x for v in voices if voice in (v, "all") for x in found[v, pause, truth]] for truth in (True, False)
            )
            rows.append((voice, f"{pause:g} s", len(true), len(false), *rates(true, false)))
    head = ("voice", "pause", "ends", "cuts", "end: sure", "cut: sure", "end: unlikely", "cut: unlikely")
    spread = summarize(seconds * 1000 for seconds in took)
    return f"{table(head, rows)}\n\nA judgement took {spread.p50:.0f} ms (p50), {spread.p95:.0f} ms (p95)."


def quantiles(found: dict[tuple[str, float, bool], list[float]], voices: set[str]) -> dict[str, Any]:
    """Return the dice: for each pause the quantiles of the likelihood at true and at false ends."""
    grid = np.linspace(0, 1, QUANTILES)
    dice: dict[str, Any] = {}
    for pause in PAUSES:
        for true in (True, False):
            values = [x for voice in sorted(voices) for x in found[voice, pause, true]]
            dice.setdefault(f"{pause:g}", {})["end" if true else "cut"] = [
                round(float(x), 3) for x in np.quantile(values, grid)
            ]
    return dice


def main() -> None:
    """Speak, judge, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="the ONNX file (default: the package's)")
    parser.add_argument("--quick", action="store_true", help="only six sentences")
    parser.add_argument("--write", type=Path, help="keep the quantiles as JSON")
    args = parser.parse_args()
    model = args.model or folder(SMART_TURN) / "smart-turn-v3.2-cpu.onnx"
    spoken = list(takes(SENTENCES[:6] if args.quick else SENTENCES))
    found, took = asyncio.run(judged(model, spoken))
    print(report(found, took))
    if args.write:
        args.write.write_text(json.dumps(quantiles(found, {take.voice for take in spoken}), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
