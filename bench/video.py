"""Measures films as a viewer gets them: `python -m bench.video [--looks drawn,portrait,head] [--sentences 12]`.

A jaw that drops and a tone, planted on the same frame, are found again in the decoded MP4. Sentences are spoken and
filmed; MediaPipe then reads the mouth in the film's frames, which is compared with what was commanded: the correlation
of the opening, lips that are seen shut on p b m, the lag, how steady the person stays, how smoothly the mouth moves.
CPU seconds are those of this process. It needs the packages of the extras video and head, and fetches MediaPipe's model
as the tests do.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any, Final

import av
import numpy as np
from numpy.typing import NDArray

from bench.lips.corpus import REPORTED
from bridge.command.cli import _speaker
from engines.identity import load_identity, shipped
from engines.identity.attributes import read_attributes
from engines.identity.fields import Fields, Json
from engines.provenance.labels.label import Label
from studio.head.plan import plan
from studio.head.sculpt import sculpt
from studio.render.picture import Shown, View, draw
from studio.video.cut import Cut, Shot, cut
from studio.video.film import Format, write
from studio.video.frames import Scenery, drawn, moments
from studio.video.framing import ground
from studio.video.looks.appearance import CHANNELS, Appearance, Bytes, Recipe
from studio.video.looks.drawn import Drawn
from studio.video.looks.sculpted import Sculpted
from studio.video.puppet import landmarks as at
from studio.video.puppet import making
from studio.video.puppet.picture import Source
from studio.video.puppet.recipe import Portrait
from studio.video.script import monologue
from studio.video.track import track
from testkit.real.packages import FACE_LANDMARKER, folder

Floats = NDArray[np.floating[Any]]

SIZE: Final = 512
FPS: Final = 30
SEED: Final = 2
WHO: Final[dict[str, Json]] = {  # no glasses, no beard
    "age": 24,
    "presentation": "female",
    "ancestry": "east asian",
    "skin": "light",
    "hair": {"colour": "black", "style": "bob"},
    "outer": {"kind": "sweater", "colour": "cream"},
}
LIPS: Final = (13, 14)
FIRM: Final = (33, 133, 263, 362, 168, 6, 10, 151, 9)  # what no expression moves far
BILABIAL: Final = ("p", "b", "m")
SHUT: Final = 0.15  # of what the mouth opens in the sentence at most (95th percentile)
LABEL: Final = Label("compositeSynthetic", "bench")
OPENING: Final = ("jawOpen", "mouthClose")


@dataclass
class Times:
    """CPU seconds spent on parts of a film."""

    draw: float = 0.0
    write: float = 0.0


class Timed:
    """An appearance whose drawing is timed."""

    def __init__(self, inner: Appearance, times: Times) -> None:
        self._inner, self._times = inner, times

    def draw(self, frame: Floats, seconds: float) -> Bytes:
        """Draw and note the CPU seconds."""
        begun = process_time()
        picture = self._inner.draw(frame, seconds)
        self._times.draw += process_time() - begun
        return picture


@dataclass(frozen=True)
class TimedRecipe:
    """A recipe whose appearance is timed."""

    inner: Recipe
    times: Times

    def made(self, size: int) -> Timed:
        """Return the timed appearance."""
        return Timed(self.inner.made(size), self.times)


@cache
def finder() -> at.Finder:
    """Return MediaPipe with its model."""
    return at.Finder(folder(FACE_LANDMARKER) / "face_landmarker.task")


@cache
def recipes() -> dict[str, Recipe]:
    """Return the same person sculpted and as a portrait of that head, and the drawn face of a shipped identity."""
    made = sculpt(plan(read_attributes(Fields(WHO, "bench", code="bad_attributes")), SEED))
    _, height, depth = next(bone.at for bone in made.bones if bone.name == "leftEye")
    picture = draw(made, View((0.0, height - 0.035, depth - 0.05), 0.36), Shown(), size=(SIZE, SIZE))[..., :3]
    puppet = making.make(Source(np.ascontiguousarray(picture)), finder().find(picture))
    return {
        "drawn": Drawn(dict(load_identity(shipped()["teacher"]).looks)),
        "portrait": Portrait(puppet),
        "head": Sculpted(made),
    }


def spoken(text: str) -> Cut:
    """Return one sentence, laid out as a film has it."""
    said = track(_speaker(shipped()["teacher"], text, FPS))
    return cut(monologue(text), {(0, 0): said}, fps=FPS, rate=said.rate)


def film(path: Path, made: Cut, recipe: Recipe) -> tuple[Times, float]:
    """Write a film; return the CPU seconds of drawing and of everything."""
    times = Times()
    (who,) = made.frames
    scenery = Scenery({who: TimedRecipe(recipe, times)}, ground("grey", (SIZE, SIZE)), (SIZE, SIZE))
    frames = drawn(scenery, moments(made, made.shots), 1)
    first = next(frames)  # what is compiled or prepared once is not counted
    times.draw = 0.0
    begun = process_time()

    def all_of_them() -> Iterator[Bytes]:
        yield first
        yield from frames

    write(path, made, all_of_them(), Format(".mp4", (SIZE, SIZE)), label=LABEL)
    return times, process_time() - begun


def decoded(path: Path) -> list[Bytes]:
    """Return a film's pictures."""
    with av.open(str(path)) as container:
        frames: list[Any] = list(container.decode(video=0))
    return [frame.to_ndarray(format="rgb24") for frame in frames]


