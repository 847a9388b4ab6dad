"""Films the real page: `python -m bench.film OUT [--seconds 20]` writes OUT.mp4 and OUT.gif (needs ffmpeg, Chromium).

The embedded engines answer what is typed; nothing is drawn afterwards. Frames are taken as the browser shows them, each
with its time, and put at even steps into the film.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from bench.page import missing
from bench.process import serving

HERE: Final = Path(__file__).parent
QUESTIONS: Final = ("Why is the sky blue?", "Tell me about yourself")
FPS: Final = 15
GIF: Final = "fps=8,scale=480:-1:flags=lanczos,split[a][b];[a]palettegen=max_colors=64[p];[b][p]paletteuse=dither=none"


def film(out: Path, seconds: float) -> None:
    """Film for `seconds` of talk; RuntimeError when a program fails."""
    with tempfile.TemporaryDirectory() as passing, serving("embedded") as server:
        folder = Path(passing)
        chromium = os.environ.get("COMPANION_CHROMIUM") or shutil.which("chromium") or ""
        url = f"http://127.0.0.1:{server.port}/"
        command = ["node", str(HERE / "film.mjs"), url, chromium, str(folder), str(seconds), *QUESTIONS]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode:
            raise RuntimeError("the browser failed")
        times: list[float] = json.loads(done.stdout)
        (folder / "list.txt").write_text(sequence(times, seconds), "utf-8")
        source = ["ffmpeg", "-y", "-loglevel", "error", "-f", "concat", "-i", str(folder / "list.txt")]
        mp4 = ["-vf", f"fps={FPS}", "-c:v", "libx264", "-crf", "28", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]
        subprocess.run([*source, *mp4, str(out.with_suffix(".mp4"))], check=True)
        subprocess.run([*source, "-filter_complex", GIF, str(out.with_suffix(".gif"))], check=True)


def sequence(times: list[float], seconds: float) -> str:
    """Return ffmpeg's list of pictures taken at `times` (s), each shown until the next; the last until the end."""
    ends = [*times[1:], times[0] + seconds]
    lines = ["ffconcat version 1.0"]
    for number, (begins, ends_) in enumerate(zip(times, ends, strict=True)):
        lines += [f"file {number:05}.jpg", f"duration {max(0.01, ends_ - begins):.3f}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Film and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    if why := missing() or ("" if shutil.which("ffmpeg") else "ffmpeg is not installed"):
        print(f"Not filmed: {why}.")
        return
    film(options.out, options.seconds)
    for suffix in (".mp4", ".gif"):
        print(f"{options.out.with_suffix(suffix)}: {options.out.with_suffix(suffix).stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
