"""Draws a sculpted head many times, small and fast: another face, turn, light and ground each time.

It fills and lights as studio.render does, without the key light's shadow and with pictures made coarse once a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from studio.head.frame import frame
from studio.head.model import BLEND, MASK, Bytes, Floats, Ints, Part, Sculpture
from studio.head.stock import stock
from studio.render.light import SKY, STUDIO, light
from studio.render.picture import NONE3, SOLID, Shown, encode, linear, look, neutral, posed
from studio.render.raster import blank, fill, project

FINE: Final = 2  # samples of a pixel, across and down
TALL: Final = 0.275  # metres from top to bottom
FIELD: Final = 22.0  # degrees
COARSE: Final = {"strands": 4, "coils": 2}  # how often the pictures of hair are halved: each texel of 2x2
# What a pixel shows, by the materials' names.
MASKS: Final[Mapping[str, int]] = {
    "skin": 1, "eye": 2, "lashes": 2, "teeth": 3, "tongue": 3, "hair": 4, "curls": 4, "beard": 5, "stubs": 5,
    "inner": 6, "outer": 6, "trim": 6, "hat": 6, "frame": 7, "lens": 0,
}  # fmt: skip
# Places on the face at rest (x, y in metres); those with x > 0 have a twin on the other side.
PLACES: Final[Mapping[str, tuple[float, float]]] = {
    "nose": (0, 0.692), "nose base": (0, 0.680), "upper lip": (0, 0.668), "lower lip": (0, 0.652), "chin": (0, 0.625),
    "forehead": (0, 0.800), "mouth": (0.025, 0.6605), "brow in": (0.0130, 0.747), "brow out": (0.0530, 0.747),
    "eye out": (0.0475, 0.7275), "eye in": (0.0192, 0.7268), "upper lid": (0.0325, 0.7345),
    "lower lid": (0.0325, 0.7215), "cheek": (0.060, 0.690),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """How one picture is taken: weights of shapes, degrees and metres of the camera, light, ground (sRGB 0..1)."""

    weights: Mapping[str, float]
    yaw: float
    pitch: float
    tall: float
    aside: tuple[float, float]
    lights: Floats
    sky: Floats
    ground: tuple[Floats, Floats]
    glasses: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """One picture: `colour` (n, n, 3) uint8 sRGB, `mask` (n, n) uint8 of MASKS, `landmarks` (k, 2) in pixels."""

    colour: Bytes
    mask: Bytes
    landmarks: Floats


@dataclass(frozen=True, slots=True)
class Coarse:
    """A sculpture with its pictures in linear light, small: `pictures` and `alphas` by name."""

    made: Sculpture
    pictures: Mapping[str, Floats]
    alphas: Mapping[str, Floats]
    middle: Floats


def coarse(made: Sculpture) -> Coarse:
    """Make a sculpture ready for small pictures."""
    pictures, alphas = {}, {}
    for name, picture in made.pictures.items():
        if name in COARSE:
            pictures[name], alphas[name] = _shared(name, picture.tobytes(), picture.shape)
        elif picture.shape[2] >= 3:
            pictures[name] = np.ascontiguousarray(linear(picture[..., :3]), np.float32)
    eyes = [part.positions.mean(axis=0) for part in made.parts if part.material == "eye"]
    middle = np.mean(eyes, axis=0) + np.array((0, -0.018, -0.06))
    return Coarse(made, pictures, alphas, middle.astype(np.float32))


def scene(weights: Mapping[str, float], random: np.random.Generator, *, glasses: bool) -> Scene:
    """Draw a scene: turned by some degrees, in soft light of any side, before a plain ground that fades."""
    lights = STUDIO.copy()
    angle = random.uniform(-0.9, 0.9)
    lights[0, :3] = (np.sin(angle), random.uniform(0.3, 0.9), np.cos(angle))
    warm = random.normal(0, 0.05)
    lights[:, 3:] *= np.array((1 + warm, 1, 1 - warm)) * random.uniform(0.78, 1.02)
    first = _soft(random)
    return Scene(
        weights=weights,
        yaw=float(np.clip(random.normal(0, 9), -22, 22)),
        pitch=float(np.clip(random.normal(0, 3.5), -8, 8)),
        tall=TALL * float(random.uniform(0.96, 1.05)),
        aside=(float(random.normal(0, 0.003)), float(random.normal(0, 0.003))),
        lights=lights.astype(np.float32),
        sky=(SKY * random.uniform(0.85, 1.15)).astype(np.float32),
        ground=(first, (first * random.uniform(0.75, 1.1)).astype(np.float32)),
        glasses=glasses,
    )


def take(head: Coarse, scene: Scene, size: int) -> Taken:
    """Take one picture of `size` pixels."""
    fine = size * FINE
    middle = head.middle + np.array((*scene.aside, 0), np.float32)
    matrix, scale, eye = _camera(middle, scene)
    buffers = blank(fine, fine)
    shown = Shown(scene.weights)
    parts = [part for part in head.made.parts if scene.glasses or part.material not in ("frame", "lens")]
    parts = [part for part in parts if head.made.materials[part.material].alpha != BLEND]
    placed = [(part, *posed(part, shown)) for part in parts]
    begins, begin = [], 0
    for part, points, _ in placed:
        material = head.made.materials[part.material]
        seen = project(points, matrix, scale, (fine, fine))
        alpha = head.alphas[material.picture] if material.alpha == MASK and material.picture else SOLID
        fill(
            buffers, seen, part.triangles, begin=begin, uvs=part.uvs, alpha=alpha, cutoff=material.cutoff,
            two_sided=material.two_sided,
        )  # fmt: skip
        begins.append(begin)
        begin += len(part.triangles)
    out = np.zeros((fine, fine, 4), np.float32)
    for (part, points, normals), number in zip(placed, begins, strict=True):
        _lit(head, part, points, normals, number, scene, eye, buffers, out)
    mask = np.zeros((fine, fine), np.uint8)
    for (part, _, _), number in zip(placed, begins, strict=True):
        mask[(buffers.ids >= number) & (buffers.ids < number + len(part.triangles))] = MASKS[part.material]
    found = landmarks(placed, matrix, scale, size)
    return Taken(_finished(out, scene.ground, size), mask[::FINE, ::FINE].copy(), found)


def names() -> tuple[str, ...]:
    """Return the names of the landmarks, as rows of `landmarks` have them."""
    found: list[str] = []
    for name, (x, _) in PLACES.items():
        found += [f"{name} left", f"{name} right"] if x else [name]
    return (*found, "pupil left", "pupil right")


def landmarks(
    placed: list[tuple[Part, Floats, Floats]], matrix: Floats, scale: tuple[float, float], size: int
) -> Floats:
    """Return where the landmarks are (k, 2), in pixels from the upper left."""
    by_name = {part.name: (part, points) for part, points, _ in placed}
    skin, points = by_name["skin"]
    where = [int(np.argmin(((skin.uvs - uv) ** 2).sum(axis=1))) for uv in _rooted()]
    balls = [by_name[f"eye {side}"][1][:1] for side in ("left", "right")]
    return project(np.concatenate([points[where], *balls]), matrix, scale, (size, size))[:, :2]


# ------------------------------------------------------------------------------------------------ parts


@cache
def _rooted() -> Floats:
    """Return where the landmarks are in the skin's picture (k, 2)."""
    rest, uvs = stock().points[frame().corners], frame().uvs
    front = np.nonzero(rest[:, 2] > 0.07)[0]
    found = []
    for x, y in PLACES.values():
        for side in (1, -1) if x else (1,):
            away = np.hypot(rest[front, 0] - x * side, rest[front, 1] - y)
            ahead = away - 0.02 * rest[front, 2]
            found.append(uvs[front[int(np.argmin(ahead))]])
    return np.array(found, np.float32)


