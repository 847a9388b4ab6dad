"""Draws a sculpture as a picture: where the camera is, which shapes show, on which ground."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from studio.head.model import BLEND, MASK, Bytes, Floats, Part, Sculpture
from studio.render.light import SKY, STUDIO, light
from studio.render.raster import Buffers, blank, fill, project, project_flat

SHADOW: Final = 1024  # pixels across the key light's depth picture
REACH: Final = 0.34  # metres from its middle to its edge
SOLID: Final = np.ones((1, 1), np.float32)
NONE3: Final = np.zeros((1, 1, 3), np.float32)


@dataclass(frozen=True, slots=True)
class View:
    """A look at the head: `yaw`, `pitch` in degrees around `middle` (metres), `field` degrees from top to bottom.

    `tall` is how many metres are seen from top to bottom at `middle`.
    """

    middle: tuple[float, float, float]
    tall: float = 0.42
    yaw: float = 0.0
    pitch: float = 0.0
    field: float = 22.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A moment of the head: weights of shapes, and the head's turn in degrees (yaw, pitch, roll)."""

    weights: Mapping[str, float] = field(default_factory=dict)
    turn: tuple[float, float, float] = (0.0, 0.0, 0.0)


def draw(
    made: Sculpture,
    view: View,
    shown: Shown = Shown(),
    *,
    size: tuple[int, int] = (512, 512),
    fine: int = 2,
    ground: tuple[float, float, float] | None = (0.72, 0.75, 0.79),
    lights: Floats = STUDIO,
    sky: Floats = SKY,
) -> Bytes:
    """Return (height, width, 4) uint8 sRGB with straight alpha; `ground` None leaves it transparent.

    Each pixel is the mean of `fine` times `fine` samples.
    """
    height, width = size[0] * fine, size[1] * fine
    placed = [(part, *posed(part, shown)) for part in made.parts]
    matrix, scale, eye = camera(view, width / height)
    buffers = blank(height, width)
    begin = 0
    begins = []
    for part, points, _ in placed:
        material = made.materials[part.material]
        begins.append(begin)
        if material.alpha != BLEND:
            _fill(buffers, made, part, project(points, matrix, scale, (height, width)), begin, view.tall / height)
        begin += len(part.triangles)
    shadow, sun = _shadow(made, placed, view, lights[0, :3])
    out = np.zeros((height, width, 4), np.float32)
    footprint = view.tall / height
    for (part, points, normals), number in zip(placed, begins, strict=True):
        material = made.materials[part.material]
        _light(  # type: ignore[no-untyped-call]
            buffers, made, part, material, points, normals, number, lights, sky, eye, shadow, sun, out, footprint
        )
    return _finished(out, fine, ground)


def posed(part: Part, shown: Shown) -> tuple[Floats, Floats]:
    """Return the positions and normals of a part with its shapes at their weights."""
    moving = [(part.shapes[name], weight) for name, weight in shown.weights.items() if weight and name in part.shapes]
    points = part.positions
    if moving:
        points = points.copy()
        for shape, weight in moving:
            points[shape.at] += shape.by * np.float32(weight)
    normals = _normals_after(part, points) if moving else part.normals
    return points, normals


def camera(view: View, aspect: float) -> tuple[Floats, tuple[float, float], Floats]:
    """Return a view's (4, 4) matrix, the scales of x and y that `project` takes, and where the eye is."""
    cot = 1 / np.tan(np.radians(view.field) / 2)
    far = view.tall / 2 * cot
    yaw, pitch = np.radians(view.yaw), np.radians(view.pitch)
    towards = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    eye = np.array(view.middle) + towards * far
    return look(eye, towards), (cot / aspect, cot), eye.astype(np.float32)


def level(picture: Floats, part: Part, footprint: float) -> Floats:
    """Halve a picture until its texels are about as large as the pixels that show them."""
    corners, texels = part.positions[part.triangles], part.uvs[part.triangles]
    space = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    one, two = texels[:, 1] - texels[:, 0], texels[:, 2] - texels[:, 0]
    flat = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) * picture.shape[0] * picture.shape[1]
    texel = np.sqrt(np.median(space / np.maximum(flat, 1e-9)))
    while texel < 0.7 * footprint and min(picture.shape[:2]) > 4:
        rows, columns = picture.shape[0] // 2 * 2, picture.shape[1] // 2 * 2
        even = picture[:rows, :columns]
        picture = ((even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4).astype(np.float32)
        texel *= 2
    return np.ascontiguousarray(picture, np.float32)


def cover(made: Sculpture, part: Part, footprint: float) -> Floats:
    """Return what a part's picture covers (h, w), 0..1, as fine as pixels of `footprint` metres show it."""
    material = made.materials[part.material]
    if material.alpha != MASK or not material.picture:
        return SOLID
    return level(made.pictures[material.picture][..., 3].astype(np.float32) / np.float32(255), part, footprint)


# ------------------------------------------------------------------------------------------------ parts


def _normals_after(part: Part, points: Floats) -> Floats:
    """Return the normals turned as the surface turned: those at rest plus the difference of the surfaces' own."""
    from studio.head.surface import vertex_normals

    before, after = vertex_normals(part.positions, part.triangles), vertex_normals(points, part.triangles)
    turned = part.normals + after - before
    return turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-9)


