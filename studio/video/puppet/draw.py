"""Draws a puppet on one core: its layers' triangles, textured, from the back to the front; mouth and eyes finer."""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from studio.video.puppet.model import Bytes, Floats, Ints, Joints, Puppet

FINER: Final = 2  # samples a side of a pixel, where edges show
BACK: Final = "back"
EDGES: Final = ("mouth", "eyes", "lids")  # layers about which pixels are drawn finer


class PuppetPainter:
    """Draws one puppet, `size` pixels high and wide; `own_ground` keeps what was behind the person."""

    def __init__(self, puppet: Puppet, size: int, *, own_ground: bool = True) -> None:
        self._joints = Joints(puppet)
        width, height = puppet.size
        scale = size / min(width, height)
        self._scale = np.float32(scale)
        # The picture fills the square; of a tall one the upper part is kept.
        self._shift = np.array([(size - width * scale) / 2, min(0.0, (size - height * scale) * 0.2)], np.float32)
        self._textures = {name: _premultiplied(texture) for name, texture in puppet.textures.items()}
        self._layers = [
            (layer.triangles, self._textures[layer.texture]) for layer in puppet.layers if layer.name != BACK
        ]
        self._uvs = np.ascontiguousarray(puppet.uvs, np.float32)
        self._size = size
        self._fine = [np.unique(layer.triangles) for layer in puppet.layers if layer.name in EDGES]
        self._ground = np.zeros((size, size, 4), np.float32)
        if own_ground:
            rest = puppet.points[:, :2].astype(np.float32) * self._scale + self._shift
            for layer in puppet.layers:
                if layer.name == BACK:
                    _fill(self._ground, rest, layer.triangles, self._uvs, self._textures[layer.texture])

    def draw(self, frame: Floats, seconds: float) -> Bytes:
        """Return (size, size, 4) uint8 with straight alpha; `frame` (55,) holds CHANNELS."""
        points = (self._joints.posed(frame, seconds) * self._scale + self._shift).astype(np.float32)
        out = self._ground.copy()
        for triangles, texture in self._layers:
            _fill(out, points, triangles, self._uvs, texture)
        for part in self._fine:
            self._again(out, points, points[part])
        picture: Bytes = _straight(out)
        return picture

    def _again(self, out: Floats, points: Floats, part: Floats) -> None:
        """Draw the box about some points anew with more samples."""
        low = np.clip(np.floor(part.min(axis=0)).astype(int) - 2, 0, self._size)
        high = np.clip(np.ceil(part.max(axis=0)).astype(int) + 3, 0, self._size)
        if (high <= low).any():
            return
        (left, top), (right, bottom) = low.tolist(), high.tolist()
        fine = self._ground[top:bottom, left:right].repeat(FINER, axis=0).repeat(FINER, axis=1)
        moved = ((points - low.astype(np.float32)) * np.float32(FINER)).astype(np.float32)
        for triangles, texture in self._layers:
            _fill(fine, moved, triangles, self._uvs, texture)
        even = fine[::FINER, ::FINER] + fine[1::FINER, ::FINER] + fine[::FINER, 1::FINER] + fine[1::FINER, 1::FINER]
        out[top:bottom, left:right] = even / 4


def _premultiplied(texture: Bytes) -> Floats:
    found = texture.astype(np.float32)
    found[..., :3] *= found[..., 3:] / np.float32(255)
    return np.ascontiguousarray(found)


@njit(cache=True, error_model="numpy")
def _fill(out: Floats, points: Floats, triangles: Ints, uvs: Floats, texture: Floats) -> None:  # pragma: no cover
    """Lay triangles over a picture of premultiplied colours; half-space functions over each box (Pineda 1988)."""
    height, width = out.shape[0], out.shape[1]
    rows, columns = texture.shape[0], texture.shape[1]
    for number in range(triangles.shape[0]):
        a, b, c = triangles[number, 0], triangles[number, 1], triangles[number, 2]
        ax, ay, bx, by, cx, cy = points[a, 0], points[a, 1], points[b, 0], points[b, 1], points[c, 0], points[c, 1]
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        if abs(area) < 1e-6:
            continue
        low_x = max(0, int(np.ceil(min(ax, bx, cx) - 0.5)))
        high_x = min(width - 1, int(np.floor(max(ax, bx, cx) - 0.5)))
        low_y = max(0, int(np.ceil(min(ay, by, cy) - 0.5)))
        high_y = min(height - 1, int(np.floor(max(ay, by, cy) - 0.5)))
        inverse = np.float32(1.0) / area
        step_a, step_b = (by - cy) * inverse, (cy - ay) * inverse
        ua, va = uvs[a, 0] * columns - 0.5, uvs[a, 1] * rows - 0.5
        ub, vb = uvs[b, 0] * columns - 0.5, uvs[b, 1] * rows - 0.5
        uc, vc = uvs[c, 0] * columns - 0.5, uvs[c, 1] * rows - 0.5
        for y in range(low_y, high_y + 1):
            py = y + np.float32(0.5)
            px = low_x + np.float32(0.5)
            la = ((bx - px) * (cy - py) - (by - py) * (cx - px)) * inverse
            lb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) * inverse
            for x in range(low_x, high_x + 1):
                lc = np.float32(1.0) - la - lb
                if la >= -1e-5 and lb >= -1e-5 and lc >= -1e-5:
                    u = min(max(la * ua + lb * ub + lc * uc, np.float32(0)), np.float32(columns - 1.001))
                    v = min(max(la * va + lb * vb + lc * vc, np.float32(0)), np.float32(rows - 1.001))
                    x0, y0 = int(u), int(v)
                    tx, ty = u - x0, v - y0
                    w00, w10 = (1 - tx) * (1 - ty), tx * (1 - ty)
                    w01, w11 = (1 - tx) * ty, tx * ty
                    alpha = (
                        texture[y0, x0, 3] * w00 + texture[y0, x0 + 1, 3] * w10
                        + texture[y0 + 1, x0, 3] * w01 + texture[y0 + 1, x0 + 1, 3] * w11
                    )  # fmt: skip
                    if alpha > 0.5:
                        rest = np.float32(1) - alpha * np.float32(1 / 255)
                        for k in range(3):
                            colour = (
                                texture[y0, x0, k] * w00 + texture[y0, x0 + 1, k] * w10
                                + texture[y0 + 1, x0, k] * w01 + texture[y0 + 1, x0 + 1, k] * w11
                            )  # fmt: skip
                            out[y, x, k] = colour + out[y, x, k] * rest
                        out[y, x, 3] = alpha + out[y, x, 3] * rest
                la += step_a
                lb += step_b


@njit(cache=True)
def _straight(out: Floats) -> Bytes:  # pragma: no cover
    """Return bytes of straight alpha."""
    found = np.zeros(out.shape, np.uint8)
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            alpha = out[y, x, 3]
            if alpha < 0.5:
                continue
            scale = np.float32(255) / alpha
            for k in range(3):
                found[y, x, k] = np.uint8(min(np.float32(255), out[y, x, k] * scale + np.float32(0.5)))
            found[y, x, 3] = np.uint8(min(np.float32(255), alpha + np.float32(0.5)))
    return found
