"""Eyes that meet the user's, and a smile that is returned after a while, added to face frames."""

from __future__ import annotations

from itertools import pairwise

from bridge.core.regard import DELAY, EYE_ACROSS, EYES, MOST, Regard
from engines.api import FaceStyle, Rig
from engines.face.engine import ArticulationFace
from engines.face.rigs import rig

ARKIT = rig("arkit52", 60)
FPS = 60


def still(rig: Rig, frames: int = FPS) -> bytes:
    return bytes(128 if low < 0 else 0 for low, _ in rig.ranges) * frames


def values(rows: bytes, rig: Rig, frame: int = -1) -> dict[str, float]:
    width = len(rig.names)
    row = rows[frame * width :][:width] if frame >= 0 else rows[-width:]
    return {
        name: low + (high - low) * byte / 255
        for name, byte, (low, high) in zip(rig.names, row, rig.ranges, strict=True)
    }


def test_eyes_and_head_share_the_turn_to_who_stands_beside() -> None:
    regard = Regard(ARKIT, FPS, mirror=0.3)
    regard.take((0.5, 0.25), 0.0)
    worn = values(regard.wear(still(ARKIT, 2 * FPS)), ARKIT)
    assert abs(worn["eyeLookOutLeft"] - EYES * 11 / EYE_ACROSS) < 0.01
    assert worn["eyeLookInRight"] == worn["eyeLookOutLeft"]
    assert worn["eyeLookInLeft"] == worn["eyeLookOutRight"] == 0
    assert worn["eyeLookUpLeft"] > 0.05
    assert 0.04 < worn["headYaw"] < 0.09, "to the own left, where the user is"
    regard.take((-0.5, 0.0), 0.0)
    back = values(regard.wear(still(ARKIT, 2 * FPS)), ARKIT)
    assert back["eyeLookInLeft"] > 0.2 > back["eyeLookOutLeft"]
    assert back["headYaw"] < -0.04


def test_the_face_turns_smoothly() -> None:
    regard = Regard(ARKIT, FPS, mirror=0.3)
    regard.take((1.0, 0.0), 0.0)
    rows = regard.wear(still(ARKIT))
    way = [values(rows, ARKIT, frame)["eyeLookOutLeft"] for frame in range(FPS)]
    assert way == sorted(way)
    assert max(after - before for before, after in pairwise(way)) < 0.06


def test_a_gaze_that_wanders_wanders_about_the_user() -> None:
    regard = Regard(ARKIT, FPS, mirror=0.0)
    rows = bytearray(still(ARKIT, 2 * FPS))
    rows[ARKIT.names.index("eyeLookInLeft") - len(ARKIT.names)] = 51
    regard.take((0.5, 0.0), 0.0)
    worn = values(regard.wear(bytes(rows)), ARKIT)
    assert abs(worn["eyeLookOutLeft"] - (EYES * 11 / EYE_ACROSS - 0.2)) < 0.01


def test_a_smile_comes_back_late_and_smaller() -> None:
    regard = Regard(ARKIT, FPS, mirror=0.3)
    regard.take(None, 1.0)
    rows = regard.wear(still(ARKIT, 4 * FPS))
    smile = [values(rows, ARKIT, frame)["mouthSmileLeft"] for frame in range(4 * FPS)]
    assert max(smile[: int(DELAY * FPS) - 1]) == 0
    assert 0.28 < smile[-1] < 0.31
    regard.take(None, 0.05)
    after = regard.wear(still(ARKIT, 8 * FPS))
    assert values(after, ARKIT)["mouthSmileLeft"] == 0
    assert Regard(ARKIT, FPS, mirror=5.0)._mirror == MOST


def test_nobody_changes_nothing() -> None:
    regard = Regard(ARKIT, FPS, mirror=0.3)
    rows = bytes(range(55))
    assert regard.wear(rows) is rows
    regard.take(None, 0.0)
    assert regard.wear(rows) is rows
    assert Regard(Rig("none", (), ()), FPS, mirror=0.3).wear(b"") == b""
    away = Regard(ARKIT, FPS, mirror=0.0, meet=False)
    away.take((1.0, 1.0), 0.0)
    assert away.wear(rows) is rows


def test_other_profiles_get_what_they_have() -> None:
    for profile, name in (("vrm", "lookLeft"), ("oculus15", "headYaw")):
        made = rig(profile, 60)
        regard = Regard(made, FPS, mirror=0.3)
        regard.take((1.0, 0.0), 1.0)
        assert values(regard.wear(still(made, 2 * FPS)), made)[name] > 0.1


def test_a_real_face_stays_sealed_where_it_was() -> None:
    face = ArticulationFace()
    block = face.idle(FaceStyle(seed=3), 0, 240)
    regard = Regard(ARKIT, FPS, mirror=0.35)
    regard.take((0.8, -0.3), 1.0)
    worn = regard.wear(block.weights)
    lips = [ARKIT.names.index(name) for name in ("jawOpen", "mouthClose", "mouthPressLeft", "mouthRollLower")]
    for at in range(0, len(worn), len(ARKIT.names)):
        assert [worn[at + lip] for lip in lips] == [block.weights[at + lip] for lip in lips]
