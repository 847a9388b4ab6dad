"""What moves a face as files for other programs: each is read back by a reader that is not ours, where there is one."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from engines.face.rigs import NAMES
from studio.errors import StudioError
from studio.video.export import chunks
from studio.video.export.motion import KINDS, Motion, written
from studio.video.looks.appearance import CHANNELS

FPS = 30
HERE = Path(__file__).parent
THREE = HERE.parents[1] / "web" / "three"
NODE = shutil.which("node")
needs_three = pytest.mark.skipif(
    NODE is None or not (THREE / "three").is_dir(), reason="Node.js or three.js is not installed"
)


def motion(head: bytes = b"") -> Motion:
    frames = np.zeros((60, len(CHANNELS)), np.float32)
    t = np.linspace(0, 2 * np.pi, 60)
    frames[:, CHANNELS.index("jawOpen")] = 0.5 - 0.5 * np.cos(t)
    frames[:, CHANNELS.index("mouthSmileLeft")] = np.linspace(0, 0.8, 60)
    frames[20:25, CHANNELS.index("eyeBlinkLeft")] = 1
    frames[:, CHANNELS.index("headYaw")] = 0.2 * np.sin(t)
    frames[:, CHANNELS.index("headPitch")] = 0.1
    frames[:, CHANNELS.index("eyeLookOutLeft")] = 0.5
    return Motion("Ada O'Hara", FPS, frames, head)


def head() -> bytes:
    """Return a GLB with a mesh of two shapes, one of them ARKit's, and the bones of a head."""
    made = chunks.Document()
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    position = made.array(points, "VEC3", bounds=True)
    targets = [{"POSITION": made.array(points * k, "VEC3", bounds=True)} for k in (0.1, 0.2)]
    made.json |= {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0, 2]}],
        "nodes": [
            {"name": "neck", "children": [1], "translation": [0, 1.4, 0]},
            {"name": "head"},
            {"name": "skin", "mesh": 0},
        ],
        "meshes": [
            {
                "primitives": [{"attributes": {"POSITION": position}, "targets": targets}],
                "weights": [0, 0],
                "extras": {"targetNames": ["breath", "jawOpen"]},
            }
        ],
    }
    return made.bytes()