def look(eye: NDArray[np.floating], back: NDArray[np.floating]) -> Floats:
    """Return the (4, 4) matrix of an eye that looks against `back`."""
    z = back / np.linalg.norm(back)
    x = np.cross([0, 1, 0], z)
    x /= np.linalg.norm(x)
    matrix = np.eye(4, dtype=np.float32)
    matrix[:3, :3] = np.stack([x, np.cross(z, x), z])
    matrix[:3, 3] = -matrix[:3, :3] @ eye
    return matrix


def _fill(into: Buffers, made: Sculpture, part: Part, points: Floats, begin: int, footprint: float) -> None:
    material = made.materials[part.material]
    fill(
        into, points, part.triangles, begin=begin, uvs=part.uvs, alpha=cover(made, part, footprint),
        cutoff=material.cutoff, two_sided=material.two_sided,
    )  # fmt: skip


def _shadow(
    made: Sculpture, placed: list[tuple[Part, Floats, Floats]], view: View, towards: Floats
) -> tuple[Floats, Floats]:
    matrix = look(np.array(view.middle, np.float32), towards)
    buffers = blank(SHADOW, SHADOW)
    for part, points, _ in placed:
        material = made.materials[part.material]
        if material.alpha == BLEND:
            continue
        fill(
            buffers, project_flat(points, matrix, REACH, SHADOW), part.triangles, begin=0, uvs=part.uvs,
            alpha=cover(made, part, 2 * REACH / SHADOW), cutoff=material.cutoff, two_sided=True,
        )  # fmt: skip
    return buffers.near, matrix


def _light(buffers, made, part, material, points, normals, begin, lights, sky, eye, shadow, sun, out, footprint):  # type: ignore[no-untyped-def]
    picture, bumps = NONE3, NONE3
    if material.picture:
        picture = level(linear(made.pictures[material.picture][..., :3]), part, footprint)
    if material.normals:
        bumps = made.pictures[material.normals][..., :3].astype(np.float32) / 127.5 - 1
        bumps = level(bumps, part, footprint)
    colours = part.colours[:, :3] if part.colours is not None else np.zeros((1, 3), np.float32)
    light(
        buffers.ids, buffers.first, buffers.second, begin, part.triangles, points, normals, part.uvs,
        np.ascontiguousarray(colours, np.float32), picture, bumps, np.float32(material.normal_scale),
        np.array(material.colour[:3], np.float32), np.float32(material.roughness), np.float32(material.metallic),
        np.float32(material.specular), np.float32(material.soft), np.float32(1.0 if material.toon else 0.0),
        material.two_sided, lights, sky, eye, shadow, sun, np.float32(REACH), out,
    )  # fmt: skip


_LINEAR: Final = np.where(
    np.arange(256) / 255 <= 0.04045, np.arange(256) / 255 / 12.92, ((np.arange(256) / 255 + 0.055) / 1.055) ** 2.4
).astype(np.float32)


def linear(picture: Bytes) -> Floats:
    """Return sRGB bytes as linear light 0..1."""
    return _LINEAR[picture]


def encode(light_: Floats) -> Floats:
    """Return linear light as sRGB 0..1."""
    clipped = np.clip(light_, 0, 1)
    return np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055).astype(np.float32)


def neutral(colour: Floats) -> Floats:
    """Compress what is brighter than the screen, as Khronos' PBR Neutral tone mapper does."""
    start, desaturation = 0.8 - 0.04, 0.15
    low = colour.min(axis=-1, keepdims=True)
    offset = np.where(low < 0.08, low - 6.25 * low * low, 0.04)
    colour = colour - offset
    peak = colour.max(axis=-1, keepdims=True)
    d = 1 - start
    over = 1 - d * d / np.maximum(peak + d - start, 1e-6)
    bright = peak >= start
    scaled = np.where(bright, colour * over / np.maximum(peak, 1e-6), colour)
    g = 1 - 1 / (desaturation * (peak - over) + 1)
    return np.where(bright, scaled * (1 - g) + over * g, scaled).astype(np.float32)


def _finished(out: Floats, fine: int, ground: tuple[float, float, float] | None) -> Bytes:
    colour, cover = neutral(out[..., :3]), out[..., 3:]
    if ground is not None:
        colour = np.where(cover > 0, colour, linear((np.array(ground) * 255).astype(np.uint8)))
        cover = np.ones_like(cover)
    rows, columns = out.shape[0] // fine, out.shape[1] // fine
    weighted = (colour * cover).reshape(rows, fine, columns, fine, 3).mean((1, 3))
    cover = cover.reshape(rows, fine, columns, fine, 1).mean((1, 3))
    straight = encode(weighted / np.maximum(cover, 1e-6))
    return (np.concatenate([straight, cover], axis=-1) * 255 + 0.5).astype(np.uint8)
