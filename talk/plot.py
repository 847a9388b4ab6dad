"""Draws a recording: the waveform, words and phones as bands, and the mouth's curves over the same seconds.

It needs matplotlib (extra `plot`), which is loaded when something is drawn and not before.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

STRIP_S = 6.0  # seconds side by side at most; a longer recording goes on below
STRIPS = 20
SEALED = 0.02  # an aperture up to this is a closed mouth
LEAST_FRAMES = 2  # a single one is the rim of a word
LABIAL = frozenset("pbm")
BAND = {"words": ("#dfe7f2", "#eef2f8"), "phones": ("#e7e2f0", "#f3f0f8")}
CLOSURE = "#d1495b"
APERTURE = "#1d3557"
# Curves of all profiles: what to draw, its colour, and the channels that it is the greatest of.
CURVES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("jawOpen", "#e07a1f", ("jawOpen",)),
    ("mouthClose", "#c1272d", ("mouthClose",)),
    ("mouthPucker", "#2a9d8f", ("mouthPucker",)),
    ("mouthFunnel", "#6a994e", ("mouthFunnel",)),
    ("mouthPress", "#8d6cab", ("mouthPressLeft", "mouthPressRight")),
    ("mouthRollLower", "#5b8fd6", ("mouthRollLower",)),
    ("PP", "#c1272d", ("PP",)),
    ("FF", "#5b8fd6", ("FF",)),
    ("SS", "#8d6cab", ("SS",)),
    ("other consonants", "#b4b4b4", ("TH", "DD", "kk", "CH", "nn", "RR")),
    ("aa", "#e07a1f", ("aa",)),
    ("E", "#b08900", ("E",)),
    ("ih", "#6a994e", ("ih",)),
    ("oh", "#2a9d8f", ("oh",)),
    ("ou", "#1d7874", ("ou",)),
    ("ee", "#b08900", ("ee",)),
)

Bands: TypeAlias = Sequence[tuple[str, float, float]]
Curve: TypeAlias = NDArray[np.float64]


class Unavailable(Exception):
    """The plot cannot be drawn here; the message says what to install."""


def draw(
    path: Path,
    *,
    pcm: bytes,
    rate: int,
    fps: int,
    names: Sequence[str],
    frames: NDArray[Any],
    phones: Bands = (),
    words: Bands = (),
) -> None:
    """Write a PNG of s16le mono `pcm` and of `frames` (frames x channels); bands are (text, start_s, end_s).

    Closures are shaded: where the mouth is sealed inside a word, and with phones where it should be.
    Raises Unavailable without matplotlib.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise Unavailable("plot.png needs matplotlib: install it with  pip install 'companion-bridge[plot]'") from error
    sound = np.frombuffer(pcm, "<i2") / 2**15
    seconds = max(len(sound) / rate, 0.1)
    strips = min(STRIPS, max(1, int(np.ceil(seconds / STRIP_S))))
    span = min(seconds / strips, STRIP_S)
    bands = [(name, band) for name, band in (("words", words), ("phones", phones)) if band]
    heights = [1.0, *[0.22] * len(bands), 1.7]
    figure = Figure(figsize=(15, 0.9 + strips * 1.45 * sum(heights)), layout="constrained")
    panes = figure.subfigures(strips, 1, squeeze=False)[:, 0]
    curves = mouth(names, np.asarray(frames, dtype=np.float64))
    for index, pane in enumerate(panes):
        start, end = index * span, (index + 1) * span
        axes = pane.subplots(len(heights), 1, sharex=True, height_ratios=heights)
        _wave(axes[0], sound, rate, start, end)
        for axis, (name, band) in zip(axes[1:], bands, strict=False):
            _band(axis, name, [item for item in band if item[2] > start and item[1] < end], start, end)
        _curves(axes[-1], curves, fps, start, end)
        _shade(axes[-1], axes[0], curves, fps, words, phones)
        if index == 0 and curves:
            axes[-1].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=8, fontsize=8, frameon=False)
        axes[-1].set_xlim(start, end)
        axes[-1].set_xlabel("seconds of reply.wav" if index == strips - 1 else "", fontsize=9)
    more = f", the first {strips * span:.0f} s of" if strips * span < seconds - 1e-6 else ":"
    what = f"reply.wav{more} {seconds:.2f} s, {len(frames)} face frames at {fps} fps"
    shaded = "shaded: the lips are together" + (" (mouth), should be: p b m (sound)" if phones else "")
    figure.suptitle(f"{what} · {shaded}" if curves else what, fontsize=11)
    with warnings.catch_warnings():
        # Letters that the font lacks are boxes; the words stand in transcript.json.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        figure.savefig(path, dpi=100)


