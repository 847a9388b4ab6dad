"""The drawn face without a browser is the page's: the same points and curves as `face.js`, and it moves."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bridge.web.face as face
from studio.video.looks.appearance import CHANNELS
from studio.video.looks.drawn import Drawn
from studio.video.looks.rig import Curves, Points, resolve, rig

HERE = Path(face.__file__).parent
PROBE = Path(__file__).with_name("face_points.mjs")
NODE = shutil.which("node")
IDENTITIES = Path(__file__).parents[3] / "identities"
LOOKS: dict[str, Any] = {
    path.parent.name: json.loads(path.read_text("utf-8"))["looks"] for path in IDENTITIES.glob("*/identity.json")
} | {"nobody": {}, "odd": {"age": "about 30", "hair": "green spikes", "glasses": False, "beard": True, "eyes": None}}
POSES: dict[str, dict[str, float]] = {
    "rest": {},
    "speaking": {"jawOpen": 0.6, "mouthFunnel": 0.4, "eyeBlinkLeft": 1.0, "headYaw": 0.3, "headPitch": -0.2},
    "shut": {"jawOpen": 0.3, "mouthClose": 0.3, "mouthPressLeft": 1, "mouthPressRight": 1, "headRoll": 0.2},
}


def frame(pose: dict[str, float]) -> Any:
    values = np.zeros(len(CHANNELS), np.float32)
    for name, value in pose.items():
        values[CHANNELS.index(name)] = value
    return values


@pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
@pytest.mark.parametrize("who", LOOKS)
def test_curves_are_those_of_the_page(who: str) -> None:
    """Every bezier that `face.js` gives its canvas is one of ours, to a thousandth of a unit."""
    asked = json.dumps({"rig": rig(), "looks": LOOKS[who], "poses": POSES})
    answer = subprocess.run(
        [NODE or "", str(PROBE), str(HERE)], input=asked, capture_output=True, text=True, check=True
    )
    told = json.loads(answer.stdout)
    resolved = resolve(LOOKS[who])
    assert {"slots": resolved.slots, "colours": {k: list(v) for k, v in resolved.colours.items()}} == {
        key: told["resolved"][key] for key in ("slots", "colours")
    }
    assert resolved.dials == pytest.approx(told["resolved"]["dials"])
    points = Points(resolved.dials)
    curves = Curves(list(rig()["paths"]))
    for name, pose in POSES.items():
        values = frame(pose)
        xy = points.posed(values, points.weights(values, 0.0))
        theirs = told["poses"][name]
        assert np.abs(xy.ravel() - theirs["xy"]).max() < 1e-3
        ours = curves.beziers(xy)
        for path, pieces in curves.pieces.items():
            own = np.concatenate([ours[piece.first : piece.first + piece.count] for piece in pieces])
            assert np.abs(own - theirs["curves"][path]).max() < 1e-3, (name, path)


def test_it_is_drawn_with_alpha_and_moves() -> None:
    painter = Drawn(LOOKS["teacher"]).made(128)
    rest, open_ = painter.draw(frame({}), 0), painter.draw(frame({"jawOpen": 1.0}), 0)
    assert rest.shape == (128, 128, 4)
    assert rest[0, 0, 3] == 0
    assert rest[64, 64, 3] == 255
    changed = np.abs(rest.astype(int) - open_).max(axis=2) > 30
    rows = np.flatnonzero(changed.any(axis=1))
    assert rows.min() > 64
    assert changed.sum() > 100
    again = painter.draw(frame({}), 0)
    assert np.array_equal(rest, again)


def test_the_breath_moves_it() -> None:
    painter = Drawn({}).made(96)
    assert not np.array_equal(painter.draw(frame({}), 0), painter.draw(frame({}), 2.1))


def test_looks_choose_colours() -> None:
    dark, fair = (Drawn({"skin": skin}).made(64).draw(frame({}), 0) for skin in ("deep", "fair"))
    assert fair[40, 32, :3].mean() > dark[40, 32, :3].mean() + 40
