"""Fills triangles into a depth buffer, one thread, the same bytes every time.

The method is the usual one of half-space edge functions over each triangle's box (Pineda 1988), with attributes that
are linear in the picture after division by depth.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from studio.head.model import Floats, Ints


@dataclass(frozen=True, slots=True)
class Buffers:
    """What is seen at each pixel of (height, width): a triangle's number or -1, its two first weights, its nearness."""

    ids: Ints
    first: Floats
    second: Floats
    near: Floats


def blank(height: int, width: int) -> Buffers:
    """Return buffers in which nothing is seen."""
    size = (height, width)
    return Buffers(
        np.full(size, -1, np.int32),
        np.zeros(size, np.float32),
        np.zeros(size, np.float32),
        np.full(size, -np.inf, np.float32),
    )


def fill(
    into: Buffers,
    points: Floats,
    triangles: Ints,
    *,
    begin: int,
    uvs: Floats,
    alpha: Floats,
    cutoff: float,
    two_sided: bool,
) -> None:
    """Draw triangles of `points` (n, 4): x and y in pixels, nearness, 1/w. Their numbers count from `begin`.

    `alpha` (h, w) in 0..1 is looked up by `uvs`, and what is below `cutoff` stays unseen; (1, 1) of ones is solid.
    Triangles run counter-clockwise seen from their front; without `two_sided` the backs are not drawn.
    """
    _fill(
        into.ids,
        into.first,
        into.second,
        into.near,
        points,
        triangles,
        begin,
        uvs,
        alpha,
        np.float32(cutoff),
        two_sided,
    )


@njit(cache=True, error_model="numpy")
def _fill(  # type: ignore[no-untyped-def]
    ids, first, second, near, points, triangles, begin, uvs, alpha, cutoff, two_sided
):
    height, width = ids.shape
    rows, columns = alpha.shape
    masked = rows > 1
    for number in range(triangles.shape[0]):
        a, b, c = triangles[number, 0], triangles[number, 1], triangles[number, 2]
        ax, ay, bx, by, cx, cy = points[a, 0], points[a, 1], points[b, 0], points[b, 1], points[c, 0], points[c, 1]
        if points[a, 3] <= 0 or points[b, 3] <= 0 or points[c, 3] <= 0:
            continue
        area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
        # Rows of pixels run downwards, so that fronts have negative areas.
        if area == 0 or (area > 0 and not two_sided):
            continue
        low_x, high_x = (
            max(0, int(np.ceil(min(ax, bx, cx) - 0.5))),
            min(width - 1, int(np.floor(max(ax, bx, cx) - 0.5))),
        )
        low_y, high_y = (
            max(0, int(np.ceil(min(ay, by, cy) - 0.5))),
            min(height - 1, int(np.floor(max(ay, by, cy) - 0.5))),
        )
        inverse = 1.0 / area
        for y in range(low_y, high_y + 1):
            py = y + 0.5
            for x in range(low_x, high_x + 1):
                px = x + 0.5
                la = ((bx - px) * (cy - py) - (by - py) * (cx - px)) * inverse
                lb = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) * inverse
                lc = 1.0 - la - lb
                if la < 0 or lb < 0 or lc < 0:
                    continue
                depth = la * points[a, 2] + lb * points[b, 2] + lc * points[c, 2]
                if depth <= near[y, x]:
                    continue
                wa, wb, wc = la * points[a, 3], lb * points[b, 3], lc * points[c, 3]
                whole = 1.0 / (wa + wb + wc)
                wa *= whole
                wb *= whole
                if masked:
                    wc *= whole
                    u = wa * uvs[a, 0] + wb * uvs[b, 0] + wc * uvs[c, 0]
                    v = wa * uvs[a, 1] + wb * uvs[b, 1] + wc * uvs[c, 1]
                    fx = (u - np.floor(u)) * columns - 0.5
                    fy = (v - np.floor(v)) * rows - 0.5
                    x0, y0 = int(np.floor(fx)), int(np.floor(fy))
                    tx, ty = fx - x0, fy - y0
                    x1, y1 = (x0 + 1) % columns, (y0 + 1) % rows
                    x0, y0 = x0 % columns, y0 % rows
                    top = alpha[y0, x0] * (1 - tx) + alpha[y0, x1] * tx
                    low = alpha[y1, x0] * (1 - tx) + alpha[y1, x1] * tx
                    if top * (1 - ty) + low * ty < cutoff:
                        continue
                ids[y, x] = begin + number
                first[y, x] = wa
                second[y, x] = wb
                near[y, x] = depth


def project(points: NDArray[np.floating], view: Floats, scale: tuple[float, float], size: tuple[int, int]) -> Floats:
    """Project (n, 3) metres to pixels: `view` (4, 4) turns them into the eye's space (it looks along -Z).

    `scale` is the cotangent of half the field in x and y; `size` is (height, width).
    """
    height, width = size
    eye = points @ view[:3, :3].T + view[:3, 3]
    depth = np.maximum(-eye[:, 2], 1e-6)
    x = (eye[:, 0] * scale[0] / depth + 1) * 0.5 * width
    y = (1 - eye[:, 1] * scale[1] / depth) * 0.5 * height
    return np.stack([x, y, 1 / depth, 1 / depth], axis=1).astype(np.float32)


def project_flat(points: NDArray[np.floating], view: Floats, half: float, size: int) -> Floats:
    """Project without perspective, as the sun sees it: `half` metres from the middle to each side of `size` pixels."""
    eye = points @ view[:3, :3].T + view[:3, 3]
    x = (eye[:, 0] / half + 1) * 0.5 * size
    y = (1 - eye[:, 1] / half) * 0.5 * size
    return np.stack([x, y, eye[:, 2], np.ones(len(eye))], axis=1).astype(np.float32)
