"""Draws a sculpted head frame by frame: what does not move is drawn once, and smooth surfaces are lit once a pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit

from engines.face.rigs import HEAD, NAMES
from studio.head.model import BLEND, Bytes, Floats, Ints, Part, Sculpture
from studio.render.light import SKY, STUDIO, light
from studio.render.picture import NONE3, REACH, Shown, View, camera, cover, level, linear, look, posed
from studio.render.raster import Buffers, blank, fill, project, project_flat

NECK: Final = 0.4  # share of the head's turn that the neck takes
TALL: Final = 0.36  # metres from the picture's top to its bottom
SHADOW: Final = 512  # pixels across the key light's depth picture


@dataclass(frozen=True, slots=True)
class Sculpted:
    """A head to be drawn with `fine` times `fine` samples a pixel."""

    made_of: Sculpture
    fine: int = 2

    def made(self, size: int) -> HeadPainter:
        """Return what draws it."""
        return HeadPainter(self.made_of, size, self.fine)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part with what the renderer makes of its material, once: see `light`."""

    part: Part
    picture: Floats
    bumps: Floats
    alpha: Floats
    colours: Floats
    begin: int
    carried: Floats  # (n, 2): how much neck and head carry each point

    @property
    def still(self) -> bool:
        return not self.part.shapes and not self.carried.any()


class HeadPainter:
    """Draws one sculpture; times in seconds move only the breath."""

    def __init__(self, made: Sculpture, size: int, fine: int) -> None:
        self._made, self._fine = made, fine
        _, height, depth = next(bone.at for bone in made.bones if bone.name == "leftEye")
        self._view = View((0.0, height - 0.035, depth - 0.05), TALL)
        self._matrix, self._scale, self._eye = camera(self._view, 1.0)
        self._size = (size * fine, size * fine)
        self._joints = [np.array(next(b.at for b in made.bones if b.name == name)) for name in ("neck", "head")]
        footprint = TALL / size
        pieces, begin = [], 0
        for part in made.parts:
            if made.materials[part.material].alpha != BLEND:
                pieces.append(_piece(made, part, begin, footprint))
            begin += len(part.triangles)
        self._pieces = tuple(pieces)
        self._sun = look(np.array(self._view.middle, np.float32), STUDIO[0, :3])
        self._dark = blank(SHADOW, SHADOW)
        for piece in pieces:
            if "jawOpen" not in piece.part.shapes:
                self._cast(self._dark, piece, piece.part.positions)
        self._shadow = self._shaded({})
        self._rest, self._drawn = blank(*self._size), np.zeros((*self._size, 4), np.float32)
        still = [piece for piece in pieces if piece.still]
        shown = [(piece, piece.part.positions, piece.part.normals) for piece in still]
        self._paint(self._rest, self._drawn, shown, self._sun, thin=False)
        self._moving = tuple(piece for piece in pieces if not piece.still)

    def draw(self, frame: Floats, seconds: float) -> Bytes:
        """Return (size, size, 4) uint8 with straight alpha."""
        weights = {name: float(frame[number]) for number, name in enumerate(NAMES) if frame[number] > 1e-3}
        turns = _turns(*(float(angle) for angle in frame[len(NAMES) : len(NAMES) + len(HEAD)]))
        shown = []
        for piece in self._moving:
            points, normals = posed(piece.part, Shown(weights))
            shown.append((piece, *_turned(points, normals, piece.carried, turns, self._joints)))
        self._shadow = self._shaded(weights)
        # The sun turns with the head: shadows are those of a head that looks ahead.
        whole = np.eye(4, dtype=np.float32)
        whole[:3, :3] = turns[1]
        whole[:3, 3] = self._joints[1] - turns[1] @ self._joints[1]
        sun = (self._sun @ np.linalg.inv(whole)).astype(np.float32)
        rest = self._rest
        buffers = Buffers(rest.ids.copy(), rest.first.copy(), rest.second.copy(), rest.near.copy())
        out = self._drawn.copy()
        self._paint(buffers, out, shown, sun, thin=self._fine == 2)
        picture: Bytes = _finished(buffers.ids, out, self._fine)
        return picture

    def _shaded(self, weights: dict[str, float]) -> Floats:
        """Return the key light's depth picture of the head that looks ahead."""
        dark = self._dark
        buffers = Buffers(dark.ids.copy(), dark.first.copy(), dark.second.copy(), dark.near.copy())
        for piece in self._pieces:
            if "jawOpen" in piece.part.shapes:
                self._cast(buffers, piece, posed(piece.part, Shown(weights))[0])
        return buffers.near

    def _cast(self, into: Buffers, piece: _Piece, points: Floats) -> None:
        fill(
            into, project_flat(points, self._sun, REACH, SHADOW), piece.part.triangles, begin=0, uvs=piece.part.uvs,
            alpha=piece.alpha, cutoff=self._made.materials[piece.part.material].cutoff, two_sided=True,
        )  # fmt: skip

    def _paint(
        self, buffers: Buffers, out: Floats, shown: list[tuple[_Piece, Floats, Floats]], sun: Floats, *, thin: bool
    ) -> None:
        for piece, points, _ in shown:
            material = self._made.materials[piece.part.material]
            fill(
                buffers, project(points, self._matrix, self._scale, self._size), piece.part.triangles,
                begin=piece.begin, uvs=piece.part.uvs, alpha=piece.alpha, cutoff=material.cutoff,
                two_sided=material.two_sided,
            )  # fmt: skip
        if thin and shown:
            ends = np.array([[piece.begin, piece.begin + len(piece.part.triangles)] for piece, *_ in shown], np.int32)
            _thin(buffers.ids, ends)
        for piece, points, normals in shown:
            material = self._made.materials[piece.part.material]
            light(
                buffers.ids, buffers.first, buffers.second, piece.begin, piece.part.triangles,
                np.ascontiguousarray(points, np.float32), np.ascontiguousarray(normals, np.float32), piece.part.uvs,
                piece.colours, piece.picture, piece.bumps, np.float32(material.normal_scale),
                np.array(material.colour[:3], np.float32), np.float32(material.roughness),
                np.float32(material.metallic), np.float32(material.specular), np.float32(material.soft),
                np.float32(1.0 if material.toon else 0.0), material.two_sided, STUDIO, SKY, self._eye, self._shadow,
                sun, np.float32(REACH), out,
            )  # fmt: skip


