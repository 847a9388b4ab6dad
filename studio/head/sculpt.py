"""Sculpts a planned head: shape, skin, eyes, hair, clothes, bones, all in one. The same plan makes the same head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from studio.head.clothes.garments import inner, outer
from studio.head.clothes.glasses import glasses
from studio.head.clothes.hats import Hat, hat
from studio.head.eyes import Ball, eye, paint_eye
from studio.head.frame import frame
from studio.head.hair.beards import KINDS, beard
from studio.head.hair.field import Surface, surface
from studio.head.hair.layers import Style
from studio.head.hair.make import Head, hair
from studio.head.hair.springs import swinging
from studio.head.hair.styles import variants
from studio.head.lashes import lashes
from studio.head.materials import materials, shared_pictures, used
from studio.head.model import Ball as Bumper
from studio.head.model import Bone, Chain, Floats, Material, Part, Sculpture, Shape
from studio.head.motions import Figure, figure
from studio.head.plan import TOON, Plan
from studio.head.shade import occlusion
from studio.head.skeleton import bones, carried
from studio.head.skin.paint import paint
from studio.head.stock import Points, stock
from studio.head.surface import smoothed, vertex_normals
from studio.head.teeth import teeth, tongue
from studio.head.toon import stylised

PICTURE: Final = (2048, 1024, 512)  # pixels of the skin's picture, by level
STRANDS: Final = (1.0, 0.58, 0.30)  # of the hairs
EYE: Final = (512, 256, 256)
SLEEVED: Final = ("cardigan", "blazer", "jacket", "coat", "lab coat")
SOFTENED: Final = 14  # times that a stylised face's normals are averaged: its shade has one edge, not many
HIDDEN: Final = 0.012  # metres under cloth from where skin is left out
LEAST: Final = 8e-5  # metres: what moves less is not seen to move


@dataclass(frozen=True, slots=True)
class Person:
    """A shaped person and the surface that everything lies on."""

    plan: Plan
    figure: Figure
    body: Surface


def sculpt(plan: Plan) -> Sculpture:
    """Sculpt a head; StudioError `no_anatomy` where the data is not installed."""
    shaped = figure(plan.build, plan.changes, plan.rest)
    if plan.style == TOON:
        shaped = stylised(shaped)
    person = Person(plan, shaped, surface(shaped.points))
    found = materials(plan)
    style = styled(plan)
    worn = [inner(plan.dress.inner, shaped.points, person.body, under=plan.dress.outer in SLEEVED)]
    if plan.dress.outer in ("sweater", "turtleneck", "hoodie"):
        worn = []
    if plan.dress.outer != "none":
        worn.append(outer(plan.dress.outer, shaped.points, person.body))
    hidden = [each.covers for each in worn if each.parts]
    parts: list[Part] = [skin(person, hidden)]
    parts += [eye(side, ball) for side, ball in shaped.balls.items()]
    parts += [_lashes(person), *mouth(person)]
    hatted = hat(plan.dress.headwear, person.body, thick=_thickness(style)) if plan.dress.headwear != "none" else None
    skeleton = list(bones(shaped.points, {side: ball.middle for side, ball in shaped.balls.items()}))
    grown, chains, extra = _grown(person, style, hatted, skeleton)
    parts += grown
    skeleton += extra
    parts += [part for each in worn for part in each.parts]
    if plan.dress.glasses != "none":
        parts += glasses(plan.dress.glasses, person.body, shaped.balls)
    if hatted:
        parts += hatted.parts
    pictures = dict(shared_pictures())
    pictures |= _painted(person, style)
    names = {part.material for part in parts}
    kept = {name: material for name, material in found.items() if name in names}
    parts = _shaded(parts, kept, pictures, toon=plan.style == TOON)
    shown = used(kept, names)
    return Sculpture(
        parts=tuple(parts),
        materials=kept,
        pictures={name: picture for name, picture in pictures.items() if name in shown},
        bones=tuple(skeleton),
        chains=chains,
        balls=_bumpers(person, skeleton),
    )


def styled(plan: Plan) -> Style:
    """Return the variant of the hair style that the plan chose."""
    options = variants(plan.hair)
    return options[plan.variant % len(options)]


def skin(person: Person, hidden: Sequence[object] = ()) -> Part:
    """Return the skin with all 52 shapes, without what lies under cloth."""
    cut, shaped = frame(), person.figure
    points = shaped.points[cut.points]
    faces = cut.weld[cut.triangles].astype(np.int32)
    normals = vertex_normals(points, faces)
    if person.plan.style == TOON:
        normals = smoothed(normals, faces, SOFTENED)
    normals = normals[cut.weld]
    rest = stock().points[cut.corners]
    keep = np.ones(len(cut.triangles), bool)
    for covers in hidden:
        deep = covers(rest) > HIDDEN  # type: ignore[operator]
        deep &= rest[:, 1] < 0.64
        keep &= ~deep[cut.triangles].all(axis=1)
    used_, numbers = np.unique(cut.triangles[keep], return_inverse=True)
    shapes = {name: _moved(by[cut.corners[used_]], always=True) for name, by in shaped.moves.items()}
    weights = carried()
    chest = weights["chest"] + weights["arm left"] + weights["arm right"]
    table = np.stack([chest, weights["neck"], weights["head"], np.zeros(len(chest))], axis=1)[cut.corners[used_]]
    table /= table.sum(axis=1, keepdims=True)
    return Part(
        "skin",
        points[cut.weld[used_]].astype(np.float32),
        normals[used_],
        cut.uvs[used_],
        numbers.reshape(-1, 3).astype(np.int32),
        "skin",
        shapes=shapes,
        joints=np.broadcast_to(np.array((2, 3, 4, 0), np.int32), table.shape).copy(),
        weights=table.astype(np.float32),
    )


def mouth(person: Person) -> tuple[Part, Part, Part]:
    """Return teeth and tongue."""
    points = person.figure.points
    return teeth(points, upper=True), teeth(points, upper=False), tongue(points)


# ------------------------------------------------------------------------------------------------ parts


def _lashes(person: Person) -> Part:
    rooted = lashes(person.plan.lashes, person.figure.points, person.plan.seed)
    shapes = {}
    for name, by in person.figure.moves.items():
        shape = _moved((by[rooted.at] * rooted.by[..., None]).sum(axis=1))
        if len(shape.at):
            shapes[name] = shape
    return replace(rooted.part, shapes=shapes)


def _moved(by: Points, *, always: bool = False) -> Shape:
    """Return a motion of vertices (n, 3) as a shape; one that moves nothing has one vertex if `always`."""
    at = np.nonzero(np.abs(by).max(axis=1) > LEAST)[0].astype(np.int32)
    if always and not len(at):
        at = np.zeros(1, np.int32)
    return Shape(at, by[at].astype(np.float32))


def _thickness(style: Style) -> float:
    if style.puff:
        return min(0.012, style.puff)
    tops = [layer.heights[1] for layer in style.layers]
    return min(0.012, max(tops, default=0.0))


def _grown(
    person: Person, style: Style, hatted: Hat | None, skeleton: list[Bone]
) -> tuple[list[Part], tuple[Chain, ...], list[Bone]]:
    """Return hair and beard, and the bones that long hair swings on."""
    plan, share = person.plan, STRANDS[person.plan.level]
    head = Head(person.figure.points, person.body)
    if plan.dress.headwear == "headscarf":
        style = Style(cover=1.0)
    parts = list(hair(head, style, plan.seed, share=share, drawn=plan.style == TOON))
    if hatted:
        parts = [_under(part, hatted, person.body) for part in parts]
        parts = [part for part in parts if len(part.triangles)]
    chains: tuple[Chain, ...] = ()
    extra: list[Bone] = []
    if style.swings:
        parts, chains, extra = swinging(parts, person.body, skeleton)
    kind = KINDS[plan.beard]
    parts += beard(head, kind, person.figure.moves, plan.seed, share=share)
    return parts, chains, extra


def _under(part: Part, hatted: Hat, body: Surface) -> Part:
    """Leave out the hair that a hat covers."""
    rest = body.rest(part.positions)
    above = rest[:, 1] > hatted.rim(rest) + 0.004
    keep = ~above[part.triangles].any(axis=1)
    return replace(part, triangles=part.triangles[keep])


def _painted(person: Person, style: Style) -> dict[str, np.ndarray]:
    plan = person.plan
    kind = KINDS[plan.beard]
    look = replace(plan.skin, stubble=kind.stubble, cover=style.cover, receding=style.receding)
    if plan.beard == "none" and plan.build.male > 0.5 and plan.build.age > 16:
        look = replace(look, stubble=0.14)
    painted = paint(look, PICTURE[plan.level], plan.seed)
    ball = person.figure.balls["left"]
    return {
        "skin": painted.colour,
        "skin bumps": painted.bumps,
        "eye": paint_eye(plan.eyes, EYE[plan.level], plan.seed, radius=ball.radius, big=plan.style == TOON),
    }


def _shaded(
    parts: Sequence[Part], found: Mapping[str, Material], pictures: Mapping[str, np.ndarray], *, toon: bool
) -> list[Part]:
    """Lay what the sky does not reach into the vertices' colours; less of it on stylised heads."""
    out = []
    for part, seen in zip(parts, occlusion(parts, dict(found), dict(pictures)), strict=True):
        colours = part.colours if part.colours is not None else np.ones((len(part.positions), 4), np.float32)
        dim = _dimmed(part.material, seen, found[part.material].colour)
        if toon:
            dim = dim**0.45
        shaded = colours.copy()
        shaded[:, :3] *= dim
        out.append(replace(part, colours=np.clip(shaded, 0, 1)))
    return out


