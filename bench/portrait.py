"""Measures painted portraits against real renders: `python -m bench.portrait DATA --nets r3=FOLDER`.

DATA is a folder of training.portrait.data; of its people one in eight was kept from painter and judge alike, and all
figures are of those. Every figure stands beside the same figure of real renders, since the features are the judge's
own. The judge is the reader of the first nets, which learned traits from real renders alone; `--judge` names one that
is trained apart (and is trained there if the file is missing). `--landmarker` names MediaPipe's face_landmarker.task,
an outside judge of whether a face is there.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from bench.machine import describe
from studio.portrait.model import Nets, from_bytes, nets, to_bytes
from studio.portrait.painting import sheet
from studio.portrait.png import encoded
from studio.portrait.words import VALUES
from training.portrait.data import Pictures, load
from training.portrait.judge import Judge, Read, read, train
from training.portrait.measure import (
    Scale,
    frechet,
    kernel,
    nearest,
    scale_of,
    sharpness,
    spread,
    told_apart,
)
from training.portrait.parts import TEST, TRAIN, part

TRAITS: Final = {name: len(values) for name, values in VALUES.items()}
CEILING: Final = 0.95  # a trait that is read worse from real renders is not counted
CARDS: Final = 20  # descriptions whose spread is measured
FOUND: Final = 160  # pictures that the outside judge looks at
ENLARGED: Final = 256

Picture = NDArray[np.uint8]


def main() -> None:
    """Measure and print."""
    asked = _asked()
    torch.set_num_threads(1)
    data = load(asked.data)
    learned, kept = part(data.shape, TRAIN), part(data.shape, TEST)
    judge = judge_of(data, learned, asked.judge, asked.passes) if asked.judge else nets(_named(asked.nets)[0][1])
    real = seen_by(judge, data.colour[kept])
    ceilings = _fidelity(real.labels, data.labels[kept])
    others = np.random.default_rng(1).permutation(learned)[: len(kept)]
    scale = scale_of(real.features)
    floors = _distances(scale, seen_by(judge, data.colour[others]), real)
    report: dict[str, Any] = {
        "machine": dict(describe()),
        "people": {name: len(np.unique(data.shape[at])) for name, at in (("learned from", learned), ("kept", kept))},
        "pictures": {"learned from": len(learned), "kept": len(kept)}, "ceiling": ceilings,
        "floors": {
            **floors, "told apart": _round(told_apart(data.colour[kept], data.colour[others], data.shape[kept])),
            "sharpness": _round(sharpness(data.colour[kept])), "spread of one head": _round(_spread_real(data, kept)),
        },
    }  # fmt: skip
    detector = _detector(asked.landmarker)
    if detector:
        report["floors"]["face found"] = _round(_found(detector, data.colour[kept][:FOUND]))
    report["painters"] = {
        name: measured(nets(folder), data, learned, kept, judge, scale, real, ceilings, detector)
        for name, folder in _named(asked.nets)
    }
    print(json.dumps(report, indent=1))
    if asked.sheet:
        _contact(nets(_named(asked.nets)[0][1]), data, kept, asked.sheet)


def measured(
    net: Nets, data: Pictures, learned: NDArray[np.intp], kept: NDArray[np.intp], judge: Judge | Nets, scale: Scale,
    real: Read, ceilings: Mapping[str, float], detector: Any,
) -> dict[str, Any]:  # fmt: skip
    """Measure one painter on the descriptions of the people who were kept."""
    random = np.random.default_rng(2)
    told = rows(data.labels[kept])
    chance = random.standard_normal((len(kept), net.chance)).astype(np.float32)
    painted = to_bytes(net.paint(chance, told))
    seen = seen_by(judge, painted)
    fidelity = _fidelity(seen.labels, data.labels[kept])
    counted = [name for name, value in ceilings.items() if value >= CEILING] or list(ceilings)
    near = nearest(painted, data.colour[learned])
    usual = nearest(data.colour[kept], data.colour[learned])
    found: dict[str, Any] = {
        **_distances(scale, seen, real),
        "traits": fidelity,
        "traits counted": counted,
        "of the ceiling": _round(_mean(fidelity, counted) / _mean(ceilings, counted)),
        "told apart": _round(told_apart(data.colour[kept], painted, data.shape[kept])),
        "nearest learned picture, beside that of real ones": _round(float(np.median(near)) / float(np.median(usual))),
        "sharpness": _round(sharpness(painted)),
        "spread of one description": _round(_spread_painted(net, data, kept)),
        "by skin": _by(seen.labels, data.labels[kept], "skin", counted),
        "by presentation": _by(seen.labels, data.labels[kept], "presentation", counted),
        "edits": edits(net, judge, chance[:120], data.labels[kept][:120]),
    }  # fmt: skip
    if detector:
        found["face found"] = _round(_found(detector, painted[:FOUND]))
    return found


def edits(
    net: Nets, judge: Judge | Nets, chance: NDArray[np.float32], labels: NDArray[np.uint8]
) -> dict[str, dict[str, float]]:
    """Change one trait at a time: how often it is then read so, and how often the others are read as before."""
    random = np.random.default_rng(4)
    before = seen_by(judge, to_bytes(net.paint(chance, rows(labels)))).labels
    found = {}
    for k, (name, values) in enumerate(VALUES.items()):
        moved = labels.copy()
        moved[:, k] = (labels[:, k] + random.integers(1, len(values), len(labels))) % len(values)
        after = seen_by(judge, to_bytes(net.paint(chance, rows(moved)))).labels
        rest = np.delete(after == before, k, axis=1)
        found[name] = {"read so": _round((after[:, k] == moved[:, k]).mean()), "rest as before": _round(rest.mean())}
    return found


def judge_of(data: Pictures, learned: NDArray[np.intp], path: Path, passes: int) -> Judge:
    """Return the judge that was kept, or train one and keep it."""
    judge = Judge(data.colour.shape[1], TRAITS, data.landmarks.shape[1])
    if path.exists():
        judge.load_state_dict(torch.load(path, weights_only=True))
        judge.eval()
        return judge
    judge = train(data.colour[learned], data.labels[learned], data.landmarks[learned], TRAITS, passes=passes)
    torch.save(judge.state_dict(), path)
    return judge


def seen_by(judge: Judge | Nets, pictures: Picture) -> Read:
    """Let either kind of judge read pictures; nets read no landmarks."""
    if isinstance(judge, Judge):
        return read(judge, pictures)
    _, told, features = judge.read(from_bytes(pictures))
    parts = np.split(told, np.cumsum(list(TRAITS.values()))[:-1], axis=1)
    labels = np.stack([part.argmax(axis=1) for part in parts], axis=1).astype(np.uint8)
    return Read(features, labels, np.zeros((len(pictures), 0, 2), np.float32))


def rows(labels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return labels (n, traits) as ones and zeros (n, told)."""
    parts = [np.eye(count, dtype=np.float32)[labels[:, k]] for k, count in enumerate(TRAITS.values())]
    return np.concatenate(parts, axis=1)


