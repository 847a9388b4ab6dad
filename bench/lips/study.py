"""Curves for docs/FACE.md: `python -m bench.lips.study docs/images/face` (needs matplotlib); prints the rates it drew.

What is shown is what a client would get: frames of the articulation face, decoded.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from bench.stats import table
from engines.api import Cue, FaceBlock, FaceStyle, Speech, Stream, TimedCue
from engines.face.engine import ArticulationFace
from training.lips import espeak_voice

FPS: Final = 60
TEXT: Final = "Five brave bears bought thick blue boots. Why? Nobody will ever know."
SEED: Final = 7

Curves = dict[str, NDArray[np.float64]]


def decoded(weights: bytes) -> Curves:
    """Return frames of arkit52 by channel; angles in degrees."""
    rig = ArticulationFace().rig("arkit52", FPS)
    rows = np.frombuffer(weights, np.uint8).reshape(-1, len(rig.names)) / 255.0
    low, high = np.array(rig.ranges).T
    values = low + (high - low) * rows
    return {
        name: np.degrees(values[:, row]) if name.startswith("head") else values[:, row]
        for row, name in enumerate(rig.names)
    }


async def _spoken(speech: Speech, style: FaceStyle, lead_ms: float) -> bytes:
    async def one() -> Stream[Speech]:
        yield speech

    async with aclosing(ArticulationFace(lead_ms=lead_ms).animate(one(), style)) as items:
        return b"".join([item.weights async for item in items if isinstance(item, FaceBlock)])


def spoken(speech: Speech, style: FaceStyle | None = None, lead_ms: float = 25.0) -> Curves:
    """Return the face while it says `speech`."""
    return decoded(asyncio.run(_spoken(speech, style or FaceStyle(seed=SEED), lead_ms)))


def resting(seconds: int, seed: int = SEED, emotion: str = "neutral") -> Curves:
    """Return the face while nobody speaks."""
    style = FaceStyle(seed=seed, emotion=emotion, intensity=1.0)
    return decoded(ArticulationFace().idle(style, 0, seconds * FPS).weights)


def starts(curve: NDArray[np.float64], at: float) -> NDArray[np.intp]:
    """Return frames at which a curve rises above a value."""
    above = curve > at
    return np.flatnonzero(above[1:] & ~above[:-1])


def gaze(curves: Curves) -> NDArray[np.float64]:
    """Return degrees that the eyes are turned to the side.

    From the weights of their shapes (a full one is 31.5 degrees).
    """
    return np.asarray(31.5 * (curves["eyeLookOutLeft"] - curves["eyeLookInLeft"]))


def rates() -> list[tuple[str, str]]:
    """Return what five minutes of rest and ten readings of the text hold, over ten seeds."""
    blinks, glances, doubles = [], [], []
    for seed in range(10):
        rest = resting(300, seed)
        begun = starts(rest["eyeBlinkLeft"], 0.5) / FPS
        blinks.append(len(begun) / 5)
        doubles.append(float((np.diff(begun) < 0.5).mean()))
        glances.append(len(starts(np.abs(gaze(rest)), 5.0)) / 5)
    speech = espeak_voice.speeches([TEXT], "en-us")[0]
    stressed = sum(1 for phone in speech.phones if phone.stress == 1)
    nods, brows, away, calm, overheard = [], [], [], [], []
    for seed in range(10):
        style = FaceStyle(seed=seed)
        said = spoken(speech, style)
        heard = spoken(_unread(speech), style)
        count = len(said["headPitch"])
        still = decoded(ArticulationFace().idle(style, 0, count).weights)
        dips = still["headPitch"] - said["headPitch"]
        nods.append(len(starts(dips, 0.7)) / stressed)
        overheard.append(len(starts(still["headPitch"] - heard["headPitch"], 0.7)) / stressed)
        brows.append(len(starts(said["browInnerUp"] - still["browInnerUp"], 0.1)) / stressed)
        away.append(float((np.abs(gaze(said)) > 5.0).mean()))
        calm.append(float((np.abs(gaze(still)) > 5.0).mean()))
    return [
        ("blinks a minute at rest", f"{np.mean(blinks):.1f} ({min(blinks):.1f} to {max(blinks):.1f})"),
        ("of them within half a second of another", f"{100 * np.mean(doubles):.0f} %"),
        ("glances of more than 5 degrees a minute at rest", f"{np.mean(glances):.1f}"),
        ("time looking away at rest", f"{100 * np.mean(calm):.0f} %"),
        ("time looking away while speaking", f"{100 * np.mean(away):.0f} %"),
        ("stressed vowels with a nod of 0.7 degrees or more", f"{100 * np.mean(nods):.0f} %"),
        ("stressed vowels with raised brows", f"{100 * np.mean(brows):.0f} %"),
        ("nods a stressed vowel, known by sound alone", f"{100 * np.mean(overheard):.0f} %"),
    ]


def heads() -> list[tuple[str, str, str, str]]:
    """Return the standard deviation of the head's angles (degrees) at rest, listening and speaking, over ten seeds."""
    speech = espeak_voice.speeches([" ".join([TEXT] * 4)], "en-us")[0]
    kinds: dict[str, list[Curves]] = {"at rest": [], "listening": [], "speaking": []}
    for seed in range(10):
        kinds["at rest"].append(resting(300, seed))
        style = FaceStyle(seed=seed, listening=(1.0, 1.0))
        kinds["listening"].append(decoded(ArticulationFace().idle(style, 0, 300 * FPS).weights))
        kinds["speaking"] += [spoken(speech, FaceStyle(seed=seed, origin=start)) for start in range(0, 18_000, 3_600)]
    rows = []
    for name in ("headYaw", "headPitch", "headRoll"):
        # About the mean of ten seconds or more, each stretch for itself, as motion capture is told.
        spread = [f"{np.mean([curves[name].std() for curves in several]):.1f}" for several in kinds.values()]
        rows.append((f"{name.removeprefix('head').lower()}, standard deviation", *spread))
    nods = [[np.abs(np.diff(_eased(each["headPitch"]))) * FPS for each in several] for several in kinds.values()]
    speed = [f"{np.percentile(np.concatenate(steps), 95):.0f}" for steps in nods]
    rows.append(("pitch, 95th percentile of its speed, degrees a second", *speed))
    away = [
        f"{100 * np.mean([(np.abs(gaze(each)) > 5.0).mean() for each in several]):.0f} %" for several in kinds.values()
    ]
    rows.append(("time looking away", *away))
    return [(a, b, c, d) for a, b, c, d in rows]