# ------------------------------------------------------------------------------------------------ parts


def _piece(made: Sculpture, part: Part, begin: int, footprint: float) -> _Piece:
    material = made.materials[part.material]
    picture, bumps = NONE3, NONE3
    if material.picture:
        picture = level(linear(made.pictures[material.picture][..., :3]), part, footprint)
    if material.normals:
        bumps = level(made.pictures[material.normals][..., :3].astype(np.float32) / 127.5 - 1, part, footprint)
    colours = part.colours[:, :3] if part.colours is not None else np.zeros((1, 3), np.float32)
    alpha = cover(made, part, footprint)
    return _Piece(part, picture, bumps, alpha, np.ascontiguousarray(colours, np.float32), begin, _carried(made, part))


def _carried(made: Sculpture, part: Part) -> Floats:
    """Return how much neck and head carry each point (n, 2)."""
    column = {"neck": 0, "head": 1, "leftEye": 1, "rightEye": 1}
    found = np.zeros((len(part.positions), 2), np.float32)
    if part.joints is None or part.weights is None:
        if part.bone in column:
            found[:, column[part.bone]] = 1
        return found
    for number, bone in enumerate(made.bones):
        if bone.name in column:
            found[:, column[bone.name]] += (part.weights * (part.joints == number)).sum(axis=1)
    return found