# ------------------------------------------------------------------------------------------------ parts


def _distances(scale: Scale, one: Read, other: Read) -> dict[str, float]:
    a, b = scale(one.features), scale(other.features)
    return {"frechet": _round(frechet(a, b)), "kernel": _round(kernel(a, b))}


def _fidelity(seen: NDArray[np.uint8], true: NDArray[np.uint8]) -> dict[str, float]:
    return {name: _round((seen[:, k] == true[:, k]).mean()) for k, name in enumerate(VALUES)}


def _by(seen: NDArray[np.uint8], true: NDArray[np.uint8], trait: str, counted: list[str]) -> dict[str, float]:
    """Return the share of traits read as told, by the values of one trait."""
    columns = [k for k, name in enumerate(VALUES) if name in counted and name != trait]
    at = list(VALUES).index(trait)
    return {
        value: _round((seen[true[:, at] == k][:, columns] == true[true[:, at] == k][:, columns]).mean())
        for k, value in enumerate(VALUES[trait])
        if (true[:, at] == k).any()
    }


def _spread_painted(net: Nets, data: Pictures, kept: NDArray[np.intp]) -> float:
    random = np.random.default_rng(3)
    told = rows(data.labels[kept])[:: max(1, len(kept) // CARDS)][:CARDS]
    found = []
    for row in told:
        chance = random.standard_normal((16, net.chance)).astype(np.float32)
        found.append(spread(to_bytes(net.paint(chance, np.tile(row, (16, 1))))))
    return float(np.mean(found))


def _spread_real(data: Pictures, kept: NDArray[np.intp]) -> float:
    """Return the spread of the takes of one head: there are not several heads of one description."""
    return float(np.mean([spread(data.colour[kept][data.shape[kept] == who]) for who in np.unique(data.shape[kept])]))


def _detector(path: Path | None) -> Any:
    if path is None:
        return None
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceLandmarkerOptions(BaseOptions(model_asset_path=str(path)), num_faces=2)
    return vision.FaceLandmarker.create_from_options(options)


def _found(detector: Any, pictures: Picture) -> float:
    """Return the share of pictures in which the outside judge finds exactly one face."""
    import mediapipe
    from PIL import Image

    hits = 0
    for picture in pictures:
        large = np.asarray(Image.fromarray(picture).resize((ENLARGED, ENLARGED), Image.Resampling.BICUBIC))
        framed = np.pad(large, ((ENLARGED // 4,) * 2, (ENLARGED // 4,) * 2, (0, 0)), mode="edge")
        seen = detector.detect(
            mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=np.ascontiguousarray(framed))
        )
        hits += len(seen.face_landmarks) == 1
    return hits / len(pictures)


def _contact(net: Nets, data: Pictures, kept: NDArray[np.intp], path: Path) -> None:
    """Write a sheet: each row of real renders, below it what the painter makes of the same descriptions."""
    chosen = kept[:: max(1, len(kept) // 40)][:40]
    chance = np.random.default_rng(5).standard_normal((40, net.chance)).astype(np.float32)
    painted = to_bytes(net.paint(chance[: len(chosen)], rows(data.labels[chosen])))
    both = np.concatenate(
        [np.concatenate([data.colour[chosen][k : k + 10], painted[k : k + 10]]) for k in range(0, len(chosen), 10)]
    )
    path.write_bytes(encoded(sheet(both, 10), 20 * net.size))


def _named(given: list[str]) -> list[tuple[str, Path]]:
    return [(name, Path(folder)) for name, _, folder in (each.partition("=") for each in given)]


def _mean(values: Mapping[str, float], names: list[str]) -> float:
    return float(np.mean([values[name] for name in names]))


def _round(value: float | np.floating[Any]) -> float:
    return round(float(value), 4)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.portrait", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--nets", action="append", required=True, metavar="NAME=FOLDER")
    parser.add_argument("--judge", type=Path, help="weights of a judge trained apart (default: the reader)")
    parser.add_argument("--passes", type=int, default=40)
    parser.add_argument("--landmarker", type=Path, help="MediaPipe's face_landmarker.task")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet here")
    return parser.parse_args()


if __name__ == "__main__":
    main()
