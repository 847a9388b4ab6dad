"""How different five candidates for a voice sound, and how even their loudness is: `python -m bench.audition`.

For a line in each of some languages and people of every presentation and age it renders the five candidates, and prints
the smallest distance between two of them in steps that people notice, beside that of five voices drawn by chance, with
the loudness and the true peak that they were brought to.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from itertools import combinations
from statistics import median

from engines.api import Voice
from engines.identity.attributes import Attributes
from studio.voice.design import candidates, spoken, variants
from studio.voice.loudness import loudness, normalised, true_peak
from studio.voice.measuring import apart, measured
from studio.voice.speaking import RATE, said

LINES = {
    "en-gb": "Good morning. I am happy to show you how light bends when it enters water.",
    "de": "Guten Morgen. Ich zeige Ihnen gern, wie sich das Licht im Wasser bricht.",
    "es": "Buenos d\u00edas. Me alegra ense\u00f1arte c\u00f3mo se dobla la luz en el agua.",
}


def smallest(line: str, voices: list[Voice]) -> tuple[float, list[float], list[float]]:
    """Return the smallest distance between two voices, the loudness of each in LUFS and its true peak in dBTP."""
    sounds = said(line, voices)
    words = max(1, len(line.split()))
    measures = [measured(sound, RATE, words) for sound in sounds]
    levelled = [normalised(sound, RATE)[0] for sound in sounds]
    distance = min(apart(one, other) for one, other in combinations(measures, 2))
    return distance, [loudness(each, RATE) for each in levelled], [true_peak(each, RATE) for each in levelled]


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=2, help="people of each kind (default: %(default)s)")
    options = parser.parse_args()
    began = time.process_time()
    print(
        "| language | people | smallest distance of five, median (least) | five by chance | LUFS | true peak at most |"
    )
    print("|---|---|---|---|---|---|")
    for language, line in LINES.items():
        ours: list[float] = []
        chance: list[float] = []
        levels: list[float] = []
        peaks: list[float] = []
        for seed in range(options.seeds):
            for presentation in ("female", "male"):
                for age in (30, 70):
                    wanted = spoken(Attributes(presentation=presentation, age=age))
                    found, loud, high = smallest(line, [each.voice for each in candidates(wanted, language, seed)])
                    ours.append(found)
                    levels += loud
                    peaks += high
                    draw = f"{language} {presentation} {age} {seed}"
                    names = [each.name for each in variants() if each.presentation == presentation]
                    names.sort(key=lambda name: hashlib.sha256(f"{draw} {name}".encode()).digest())
                    drawn = [Voice(language, name) for name in names[:5]]
                    chance.append(smallest(line, drawn)[0])
        print(
            f"| {language} | {len(ours)} | {median(ours):.1f} ({min(ours):.1f}) "
            f"| {median(chance):.1f} ({min(chance):.1f}) "
            f"| {min(levels):.1f} to {max(levels):.1f} | {max(peaks):.1f} |",
            flush=True,
        )
    print(f"\n{time.process_time() - began:.0f} CPU seconds, those of the synthesizer's own process not counted")


if __name__ == "__main__":
    main()
