"""Names the surfaces of a head, realistic or stylised, and paints the pictures that people share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np
from scipy.ndimage import gaussian_filter

from studio.head.hair.make import BRIGHT
from studio.head.hair.strands import coil_pictures, strand_pictures
from studio.head.model import BLEND, MASK, OPAQUE, Bytes, Material, Toon
from studio.head.palette import CLOTH, FRAMES, HATS, Colour
from studio.head.plan import TOON, Plan

STRANDS: Final = 1.28  # one over the mean brightness of the strands' picture
KNITTED: Final = ("sweater", "turtleneck", "cardigan", "hoodie")
PLAIN: Final = ("beanie",)


def materials(plan: Plan) -> dict[str, Material]:
    """Return the materials of a plan by name."""
    hair = _hair(plan.hair_colour)
    beard = _hair(plan.beard_colour)
    fine = plan.level < 2
    strands = "strand bumps" if fine else ""
    found = [
        Material("skin", "skin", normals="skin bumps" if fine else "", roughness=0.55, specular=0.85, soft=1.0),
        Material("eye", "eye", roughness=0.14, specular=1.3),
        Material("lashes", colour=(0.012, 0.009, 0.008, 1.0), roughness=0.8, specular=0.2, two_sided=True),
        Material("teeth", roughness=0.25, specular=0.9),
        Material("tongue", colour=(0.42, 0.13, 0.12, 1.0), roughness=0.35),
        Material(
            "hair",
            "strands",
            hair,
            strands,
            roughness=0.52,
            specular=0.5,
            alpha=MASK,
            cutoff=0.4,
            two_sided=True,
            soft=min(0.7, hair[1]),
        ),
        Material(
            "beard", "strands", beard, strands, roughness=0.55, specular=0.45, alpha=MASK, cutoff=0.4, two_sided=True
        ),
        Material(
            "curls",
            "coils",
            hair,
            "coil bumps" if fine else "",
            roughness=0.75,
            specular=0.30,
            alpha=MASK,
            cutoff=0.4,
            two_sided=True,
        ),
        Material(
            "stubs",
            "coils",
            beard,
            "coil bumps" if fine else "",
            roughness=0.80,
            specular=0.25,
            alpha=MASK,
            cutoff=0.4,
            two_sided=True,
        ),
        _cloth("inner", CLOTH[plan.dress.inner_colour], plan.dress.inner in KNITTED, fine=fine),
        _cloth("outer", CLOTH[plan.dress.outer_colour], plan.dress.outer in KNITTED, fine=fine),
        _cloth("trim", CLOTH["cream"], False, fine=False),
        _hat(plan, fine=fine),
        Material(
            "frame",
            colour=(*FRAMES[plan.dress.frame], 1.0),
            roughness=0.28,
            metallic=1.0 if plan.dress.frame == "gold" else 0.0,
        ),
        Material("lens", colour=(0.9, 0.95, 1.0, 0.10), roughness=0.04, alpha=BLEND),
    ]
    if plan.style == TOON:
        # A cartoon's locks are closed and need no picture of strands.
        plain = (*plan.hair_colour, 1.0)
        found = [
            replace(each, picture="", alpha=OPAQUE, colour=_lighter(plain)) if each.name in ("hair", "curls") else each
            for each in found
        ]
        found = [_drawn(each) for each in found]
    return {each.name: each for each in found}


@cache
def shared_pictures() -> Mapping[str, Bytes]:
    """Return the pictures that are the same for everybody."""
    strands, strand_bumps = strand_pictures()
    coils, coil_bumps = coil_pictures()
    return {
        "strands": strands,
        "strand bumps": strand_bumps,
        "coils": coils,
        "coil bumps": coil_bumps,
        "weave": _weave(),
        "knit": _knit(),
    }


def used(found: Mapping[str, Material], names: set[str]) -> set[str]:
    """Return the names of the pictures that materials of these names show."""
    return {picture for name in names for picture in (found[name].picture, found[name].normals) if picture}


# ------------------------------------------------------------------------------------------------ parts


def _hair(colour: Colour) -> tuple[float, float, float, float]:
    scaled = [min(1.0, each * BRIGHT * STRANDS) for each in colour]
    return (scaled[0], scaled[1], scaled[2], 1.0)


def _lighter(colour: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return a colour by how much vertices darken it."""
    return (min(1.0, colour[0] * BRIGHT), min(1.0, colour[1] * BRIGHT), min(1.0, colour[2] * BRIGHT), colour[3])


