"""Measures how ARKit's 52 shapes move a face's landmarks, on sculpted heads, and writes the puppet's table.

    python -m tools.puppet_motions face_landmarker.task

It draws bald heads with a mouth a little open, has MediaPipe find the 478 landmarks, and takes for each the point of
the skin that is drawn there, with its movement in every shape. The table is the mean of several people, made symmetric,
in units of the distance between the outer corners of the eyes.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

import numpy as np

from engines.face.rigs import NAMES
from engines.identity.attributes import read_attributes
from engines.identity.fields import Fields, Json
from studio.head.model import Floats, Part, Sculpture
from studio.head.plan import plan
from studio.head.sculpt import sculpt
from studio.render.picture import Shown, View, camera, draw, posed
from studio.render.raster import project
from studio.video.puppet import landmarks as places
from studio.video.puppet.motions import TABLE

SIZE: Final = 768
OPEN: Final = Shown({"jawOpen": 0.4})
PEOPLE: Final[tuple[dict[str, Json], ...]] = (
    {"age": 30, "presentation": "female", "ancestry": "european", "skin": "light"},
    {"age": 35, "presentation": "male", "ancestry": "african", "skin": "tan"},
)
BARE: Final[dict[str, Json]] = {
    "hair": {"style": "bald"},
    "facial_hair": {"style": "none"},
    "glasses": {"shape": "none"},
}


def main() -> None:
    """Write the table."""
    finder = places.Finder(Path(sys.argv[1]))
    measured = [one(finder, said, seed) for seed, said in enumerate(PEOPLE, 7)]
    points = np.mean([each[0] for each in measured], axis=0)
    moves = np.mean([each[1] for each in measured], axis=0)
    points, moves = symmetric(points, moves)
    moves = smooth(moves)
    np.savez_compressed(
        TABLE,
        points=points.astype(np.float16),
        moves=moves.astype(np.float16),
        triangles=np.array(triangles(), np.uint16),
    )
    print(TABLE, TABLE.stat().st_size)


def one(finder: places.Finder, said: dict[str, Json], seed: int) -> tuple[Floats, Floats]:
    """Return one person's landmarks (478, 3) at rest and their movements (52, 478, 3)."""
    person = read_attributes(Fields({**said, **BARE}, "tool", code="bad_attributes"))
    made: Sculpture = sculpt(plan(person, seed))
    _, height, depth = next(bone.at for bone in made.bones if bone.name == "leftEye")
    view = View((0.0, height - 0.035, depth - 0.05), 0.30)
    picture = draw(made, view, OPEN, size=(SIZE, SIZE))
    found = finder.find(picture[..., :3])
    if len(found) != 1:
        raise SystemExit(f"{len(found)} faces are found in a picture of one")
    marks = found[0][:, :2]
    skin = next(part for part in made.parts if part.name == "skin")
    matrix, scale, _ = camera(view, 1.0)
    shown, normals = posed(skin, OPEN)
    seen = project(shown, matrix, scale, (SIZE, SIZE))
    facing = normals[:, 2] > 0.05
    jaw = _whole(skin, "jawOpen")[:, 1]
    low = jaw < 0.5 * jaw.min()  # goes down with the jaw
    lips = {**dict.fromkeys(places.LIP_UPPER[1:-1], ~low), **dict.fromkeys(places.LIP_LOWER[1:-1], low)}
    nearest = []
    for number, mark in enumerate(marks):
        allowed = facing & lips.get(number, facing)
        far = np.hypot(*(seen[:, :2] - mark).T) + np.where(allowed, 0, 1e6)
        near = np.argsort(far)[:4]
        weight = 1 / (far[near] + 0.5) ** 2
        nearest.append((near, weight / weight.sum()))
    rest = np.array([weight @ skin.positions[near] for near, weight in nearest])
    moves = np.zeros((len(NAMES), len(marks), 3))
    for number, name in enumerate(NAMES):
        if name in skin.shapes:
            whole = _whole(skin, name)
            moves[number] = [weight @ whole[near] for near, weight in nearest]
    unit = float(np.linalg.norm(rest[places.EYE_OUTER[0]] - rest[places.EYE_OUTER[1]]))
    middle = rest[list(places.EYE_OUTER)].mean(axis=0)
    flip = np.array([1, -1, 1])
    return ((rest - middle) / unit * flip).astype(np.float32), (moves / unit * flip).astype(np.float32)


def _whole(skin: Part, name: str) -> Floats:
    """Return how far a shape moves every point of the skin (n, 3)."""
    whole = np.zeros_like(skin.positions)
    whole[skin.shapes[name].at] = skin.shapes[name].by
    return whole


def mirrored(points: Floats, moves: Floats) -> Any:
    """Return for each landmark the one on the other side: where it is at rest, with an open mouth, and smiling."""
    from scipy.optimize import linear_sum_assignment

    flip = np.array([-1, 1, 1])
    jaw, left, right = (moves[NAMES.index(name)] for name in ("jawOpen", "mouthSmileLeft", "mouthSmileRight"))
    shown = [points, points + 0.6 * jaw, points + left + right]
    here, there = (np.concatenate([each * side for each in shown], axis=1) for side in (1, flip))
    _, found = linear_sum_assignment(np.linalg.norm(here[None] - there[:, None], axis=2))
    return found


def smooth(moves: Floats) -> Floats:
    """Return movements that change gently from landmark to landmark, twice half of the way to their neighbours'."""
    near = np.zeros((moves.shape[1],) * 2)
    for a, b, c in triangles():
        for one, two in ((a, b), (b, c), (c, a)):
            near[one, two] = near[two, one] = 1
    count = near.sum(axis=1, keepdims=True)
    near = np.where(count > 0, near / np.maximum(count, 1), np.eye(len(near)))
    for _ in range(2):
        moves = 0.5 * moves + 0.5 * np.einsum("ij,sjk->sik", near, moves)
    return moves


def symmetric(points: Floats, moves: Floats) -> tuple[Floats, Floats]:
    """Return the mean of both sides."""
    mirror = mirrored(points, moves)
    flip = np.array([-1, 1, 1])
    swap = [NAMES.index(_other(name)) for name in NAMES]
    even = (points + points[mirror] * flip) / 2
    moved = (moves + moves[swap][:, mirror] * flip) / 2
    return even, moved


def triangles() -> list[tuple[int, int, int]]:
    """Return the triangles of the face, holes at eyes and mouth, from MediaPipe's list of edges."""
    from mediapipe.tasks.python.vision import FaceLandmarksConnections

    edges = FaceLandmarksConnections.FACE_LANDMARKS_TESSELATION
    return [(edges[at].start, edges[at + 1].start, edges[at + 2].start) for at in range(0, len(edges), 3)]


def _other(name: str) -> str:
    if name.endswith("Left"):
        return f"{name[:-4]}Right"
    return f"{name[:-5]}Left" if name.endswith("Right") else name


if __name__ == "__main__":
    main()
