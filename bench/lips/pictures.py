"""Pictures of lips: a PNG a sentence with sound, phones, openness and closures, and the drawn face saying one."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import numpy as np

from bench.lips import methods
from bench.lips.methods import FPS, Shown
from engines.api import Speech
from engines.face.rigs import NAMES
from training.lips import espeak_voice, metrics
from training.lips.takes import Take

FACE: Final = Path(__file__).parent.parent.parent / "bridge" / "web" / "face"
SAID: Final = "Maybe five brave bears will move above the purple bath."
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome")
COLOURS: Final = {"truth": "0.6", "exact": "tab:blue", "aligned": "tab:orange", "audio": "tab:green"}


def sentences(folder: Path, takes: Sequence[Take], aligned: Sequence[Shown]) -> None:
    """Draw one PNG a take in `folder`: the three qualities of our face against the truth."""
    try:
        import matplotlib
    except ImportError:
        print("no pictures: matplotlib is not installed", file=sys.stderr)
        return
    matplotlib.use("Agg")
    folder.mkdir(parents=True, exist_ok=True)
    rows = zip(takes, methods.exact(takes), aligned, methods.audio(takes), strict=True)
    for number, (take, *shown) in enumerate(rows, start=1):
        name = re.sub(r"\W+", "-", take.text.lower()).strip("-")[:40]
        _sentence(
            folder / f"{number:02}-{name}.png", take, dict(zip(("exact", "aligned", "audio"), shown, strict=True))
        )


def _sentence(path: Path, take: Take, shown: dict[str, Shown]) -> None:
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(
        4, 1, figsize=(13, 6.2), sharex=True, gridspec_kw={"height_ratios": [1.1, 0.45, 2.2, 1.2]}
    )
    sound, phones, opening, contact = axes
    samples = np.frombuffer(take.speech.pcm, "<i2") / 32768
    sound.plot(np.arange(len(samples)) / take.speech.rate, samples, color="0.35", linewidth=0.4)
    sound.set_title(f"{take.text}   ({take.voice})", loc="left", fontsize=10)
    sound.set_yticks([])
    for phone in take.truth:
        lips = metrics.SHUT & set(phone.ipa)
        teeth = metrics.TEETH & set(phone.ipa)
        colour = "tab:red" if lips else "tab:purple" if teeth else "0.9"
        if phone.ipa:
            phones.axvspan(phone.start, phone.end, color=colour, alpha=0.35 if lips or teeth else 1.0, linewidth=0)
            phones.axvline(phone.start, color="white", linewidth=0.8)
            phones.text((phone.start + phone.end) / 2, 0.5, phone.ipa, ha="center", va="center", fontsize=8)
        if lips:
            for axis in (opening, contact):
                axis.axvspan(phone.start, phone.shut or phone.end, color="tab:red", alpha=0.12, linewidth=0)
    phones.set_yticks([])
    count = len(shown["exact"].lips.aperture)
    times = np.arange(count) / FPS
    opening.fill_between(
        times, metrics.openness(take.truth, FPS, count), color=COLOURS["truth"], alpha=0.4, linewidth=0
    )
    for row, (name, show) in enumerate(shown.items()):
        curve = show.lips.aperture
        opening.plot(times[: len(curve)], curve[:count] / 0.62, color=COLOURS[name], linewidth=1.2, label=name)
        for flags, height, colour in ((show.lips.closed, 0.7, COLOURS[name]), (show.lips.teeth, 0.35, "tab:purple")):
            frames = np.flatnonzero(flags)
            contact.bar(frames / FPS, height, 1 / FPS, bottom=2 - row, align="edge", color=colour, linewidth=0)
    opening.set_ylabel("openness")
    opening.legend(loc="upper right", ncol=3, fontsize=8)
    contact.set_yticks([2.35, 1.35, 0.35], list(shown))
    contact.set_ylabel("closed, teeth")
    contact.set_xlabel("s")
    contact.set_xlim(0, take.seconds)
    figure.tight_layout()
    figure.savefig(path, dpi=75)
    plt.close(figure)


PAGE: Final = """<!doctype html><meta charset=utf-8>
<style>body{margin:12px;font:13px sans-serif;background:#fff}
main{display:grid;grid-template-columns:repeat(%(columns)d,150px);gap:4px 6px}
figure{margin:0}canvas{width:150px;aspect-ratio:42/34;display:block}figcaption{text-align:center}</style>
<h3>%(text)s</h3><main></main>
<script type=module>
import { Face, loadRig } from "/face.js";
const frames = %(frames)s;
const rig = await loadRig("/rig.json");
for (const [name, weights] of frames) {
  const box = document.createElement("figure"), canvas = document.createElement("canvas");
  const caption = document.createElement("figcaption");
  caption.textContent = name;
  box.append(canvas, caption);
  document.querySelector("main").append(box);
  const face = new Face(canvas, { ...rig, view: [290, 450, 420, 340] }, %(looks)s);
  face.setWeights(Object.keys(weights), Object.values(weights));
  face.draw(0);
}
document.body.dataset.ready = "yes";
</script>"""


def sheet(path: Path, text: str = SAID, every: int = 3) -> bool:
    """Return the drawn mouth at every third frame of a sentence, as a PNG; False, with a word, without Chromium."""
    browser = next((name for name in BROWSERS if shutil.which(name)), None)
    if browser is None:
        print("no sheet: Chromium is not installed", file=sys.stderr)
        return False
    speech = espeak_voice.speeches([text], "en-us")[0]
    rows = methods.frames([speech])
    named = []
    for number in range(0, len(rows), every):
        weights = {name: round(float(value), 3) for name, value in zip(NAMES, rows[number], strict=True) if value}
        named.append((f"{_sound_at(speech, number)}  {number * 1000 // FPS} ms", weights))
    looks = json.loads((FACE / "sheet.json").read_text("utf-8"))["looks"]["teacher"]
    columns = 9
    page = PAGE % {
        "columns": columns, "text": text, "frames": json.dumps(named, ensure_ascii=False), "looks": json.dumps(looks)
    }  # fmt: skip
    height = 70 + 146 * -(-len(named) // columns)
    path.parent.mkdir(parents=True, exist_ok=True)
    with _Served(page.encode()) as url:
        subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=20000",
             f"--window-size={columns * 156 + 24},{height}", f"--screenshot={path.resolve()}", url],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=180,
        )  # fmt: skip
    return path.is_file()


def _sound_at(speech: Speech, frame: int) -> str:
    at = frame * speech.rate / FPS
    return next((phone.ipa for phone in speech.phones if phone.start <= at < phone.end), "") or "·"


class _Served:
    """The face's files and one page, on a port of this machine, while in use."""

    def __init__(self, page: bytes) -> None:
        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:  # the standard library's name
                if self.path != "/":
                    super().do_GET()
                    return
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(FACE)))
        self._thread = threading.Thread(target=self._server.serve_forever)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
