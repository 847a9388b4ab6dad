"""The puppet: what each shape moves in the picture, what stays, and what is written is read again."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bridge.web
from engines.face.rigs import NAMES
from engines.identity import load_identity, pictures, shipped
from engines.identity.errors import IdentityError
from studio.errors import StudioError
from studio.video.looks.appearance import CHANNELS
from studio.video.puppet import landmarks as at
from studio.video.puppet import making, recipe
from studio.video.puppet.draw import PuppetPainter
from studio.video.puppet.mesh import frame as face_of
from studio.video.puppet.model import Joints, Puppet
from studio.video.puppet.motions import motions
from studio.video.puppet.picture import Source
from tests.studio.video.faces import SIZE, SKIN, UNIT, marks, picture

NODE = shutil.which("node")
PAGE = Path(bridge.web.__file__).parent


@pytest.fixture(scope="module")
def puppet() -> Puppet:
    points = marks()
    return making.make(Source(picture(points)), [points])


@pytest.fixture(scope="module")
def painter(puppet: Puppet) -> PuppetPainter:
    return PuppetPainter(puppet, SIZE)


def frame(**pose: float) -> Any:
    values = np.zeros(len(CHANNELS), np.float32)
    for name, value in pose.items():
        values[CHANNELS.index(name)] = value
    return values


def moved(puppet: Puppet, **pose: float) -> Any:
    joints = Joints(puppet)
    return joints.posed(frame(**pose), 0.0) - joints.posed(frame(), 0.0)


def test_at_rest_it_is_the_picture(painter: PuppetPainter) -> None:
    drawn = painter.draw(frame(), 0.0)
    assert (drawn[..., 3] == 255).all()
    apart = np.abs(drawn[..., :3].astype(int) - picture(marks())).max(axis=2)
    assert np.median(apart) <= 2
    assert (apart > 40).mean() < 0.02


def test_the_table_is_symmetric_and_has_all_shapes() -> None:
    table = motions()
    assert table.points.shape == (at.COUNT, 3)
    assert table.moves.shape == (len(NAMES), at.COUNT, 3)
    for left in ("mouthSmile", "browDown", "eyeBlink"):
        a, b = (np.abs(table.moves[NAMES.index(f"{left}{side}")]).sum() for side in ("Left", "Right"))
        assert a == pytest.approx(b, rel=0.02)
    still = [name for number, name in enumerate(NAMES) if np.abs(table.moves[number]).max() < 0.004]
    assert set(still) <= {"tongueOut", "eyeLookInLeft", "eyeLookInRight", "eyeLookOutLeft", "eyeLookOutRight"}


@pytest.mark.parametrize(
    ("shape", "mark", "axis", "sign"),
    [
        ("jawOpen", at.CHIN, 1, 1),
        ("jawOpen", 14, 1, 1),
        ("mouthSmileLeft", 291, 0, 1),
        ("mouthSmileRight", 61, 0, -1),
        ("mouthFrownLeft", 291, 1, 1),
        ("mouthPucker", 291, 0, -1),
        ("browInnerUp", 107, 1, -1),
        ("browDownLeft", 336, 1, 1),
        ("jawLeft", at.CHIN, 0, 1),
        ("mouthUpperUpLeft", 310, 1, -1),
    ],
)
def test_shapes_move_what_they_name(puppet: Puppet, shape: str, mark: int, axis: int, sign: int) -> None:
    assert sign * moved(puppet, **{shape: 1.0})[mark, axis] > 0.02 * UNIT


def test_a_mouth_opens_and_shuts(puppet: Puppet) -> None:
    joints = Joints(puppet)

    def gap(**pose: float) -> float:
        points = joints.posed(frame(**pose), 0.0)
        return float(points[14, 1] - points[13, 1])

    assert gap() == pytest.approx(0, abs=0.01)
    assert gap(jawOpen=0.5) > 0.08 * UNIT
    assert gap(jawOpen=1.0) > gap(jawOpen=0.5)
    assert gap(jawOpen=0.3, mouthClose=0.3) < 0.02 * UNIT
    assert gap(mouthPressLeft=1.0, mouthPressRight=1.0, mouthRollLower=1.0) >= 0


def test_an_open_mouth_shows_its_inside(painter: PuppetPainter) -> None:
    open_ = painter.draw(frame(jawOpen=0.8), 0.0)
    middle = marks()[[13, 14], :2].mean(axis=0)
    below = open_[int(middle[1]) + 6 : int(middle[1]) + 22, int(middle[0]) - 6 : int(middle[0]) + 6, :3]
    assert below.min() < 70


def test_a_blink_paints_a_lid_and_drags_nothing(painter: PuppetPainter, puppet: Puppet) -> None:
    rest, shut = (painter.draw(frame(**pose), 0.0) for pose in ({}, {"eyeBlinkLeft": 1.0}))
    x, y = marks()[at.IRIS["Left"], :2].astype(int)
    assert np.abs(rest[y, x, :3].astype(int) - SKIN).max() > 60
    assert np.abs(shut[y - 2, x, :3].astype(int) - SKIN).max() < 60
    brow = [336, 296, 334, 293, 300]
    assert np.abs(moved(puppet, eyeBlinkLeft=1.0)[brow]).max() == 0
    x, y = marks()[at.IRIS["Right"], :2].astype(int)
    assert np.array_equal(rest[y - 3 : y + 3, x - 3 : x + 3], shut[y - 3 : y + 3, x - 3 : x + 3])


def test_eyes_look_aside(painter: PuppetPainter) -> None:
    x, y = marks()[at.IRIS["Left"], :2].astype(int)

    def iris(**pose: float) -> float:
        row = painter.draw(frame(**pose), 0.0)[y, x - 18 : x + 18, :3].mean(axis=1)
        dark = np.clip(200 - row, 0, None)
        return float((dark * np.arange(36)).sum() / dark.sum())

    assert iris(eyeLookOutLeft=1.0) > iris() + 1
    assert iris(eyeLookInLeft=1.0) < iris() - 1


def test_the_head_turns_and_the_ground_stays(painter: PuppetPainter, puppet: Puppet) -> None:
    turned = moved(puppet, headYaw=0.25)
    assert turned[at.NOSE, 0] > turned[at.OVAL[8], 0] + 0.1 * UNIT
    assert turned[at.NOSE, 0] > 0.1 * UNIT
    assert moved(puppet, headPitch=0.2)[at.NOSE, 1] < 0
    assert moved(puppet, headRoll=0.2)[at.FOREHEAD, 0] < -0.05 * UNIT
    rest, aside = (painter.draw(frame(**pose), 0.0) for pose in ({}, {"headYaw": 0.25}))
    assert np.array_equal(rest[5:40, 5:40], aside[5:40, 5:40])
    bottom = slice(SIZE - 12, SIZE)
    assert np.abs(rest[bottom].astype(int) - aside[bottom]).mean() < 3


def test_turning_far_is_held(puppet: Puppet) -> None:
    joints = Joints(puppet)
    assert np.array_equal(joints.posed(frame(headYaw=0.5), 0.0), joints.posed(frame(headYaw=0.31), 0.0))


def test_what_was_behind_is_filled(puppet: Puppet) -> None:
    back = puppet.textures["back"]
    assert np.abs(back[..., :3].astype(int) - (60, 110, 170)).max(axis=2)[: SIZE // 2].max() < 40
    alone = PuppetPainter(puppet, SIZE, own_ground=False).draw(frame(), 0.0)
    assert alone[10, 10, 3] == 0
    assert alone[SIZE // 2, SIZE // 2, 3] == 255


def test_shoulders_breathe(puppet: Puppet) -> None:
    joints = Joints(puppet)
    change = joints.posed(frame(), 2.1) - joints.posed(frame(), 0.0)
    low = puppet.points[:, 1] > SIZE * 0.95
    front = puppet.layers[3].triangles.max() + 1
    assert change[:front][low[:front], 1].min() < -0.5
    assert np.abs(change[at.FOREHEAD]).max() < 0.01


def test_glasses_do_not_bend() -> None:
    points = marks()
    shown = picture(points, glasses=True)
    assert making.wears_glasses(shown, points, face_of(points))
    assert not making.wears_glasses(picture(points), points, face_of(points))
    worn = making.make(Source(shown), [points])
    bare = making.make(Source(shown), [points], glasses=False)
    under = [130, 25, 110, 24, 23, 22]
    pose = {"browInnerUp": 1.0, "eyeSquintRight": 1.0, "cheekSquintRight": 1.0}
    assert np.abs(moved(worn, **pose)[under]).max() < 0.2
    assert np.abs(moved(bare, **pose)[under]).max() > 0.5


def test_lips_that_are_apart_are_shut() -> None:
    points = marks(gap=8)
    made = making.make(Source(picture(points)), [points])
    rest = Joints(made).posed(frame(), 0.0)
    assert rest[14, 1] - rest[13, 1] == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize(
    ("faces", "code"),
    [
        ([], "no_face"),
        ([marks(), marks()], "many_faces"),
        ([marks(unit=30)], "too_small"),
        ([marks(shift=0.5)], "turned_away"),
        ([marks(gap=40)], "open_mouth"),
    ],
)
def test_faces_that_cannot_be_moved_are_refused(faces: list[Any], code: str) -> None:
    with pytest.raises(StudioError) as caught:
        making.make(Source(picture(marks())), faces)
    assert caught.value.code == code


def test_what_is_written_is_read_again(puppet: Puppet, painter: PuppetPainter) -> None:
    files = recipe.files(puppet)
    assert sum(len(data) for data in files.values()) < 400_000
    again = recipe.read(files.__getitem__).made(SIZE)
    for pose in ({"jawOpen": 0.5, "headYaw": 0.2}, {"eyeBlinkLeft": 1.0, "mouthSmileLeft": 0.7}):
        before, after = painter.draw(frame(**pose), 1.0), again.draw(frame(**pose), 1.0)
        assert np.abs(before.astype(int) - after).mean() < 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ((b'"format":1', b'"format":9'), "format 9"),
        ((b'"triangles":[', b'"triangles":[99999,'), ""),
        ((b'"size":[320,320]', b'"size":[0,99999]'), "size"),
        ((b'"meet":[[', b'"meet":[[88888,1],['), "corner"),
        ((b'"head":[', b'"head":[1.0,'), "lengths"),
        ((b'"points":[', b'"points":[NaN,1,1,'), ""),
        ((b'"jawOpen":[[', b'"jawOpen":[[99999,1,1],['), "not there"),
        ((b'{"format"', b'["format"'), ""),
    ],
)
def test_a_damaged_puppet_is_told(puppet: Puppet, change: tuple[bytes, bytes], says: str) -> None:
    files = recipe.files(puppet)
    assert change[0] in files[recipe.FILE]
    files[recipe.FILE] = files[recipe.FILE].replace(*change, 1)
    with pytest.raises(StudioError, match=says or None) as caught:
        recipe.read(files.__getitem__)
    assert caught.value.code == "bad_puppet"


@pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
def test_the_page_moves_it_alike(puppet: Puppet) -> None:
    """The points of `puppet.js` lie where ours do, to a tenth of a pixel."""
    files = recipe.files(puppet)
    poses: dict[str, dict[str, float]] = {
        "rest": {},
        "speaking": {"jawOpen": 0.6, "mouthSmileLeft": 0.5, "headYaw": 0.5, "headPitch": -0.1},
        "shut": {"mouthPressLeft": 1.0, "mouthRollUpper": 1.0, "mouthShrugLower": 1.0, "headRoll": 0.2},
    }
    asked = json.dumps({"puppet": json.loads(files[recipe.FILE]), "poses": poses})
    page = PAGE / "page" / "heads" / "puppet.js"
    command = [NODE or "", str(Path(__file__).with_name("pose_puppet.mjs")), str(page)]
    told = json.loads(subprocess.run(command, input=asked, capture_output=True, text=True, check=True).stdout)
    joints = Joints(recipe.read(files.__getitem__).puppet)
    for name, pose in poses.items():
        ours = joints.posed(frame(**pose), 0.0)
        assert np.abs(ours.ravel() - told[name]).max() < 0.1


def test_the_server_gives_it_as_one_file(puppet: Puppet, tmp_path: Path) -> None:
    shutil.copytree(shipped()["teacher"], tmp_path / "ada")
    assert pictures.puppet(load_identity(tmp_path / "ada")) is None
    files = recipe.files(puppet)
    for path, data in files.items():
        place = tmp_path / "ada" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    found = pictures.puppet(load_identity(tmp_path / "ada"))
    assert found is not None
    assert (found.kind, found.suffix) == ("application/json", ".json")
    whole = json.loads(found.data)
    assert whole["textures"]["front"].startswith("data:image/webp;base64,")
    (tmp_path / "ada" / recipe.FOLDER / "puppet-back.webp").write_bytes(b"no picture")
    assert pictures.puppet(load_identity(tmp_path / "ada")) is None
    (tmp_path / "ada" / recipe.FILE).write_text('{"textures": 1}')
    assert pictures.puppet(load_identity(tmp_path / "ada")) is None


def test_a_missing_picture_is_told(puppet: Puppet) -> None:
    files = recipe.files(puppet)

    def asset(path: str) -> bytes:
        if path.endswith("front.webp"):
            raise IdentityError("not_found", "it is gone")
        return files[path]

    with pytest.raises(StudioError, match="it is gone"):
        recipe.read(asset)
