"""Shows the page, the view for OBS and a VMC receiver side by side while a reply plays, and how far they are apart.

`python -m bench.instep OUT` starts the real server with an outlet, opens the page and the view for OBS in Chromium,
lets the companion answer, and notes in all three how far the jaw is open at which instant of one clock; VMC is read by
`python-osc`, which shares no code with the sender. It writes a sheet of pictures with the curves, and prints the table
of offsets: the lag at which two curves agree best. It needs Node.js, Chromium, `python-osc` and the extra `plot`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import ThreadingOSCUDPServer

from bridge.command.serving import opened
from bridge.setup.config import load

Curve: TypeAlias = NDArray[np.float64]  # instants in ms, and how far the jaw is open

GRID: Final = 240.0  # looks a second at the curves
FURTHEST: Final = 0.4  # seconds of lag that are looked at
PICTURES: Final = 6
QUESTION: Final = "What is sound, and how fast is it?"


class Receiver:
    """A program that shows an avatar: it notes when a face came and how far its jaw is open."""

    def __init__(self) -> None:
        self.noted: list[tuple[float, float]] = []
        self._jaw = 0.0
        dispatcher = Dispatcher()
        dispatcher.map("/VMC/Ext/Blend/Val", self._value)
        dispatcher.map("/VMC/Ext/Blend/Apply", self._apply)
        self._server = ThreadingOSCUDPServer(("127.0.0.1", 0), dispatcher)
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def _value(self, _address: str, *given: Any) -> None:
        if given and given[0] == "JawOpen":
            self._jaw = float(given[1])

    def _apply(self, _address: str, *_given: Any) -> None:
        self.noted.append((time.time() * 1000, self._jaw))

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


async def played(out: Path) -> dict[str, Curve]:
    """Return the three curves of one reply."""
    receiver = Receiver()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = load(None, {}, [f"server.port={port}", f"outlets.to=vmc://127.0.0.1:{receiver.port}", "engines.stt=none"])
    async with opened(config):
        more = {"URL_": f"http://127.0.0.1:{port}/", "OUT": str(out), "QUESTION": QUESTION, "PICTURES": str(PICTURES)}
        node = await asyncio.create_subprocess_exec(
            "node", str(Path(__file__).with_name("instep.mjs")), env={**os.environ, **more}
        )
        if await node.wait():
            raise SystemExit("the browser could not be driven")
    receiver.close()
    noted = json.loads((out / "noted.json").read_text(encoding="utf-8"))
    return {name: np.array(rows) for name, rows in {**noted, "vmc": receiver.noted}.items()}


def lag(one: Curve, other: Curve) -> tuple[float, float]:
    """Return by how many ms `other` comes after `one`, and how well they agree then (correlation)."""
    begin, end = max(one[0, 0], other[0, 0]), min(one[-1, 0], other[-1, 0])
    grid = np.arange(begin, end, 1000 / GRID)
    a, b = (np.interp(grid, curve[:, 0], curve[:, 1]) for curve in (one, other))
    most = int(FURTHEST * GRID)
    found = []
    for step in range(-most, most + 1):
        x, y = (a[: len(a) - step], b[step:]) if step >= 0 else (a[-step:], b[:step])
        found.append((float(np.corrcoef(x, y)[0, 1]), step))
    agrees, step = max(found)
    return step * 1000 / GRID, agrees


def sheet(out: Path, curves: dict[str, Curve]) -> None:
    """Write the pictures side by side, and the curves below one another."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(3, PICTURES, figsize=(2.2 * PICTURES, 6.6))
    for shot in range(PICTURES):
        for row, name in enumerate(("page", "obs")):
            axes[row, shot].imshow(pyplot.imread(out / f"{name}{shot}.png"))
            axes[row, shot].set_axis_off()
    for axis in axes[2]:
        axis.remove()
    below = figure.add_subplot(3, 1, 3)
    start = min(curve[0, 0] for curve in curves.values())
    for name, curve in curves.items():
        below.plot((curve[:, 0] - start) / 1000, curve[:, 1], label=name, linewidth=0.9)
    below.set_xlabel("s")
    below.set_ylabel("jawOpen")
    below.legend()
    figure.tight_layout()
    figure.savefig(out / "instep.png", dpi=80)


def main() -> None:
    """Play one reply and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    curves = asyncio.run(played(options.out))
    sheet(options.out, curves)
    # What the server said of itself stands before it.
    print("\f| beside the page | offset ms | agrees | frames a second |\n|---|---|---|---|")
    for name in ("obs", "vmc"):
        offset, agrees = lag(curves["page"], curves[name])
        rate = 1000 * (len(curves[name]) - 1) / (curves[name][-1, 0] - curves[name][0, 0])
        print(f"| {name} | {offset:+.0f} | {agrees:.3f} | {rate:.0f} |")


if __name__ == "__main__":
    main()
