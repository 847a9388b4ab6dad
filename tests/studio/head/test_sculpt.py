"""A sculpted head has 52 shapes that each move it, shuts what must shut, and writes the same bytes twice."""

from __future__ import annotations

import json
import struct
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.face.rigs import NAMES
from engines.identity.attributes import Attributes, FacialHair, Glasses, Hair
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Wish
from tests.studio.head.anatomy import needs_anatomy

pytestmark = needs_anatomy
IDENTITIES = Path(__file__).parents[3] / "identities"
SOMEBODY = Attributes(
    age=44, presentation="male", ancestry="european", skin="light", hair=Hair("brown", "long"),
    glasses=Glasses("square", "gold"), facial_hair=FacialHair("full"),
)  # fmt: skip


@cache
def sculpted() -> Any:
    from studio.head.plan import plan
    from studio.head.sculpt import sculpt
    from training.portrait.data import small

    with small():  # what these tests look at does not change with the pictures' detail
        return sculpt(plan(SOMEBODY, 7, level=2))


@cache
def packed() -> bytes:
    from studio.head.gltf import glb

    return glb(sculpted())


@cache
def avatar() -> bytes:
    from studio.head.vrm import Permissions, vrm

    return vrm(sculpted(), Permissions("Ada", ("Somebody",)))


@cache
def figures() -> list[Any]:
    from studio.head.anatomy import Build
    from studio.head.motions import figure

    builds = [Build(25, 0.05, (0, 0, 1)), Build(70, 0.95, (1, 0, 0)), Build(8, 0.5, (0, 1, 0))]
    return [figure(build, {"eyes/l-eye-scale-incr": 0.4}, {"mouthSmileLeft": 0.2}) for build in builds]


def document(data: bytes) -> dict[str, Any]:
    magic, version, size = struct.unpack_from("<4sII", data)
    assert (magic, version, size) == (b"glTF", 2, len(data))
    length = struct.unpack_from("<I", data, 12)[0]
    found: dict[str, Any] = json.loads(data[20 : 20 + length])
    return found


@pytest.mark.parametrize("name", NAMES)
def test_every_shape_moves_something_visible(name: str) -> None:
    moved = max(float(np.abs(part.shapes[name].by).max()) for part in sculpted().parts if name in part.shapes)
    assert moved > 0.001  # metres


def test_no_two_shapes_are_one() -> None:
    moves = {name: by for name, by in figures()[0].moves.items() if name != "tongueOut"}
    flat = {name: by.ravel() / np.linalg.norm(by) for name, by in moves.items()}
    names = sorted(flat)
    table = np.array([flat[name] for name in names])
    alike = np.abs(table @ table.T) - np.eye(len(names))
    a, b = divmod(int(alike.argmax()), len(names))
    assert alike.max() < 0.97, (names[a], names[b])


@pytest.mark.parametrize("name", [each for each in NAMES if each.endswith("Left")])
def test_left_and_right_mirror_each_other(name: str) -> None:
    moves = figures()[0].moves
    left, right = moves[name], moves[name.replace("Left", "Right")]
    assert np.abs(left).sum() == pytest.approx(np.abs(right).sum(), rel=0.12)
    points = figures()[0].points
    weight = np.abs(left).sum(axis=1)
    if name not in ("mouthLeft", "jawLeft"):
        assert (points[:, 0] * weight).sum() / weight.sum() > 0.005  # the face's left is +X


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("weight", [0.0, 0.25, 0.6])
def test_lips_meet_when_the_jaw_and_mouth_close_agree(number: int, weight: float) -> None:
    from studio.head.seals import gap, lips

    made = figures()[number]
    posed = made.points + weight * (made.moves["jawOpen"] + made.moves["mouthClose"])
    apart = gap(lips(), posed)[3:-3]
    assert np.quantile(apart, 0.8) < 0.0004
    assert apart.max() < 0.0012


@pytest.mark.parametrize("number", range(3))
def test_an_open_jaw_parts_the_lips(number: int) -> None:
    from studio.head.seals import gap, lips

    made = figures()[number]
    assert gap(lips(), made.points + 0.5 * made.moves["jawOpen"]).max() > 0.008


@pytest.mark.parametrize("number", range(3))
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_blink_reaches_the_lower_lid_and_not_the_cheek(number: int, side: str) -> None:
    from studio.head.lashes import grid

    made = figures()[number]
    posed = made.points + made.moves[f"eyeBlink{side.capitalize()}"]
    upper, lower = grid(f"upper lashes {side}")[0][3:10], grid(f"lower lashes {side}")[0]
    order = np.argsort(posed[lower, 0])
    below = np.interp(posed[upper, 0], posed[lower[order], 0], posed[lower[order], 1])
    over = posed[upper, 1] - below
    assert over.max() < 0.0008
    assert over.min() > -0.0022


