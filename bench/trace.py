"""Reads a trace that the page saved: `python -m bench.trace companion-....zip [--plot FILE]`.

Prints where the time of each turn went and how far the face was from the sound; the picture (matplotlib) shows the
same, and the sound of the last turn with its words where they were heard.
"""

from __future__ import annotations

import argparse
import io
import json
import wave
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bench.stats import summarize, table

STEPS: Final = ("transcript", "start", "token", "audio", "face", "heard")
TITLES: Final = ("words understood", "turn taken", "first token", "first sound", "first face", "heard")
COLOURS: Final = ("#8a8f98", "#3e8ed0", "#7a5cc0", "#b7791f", "#c4512f", "#2a9d8f")
TICKS: Final = 48_000
EDGE_MS: Final = 40.0


def read(path: Path) -> tuple[dict[str, Any], NDArray[np.int16]]:
    """Return the trace and the samples that went to the loudspeaker.

    OSError, KeyError or ValueError for anything else.
    """
    with zipfile.ZipFile(path) as archive:
        trace: dict[str, Any] = json.loads(archive.read("trace.json"))
        with wave.open(io.BytesIO(archive.read("sound.wav"))) as file:
            return trace, np.frombuffer(file.readframes(file.getnframes()), np.int16)


def steps(turn: dict[str, Any]) -> list[tuple[str, float, float]]:
    """Return (step, from, to) in ms after the user's last sound, in order; steps that did not happen are left out."""
    found, at = [], float(turn["from"])
    for step in STEPS:
        if turn.get(step) is not None and turn[step] >= at:
            found.append((step, at - turn["from"], turn[step] - turn["from"]))
            at = turn[step]
    return found


def report(trace: dict[str, Any]) -> str:
    """Return the turns and the offset as Markdown."""
    rows = []
    for turn in trace["turns"]:
        reached = {step: to for step, _, to in steps(turn)}
        rows.append((turn["turn"], turn["how"], *(reached.get(step, float("nan")) for step in STEPS)))
    offsets = summarize(map(abs, trace["sync"]["offsets_ms"]))
    head = ("turn", "how", *(f"{title}, ms" for title in TITLES))
    return f"{table(head, rows)}\n\nFace against sound, ms: {offsets}\nBrowser: {trace['browser']}\n"


def words(trace: dict[str, Any], count: int) -> list[tuple[float, str]]:
    """Return (second of the `count` samples, word) of the last turn that was heard."""
    runs = [point for point in trace["points"] if point["kind"] == "run"]
    if not runs:
        return []
    turn, rate = runs[-1]["turn"], trace["rate"]
    begin = trace["sound_ends_at_frame"] - count
    spoken = []
    for entry in trace["messages"]:
        message = entry["message"]
        if entry["direction"] != "in" or message["type"] != "text" or message["turn"] != turn:
            continue
        sample = message["pts"] * rate // TICKS
        run = max(
            (p for p in runs if p["turn"] == turn and p["sample"] <= sample), key=lambda p: p["sample"], default=None
        )
        if run is not None:
            spoken.append(((run["frame"] + sample - run["sample"] - begin) / rate, message["text"]))
    return spoken


def plot(trace: dict[str, Any], sound: NDArray[np.int16], path: Path) -> None:
    """Draw the trace."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, (falls, histogram, wave_) = plt.subplots(
        3, 1, figsize=(9, 7.2), height_ratios=(1.1, 1.2, 1), layout="tight"
    )
    turns = trace["turns"][-6:]
    for row, turn in enumerate(turns):
        for step, begin, end in steps(turn):
            index = STEPS.index(step)
            label = TITLES[index] if row == 0 or step == "transcript" else None
            falls.barh(row, max(end - begin, 1.0), left=begin, color=COLOURS[index], label=label, height=0.62)
    falls.set_yticks(range(len(turns)), [f"{turn['turn']}, {turn['how']}" for turn in turns])
    falls.invert_yaxis()
    falls.set_xlabel("ms after the end of what was said")
    handles = dict(zip(*reversed(falls.get_legend_handles_labels()), strict=True))
    falls.legend([handles[t] for t in TITLES if t in handles], [t for t in TITLES if t in handles], ncols=3, fontsize=8)
    offsets = np.clip(trace["sync"]["offsets_ms"], -EDGE_MS, EDGE_MS)
    histogram.axvspan(-1000 / 60, 1000 / 60, color="#0001", label="one frame of 60 a second")
    histogram.hist(offsets, bins=np.arange(-EDGE_MS, EDGE_MS + 1, 1.0).tolist(), color=COLOURS[4])
    histogram.set_xlabel("ms by which a drawn face was ahead of the audible sound")
    histogram.legend(fontsize=8)
    spoken = words(trace, len(sound))
    first = max(0.0, spoken[0][0] - 0.3) if spoken else 0.0
    last = min(len(sound) / trace["rate"], spoken[-1][0] + 1.2, first + 8.0) if spoken else len(sound) / trace["rate"]
    cut = sound[int(first * trace["rate"]) : int(last * trace["rate"])]
    wave_.plot(first + np.arange(len(cut)) / trace["rate"], cut / 32768, color="#3a3a3a", linewidth=0.5)
    for number, (at, text) in enumerate(spoken):
        if first <= at < last:
            wave_.axvline(at, color=COLOURS[4], linewidth=0.5)
            wave_.text(at, 0.62 + 0.2 * (number % 2), f" {text}", fontsize=7, color=COLOURS[4], clip_on=True)
    wave_.set(
        ylim=(-0.6, 1.0),
        xlim=(first, max(last, first + 0.1)),
        xlabel="s of the saved sound, words where they were heard",
    )
    figure.savefig(path, dpi=80)


def main() -> None:
    """Read and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trace", type=Path)
    parser.add_argument("--plot", type=Path, metavar="FILE", help="also draw it")
    options = parser.parse_args()
    trace, sound = read(options.trace)
    print(report(trace))
    if options.plot:
        plot(trace, sound, options.plot)


if __name__ == "__main__":
    main()
