"""The face as data: rig.json is what RIG.md says it is, and face.js moves what every channel should move."""

from __future__ import annotations

import asyncio
import json
import math
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bridge.web.face as face
from engines.api import FaceBlock, FaceStyle, Phone, Speech, Stream
from engines.face.engine import ArticulationFace
from engines.face.rigs import HEAD, NAMES
from tools.face.make_rig import make

HERE = Path(face.__file__).parent
RIG: dict[str, Any] = json.loads((HERE / "rig.json").read_text("utf-8"))
COUNT = len(RIG["points"]) // 3
IDENTITIES = Path(__file__).parents[2] / "identities"
LOOKS = {path.parent.name: json.loads(path.read_text("utf-8"))["looks"] for path in IDENTITIES.glob("*/identity.json")}
NODE = shutil.which("node")
MOODS = ("neutral", "happy", "angry", "afraid", "disgusted")
needs_node = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")


def points(runs: list[list[int]]) -> list[int]:
    return [first + n * (1 if count > 0 else -1) for first, count in runs for n in range(abs(count))]


def of_path(path: dict[str, Any]) -> list[int]:
    return points([run for strand in path["strands"] for run in strand] if "strands" in path else path["points"])


def paints() -> Iterator[Any]:
    for layer in RIG["layers"]:
        yield from (layer[key] for key in ("fill", "stroke") if key in layer)


