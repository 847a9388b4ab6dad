"""The 3D heads on the page: `python -m bench.worn [HEAD.glb ...] [--three FOLDER] [--size 640] [--pictures FOLDER]`.

Chromium, headless and without a graphics card (SwiftShader), shows each head to a window of that many pixels while the
default engines speak; frames are counted while there is sound. Without files, the heads of the shipped identities.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.page import missing
from bench.process import serving
from bench.stats import table
from engines.identity import shipped

HERE: Final = Path(__file__).parent
THREE: Final = HERE.parent / "tests" / "web" / "three"
OWN: Final = "assets/x_face/3d/head.glb"


def measure(head: Path, three: Path, size: int, seconds: float, picture: Path | None) -> dict[str, Any]:
    """Return what bench/worn.mjs found of one head; RuntimeError if it fails."""
    chromium = os.environ.get("COMPANION_CHROMIUM") or shutil.which("chromium") or ""
    with serving("embedded", COMPANION_PAGE_HEAD=str(head), COMPANION_PAGE_THREE=str(three)) as server:
        words = (f"http://127.0.0.1:{server.port}/", chromium, str(size), str(seconds), str(picture or ""))
        command = ["node", str(HERE / "worn.mjs"), *words]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise RuntimeError("the browser failed")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("heads", type=Path, nargs="*", help="GLB or VRM files")
    parser.add_argument("--three", type=Path, default=THREE, help="where three.js is installed")
    parser.add_argument("--size", type=int, default=640, help="pixels of the window, each way")
    parser.add_argument("--seconds", type=float, default=12.0, help="of talk, at least")
    parser.add_argument("--pictures", type=Path, help="a folder for a picture of each")
    options = parser.parse_args()
    if why := missing():
        print(f"Not measured: {why}.")
        return
    heads = options.heads or [Path(folder) / OWN for folder in shipped().values()]
    rows = []
    for number, head in enumerate(heads):
        if options.pictures:
            options.pictures.mkdir(parents=True, exist_ok=True)
        picture = options.pictures / f"{number}-{head.stem}.png" if options.pictures else None
        found = measure(head.resolve(), options.three, options.size, options.seconds, picture)
        times = np.array(found["spoken"])
        rows.append(
            (
                f"{head.parents[3].name if len(head.parents) > 3 else ''} {head.name}",
                f"{head.stat().st_size / 1e6:.2f} MB",
                f"{found['triangles']}",
                f"{found['profile']}, {found['channels']}",
                f"{found['worn'] / 1000:.1f} s",
                f"{1000 * len(times) / times.sum():.1f}",
                f"{np.quantile(times, 0.95):.0f} ms",
                f"{found['pixels'][0]}",
                "; ".join(found["faults"]) or "none",
            )
        )
        print(f"{head}: Chromium {found['version']}, {found['renderer']}", flush=True)
    heads_ = ("head", "file", "triangles", "channels", "until worn", "frames a second", "p95", "pixels", "faults")
    print(table(heads_, rows))


if __name__ == "__main__":
    main()