@cache
def _shared(name: str, data: bytes, shape: tuple[int, int, int]) -> tuple[Floats, Floats]:
    picture = np.frombuffer(data, np.uint8).reshape(shape)
    colour, alpha = linear(picture[..., :3]), picture[..., 3].astype(np.float32) / np.float32(255)
    for _ in range(COARSE[name]):
        colour, alpha = _half(colour), _half(alpha)
    return np.ascontiguousarray(colour, np.float32), np.ascontiguousarray(alpha, np.float32)


def _half(picture: Floats) -> Floats:
    even = picture[: picture.shape[0] // 2 * 2, : picture.shape[1] // 2 * 2]
    return ((even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4).astype(np.float32)


def _soft(random: np.random.Generator) -> Floats:
    """Return a ground that is neither black nor loud."""
    level = random.uniform(0.30, 0.90)
    return np.clip(level + random.normal(0, 0.07, 3), 0, 1).astype(np.float32)


def _camera(middle: Floats, scene: Scene) -> tuple[Floats, tuple[float, float], Floats]:
    cot = float(1 / np.tan(np.radians(FIELD) / 2))
    yaw, pitch = np.radians(scene.yaw), np.radians(scene.pitch)
    towards = np.array([np.sin(yaw) * np.cos(pitch), np.sin(pitch), np.cos(yaw) * np.cos(pitch)])
    eye = middle + towards * scene.tall / 2 * cot
    return look(eye, towards), (cot, cot), eye.astype(np.float32)


def _lit(  # type: ignore[no-untyped-def]
    head: Coarse, part: Part, points, normals, number: int, scene: Scene, eye, buffers, out
) -> None:
    material = head.made.materials[part.material]
    picture = head.pictures[material.picture] if material.picture else NONE3
    colours = part.colours[:, :3] if part.colours is not None else np.zeros((1, 3), np.float32)
    nothing = np.zeros((1, 1), np.float32)
    light(
        buffers.ids, buffers.first, buffers.second, number, part.triangles, points, normals, part.uvs,
        np.ascontiguousarray(colours, np.float32), picture, NONE3, np.float32(1),
        np.array(material.colour[:3], np.float32), np.float32(material.roughness), np.float32(material.metallic),
        np.float32(material.specular), np.float32(material.soft), np.float32(0), material.two_sided,
        scene.lights, scene.sky, eye, nothing, np.eye(4, dtype=np.float32), np.float32(1), out,
    )  # fmt: skip


def _finished(out: Floats, ground: tuple[Floats, Floats], size: int) -> Bytes:
    share = np.linspace(0, 1, len(out), dtype=np.float32)[:, None, None]
    behind = linear((np.clip(ground[0] * (1 - share) + ground[1] * share, 0, 1) * 255).astype(np.uint8))
    colour = np.where(out[..., 3:] > 0, neutral(out[..., :3]), behind)
    mean = colour.reshape(size, FINE, size, FINE, 3).mean((1, 3))
    return (encode(mean) * 255 + 0.5).astype(np.uint8)


__all__ = ["Ints", "Scene", "Taken", "coarse", "landmarks", "names", "scene", "take"]