def in_three(data: bytes, suffix: str, tmp_path: Path) -> Any:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    answer = subprocess.run(
        [NODE or "", str(HERE / "read_gltf.mjs"), str(THREE), str(path)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


@needs_three
def test_three_plays_the_animated_head(tmp_path: Path) -> None:
    told = in_three(written(".glb", motion(head())), ".glb", tmp_path)
    tracks = {track["name"]: track for track in told["tracks"]}
    weights = np.array(tracks["skin.morphTargetInfluences"]["values"]).reshape(60, 2)
    assert np.allclose(weights[:, 1], motion().of("jawOpen"), atol=1e-5)
    assert not weights[:, 0].any()
    assert told["duration"] == pytest.approx(59 / FPS, abs=1e-4)
    assert {"neck.quaternion", "head.quaternion"} <= set(tracks)


@needs_three
def test_three_reads_the_vrm_animation(tmp_path: Path) -> None:
    data = written(".vrma", motion())
    told = in_three(data, ".vrma", tmp_path)
    extension = told["json"]["extensions"]["VRMC_vrm_animation"]
    assert extension["specVersion"] == "1.0"
    assert {"hips", "neck", "head"} <= set(extension["humanoid"]["humanBones"])
    custom = extension["expressions"]["custom"]
    assert set(custom) == {"JawOpen", "MouthSmileLeft", "EyeBlinkLeft", "EyeLookOutLeft"}
    assert "blinkLeft" in extension["expressions"]["preset"]
    tracks = {track["name"]: track for track in told["tracks"]}
    name = told["json"]["nodes"][custom["JawOpen"]["node"]]["name"]
    moved = np.array(tracks[f"{name}.position"]["values"]).reshape(60, 3)
    assert np.allclose(moved[:, 0], motion().of("jawOpen"), atol=1e-5)
    assert not moved[:, 1:].any()


def test_the_head_turns_to_its_left_and_up() -> None:
    from scipy.spatial.transform import Rotation

    turned = chunks.turn(([0.3, 0, 0], [0, 0.2, 0], [0, 0, 0.1]), 1.0)
    looks = Rotation.from_quat(turned).apply([0, 0, 1])
    assert looks[0][0] == pytest.approx(np.sin(0.3), abs=1e-6)
    assert looks[1][1] == pytest.approx(np.sin(0.2), abs=1e-6)
    crown = Rotation.from_quat(turned[2]).apply([0, 1, 0])
    assert crown[0] == pytest.approx(-np.sin(0.1), abs=1e-6)


def test_trimesh_reads_what_is_written() -> None:
    trimesh = pytest.importorskip("trimesh")
    scene = trimesh.load(io.BytesIO(written(".glb", motion(head()))), file_type="glb")
    assert len(scene.geometry) == 1


class _Unity(yaml.SafeLoader):
    """Reads Unity's tags as maps."""


_Unity.add_multi_constructor(
    "tag:unity3d.com,2011:", lambda loader, suffix, node: loader.construct_mapping(node, deep=True)
)


def test_a_unity_clip_is_yaml_with_its_curves() -> None:
    data = yaml.load(written(".anim", motion()), _Unity)["AnimationClip"]
    assert data["m_Name"] == "Ada O'Hara"
    assert data["m_SampleRate"] == FPS
    curves = {each["attribute"]: each for each in data["m_FloatCurves"]}
    assert set(curves) == {f"blendShape.{name}" for name in motion().moving}
    jaw = curves["blendShape.jawOpen"]
    assert (jaw["path"], jaw["classID"]) == ("skin", 137)
    keys = jaw["curve"]["m_Curve"]
    times, values = ([float(key[name]) for key in keys] for name in ("time", "value"))
    truth = np.interp(times, motion().times, motion().of("jawOpen") * 100)
    assert np.allclose(values, truth, atol=0.01)
    assert max(values) > 99
    still = curves["blendShape.eyeLookOutLeft"]["curve"]["m_Curve"]
    assert len(still) == 2
    neck, skull = data["m_EulerCurves"]
    assert skull["path"].endswith("/head")
    y = [float(key["value"]["y"]) for key in skull["curve"]["m_Curve"]]
    x = [float(key["value"]["x"]) for key in neck["curve"]["m_Curve"]]
    assert min(y) == pytest.approx(-np.degrees(motion().of("headYaw").max()) * 0.6, abs=0.05)
    assert x[0] == pytest.approx(-np.degrees(0.1) * 0.4, abs=1e-3)
    assert data["m_AnimationClipSettings"]["m_StopTime"] == pytest.approx(2.0)


def test_a_live_link_take_has_every_channel() -> None:
    rows = list(csv.DictReader(io.StringIO(written(".csv", motion()).decode())))
    assert len(rows) == 60
    first = rows[31]
    assert first["Timecode"] == "00:00:01:01.000"
    assert first["BlendshapeCount"] == "61"
    assert len(first) == 63
    assert list(first)[2:54] == [f"{name[:1].upper()}{name[1:]}" for name in NAMES]
    assert float(first["JawOpen"]) == pytest.approx(float(motion().of("jawOpen")[31]), abs=1e-6)
    assert float(first["HeadYaw"]) == pytest.approx(float(motion().of("headYaw")[31]) / np.pi, abs=1e-6)
    assert float(first["LeftEyeYaw"]) == pytest.approx(0.5 * np.radians(30) / np.pi, abs=1e-5)


def test_a_take_says_what_the_live_outlet_says() -> None:
    from outlets.frame import reader

    row = next(iter(csv.DictReader(io.StringIO(written(".csv", motion()).decode()))))
    live = reader(CHANNELS)(motion().frames[0].tolist())
    for side in ("Left", "Right"):
        yaw, pitch = live.eye(side)
        assert float(row[f"{side}EyeYaw"]) == pytest.approx(yaw / np.pi, abs=1e-5)
        assert float(row[f"{side}EyePitch"]) == pytest.approx(pitch / np.pi, abs=1e-5)
    assert float(row["HeadPitch"]) == pytest.approx(live.pitch / np.pi, abs=1e-5)


def test_a_live2d_motion_counts_its_own() -> None:
    data = json.loads(written(".motion3.json", motion()))
    meta, curves = data["Meta"], {each["Id"]: each["Segments"] for each in data["Curves"]}
    assert meta["CurveCount"] == len(curves)
    points = segments = 0
    played: dict[str, Any] = {}
    for name, steps in curves.items():
        times, values = [steps[0]], [steps[1]]
        for at in range(2, len(steps), 3):
            assert steps[at] == 0
            times.append(steps[at + 1])
            values.append(steps[at + 2])
        assert times == sorted(times)
        points += len(times)
        segments += len(times) - 1
        played[name] = np.interp(motion().times, times, values)
    assert (meta["TotalPointCount"], meta["TotalSegmentCount"]) == (points, segments)
    assert played["ParamMouthOpenY"].max() == pytest.approx(1.0)
    assert played["ParamEyeLOpen"].min() == pytest.approx(0.0)
    assert played["ParamEyeROpen"].min() == pytest.approx(1.0)
    assert np.abs(played["ParamAngleX"] - np.degrees(motion().of("headYaw"))).max() < 0.05
    assert played["ParamMouthForm"][-1] == pytest.approx(0.4, abs=0.01)


def test_short_movements_are_written_too() -> None:
    short = Motion("A", FPS, motion().frames[:1])
    for suffix in (".anim", ".csv", ".motion3.json", ".vrma"):
        assert written(suffix, short)
    assert set(KINDS) == {".vrma", ".glb", ".anim", ".csv", ".motion3.json"}


@pytest.mark.parametrize("data", [b"", b"glTF", b"none of it", head()[:40], head().replace(b"JSON", b"JSOM")])
def test_a_head_that_is_none_is_told(data: bytes) -> None:
    with pytest.raises(StudioError) as caught:
        written(".glb", motion(data))
    assert caught.value.code in ("bad_head", "no_look")


def test_a_head_without_shapes_is_told() -> None:
    bare = chunks.Document({"asset": {"version": "2.0"}, "nodes": [{"name": "x"}]}, bytearray(4))
    with pytest.raises(StudioError, match="no shapes"):
        written(".glb", motion(bare.bytes()))