def _cloth(name: str, colour: Colour, knitted: bool, *, fine: bool) -> Material:
    bumps = ("knit" if knitted else "weave") if fine else ""
    return Material(
        name, colour=(*colour, 1.0), normals=bumps, normal_scale=0.8, roughness=0.92, specular=0.45, two_sided=True
    )


def _hat(plan: Plan, *, fine: bool) -> Material:
    kind = plan.dress.headwear
    colour = CLOTH[plan.dress.headwear_colour or HATS.get(kind, "navy")]
    if kind == "hard hat":
        return Material("hat", colour=(*colour, 1.0), roughness=0.35, two_sided=True)
    bumps = ("knit" if kind in PLAIN else "weave") if fine else ""
    return Material("hat", colour=(*colour, 1.0), normals=bumps, roughness=0.92, specular=0.4, two_sided=True)


def _drawn(real: Material) -> Material:
    """Return the stylised version of a material: two tones and, for what has a body, a thin outline."""
    shades: Mapping[str, tuple[float, float, float]] = {
        "skin": (0.86, 0.66, 0.62),
        "eye": (0.80, 0.80, 0.86),
        "hair": (0.60, 0.54, 0.64),
        "curls": (0.60, 0.54, 0.64),
        "teeth": (0.85, 0.78, 0.80),
    }
    outline = {"skin": 0.0007, "hair": 0.0008, "inner": 0.0008, "outer": 0.0008, "hat": 0.0008}.get(real.name, 0.0)
    base = real.colour
    shade = shades.get(real.name, (0.66, 0.62, 0.70))
    dark = (base[0] * 0.25, base[1] * 0.2, base[2] * 0.2) if real.name != "skin" else (0.25, 0.10, 0.08)
    return replace(
        real,
        normals="",
        roughness=1.0 if real.name not in ("eye", "lens") else real.roughness,
        specular=0.0 if real.name not in ("eye", "lens") else real.specular,
        toon=None if real.name == "lens" else Toon(shade, outline, dark),
    )


def _weave(size: int = 64) -> Bytes:
    """Return the bumps of plain woven cloth, eight threads to a side."""
    y, x = np.mgrid[0:size, 0:size] / size
    over = (np.floor(x * 8) + np.floor(y * 8)) % 2
    height = np.where(over > 0, np.abs(np.sin(x * 8 * np.pi)), np.abs(np.sin(y * 8 * np.pi)))
    return _bumps(gaussian_filter(height, 1.0, mode="wrap"), 1.6)


def _knit(size: int = 64) -> Bytes:
    """Return the bumps of knitted cloth: two columns of stitches."""
    y, x = np.mgrid[0:size, 0:size] / size
    within = (x * 2) % 1
    leg = np.abs(within - 0.5) * 2
    stitch = np.abs(np.sin(np.pi * (y * 4 + leg * 0.75)))
    height = stitch * (1 - (np.abs(leg - 0.5) * 2) ** 2 * 0.8)
    return _bumps(gaussian_filter(height, 1.2, mode="wrap"), 2.6)


def _bumps(height: np.ndarray, strength: float) -> Bytes:
    padded = np.pad(height, 1, mode="wrap")
    down, right = np.gradient(padded)
    normal = np.stack([-right[1:-1, 1:-1] * strength, down[1:-1, 1:-1] * strength, np.ones_like(height)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    return ((normal * 0.5 + 0.5) * 255 + 0.5).astype(np.uint8)