def moved(channel: str) -> dict[int, float]:
    return {
        run[0] + n: math.hypot(run[1 + 2 * n], run[2 + 2 * n])
        for run in RIG["deltas"][channel]
        for n in range((len(run) - 1) // 2)
    }


def test_the_file_is_what_its_maker_makes() -> None:
    assert json.loads(json.dumps(make())) == RIG


def test_it_is_small() -> None:
    assert (HERE / "rig.json").stat().st_size < 120_000


def test_its_keys_are_those_of_the_document() -> None:
    document = (HERE / "RIG.md").read_text("utf-8")
    described = set(re.findall(r"`(\w+)`", document.split("## Pose")[0]))
    assert set(RIG) <= described
    layers = set(re.findall(r"`(\w+)`", document.split("## Layers")[1].split("## Looks")[0]))
    assert {key for layer in RIG["layers"] for key in layer} <= layers


def test_every_number_is_finite_and_every_point_is_there() -> None:
    assert len(RIG["points"]) == 3 * COUNT
    assert all(math.isfinite(value) for value in RIG["points"])
    assert sum(count for count, _ in RIG["head"]) == COUNT
    assert all(0.0 <= share <= 1.0 for _, share in RIG["head"])
    for name, path in RIG["paths"].items():
        used = of_path(path)
        assert len(used) >= 2, name
        assert all(0 <= point < COUNT for point in used), name
        assert all(0 <= corner < len(used) for corner in path.get("corners", [])), name
    for channel, runs in RIG["deltas"].items():
        assert all(len(run) % 2 == 1 and len(run) >= 3 for run in runs), channel
        assert all(run[0] >= 0 and run[0] + len(run) // 2 <= COUNT for run in runs), channel
    for upper, lower, above, below in RIG["meet"]:
        assert all(0 <= point < COUNT for point in (upper, lower, *above, *below))


def test_layers_paint_known_paths_with_known_colours() -> None:
    colours = {name for palette in RIG["palettes"].values() for shades in palette.values() for name in shades}
    for layer in RIG["layers"]:
        assert "path" in layer or "radial" in layer["fill"]
        assert {layer.get("path", "face"), layer.get("clip", "face")} <= set(RIG["paths"])
        assert ("stroke" in layer) == (layer.get("width", 0) > 0)
        for part in layer.get("alpha", []):
            assert set(part) - {"base"} <= set(RIG["channels"])
            assert "base" in part
        for slot, values in layer.get("when", {}).items():
            choice = RIG["choices"][slot]
            known = {choice["default"], choice.get("other"), *choice["words"].values()}
            assert set(values) <= known, slot
    for paint in paints():
        named = [paint] if isinstance(paint, str) else [colour for _, colour in paint["stops"]]
        assert {colour.split(":")[0] for colour in named} <= colours
        if not isinstance(paint, str):
            assert ("linear" in paint) != ("radial" in paint)
            assert all(0 <= at <= 1 for at, _ in paint["stops"])


def test_palettes_are_complete_for_all_that_looks_can_choose() -> None:
    for slot, palette in RIG["palettes"].items():
        choice = RIG["choices"][slot]
        default = RIG["choices"][choice["same"]]["default"] if "same" in choice else choice["default"]
        assert {default, *choice["words"].values()} <= set(palette), slot
        names = {frozenset(shades) for shades in palette.values()}
        assert len(names) == 1, slot
        assert all(re.fullmatch("#[0-9a-f]{6}", colour) for shades in palette.values() for colour in shades.values())


def test_beards_know_the_colours_of_hair() -> None:
    assert set(RIG["palettes"]["beardColour"]) == set(RIG["palettes"]["hairColour"])


@pytest.mark.parametrize("channel", NAMES)
def test_every_channel_moves_a_path_that_is_always_painted(channel: str) -> None:
    painted = {
        point for layer in RIG["layers"] if "when" not in layer and "path" in layer
        for point in of_path(RIG["paths"][layer["path"]])
    }  # fmt: skip
    assert max(distance for point, distance in moved(channel).items() if point in painted) >= 6


def test_left_and_right_mirror_each_other() -> None:
    features = {
        point
        for name, path in RIG["paths"].items()
        if re.fullmatch("face|mouth|upperLip|lowerLip|(eye|brow|lashes)(Left|Right)", name)
        for point in of_path(path)
    }
    for channel in NAMES:
        if channel.endswith("Left") and channel not in ("jawLeft", "mouthLeft"):
            both = (channel, channel.removesuffix("Left") + "Right")
            left, right = (sum(far for point, far in moved(name).items() if point in features) for name in both)
            assert math.isclose(left, right, rel_tol=0.03), channel


# ------------------------------------------------------------------------------------------------ drawn by face.js


def probe(tmp_path: Path, poses: dict[str, dict[str, Any]], looks: dict[str, Any] | None = None) -> dict[str, Any]:
    """What face.js draws of each pose."""
    assert NODE is not None
    for script in HERE.glob("*.js"):
        shutil.copy(script, tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    script = Path(__file__).with_name("face_probe.mjs")
    said = json.dumps({"rig": RIG, "looks": looks or {}, "poses": poses})
    done = subprocess.run([NODE, script, tmp_path], input=said, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@needs_node
def test_every_channel_is_seen(tmp_path: Path) -> None:
    report = probe(tmp_path, {name: {name: 1.0} for name in (*NAMES, *HEAD)} | {"rest": {}})
    still = report.pop("rest")
    assert still["farthest"] == 0
    assert not still["redrawn"]
    for name, seen in report.items():
        assert seen["farthest"] >= 6, name
        assert seen["redrawn"], name


@needs_node
@pytest.mark.parametrize("who", [*LOOKS, "nobody"])
def test_hostile_weights_break_nothing(who: str, tmp_path: Path) -> None:
    hostile: list[Any] = ["NaN", "Infinity", -7, 1e300, "x", None, True]
    poses = {str(n): {name: hostile[(n + at) % 7] for at, name in enumerate((*NAMES, *HEAD))} for n in range(7)}
    poses["all"] = dict.fromkeys(NAMES, 1.0)
    poses["turned"] = dict.fromkeys(HEAD, 9.0)
    poses["unheard of"] = {"": 1.0, "jawOpem": 1.0, "constructor": 1.0, "__proto__x": 1.0}
    for name, seen in probe(tmp_path, poses, LOOKS.get(who)).items():
        assert seen["broken"] == 0, name
        assert seen["unknown"] == 0, name
        assert seen["balance"] == 0, name
        assert -800 < seen["least"] < seen["most"] < 1800, name


@needs_node
@pytest.mark.parametrize(
    "looks", [{"glasses": 3, "age": "old", "hair": None}, {"skin": ["x"], "clothes": {}, "beard": True}]
)
def test_odd_looks_still_dress(looks: dict[str, Any], tmp_path: Path) -> None:
    seen = probe(tmp_path, {"rest": {}}, looks)["rest"]
    assert (seen["broken"], seen["unknown"]) == (0, 0)


@needs_node
def test_lids_close(tmp_path: Path) -> None:
    blink = {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}
    wide = blink | {f"eye{kind}{side}": 1.0 for kind in ("Squint", "LookDown") for side in ("Left", "Right")}
    report = probe(tmp_path, {"rest": {}, "shut": blink, "squinting": wide})
    assert report["rest"]["eyes"] > 6000
    assert report["shut"]["eyes"] < 60
    assert report["squinting"]["eyes"] < 60


async def frames(mood: str) -> list[dict[str, float]]:
    """Each frame of "mamopapa" in a mood, by name."""
    rate, ms = 24_000, [("", 80), *[(ipa, 110) for ipa in ("m", "ɑ", "m", "o", "p", "ɑ", "b", "u")], ("", 80)]
    ends = np.cumsum([0, *[length * rate // 1000 for _, length in ms]])
    phones = tuple(Phone(ipa, int(ends[n]), int(ends[n + 1]), 1) for n, (ipa, _) in enumerate(ms))

    async def spoken() -> Stream[Speech]:
        yield Speech(bytes(2 * int(ends[-1])), rate, phones)

    rows: list[dict[str, float]] = []
    async with aclosing(ArticulationFace().animate(spoken(), FaceStyle(emotion=mood, intensity=1.0))) as face_frames:
        async for item in face_frames:
            if isinstance(item, FaceBlock):
                table = np.frombuffer(item.weights, np.uint8).reshape(-1, len(NAMES) + len(HEAD)) / 255.0
                rows += [dict(zip(NAMES, map(float, row), strict=False)) for row in table]
    return rows


@needs_node
def test_the_mouth_is_shut_where_the_frame_is_sealed_and_open_in_vowels(tmp_path: Path) -> None:
    poses = {f"{mood} {n}": row for mood in MOODS for n, row in enumerate(asyncio.run(frames(mood)))}
    sealed = {name for name, row in poses.items() if is_sealed(row)}
    vowels = {name for name, row in poses.items() if row["jawOpen"] > row["mouthClose"] + 0.3}
    assert len(sealed) > 5 * len(MOODS)
    assert len(vowels) > 5 * len(MOODS)
    report = probe(tmp_path, {name: poses[name] for name in sealed | vowels})
    assert max(report[name]["mouth"] for name in sealed) < 10
    assert min(report[name]["mouth"] for name in vowels) > 1500


def is_sealed(row: dict[str, float]) -> bool:
    """As engines.face.profiles promises it to clients."""
    pressed = min(row["mouthPressLeft"], row["mouthPressRight"]) >= 0.4
    return pressed and row["mouthClose"] == row["jawOpen"]


@needs_node
def test_the_mouth_is_shut_at_rest(tmp_path: Path) -> None:
    report = probe(tmp_path, {"rest": {}, "open": {"jawOpen": 1.0}, "closed": {"jawOpen": 0.5, "mouthClose": 0.5}})
    assert report["rest"]["mouth"] < 10
    assert report["open"]["mouth"] > 8000
    assert report["closed"]["mouth"] < 10


def test_the_contact_sheet_names_channels_and_looks_that_exist() -> None:
    sheet = json.loads((HERE / "sheet.json").read_text("utf-8"))
    shown = [*sheet["visemes"].values(), *sheet["moods"].values(), *(weights for _, weights in sheet["film"]["frames"])]
    assert {name for weights in shown for name in weights} <= set(NAMES)
    assert {look for looks in sheet["looks"].values() for look in looks} <= {
        choice["from"] for choice in (*RIG["choices"].values(), *RIG["dials"].values())
    }


def test_looks_of_every_shipped_identity_are_understood() -> None:
    read = {choice["from"] for choice in (*RIG["choices"].values(), *RIG["dials"].values())}
    assert LOOKS
    for who, looks in LOOKS.items():
        assert set(looks) - {"profession"} <= read, who