def _turns(yaw: float, pitch: float, roll: float) -> tuple[Floats, Floats]:
    """Return how neck and head turn (3, 3) each: yaw to its left, pitch up, roll to its right, radians."""
    found = []
    for share in (NECK, 1.0):
        a, b, c = yaw * share, -pitch * share, roll * share
        about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
        about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
        about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
        found.append((about_z @ about_x @ about_y).astype(np.float32))
    return found[0], found[1]


def _turned(
    points: Floats, normals: Floats, carried: Floats, turns: tuple[Floats, Floats], joints: list[Floats]
) -> tuple[Floats, Floats]:
    """Turn what neck and head carry about their joints; the head's joint goes with the neck."""
    if not carried.any():
        return points, normals
    neck, head = turns
    at_neck, at_head = (joint.astype(np.float32) for joint in joints)
    moved_head = at_neck + (at_head - at_neck) @ neck.T
    by_neck = (points - at_neck) @ neck.T + at_neck
    by_head = (points - at_head) @ head.T + moved_head
    rest = 1 - carried.sum(axis=1, keepdims=True)
    new = rest * points + carried[:, :1] * by_neck + carried[:, 1:] * by_head
    turned = rest * normals + carried[:, :1] * (normals @ neck.T) + carried[:, 1:] * (normals @ head.T)
    return new.astype(np.float32), turned.astype(np.float32)


@njit(cache=True)
def _thin(ids: Ints, ends: Ints) -> None:  # pragma: no cover (compiled)
    """Keep one of the four samples of a pixel that shows one part alone; -2 stands where the others were."""
    for y in range(0, ids.shape[0] - 1, 2):
        for x in range(0, ids.shape[1] - 1, 2):
            first = ids[y, x]
            if first < 0:
                continue
            for row in range(ends.shape[0]):
                low, high = ends[row, 0], ends[row, 1]
                if low <= first < high:
                    if low <= ids[y, x + 1] < high and low <= ids[y + 1, x] < high and low <= ids[y + 1, x + 1] < high:
                        ids[y, x + 1] = -2
                        ids[y + 1, x] = -2
                        ids[y + 1, x + 1] = -2
                    break


@njit(cache=True, error_model="numpy")
def _finished(ids: Ints, out: Floats, fine: int) -> Bytes:  # pragma: no cover (compiled)
    """Map tones as Khronos' PBR Neutral does, average the samples of a pixel, and encode as sRGB."""
    rows, columns = out.shape[0] // fine, out.shape[1] // fine
    picture = np.zeros((rows, columns, 4), np.uint8)
    start, desaturation = 0.76, 0.15
    sums = np.zeros(4, np.float32)
    colour = np.zeros(3, np.float32)
    for y in range(rows):
        for x in range(columns):
            sums[:] = 0
            count = 0
            for j in range(fine):
                for i in range(fine):
                    yy, xx = y * fine + j, x * fine + i
                    if ids[yy, xx] == -2:
                        continue
                    count += 1
                    if out[yy, xx, 3] <= 0:
                        continue
                    low = min(out[yy, xx, 0], out[yy, xx, 1], out[yy, xx, 2])
                    offset = low - 6.25 * low * low if low < 0.08 else 0.04
                    peak = np.float32(0)
                    for k in range(3):
                        colour[k] = out[yy, xx, k] - offset
                        peak = max(peak, colour[k])
                    if peak >= start:
                        d = 1 - start
                        over = 1 - d * d / (peak + d - start)
                        g = 1 - 1 / (desaturation * (peak - over) + 1)
                        for k in range(3):
                            colour[k] = colour[k] * over / peak * (1 - g) + over * g
                    for k in range(3):
                        sums[k] += colour[k]
                    sums[3] += 1
            if sums[3] == 0:
                continue
            for k in range(3):
                value = min(1.0, max(0.0, sums[k] / sums[3]))
                coded = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
                picture[y, x, k] = np.uint8(coded * 255 + 0.5)
            picture[y, x, 3] = np.uint8(sums[3] / count * 255 + 0.5)
    return picture