def test_a_head_is_whole() -> None:
    made = sculpted()
    names = {part.name for part in made.parts}
    assert {
        "skin",
        "eye left",
        "eye right",
        "lashes",
        "upper teeth",
        "lower teeth",
        "tongue",
        "hair",
        "beard",
        "glasses",
        "lenses",
    } <= names
    for part in made.parts:
        assert np.isfinite(part.positions).all()
        assert np.isfinite(part.normals).all()
        assert part.triangles.max() < len(part.positions)
        for shape in part.shapes.values():
            assert np.isfinite(shape.by).all()
            assert shape.at.max() < len(part.positions)
    top = max(float(part.positions[:, 1].max()) for part in made.parts)
    assert 1.2 < top < 2.1  # metres: somebody who stands on the ground


def test_long_hair_swings_on_bones_that_hang_from_the_head() -> None:
    made = sculpted()
    bones = {bone.name: bone for bone in made.bones}
    assert made.chains
    for chain in made.chains:
        assert bones[chain.bones[0]].parent == "head"
        heights = [bones[name].at[1] for name in chain.bones]
        assert heights == sorted(heights, reverse=True)


def test_the_glb_names_its_52_shapes_in_arkits_order() -> None:
    read = document(packed())
    skin = next(mesh for mesh in read["meshes"] if mesh["name"] == "skin")
    assert skin["extras"]["targetNames"] == list(NAMES)
    assert len(skin["primitives"][0]["targets"]) == len(NAMES)
    nodes = [node["name"] for node in read["nodes"]]
    assert {"hips", "spine", "chest", "neck", "head", "leftEye", "rightEye"} <= set(nodes)


def test_weights_of_bones_add_up_to_one() -> None:
    from studio.head.gltf import _bound

    weights = np.array([[0.5, 0.3333, 0.1667, 0], [1, 0, 0, 0], [0.1, 0.2, 0.3, 0.4]], np.float32)
    joints, scaled = _bound(np.full((3, 4), 7, np.int32), weights)
    assert (scaled.sum(axis=1, dtype=int) == 255).all()
    assert (joints[scaled == 0] == 0).all()


def test_the_vrm_has_perfect_sync_a_humanoid_and_permissions() -> None:
    read = document(avatar())
    main = read["extensions"]["VRMC_vrm"]
    assert main["specVersion"] == "1.0"
    custom = main["expressions"]["custom"]
    assert set(custom) == {name[0].upper() + name[1:] for name in NAMES}
    assert all(each["morphTargetBinds"] for each in custom.values())
    needed = {"hips", "spine", "head"} | {
        f"{side}{bone}"
        for side in ("left", "right")
        for bone in ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")
    }
    assert needed <= set(main["humanoid"]["humanBones"])
    assert main["meta"]["avatarPermission"] == "onlyAuthor"
    assert main["meta"]["modification"] == "prohibited"
    assert read["extensions"]["VRMC_springBone"]["springs"]


def test_the_same_seed_writes_the_same_bytes() -> None:
    from studio.head.stage import WHERE, Head
    from training.portrait.data import small

    wish = Wish(seed=5, options={"lod": 2})
    told: list[float] = []
    with small():
        one, two = (Head().run(Folder(IDENTITIES / "guide"), wish, lambda done, _: told.append(done)) for _ in range(2))
    assert one.files == two.files
    assert told[: len(told) // 2] == sorted(told[: len(told) // 2])
    assert told[-1] == 1.0
    assert set(one.files) == {f"{WHERE}/head.glb", f"{WHERE}/head.vrm"}
    assert one.section["shapes"] == sorted(NAMES)


def test_the_heads_that_ship_are_small_enough_for_a_page() -> None:
    found = sorted(IDENTITIES.glob("*/assets/x_face/3d/head.*"))
    assert found
    assert all(path.stat().st_size < 3_000_000 for path in found if path.suffix == ".glb")


@pytest.mark.parametrize("options", [{"style": "clay"}, {"lod": 9}, {"lod": True}, {"lod": "1"}, {"style": 3}])
def test_options_that_do_not_exist_are_refused(options: dict[str, Any]) -> None:
    from studio.head.stage import Head

    with pytest.raises(StudioError, match="may be") as found:
        Head().run(Folder(IDENTITIES / "guide"), Wish(options=options), lambda done, said: None)
    assert found.value.code == "bad_option"


def test_without_the_data_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.head import stock

    monkeypatch.setattr(stock, "find_spec", lambda name: None)
    with pytest.raises(StudioError, match="pip install") as found:
        stock.folder()
    assert found.value.code == "no_anatomy"


def test_permissions_follow_the_licence() -> None:
    from studio.head.stage import permissions

    closed, free = permissions("Ada", {}), permissions("Ada", {"licence": "CC0-1.0", "author": "Bo"})
    assert (closed.redistribution, closed.commercial) == (False, "personalNonProfit")
    assert (free.redistribution, free.credit, free.authors) == (True, "unnecessary", ("Bo",))


def test_a_small_glb_has_normals_as_bytes_and_a_vrm_has_not() -> None:
    from studio.head.gltf import SMALL, glb

    whole = glb(sculpted(), small=False)
    small, plain = document(packed()), document(whole)
    assert small["extensionsRequired"] == [SMALL]
    assert len(packed()) < 0.95 * len(whole)
    for read, kind in ((small, 5120), (plain, 5126), (document(avatar()), 5126)):
        normals = read["meshes"][0]["primitives"][0]["attributes"]["NORMAL"]
        assert read["accessors"][normals]["componentType"] == kind
