"""A stylised head has larger eyes whose lids still meet, a smaller mouth that still shuts, and MToon in its VRM."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from engines.face.rigs import NAMES
from engines.identity.attributes import Attributes, Hair
from tests.studio.head.anatomy import needs_anatomy
from tests.studio.head.test_sculpt import document

pytestmark = needs_anatomy


@cache
def figures() -> tuple[Any, Any]:
    from studio.head.anatomy import Build
    from studio.head.motions import figure
    from studio.head.toon import stylised

    made = figure(Build(25, 0.1, (0, 1, 0)), {}, {"mouthSmileLeft": 0.2})
    return made, stylised(made)


@cache
def sculpted() -> Any:
    from studio.head.plan import TOON, plan
    from studio.head.sculpt import sculpt
    from training.portrait.data import small

    with small():
        return sculpt(plan(Attributes(age=24, hair=Hair("pink", "bob")), 3, style=TOON, level=2))


@cache
def avatar() -> Any:
    from studio.head.vrm import Permissions, vrm

    return document(vrm(sculpted(), Permissions("Ada", ("Somebody",))))


def opening(made: Any, side: str) -> float:
    from studio.head.lashes import grid

    upper, lower = (made.points[grid(f"{lid} lashes {side}")[0]] for lid in ("upper", "lower"))
    return float(upper[:, 1].max() - lower[:, 1].min())


@pytest.mark.parametrize("side", ["left", "right"])
def test_eyes_are_larger_and_the_ball_fills_them(side: str) -> None:
    real, toon = figures()
    assert opening(toon, side) > 1.5 * opening(real, side)
    ball = toon.balls[side]
    assert ball.radius * ball.stretch[1] > 0.8 * opening(toon, side)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_blink_still_shuts_them(side: str) -> None:
    from studio.head.lashes import grid

    _, made = figures()
    posed = made.points + made.moves[f"eyeBlink{side.capitalize()}"]
    upper, lower = grid(f"upper lashes {side}")[0][3:10], grid(f"lower lashes {side}")[0]
    order = np.argsort(posed[lower, 0])
    below = np.interp(posed[upper, 0], posed[lower[order], 0], posed[lower[order], 1])
    assert (posed[upper, 1] - below).max() < 0.0014


@pytest.mark.parametrize("weight", [0.0, 0.5, 1.0])
def test_lips_still_meet(weight: float) -> None:
    from studio.head.seals import gap, lips

    _, made = figures()
    posed = made.points + weight * (made.moves["jawOpen"] + made.moves["mouthClose"])
    assert np.quantile(gap(lips(), posed)[3:-3], 0.8) < 0.0004


def test_the_skin_is_not_folded() -> None:
    from studio.head.frame import frame
    from studio.head.surface import vertex_normals

    real, toon = figures()
    faces = frame().corners[frame().triangles[frame().island == 0]].astype(np.int32)
    before, after = (vertex_normals(each.points, faces) for each in (real, toon))
    used = np.unique(faces)
    # Nostrils may turn: they are pressed flat.
    assert ((before[used] * after[used]).sum(axis=1) > 0.2).mean() > 0.985


def test_its_vrm_is_shaded_as_a_drawing_and_has_all_shapes() -> None:
    read = avatar()
    assert "VRMC_materials_mtoon" in read["extensionsUsed"]
    skin = next(each for each in read["materials"] if each["name"] == "skin")
    assert skin["extensions"]["VRMC_materials_mtoon"]["outlineWidthFactor"] > 0
    mesh = next(each for each in read["meshes"] if each["name"] == "skin")
    assert mesh["extras"]["targetNames"] == list(NAMES)


def test_no_other_shading_competes_with_mtoon() -> None:
    read = avatar()
    drawn = [each["extensions"] for each in read["materials"] if "VRMC_materials_mtoon" in each.get("extensions", {})]
    # three-vrm leaves a material to whichever extension comes first.
    assert drawn
    assert all(set(each) == {"VRMC_materials_mtoon"} for each in drawn)