def _dimmed(material: str, seen: Floats, colour: tuple[float, float, float, float]) -> Floats:
    match material:
        case "skin":
            # Light that comes out of skin again is red.
            return np.stack([0.55 + 0.45 * seen**0.9, 0.42 + 0.58 * seen, 0.38 + 0.62 * seen], axis=1).astype(
                np.float32
            )
        case "hair" | "curls" | "beard" | "stubs":
            # Light goes through fair hair from strand to strand.
            least = 0.58 + 0.30 * min(1.0, colour[1])
            return np.repeat((least + (1 - least) * seen)[:, None], 3, axis=1)
        case "eye":
            return np.repeat((0.70 + 0.30 * seen)[:, None], 3, axis=1)
        case _:
            return np.repeat((0.40 + 0.60 * seen)[:, None], 3, axis=1)


def _bumpers(person: Person, skeleton: Sequence[Bone]) -> tuple[Bumper, ...]:
    """Return the spheres that hair does not swing into: the skull, the neck, the shoulders."""
    at = {bone.name: np.array(bone.at) for bone in skeleton}
    body = person.body
    found = []
    for bone, rest, radius in (
        ("head", (0, 0.770, 0.050), 0.088),
        ("neck", (0, 0.630, 0.020), 0.058),
        ("chest", (0.10, 0.520, -0.01), 0.075),
        ("chest", (-0.10, 0.520, -0.01), 0.075),
    ):
        middle = body.place(np.array([rest]))[0] - at[bone]
        found.append(Bumper(bone, (float(middle[0]), float(middle[1]), float(middle[2])), radius))
    return tuple(found)


__all__ = ["Ball", "Person", "sculpt", "skin", "styled"]
