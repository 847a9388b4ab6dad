"""Paints what no picture of a closed mouth and open eyes shows: the mouth's inside, lids, and eyes that can look away.

All of it lies on one texture; each part is a small mesh of its own with the movements of what it belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from engines.face.rigs import NAMES
from studio.video.puppet import landmarks as at
from studio.video.puppet.mesh import Frame, Mesh
from studio.video.puppet.model import Bytes, Floats, Ints

SIDE: Final = 512  # pixels of the texture
CAVITY: Final = (0, 0, 256, 160)  # left, top, right, bottom
UPPER: Final = (256, 0, 512, 80)
LOWER: Final = (256, 80, 512, 160)
TONGUE: Final = (0, 160, 256, 288)
LIDS: Final = {"Right": (256, 160, 384, 224), "Left": (384, 160, 512, 224)}
LASH: Final = (256, 224, 512, 256)
EYES: Final = {"Right": (0, 300, 256, 492), "Left": (256, 300, 512, 492)}
JAW: Final = ("jawOpen", "jawLeft", "jawRight", "jawForward")
LOOKS: Final = {  # how far an eye's picture goes, in widths of the eye: to the right of the picture, down
    "eyeLookOutLeft": (0.17, 0), "eyeLookInLeft": (-0.17, 0), "eyeLookOutRight": (-0.17, 0),
    "eyeLookInRight": (0.17, 0), "eyeLookUpLeft": (0, -0.10), "eyeLookUpRight": (0, -0.10),
    "eyeLookDownLeft": (0, 0.11), "eyeLookDownRight": (0, 0.11),
}  # fmt: skip
SQUINT: Final = 0.22  # share of a blink
TEETH: Final = (236, 230, 218)


@dataclass(slots=True)
class Part:
    """A small mesh on the texture: as in `Puppet`, its triangles counting from its own first point."""

    name: str
    points: Floats
    uvs: Floats
    head: Floats
    triangles: Ints
    moves: dict[str, Floats] = field(default_factory=dict)


def mouth(marks: Floats, face: Frame, front: Mesh) -> list[Part]:
    """Return the mouth's inside, from the back to the front: cavity, tongue, lower and upper teeth."""
    right, left = (marks[number, :2] for number in at.MOUTH_CORNERS)
    wide = float(np.linalg.norm(left - right)) / face.unit
    seam = front.points[[13, 14], :2].mean(axis=0)
    middle = np.array([((right + left) / 2 - face.middle) @ face.right, (seam - face.middle) @ face.down]) / face.unit
    deep = float(marks[[13, 14], 2].mean()) - 0.06 * face.unit

    def quad(name: str, place: tuple[int, int, int, int], box: tuple[float, float, float, float]) -> Part:
        x0, y0, x1, y1 = box
        off = np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]]) * wide + middle
        points = face.middle + face.pixels(off.astype(np.float32))
        a, b, c, d = place
        uvs = np.array([[a + 1, b + 1], [c - 1, b + 1], [a + 1, d - 1], [c - 1, d - 1]], np.float32) / SIDE
        return Part(
            name,
            np.concatenate([points, np.full((4, 1), deep)], axis=1).astype(np.float32),
            uvs,
            np.ones(4, np.float32),
            np.array([[0, 1, 2], [1, 3, 2]], np.int32),
        )

    cavity = quad("mouth", CAVITY, (-0.6, -0.22, 0.6, 0.20))
    tongue = quad("mouth", TONGUE, (-0.30, 0.05, 0.30, 0.42))
    lower = quad("mouth", LOWER, (-0.34, 0.035, 0.34, 0.20))
    upper = quad("mouth", UPPER, (-0.40, -0.12, 0.40, 0.075))
    for name in JAW:
        if name not in front.moves:
            continue
        jaw = front.moves[name][17]
        for part, share in ((cavity, (0, 0, 1.2, 1.2)), (tongue, (0.8,) * 4), (lower, (1.0,) * 4)):
            part.moves[name] = (np.array(share, np.float32)[:, None] * jaw).astype(np.float32)
    if "tongueOut" in NAMES:
        tongue.moves["tongueOut"] = np.tile(face.pixels(np.array([0, -0.16 * wide], np.float32)), (4, 1))
    return [cavity, tongue, lower, upper]


