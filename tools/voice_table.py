"""Measures every variant of espeak-ng that comes with its wheel: `python -m tools.voice_table --write`.

What the studio finds voices by stands in studio/voice/espeak.toml: how each sounds when it says one English line.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

import espeakng_loader

from engines.api import Voice
from studio.voice.measuring import measured
from studio.voice.speaking import RATE, said

TABLE: Final = Path(__file__).parents[1] / "studio/voice/espeak.toml"
LINE: Final = "Good morning. I am happy to show you how light bends when it enters water."
# Not for people: effects, and voices that are robots, demons or single pitches.
EFFECTS: Final = re.compile(
    "(?i)robo|demon|whisper|croak|klatt|tweaky|fast|announcer|uni|quincy|anika|jacky|caleb|norbert"
)


def main() -> None:
    """Measure, and print or write the table."""
    folder = Path(espeakng_loader.get_data_path()) / "voices" / "!v"
    names = sorted(path.name for path in folder.iterdir() if not EFFECTS.search(path.name))
    lines = [
        "# Made by `python -m tools.voice_table --write`: Hz, semitones, Hz, words a second, of one English line.",
        "",
    ]
    for name, sound in zip(names, said(LINE, [Voice("en-us", name) for name in names]), strict=True):
        found = measured(sound, RATE, len(LINE.split()))
        text = (folder / name).read_text("utf-8", errors="replace")
        gender = re.search(r"^gender\s+(male|female)(?:\s+(\d+))?", text, re.MULTILINE)
        lines += [
            f'["{name}"]',
            f'gender = "{gender[1] if gender else ""}"',
            f"age = {int(gender[2]) if gender and gender[2] else 0}",
            f"pitch = {found.pitch:.0f}",
            f"spread = {found.spread:.1f}",
            f"centroid = {found.centroid:.0f}",
            f"rate = {found.rate:.2f}",
            "",
        ]
    if "--write" in sys.argv:
        TABLE.write_text("\n".join(lines), encoding="utf-8")
    else:
        print("\n".join(lines))


if __name__ == "__main__":
    main()
