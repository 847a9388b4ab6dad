"""Reads each shape of a head back, and counts which are seen as what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from bench.appearance.judge import SEEN, Judge, Reading
from bench.stats import table
from studio.head.model import Bytes, Sculpture
from studio.render.picture import Shown, View, draw

SIZE: Final = 320  # pixels
TALL: Final = 0.30  # metres that are seen
# The judge never says more than this of a shape, whatever face it is shown: it cannot read it.
DEAF: Final = 0.02
# Shapes that mean something only beside another: lips that close over an open jaw.
BESIDE: Final[Mapping[str, Mapping[str, float]]] = {"mouthClose": {"jawOpen": 1.0}}

Table = NDArray[np.float64]


def picture(made: Sculpture, weights: Mapping[str, float], *, size: int = SIZE, fine: int = 1) -> Bytes:
    """Return a head from the front, as a camera over a screen sees it."""
    _, height, depth = next(bone.at for bone in made.bones if bone.name == "leftEye")
    view = View((0.0, height - 0.03, depth - 0.05), TALL)
    return draw(made, view, Shown(weights), size=(size, size), fine=fine)


def confusion(judge: Judge, made: Sculpture) -> Table:
    """Return how much each reading (columns) changes when each shape (rows) is shown in full, (51, 51)."""
    rests: dict[tuple[tuple[str, float], ...], Reading] = {}
    rows = []
    for name in SEEN:
        beside = BESIDE.get(name, {})
        key = tuple(beside.items())
        if key not in rests:
            rests[key] = _read(judge, made, beside)
        rows.append(_read(judge, made, {**beside, name: 1.0}).weights - rests[key].weights)
    return np.array(rows, np.float64)


def own(changes: Table) -> list[bool]:
    """Return of which shapes the strongest change is their own."""
    return [bool(row.argmax() == number) for number, row in enumerate(changes)]


def described(changes: Sequence[Table]) -> str:
    """Return the table as Markdown: per shape its own change and the strongest ones, over all people."""
    mean = np.mean(changes, axis=0)
    people = np.array([own(each) for each in changes])
    rows = []
    for number, name in enumerate(SEEN):
        best = mean[number].argsort()[::-1][:3]
        deaf = "the judge does not read it" if mean[:, number].max() < DEAF else ""
        rows.append(
            (
                name,
                "yes" if best[0] == number else "no",
                f"{people[:, number].sum()}/{len(changes)}",
                f"{mean[number, number]:+.2f}",
                ", ".join(f"{SEEN[at]} {mean[number, at]:+.2f}" for at in best),
                deaf,
            )
        )
    return table(("shape", "read as itself", "people", "own change", "strongest changes", ""), rows)


def _read(judge: Judge, made: Sculpture, weights: Mapping[str, float]) -> Reading:
    found = judge.read(picture(made, weights))
    if found is None:
        raise SystemExit(f"the judge finds no face that shows {dict(weights)}")
    return found