def eyes(marks: Floats, face: Frame, front: Mesh) -> list[Part]:
    """Return a quad behind each eye's opening that moves with the gaze."""
    found = []
    for side, place in EYES.items():
        outer, inner = (marks[at.LIDS[side][0][end]] for end in (0, -1))
        wide = float(np.linalg.norm(outer[:2] - inner[:2])) / face.unit
        middle = (outer[:2] + inner[:2]) / 2
        off = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]]) * np.array([0.75, 0.5625]) * wide
        points = middle + face.pixels(off.astype(np.float32))
        a, b, c, d = place
        uvs = np.array([[a, b], [c, b], [a, d], [c, d]], np.float32) / SIDE
        deep = np.full((4, 1), float((outer[2] + inner[2]) / 2))
        part = Part(
            "eyes", np.concatenate([points, deep], axis=1).astype(np.float32), uvs, np.ones(4, np.float32),
            np.array([[0, 1, 2], [1, 3, 2]], np.int32),
        )  # fmt: skip
        for name, (x, y) in LOOKS.items():
            if name.endswith(side):
                part.moves[name] = np.tile(face.pixels(np.array([x, y], np.float32) * wide), (4, 1))
        found.append(part)
    return found


def lids(marks: Floats, face: Frame, front: Mesh) -> list[Part]:
    """Return a lid for each eye that rolls down from the edge of the upper lid: skin, then lashes."""
    found = []
    for side, (upper, lower) in at.LIDS.items():
        top, low = marks[list(upper)], marks[list(lower)]
        count = len(upper)
        wide = float(np.linalg.norm(top[0, :2] - top[-1, :2])) / face.unit
        rise = np.sin(np.linspace(0, np.pi, count))[:, None]
        up = face.pixels(np.stack([np.zeros(count), -0.05 * wide * rise[:, 0]], axis=1).astype(np.float32))
        lash = face.pixels(np.stack([np.zeros(count), 0.07 * wide * (0.3 + 0.7 * rise[:, 0])], axis=1))
        above = top.copy()
        above[:, :2] += up
        points = np.concatenate([above, top, top])
        x = np.linspace(0, 1, count)
        a, b, c, d = LIDS[side]
        e, f, g, h = LASH
        uvs = np.concatenate(
            [
                np.stack([a + 1 + x * (c - a - 2), np.full(count, b + 1)], axis=1),
                np.stack([a + 1 + x * (c - a - 2), np.full(count, d - 1)], axis=1),
                np.stack([e + 1 + x * (g - e - 2), np.full(count, h - 1)], axis=1),
            ]
        )
        # The lash begins at the lid's edge: its own first row.
        points = np.concatenate([points[: 2 * count], top, top])
        first = np.stack([e + 1 + x * (g - e - 2), np.full(count, f + 1)], axis=1)
        uvs = np.concatenate([uvs[: 2 * count], first, uvs[2 * count :]])
        triangles = np.concatenate([_strip(0, count), _strip(2 * count, count)])
        down = (low - top)[:, :2] + face.pixels(np.stack([np.zeros(count), 0.03 * wide * rise[:, 0]], axis=1))
        still = np.zeros_like(down)
        part = Part(
            "lids", points.astype(np.float32), (uvs / SIDE).astype(np.float32), np.ones(4 * count, np.float32),
            triangles,
        )  # fmt: skip
        part.moves[f"eyeBlink{side}"] = np.concatenate([still, down, down, down + lash]).astype(np.float32)
        squint = SQUINT * part.moves[f"eyeBlink{side}"]
        part.moves[f"eyeSquint{side}"] = squint.astype(np.float32)
        # It goes where the edge of the lid in the picture goes.
        for name, moved in front.moves.items():
            own = np.tile(moved[list(upper)], (4, 1))
            if np.abs(own).max() > 0.05:
                part.moves[name] = (part.moves.get(name, 0) + own).astype(np.float32)
        found.append(part)
    return found


