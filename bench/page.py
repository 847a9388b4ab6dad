"""The page in a real browser: `python -m bench.page [--loads 20] [--turns 20] [--minutes 0]`.

Chromium of the system, driven by playwright-core (`tests/web/install.sh`), headless and without a graphics card, talks
to the default engines on loopback. `ready` is from the start of the navigation until the face is drawn and the server
has welcomed the page, nothing cached; `offset` is by how much each drawn face was ahead of or behind the sound that
was audible when the browser had taken the drawing (the absolute value); `heard` ends when the first sample is audible
by the device's own clock, its output latency included. With --minutes the conversation goes on with the instruments
open, and the page's memory is read three times a minute, each time after a collection. Before that nobody says anything
for --idle seconds, while what all processes of the browser use of the processor is counted.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.process import serving
from bench.stats import quantile, summarize, table

HERE = Path(__file__).parent
PLAYWRIGHT = HERE.parent / "tests" / "web" / "node_modules" / "playwright-core"


def missing() -> str:
    """Return what this machine lacks for a measurement, "" for nothing."""
    for program in ("node", "chromium"):
        if not shutil.which(program):
            return f"{program} is not installed"
    return "" if PLAYWRIGHT.is_dir() else "playwright-core is not installed: run tests/web/install.sh"


def measure(loads: int, turns: int, minutes: float, idle: float = 0.0) -> dict[str, Any]:
    """Return what bench/page.mjs found; RuntimeError if it fails."""
    chromium = os.environ.get("COMPANION_CHROMIUM") or shutil.which("chromium") or ""
    with serving("embedded") as server:
        url = f"http://127.0.0.1:{server.port}/"
        command = ["node", str(HERE / "page.mjs"), url, chromium, str(loads), str(turns), str(minutes), str(idle)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError("the browser failed")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def report(found: dict[str, Any]) -> str:
    """Return the result as Markdown."""
    frames, turns = found["frames"], found["turns"]
    rows = [
        ("page ready, ms", str(summarize(found["ready"])), "under 1000"),
        ("bytes on the wire", f"{found['bytes'] / 1000:.0f} kB in {found['files']} files", "under 300 kB"),
        ("face against sound, ms", str(summarize(map(abs, found["offsets"]))), "p99 under one frame"),
        ("time of a frame, ms", str(summarize(frames)), ""),
        ("frames a second", f"{1000 * len(frames) / sum(frames):.1f}", "20 or more without a graphics card"),
        ("first media to heard, ms", str(summarize(row["heard"] - row["audio"] for row in turns)), "under 100"),
        ("typed line to heard, ms", str(summarize(row["heard"] - row["from"] for row in turns)), ""),
        ("underruns", str(found["underruns"]), "0"),
    ]
    drawn = f"the face drawn {found['sharpness']:.2f} times as finely as the screen"
    facts = f"Chromium {found['version']}, {found['renderer']}, {drawn}."
    for name, title in (("empty", "an empty page"), ("idle", "at rest"), ("calm", "at rest, motion unwanted")):
        if seen := found.get(name):
            share = f"{100 * seen['share']:.1f} % of a core, {seen['drawn']:.1f} drawings a second"
            wanted = "" if name == "empty" else "under 10 % without a graphics card"
            rows.append((f"{title}, all processes of the browser", share, wanted))
    return f"{facts}\n\n{table(('what', 'measured', 'wanted'), rows)}\n{_memory(found['memory'])}"


def _memory(seen: list[dict[str, float]]) -> str:
    if len(seen) < 6:
        return ""
    third = len(seen) // 3
    first, last = (quantile([each["mb"] for each in part], 0.5) for part in (seen[third : 2 * third], seen[-third:]))
    rows = [(f"{each['at']:.1f}", each["mb"], int(each["nodes"])) for each in seen[:: max(1, len(seen) // 12)]]
    growth = f"Medians: {first:.2f} MB in the middle third, {last:.2f} MB in the last, of {seen[-1]['at']:.1f} minutes."
    return f"\n{table(('minute', 'JavaScript heap, MB', 'DOM nodes'), rows)}\n\n{growth}\n"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--loads", type=int, default=20)
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds for which nobody says anything")
    options = parser.parse_args()
    if why := missing():
        print(f"Not measured: {why}.")
        return
    print(report(measure(options.loads, options.turns, options.minutes, options.idle)))


if __name__ == "__main__":
    main()