def _eased(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a curve without the steps of the wire."""
    return np.convolve(curve, np.ones(9) / 9, "valid")


def _unread(speech: Speech) -> Speech:
    """Return the same sound, of which nothing else is known."""
    return replace(speech, phones=(), words=(), source="audio")


def _panels(
    path: Path, title: str, panels: Sequence[tuple[str, Curves]], seconds: float, phones: Speech | None
) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(len(panels), 1, figsize=(12, 1.0 + 1.55 * len(panels)), sharex=True, squeeze=False)
    for axis, (label, curves) in zip(axes[:, 0], panels, strict=True):
        for name, curve in curves.items():
            axis.plot(np.arange(len(curve)) / FPS, curve, linewidth=1.1, label=name)
        axis.set_ylabel(label, fontsize=8)
        axis.legend(loc="upper right", ncol=4, fontsize=7)
        axis.grid(alpha=0.25)
        if phones is not None:
            _phones(axis, phones)
    axes[0, 0].set_title(title, loc="left", fontsize=10)
    axes[-1, 0].set_xlabel("s")
    axes[-1, 0].set_xlim(0, seconds)
    figure.tight_layout()
    figure.savefig(path, dpi=75)
    plt.close(figure)


def _phones(axis: Any, speech: Speech) -> None:
    for phone in speech.phones:
        start, end = phone.start / speech.rate, phone.end / speech.rate
        colour = "tab:red" if phone.ipa[:1] in "pbm" else "tab:purple" if phone.ipa[:1] in "fv" else ""
        if colour and phone.ipa:
            axis.axvspan(start, end, color=colour, alpha=0.12, linewidth=0)
        axis.text((start + end) / 2, axis.get_ylim()[0], phone.ipa, ha="center", va="bottom", fontsize=6, clip_on=True)


def _picked(curves: Curves, *names: str) -> Curves:
    return {name: curves[name] for name in names}


def draw(folder: Path) -> None:
    """Write movements.png, overheard.png, life.png, speaking.png and moods.png."""
    folder.mkdir(parents=True, exist_ok=True)
    speech = espeak_voice.speeches([TEXT], "en-us")[0]
    seconds = speech.samples / speech.rate
    said = spoken(speech)
    gap = said["jawOpen"] - said["mouthClose"]
    panels = [
        ("jaw", _picked(said, "jawOpen", "mouthClose") | {"between the lips": gap}),
        ("contacts", _picked(said, "mouthPressLeft", "mouthRollLower")),
        ("lips", _picked(said, "mouthPucker", "mouthFunnel", "mouthStretchLeft")),
        ("tongue", _picked(said, "tongueOut")),
    ]
    _panels(folder / "movements.png", TEXT, panels, min(seconds, 3.4), speech)
    heard = spoken(_unread(speech))
    both = {"exact": said, "sound alone": heard}
    panels = [
        ("between the lips", {name: curves["jawOpen"] - curves["mouthClose"] for name, curves in both.items()}),
        ("lips pressed", {name: curves["mouthPressLeft"] for name, curves in both.items()}),
        ("lip rolled in", {name: curves["mouthRollLower"] for name, curves in both.items()}),
        ("head pitch, degrees", {name: curves["headPitch"] for name, curves in both.items()}),
    ]
    _panels(
        folder / "overheard.png", "The same sentence, known by its phones and by its sound", panels, seconds, speech
    )
    rest = resting(60)
    panels = [
        ("lids", _picked(rest, "eyeBlinkLeft")),
        ("gaze, degrees", {"to its left": gaze(rest)}),
        ("head, degrees", _picked(rest, "headYaw", "headPitch", "headRoll")),
        ("brows", _picked(rest, "browInnerUp")),
    ]
    _panels(folder / "life.png", f"A minute of rest (seed {SEED})", panels, 60.0, None)
    panels = [
        ("jaw", _picked(said, "jawOpen")),
        ("head, degrees", _picked(said, "headYaw", "headPitch", "headRoll")),
        ("brows", _picked(said, "browInnerUp", "browOuterUpLeft")),
        ("lids, gaze", _picked(said, "eyeBlinkLeft") | {"gaze / 30 degrees": gaze(said) / 30}),
    ]
    _panels(folder / "speaking.png", "Speaking: nods and brows on stressed words", panels, seconds, speech)
    third = speech.samples // 3
    cues = tuple(
        TimedCue(Cue("emotion", mood, 1.0, 0), at) for mood, at in (("happy", third), ("surprised", 2 * third))
    )
    felt = spoken(replace(speech, cues=cues))
    gap = felt["jawOpen"] - felt["mouthClose"]
    panels = [
        ("mouth", _picked(felt, "mouthSmileLeft", "mouthFunnel") | {"between the lips": gap}),
        ("eyes, brows", _picked(felt, "cheekSquintLeft", "eyeWideLeft", "browOuterUpLeft")),
    ]
    title = "Neutral, happy from the first third, surprised from the second; every p b m stays shut"
    _panels(folder / "moods.png", title, panels, seconds, speech)


if __name__ == "__main__":
    draw(Path(sys.argv[1]))
    print(table(("what", "how much"), rates()))
    print(table(("head, degrees", "at rest", "listening", "speaking"), heads()))
