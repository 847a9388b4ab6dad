"""Names what a sculpted head is made of: parts with shapes, materials, pictures and bones. It makes none of them.

Metres, +Y up, the face looks along +Z and its left is +X, as glTF has it. Colours of materials and vertices are linear,
pictures of colours are sRGB.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]

OPAQUE: Final = "OPAQUE"
MASK: Final = "MASK"
BLEND: Final = "BLEND"


@dataclass(frozen=True, slots=True)
class Shape:
    """How far one shape moves some vertices: `at` (n,) their numbers, `by` (n, 3) metres at weight 1."""

    at: Ints
    by: Floats


@dataclass(frozen=True, slots=True)
class Toon:
    """How a stylised material is shaded: the colour in the shade (linear), and the outline's width in metres."""

    shade: tuple[float, float, float] = (0.6, 0.6, 0.6)
    outline: float = 0.0
    outline_colour: tuple[float, float, float] = (0.05, 0.03, 0.03)
    toony: float = 0.9
    shift: float = -0.05


@dataclass(frozen=True, slots=True)
class Material:
    """A surface: pictures by name ("" for none), factors as glTF's metallic-roughness model has them.

    `specular` scales the 4 % that non-metals reflect. `soft` in 0..1 is how far light goes under the surface; only the
    own renderer heeds it.
    """

    name: str
    picture: str = ""
    colour: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    normals: str = ""
    normal_scale: float = 1.0
    roughness: float = 0.9
    metallic: float = 0.0
    specular: float = 1.0
    alpha: str = OPAQUE
    cutoff: float = 0.5
    two_sided: bool = False
    emissive: tuple[float, float, float] = (0.0, 0.0, 0.0)
    soft: float = 0.0
    toon: Toon | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One mesh of `n` vertices with one material.

    `positions` and `normals` are (n, 3), `uvs` (n, 2) with (0, 0) the picture's upper left, `colours` (n, 4) or None,
    `triangles` (m, 3). It hangs rigidly on `bone`, or bends by `joints` (n, 4) into the sculpture's bones with
    `weights` (n, 4).
    """

    name: str
    positions: Floats
    normals: Floats
    uvs: Floats
    triangles: Ints
    material: str
    colours: Floats | None = None
    shapes: Mapping[str, Shape] = field(default_factory=dict)
    bone: str = ""
    joints: Ints | None = None
    weights: Floats | None = None


@dataclass(frozen=True, slots=True)
class Bone:
    """A joint: its parent's name ("" for the root) and where it is at rest, metres."""

    name: str
    parent: str
    at: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Chain:
    """Bones from root to tip that swing; stiffness, drag and gravity as VRM has them, `radius` in metres."""

    name: str
    bones: tuple[str, ...]
    stiffness: float = 1.0
    drag: float = 0.4
    gravity: float = 0.1
    radius: float = 0.015


@dataclass(frozen=True, slots=True)
class Ball:
    """A sphere that swinging bones do not enter: on a bone, its middle from the bone's joint, metres."""

    bone: str
    middle: tuple[float, float, float]
    radius: float


@dataclass(frozen=True, slots=True)
class Sculpture:
    """A whole head: `pictures` are (height, width, 3 or 4) uint8 arrays by name."""

    parts: tuple[Part, ...]
    materials: Mapping[str, Material]
    pictures: Mapping[str, Bytes]
    bones: tuple[Bone, ...]
    chains: tuple[Chain, ...] = ()
    balls: tuple[Ball, ...] = ()