def mouth(names: Sequence[str], frames: NDArray[np.float64]) -> Mapping[str, Curve]:
    """Return the mouth's curves by name; `aperture` (jawOpen - mouthClose) is there for ARKit's channels."""
    at = {name: index for index, name in enumerate(names)}
    if not len(frames):
        return {}
    curves = {
        name: frames[:, [at[channel] for channel in channels]].max(axis=1)
        for name, _, channels in CURVES
        if all(channel in at for channel in channels)
    }
    if "jawOpen" in curves and "mouthClose" in curves:
        curves = {"aperture": curves["jawOpen"] - curves["mouthClose"], **curves}
    return curves


def sealed(curves: Mapping[str, Curve]) -> NDArray[np.bool_]:
    """Return which frames have the lips together, by whatever the profile says of it."""
    if "aperture" in curves:
        return np.asarray(curves["aperture"] <= SEALED)
    if "PP" in curves:
        return np.asarray(curves["PP"] >= 0.5)
    if curves:
        return np.asarray(np.sum(list(curves.values()), axis=0) <= SEALED)
    return np.zeros(0, dtype=np.bool_)


def _wave(axis: Any, sound: Curve, rate: int, start: float, end: float) -> None:
    piece = sound[int(start * rate) : int(end * rate)]
    step = max(1, len(piece) // 3000)
    whole = piece[: len(piece) // step * step].reshape(-1, step)
    at = start + np.arange(len(whole)) * step / rate
    axis.fill_between(at, whole.min(axis=1), whole.max(axis=1), color="#4a5a6a", linewidth=0.3)
    peak = max(0.05, float(np.abs(sound).max(initial=0.0)) * 1.05)
    axis.set_ylim(-peak, peak)
    axis.set_yticks([])
    axis.set_ylabel("sound", fontsize=9)
    _bare(axis)


def _band(axis: Any, name: str, band: Bands, start: float, end: float) -> None:
    for index, (text, since, until) in enumerate(band):
        if not text:
            continue
        labial = name == "phones" and text[0] in LABIAL
        colour = "#f4c7cd" if labial else BAND[name][index % 2]
        axis.axvspan(since, until, color=colour, linewidth=0)
        middle, room = (max(since, start) + min(until, end)) / 2, (min(until, end) - max(since, start)) / (end - start)
        size = min(10.0, max(5.0, room * 950 / max(1, len(text))))
        axis.text(middle, 0.5, text, ha="center", va="center", fontsize=size, clip_on=True, parse_math=False)
    axis.set_ylim(0, 1)
    axis.set_yticks([])
    axis.set_ylabel(name, fontsize=8, rotation=0, ha="right", va="center")
    _bare(axis)


def _curves(axis: Any, curves: Mapping[str, Curve], fps: int, start: float, end: float) -> None:
    first, last = int(start * fps), int(end * fps) + 2
    colours = {name: colour for name, colour, _ in CURVES}
    for name, curve in curves.items():
        piece = curve[first:last]
        at = (first + np.arange(len(piece))) / fps
        if name == "aperture":
            axis.fill_between(at, 0, np.maximum(piece, 0), color=APERTURE, alpha=0.12, linewidth=0)
            axis.plot(at, piece, color=APERTURE, linewidth=2.0, label="aperture (jawOpen - mouthClose)")
        else:
            axis.plot(at, piece, color=colours[name], linewidth=1.2, label=name)
    axis.set_ylim(-0.05, 1.05)
    axis.set_yticks([0, 0.5, 1])
    axis.tick_params(labelsize=8)
    axis.grid(axis="y", color="#e6e6e6", linewidth=0.6)
    axis.set_ylabel("mouth", fontsize=9)
    _bare(axis)


def _shade(axis: Any, wave: Any, curves: Mapping[str, Curve], fps: int, words: Bands, phones: Bands) -> None:
    """Shade closures: in the mouth's pane where the lips meet inside a word, in the wave's where a /p b m/ is."""
    closed = sealed(curves)
    spoken = np.zeros(len(closed), dtype=np.bool_)
    for _, since, until in words or phones:
        spoken[max(0, int(since * fps)) : int(np.ceil(until * fps))] = True
    edges = np.flatnonzero(np.diff(np.concatenate(([False], closed & spoken, [False])).astype(np.int8)))
    for since, until in edges.reshape(-1, 2):
        if until - since >= LEAST_FRAMES:
            axis.axvspan(since / fps, until / fps, color=CLOSURE, alpha=0.16, linewidth=0)
    for text, since, until in phones:
        if text and text[0] in LABIAL:
            wave.axvspan(since, until, color=CLOSURE, alpha=0.16, linewidth=0)


def _bare(axis: Any) -> None:
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    axis.spines["left"].set_color("#b0b0b0")
    axis.spines["bottom"].set_color("#b0b0b0")
    axis.tick_params(length=2, color="#b0b0b0")
