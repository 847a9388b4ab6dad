"""Other lip-sync packages on the same takes, where they are installed: `npm install` in a folder of your own.

What they show is read in their favour: their weights are taken relative to their own maxima, a viseme or mouth shape
that means closed lips counts as closed, and one that fits two of our classes counts for either.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np

from bench.lips.methods import FPS, SEVEN, Shown
from engines.sound.phones import VISEMES
from training.lips.metrics import Lips
from training.lips.takes import Take

NAMES: Final = ("wlipsync", "headaudio", "rhubarb", "talkinghead")
KNOWS: Final = {
    "wlipsync": "sound; a profile of the same voice", "headaudio": "sound", "rhubarb": "all the sound and the text",
    "talkinghead": "text and true word times",
}  # fmt: skip
PACKAGES: Final = (
    "wlipsync@1.3.1 @met4citizen/headaudio@0.1.0 @met4citizen/talkinghead@1.7.0 rhubarb-lip-sync-wasm@0.1.8"
)
# How open each shape is, 0..1: the jaw of a vowel's or consonant's place, the same for all packages.
OPEN: Final = dict(
    zip(VISEMES, (0, 0, 0.15, 0.25, 0.2, 0.3, 0.2, 0.15, 0.25, 0.25, 1, 0.55, 0.33, 0.55, 0.25), strict=True)
)
VOWELS: Final = {"A": "aɑæʌ", "I": "iɪ", "U": "uʊ", "E": "ɛe", "O": "oɔ", "N": "nŋ"}
VOWEL_OPEN: Final = np.array([1.0, 0.33, 0.25, 0.55, 0.55, 0.1])
VOWEL_CLASSES: Final = ("AA", "EI", "OU", "EI|AA", "OU", "C")
# Rhubarb's shapes: how open, and which classes.
SHAPES: Final = {
    "A": (0.0, "PP"), "B": (0.25, "C|EI"), "C": (0.55, "EI|AA|C"), "D": (1.0, "AA"), "E": (0.5, "OU|AA|EI"),
    "F": (0.25, "OU"), "G": (0.15, "FF"), "H": (0.35, "C"), "X": (0.0, "SIL"),
}  # fmt: skip
SHOWN_FROM: Final = 0.1  # a weight below this shows nothing


def run(modules: Path | None, voices: Sequence[tuple[Sequence[Take], Sequence[Take]]], names: Sequence[str] = NAMES
        ) -> dict[str, tuple[str, list[list[Shown]]] | str]:  # fmt: skip
    """Return each package's version and what it shows for every voice's takes; a sentence for one that was skipped.

    `voices` are pairs of the takes to show and takes of the same voice to calibrate on; `modules` is the folder that
    has node_modules in it.
    """
    if modules is None or shutil.which("node") is None:
        return dict.fromkeys(names, "skipped: give --peers a folder with node_modules, and install node")
    found: dict[str, tuple[str, list[list[Shown]]] | str] = {}
    for takes, others in voices:
        for name, result in _job(modules, takes, others, names).items():
            if isinstance(result, str):
                found[name] = result
                continue
            shown = [_read(name, rows, take) for rows, take in zip(result["takes"], takes, strict=True)]
            kept = found.setdefault(name, (result["package"], []))
            if not isinstance(kept, str):
                kept[1].append(shown)
    return found


def _job(modules: Path, takes: Sequence[Take], others: Sequence[Take], names: Sequence[str]) -> dict[str, Any]:
    with TemporaryDirectory() as folder:
        entries = []
        for number, take in enumerate(takes):
            paths = {rate: Path(folder, f"{number}.{rate}") for rate in (16, 48)}
            for rate, path in paths.items():
                path.write_bytes(take.pcm(rate * 1000).tobytes())
            words = [(w.text, w.start / take.speech.rate, w.end / take.speech.rate) for w in take.speech.words]
            entries.append({"pcm16": str(paths[16]), "pcm48": str(paths[48]), "text": take.text, "words": words,
                            "seconds": take.seconds})  # fmt: skip
        vowels = {}
        for name, letters in VOWELS.items():
            path = Path(folder, f"vowel{name}")
            path.write_bytes(_held(others, letters).tobytes())
            vowels[name] = str(path)
        job = Path(folder, "job.json")
        job.write_text(json.dumps({"peers": list(names), "takes": entries, "vowels": vowels}), "utf-8")
        command = ["node", str(Path(__file__).with_name("peers.mjs")), str(modules), str(job)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
    if done.returncode or not done.stdout.strip():
        return dict.fromkeys(names, f"failed: {done.stderr.strip()[-200:]}")
    # A package may print before the last line.
    return dict(json.loads(done.stdout[done.stdout.index("{") :]))


def _held(takes: Sequence[Take], letters: str) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Return the middles of the longest sounds that begin with one of `letters`, one after the other, at 48 kHz."""
    spans = [
        (phone.end - phone.start, take, phone)
        for take in takes
        for phone in take.truth
        if phone.ipa[:1] in set(letters)
    ]
    spans.sort(key=lambda span: -span[0])
    parts = []
    for length, take, phone in spans[:8]:
        low, high = phone.start + 0.2 * length, phone.end - 0.2 * length
        parts.append(take.pcm(48_000)[round(low * 48_000) : round(high * 48_000)])
    return np.concatenate(parts) if parts else np.zeros(4800, np.int16)


def _read(name: str, rows: list[Any], take: Take) -> Shown:
    count = int(np.ceil(take.seconds * FPS))
    if name == "rhubarb":
        return _cues(rows, count)
    weights = np.array(rows, np.float64)
    weights = np.pad(weights, ((0, max(0, count - len(weights))), (0, 0)), mode="edge")[:count]
    if name == "wlipsync":
        loud = weights[:, -1]
        aperture = np.clip(weights[:, :-1] @ VOWEL_OPEN, 0, 1) * loud
        kinds = tuple(
            "SIL" if volume < SHOWN_FROM else VOWEL_CLASSES[int(row.argmax())]
            for row, volume in zip(weights[:, :-1], loud, strict=True)
        )
        return Shown(Lips(aperture, aperture <= 0.02, np.zeros(count, np.bool_)), kinds)
    aperture = np.clip(weights @ np.array(list(OPEN.values())) / np.maximum(1.0, weights.sum(1)), 0, 1)
    strongest = np.where(weights.max(1) >= SHOWN_FROM, weights.argmax(1), 0)
    teeth = strongest == VISEMES.index("FF")
    closed = (strongest == VISEMES.index("PP")) | ((aperture <= 0.02) & ~teeth)
    return Shown(Lips(aperture, closed, teeth), tuple(SEVEN[VISEMES[row]] for row in strongest))


def _cues(rows: list[Any], count: int) -> Shown:
    shapes = ["X"] * count
    for start, end, shape in rows:
        for frame in range(max(0, int(np.ceil(start * FPS - 1e-9))), min(count, int(np.ceil(end * FPS - 1e-9)))):
            shapes[frame] = shape
    aperture = np.array([SHAPES[shape][0] for shape in shapes])
    closed = np.array([shape in "AX" for shape in shapes])
    return Shown(
        Lips(aperture, closed, np.array([shape == "G" for shape in shapes])), tuple(SHAPES[s][1] for s in shapes)
    )
