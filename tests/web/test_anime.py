"""The anime rig: the same face seen through a warp, in which lids and lips that met still meet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import bridge.web.face as face
from tools.face.anime import LENSES, restyled, warp
from tools.face.make_rig import make

HERE = Path(face.__file__).parent
ANIME: dict[str, Any] = json.loads((HERE / "anime.json").read_text("utf-8"))
RIG: dict[str, Any] = json.loads((HERE / "rig.json").read_text("utf-8"))


def moved(rig: dict[str, Any], channel: str) -> dict[int, tuple[float, float]]:
    """Where each point of a channel is at weight 1."""
    at = rig["points"]
    return {
        run[0] + n: (at[3 * (run[0] + n)] + run[1 + 2 * n], at[3 * (run[0] + n) + 1] + run[2 + 2 * n])
        for run in rig["deltas"][channel]
        for n in range((len(run) - 1) // 2)
    }


def test_the_file_is_what_its_maker_makes() -> None:
    assert json.loads(json.dumps(restyled(make()))) == ANIME


def test_it_is_the_same_face_but_for_where_its_points_are() -> None:
    for key in ("format", "view", "pivot", "channels", "head", "meet", "paths", "palettes", "choices", "dials"):
        assert ANIME[key] == RIG[key], key
    assert len(ANIME["points"]) == len(RIG["points"])
    assert ANIME["points"][2::3] == RIG["points"][2::3]
    assert [sorted(layer) for layer in ANIME["layers"]] == [sorted(layer) for layer in RIG["layers"]]


@pytest.mark.parametrize("channel", ["eyeBlinkLeft", "eyeBlinkRight"])
def test_lids_that_meet_still_meet(channel: str) -> None:
    shut, before = moved(ANIME, channel), moved(RIG, channel)
    for upper, lower, *_ in RIG["meet"]:
        if upper in before and lower in before and abs(before[upper][1] - before[lower][1]) < 0.6:
            assert abs(shut[upper][1] - shut[lower][1]) < 1.6


def test_eyes_are_larger_mouth_and_nose_smaller_and_nothing_folds_over() -> None:
    for lens in LENSES:
        (x0, y0), (x1, _), (_, y1) = warp(lens.x, lens.y), warp(lens.x + 5, lens.y), warp(lens.x, lens.y + 5)
        assert ((x1 - x0) * (y1 - y0) > 25.0) == (lens.across > 1.0)
    for x in range(100, 900, 10):
        for y in range(60, 880, 10):
            here, right, below = warp(x, y), warp(x + 1, y), warp(x, y + 1)
            assert right[0] > here[0]
            assert below[1] > here[1]