def texture(picture: Bytes, marks: Floats, face: Frame) -> Bytes:
    """Paint the texture (SIDE, SIDE, 4) of all parts, with the colours of this picture."""
    found = np.zeros((SIDE, SIDE, 4), np.uint8)
    bright = float(np.clip(_sampled(picture, marks[[50, 280, 4, 151], :2]).mean() / 165, 0.55, 1.05))
    _put(found, CAVITY, _cavity(bright))
    _put(found, UPPER, _teeth(bright, upper=True))
    _put(found, LOWER, _teeth(bright * 0.85, upper=False))
    _put(found, TONGUE, _tongue(bright))
    for side in ("Right", "Left"):
        _put(found, LIDS[side], _lid(picture, marks, face, side))
        _put(found, EYES[side], _eye(picture, marks, face, side))
    _put(found, LASH, _lashes(picture, marks))
    return found


# ------------------------------------------------------------------------------------------------ paint


def _put(into: Bytes, place: tuple[int, int, int, int], what: Bytes) -> None:
    into[place[1] : place[3], place[0] : place[2]] = what


def _blank(place: tuple[int, int, int, int]) -> tuple[Floats, Floats, Floats]:
    """Return an empty picture of a place, and x and y over it in 0..1."""
    wide, tall = place[2] - place[0], place[3] - place[1]
    x, y = np.meshgrid((np.arange(wide) + 0.5) / wide, (np.arange(tall) + 0.5) / tall)
    return np.zeros((tall, wide, 4), np.float32), x.astype(np.float32), y.astype(np.float32)


def _bytes(picture: Floats) -> Bytes:
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def _cavity(bright: float) -> Bytes:
    out, x, y = _blank(CAVITY)
    depth = np.clip(1.1 - 1.5 * np.hypot((x - 0.5) * 1.1, (y - 0.55) * 0.9), 0, 1)[..., None]
    out[..., :3] = (np.array([96, 38, 38]) * (1 - depth) + np.array([34, 10, 12]) * depth) * bright
    out[..., 3] = 255
    return _bytes(out)


def _teeth(bright: float, *, upper: bool) -> Bytes:
    """Return a row of teeth: their edges, gaps, and the shade in which the outer ones lie."""
    out, x, y = _blank(UPPER)
    if not upper:
        y = 1 - y
    centred = np.abs(x - 0.5) * 2
    edge = 0.90 - 0.26 * centred**2.4 if upper else 0.92 - 0.16 * centred**2.4
    bounds = np.array([0.0, 0.21, 0.40, 0.58, 0.74, 0.88, 1.0]) if upper else np.linspace(0, 1, 8)
    gap = np.abs(centred[..., None] - bounds).min(axis=-1)
    scallop = 0.035 * np.clip(1 - gap / 0.05, 0, 1)
    shade = (0.62 + 0.38 * (1 - centred**1.8)) * (0.72 + 0.28 * np.clip(y / 0.6, 0, 1))
    shade *= 1 - 0.20 * np.clip(1 - gap / 0.018, 0, 1)
    out[..., :3] = np.array(TEETH) * shade[..., None] * bright
    cover = np.clip((edge - scallop - y) / 0.06, 0, 1) * np.clip((1 - centred) / 0.06, 0, 1)
    out[..., 3] = 255 * cover
    return _bytes(out)


def _tongue(bright: float) -> Bytes:
    out, x, y = _blank(TONGUE)
    centred = np.abs(x - 0.5) * 2
    top = 0.16 + 0.5 * centred**2.5
    groove = 1 - 0.12 * np.exp(-((x - 0.5) ** 2) / 0.002)
    shade = (0.62 + 0.38 * np.clip((y - top) / 0.3, 0, 1)) * groove
    out[..., :3] = np.array([176, 88, 86]) * shade[..., None] * bright
    out[..., 3] = 255 * np.clip((y - top) / 0.08, 0, 1) * np.clip((1 - centred) / 0.15, 0, 1)
    return _bytes(out)