# ------------------------------------------------------------------------------------------------ sound and picture


def planted() -> Cut:
    """Return a second of silence and a shut mouth, then a tone and an open mouth that begin on the same frame."""
    rate, count, begins = 24_000, 2 * FPS, FPS
    frames = np.zeros((count, len(CHANNELS)), np.float32)
    frames[begins:, CHANNELS.index("jawOpen")] = 0.7
    pcm = np.zeros(count * rate // FPS, np.int16)
    start = begins * rate // FPS
    pcm[start:] = 12_000 * np.sin(2 * np.pi * 440 * np.arange(len(pcm) - start) / rate)
    return Cut(pcm.tobytes(), rate, FPS, {"": frames}, (Shot(0, count, ("",)),), (), ())


def offset(path: Path) -> float:
    """Return by how many milliseconds the sound of a planted film comes before its picture."""
    pictures = decoded(path)
    change = [np.abs(b.astype(np.int16) - a).mean() for a, b in pairwise(pictures)]
    seen = (int(np.argmax(change)) + 1) / FPS
    with av.open(str(path)) as container:
        blocks: list[Any] = list(container.decode(audio=0))
    samples = np.concatenate([block.to_ndarray().mean(axis=0) for block in blocks])
    heard = np.flatnonzero(np.abs(samples) > 0.05)[0] / blocks[0].sample_rate
    return float(1000 * (seen - heard - float(blocks[0].pts * blocks[0].time_base)))


# ------------------------------------------------------------------------------------------------ what is seen


@dataclass
class Seen:
    """What MediaPipe reads in one film: the gap between the lips and firm points, in units of the eyes' distance."""

    gap: Floats
    firm: Floats
    found: float
    jaw: Floats


def seen(pictures: Sequence[Bytes]) -> Seen:
    """Read every picture; what is not found repeats what was found before."""
    gaps, firm, jaws, found = [0.0], [np.zeros((len(FIRM), 2))], [0.0], 0
    for picture in pictures:
        faces = finder().read(picture)
        if len(faces) == 1:
            marks, weights = faces[0]
            unit = float(np.linalg.norm(marks[33, :2] - marks[263, :2]))
            gaps.append(float(np.linalg.norm(marks[LIPS[1], :2] - marks[LIPS[0], :2])) / unit)
            own = marks[list(FIRM), :2]
            firm.append((own - own.mean(axis=0)) / unit)
            jaws.append(weights.get("jawOpen", 0.0))
            found += 1
        else:
            gaps.append(gaps[-1])
            firm.append(firm[-1])
            jaws.append(jaws[-1])
    return Seen(np.array(gaps[1:]), np.array(firm[1:]), found / len(pictures), np.array(jaws[1:]))


def lag(told: Floats, read: Floats, most: int = 6) -> int:
    """Return by how many frames `read` comes after `told`, by their correlation."""
    steps = range(-most, most + 1)
    best = [np.corrcoef(told[most:-most], np.roll(read, -step)[most:-most])[0, 1] for step in steps]
    return int(steps[int(np.argmax(best))])


def shut(made: Cut, gap: Floats) -> tuple[int, int]:
    """Return how many p b m are seen shut, and how many there are."""
    rest = float(np.percentile(gap, 5))
    limit = rest + SHUT * max(float(np.percentile(gap, 95)) - rest, 1e-6)
    wanted = [(start, end) for ipa, start, end in made.phones if ipa[:1] in BILABIAL]
    closed = 0
    for start, end in wanted:
        first, last = int(start * FPS) - 1, int(np.ceil(end * FPS)) + 1
        closed += bool(gap[max(0, first) : last + 1].min() <= limit)
    return closed, len(wanted)


def measured(look: str, sentences: Sequence[str], place: Path) -> dict[str, Any]:
    """Measure one appearance."""
    recipe = recipes()[look]
    path = place / f"{look}.mp4"
    film(path, planted(), recipe)
    row: dict[str, Any] = {"offset_ms": round(offset(path), 1)}
    drawing = whole = seconds = 0.0
    told: list[Floats] = []
    read: list[Floats] = []
    closed = wanted = 0
    lags, drifts, jerks, found = [], [], [], []
    for number, text in enumerate(sentences):
        made = spoken(text)
        path = place / f"{look}-{number}.mp4"
        times, total = film(path, made, recipe)
        drawing, whole, seconds = drawing + times.draw, whole + total, seconds + made.seconds
        what = seen(decoded(path))
        found.append(what.found)
        (frames,) = made.frames.values()
        command = np.clip(frames[:, CHANNELS.index("jawOpen")] - frames[:, CHANNELS.index("mouthClose")], 0, 1)
        told.append(command)
        read.append(what.gap)
        lags.append(lag(command, what.gap))
        shuts = shut(made, what.gap)
        closed, wanted = closed + shuts[0], wanted + shuts[1]
        still = what.firm - np.median(what.firm, axis=0)
        drifts.append(float(np.abs(still).max(axis=(1, 2)).mean()))
        jerk = [np.sqrt(np.mean(np.diff(each / max(each.std(), 1e-6), 3) ** 2)) for each in (what.gap, command)]
        jerks.append(float(jerk[0] / jerk[1]))
    row |= {
        "seconds": round(seconds, 1),
        "draw_cpu_s": round(drawing / seconds, 3),
        "film_cpu_s": round(whole / seconds, 3),
        "found": round(float(np.mean(found)), 3),
        "r": round(float(np.corrcoef(np.concatenate(told), np.concatenate(read))[0, 1]), 3),
        "r_mean": round(float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in zip(told, read, strict=True)])), 3),
        "lag_frames": round(float(np.mean(lags)), 2),
        "shut": round(closed / max(1, wanted), 3),
        "bilabials": wanted,
        "drift": round(float(np.mean(drifts)), 4),
        "jerk": round(float(np.mean(jerks)), 2),
    }
    return row


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--looks", default="drawn,portrait,head")
    parser.add_argument("--sentences", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for look in options.looks.split(","):
            row = measured(look, REPORTED[: options.sentences], Path(scratch))
            print(json.dumps({"look": look, **row}), flush=True)


if __name__ == "__main__":
    main()