def _lid(picture: Bytes, marks: Floats, face: Frame, side: str) -> Bytes:
    """Return a lid in the colours of the skin above it; glasses and brows over it do not count."""
    upper = marks[list(at.LIDS[side][0]), :2]
    wide = float(np.linalg.norm(upper[0] - upper[-1])) / face.unit
    samples = [
        _sampled(picture, upper + face.pixels(np.array([0, -by * wide], np.float32))) for by in (0.14, 0.20, 0.26)
    ]
    across = np.median(samples, axis=0)
    below = marks[list(at.LIDS[side][1]), :2] + face.pixels(np.array([0, 0.28 * wide], np.float32))
    usual = np.median(np.concatenate([across, _sampled(picture, below)]), axis=0)
    across = 0.5 * across + 0.5 * usual
    # What differs much from the usual skin is a frame, a brow or a lash.
    strange = np.linalg.norm(across - usual, axis=1) > 40
    across[strange] = usual
    place = LIDS[side]
    out, x, y = _blank(place)
    columns = np.linspace(0, 1, len(across))
    for k in range(3):
        out[..., k] = np.interp(x, columns, across[:, k])
    out[..., :3] *= (0.90 + 0.10 * np.sin(np.pi * np.clip(y, 0, 1)) - 0.10 * (y > 0.9) * (y - 0.9) * 10)[..., None]
    out[..., 3] = 255
    return _bytes(out)


def _lashes(picture: Bytes, marks: Floats) -> Bytes:
    """Return the dark edge of a shut lid, which fades downwards."""
    out, x, y = _blank(LASH)
    edge = np.concatenate([_sampled(picture, marks[list(at.LIDS[side][0]), :2]) for side in ("Right", "Left")])
    dark = edge[np.argsort(edge.sum(axis=1))[: len(edge) // 3]].mean(axis=0)
    out[..., :3] = dark * 0.4
    out[..., 3] = 245 * np.clip(1 - y, 0, 1) ** 0.8 * np.clip(np.minimum(x, 1 - x) / 0.06, 0.25, 1)
    return _bytes(out)


def _eye(picture: Bytes, marks: Floats, face: Frame, side: str) -> Bytes:
    """Return an eye's opening with the white and the iris drawn on beyond the lids."""
    import cv2

    place = EYES[side]
    wide, tall = place[2] - place[0], place[3] - place[1]
    upper, lower = (marks[list(row), :2] for row in at.LIDS[side])
    size = float(np.linalg.norm(upper[0] - upper[-1])) / face.unit
    middle = (upper[0] + upper[-1]) / 2
    half = np.array([0.75, 0.5625], np.float32) * size
    corners = middle + face.pixels(np.array([[-1, -1], [1, -1], [-1, 1]], np.float32) * half)
    small = (wide // 2, tall // 2)
    onto = np.array([[0, 0], [small[0], 0], [0, small[1]]], np.float32)
    matrix = cv2.getAffineTransform(corners.astype(np.float32), onto)
    patch = cv2.warpAffine(picture, matrix, small, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    outline = np.concatenate([upper, lower[::-1]]) @ matrix[:, :2].T + matrix[:, 2]
    opening = cv2.fillPoly(np.zeros(small[::-1], np.uint8), [np.round(outline).astype(np.int32)], 1)
    opening = cv2.erode(opening, np.ones((5, 3), np.uint8))
    if opening.any():
        patch = cv2.inpaint(patch, 1 - opening, 4, cv2.INPAINT_TELEA)
    patch = cv2.resize(patch, (wide, tall), interpolation=cv2.INTER_CUBIC)
    return np.concatenate([patch, np.full((tall, wide, 1), 255, np.uint8)], axis=2)


def _sampled(picture: Bytes, points: Floats) -> Floats:
    """Return the mean colours of 3 x 3 pixels about points (n, 3)."""
    height, width = picture.shape[:2]
    x = np.clip(points[:, 0].round().astype(int), 1, width - 2)
    y = np.clip(points[:, 1].round().astype(int), 1, height - 2)
    around = [picture[y + j, x + i].astype(np.float32) for j in (-1, 0, 1) for i in (-1, 0, 1)]
    found: Floats = np.mean(around, axis=0)
    return found


def _strip(first: int, count: int) -> Ints:
    """Return the triangles between two rows of points that follow each other."""
    at_ = np.arange(first, first + count - 1)
    one = np.stack([at_, at_ + 1, at_ + count], axis=1)
    two = np.stack([at_ + 1, at_ + count + 1, at_ + count], axis=1)
    return np.concatenate([one, two]).astype(np.int32)
