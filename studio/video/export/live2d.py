"""Writes a Live2D motion (`motion3.json`, version 3) for the standard parameters of a model.

Mouth form follows the formulas that trackers for Live2D use on ARKit's shapes; see docs/VIDEO.md for the table.
"""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np

from studio.video.export.motion import Floats, Motion

DEGREES: Final = 30.0  # what the standard angles span to either side
FINE: Final = 3  # digits behind the point


def parameters(motion: Motion) -> dict[str, Floats]:
    """Return the values of each parameter (n,)."""
    of = motion.of
    smile = of("mouthSmileLeft") + of("mouthSmileRight") + (of("mouthDimpleLeft") + of("mouthDimpleRight")) / 2
    frown = of("mouthFrownLeft") + of("mouthFrownRight") + of("mouthPucker")
    opened = of("jawOpen") - of("mouthClose") - 0.2 * (of("mouthRollUpper") + of("mouthRollLower"))
    found = {
        "ParamAngleX": np.degrees(of("headYaw")),
        "ParamAngleY": np.degrees(of("headPitch")),
        "ParamAngleZ": -np.degrees(of("headRoll")),
        "ParamBodyAngleX": np.degrees(of("headYaw")) / 3,
        "ParamMouthOpenY": np.clip((opened + 0.2 * of("mouthFunnel")) * 1.6, 0, 1),
        "ParamMouthForm": np.clip((smile - frown) / 2, -1, 1),
        "ParamEyeLOpen": np.clip(1 - of("eyeBlinkLeft") + 0.3 * of("eyeWideLeft"), 0, 1.3),
        "ParamEyeROpen": np.clip(1 - of("eyeBlinkRight") + 0.3 * of("eyeWideRight"), 0, 1.3),
        "ParamEyeLSmile": of("cheekSquintLeft"),
        "ParamEyeRSmile": of("cheekSquintRight"),
        "ParamEyeBallX": of("eyeLookOutLeft") - of("eyeLookInLeft"),
        "ParamEyeBallY": of("eyeLookUpLeft") - of("eyeLookDownLeft"),
        "ParamBrowLY": of("browOuterUpLeft") + of("browInnerUp") / 2 - of("browDownLeft"),
        "ParamBrowRY": of("browOuterUpRight") + of("browInnerUp") / 2 - of("browDownRight"),
        "ParamCheek": of("cheekPuff"),
    }
    limits = {name: DEGREES if "Angle" in name else 1.3 for name in found}
    return {name: np.clip(values, -limits[name], limits[name]) for name, values in found.items()}


def write(motion: Motion) -> bytes:
    """Return the bytes of a .motion3.json file: a curve of straight segments for each parameter."""
    curves: list[dict[str, Any]] = []
    segments = points = 0
    for name, values in parameters(motion).items():
        keys = _keys(values)
        steps: list[float] = [round(keys[0] / motion.fps, 4), round(float(values[keys[0]]), FINE)]
        for key in keys[1:]:
            steps += [0, round(key / motion.fps, 4), round(float(values[key]), FINE)]
        segments += len(keys) - 1
        points += len(keys)
        curves.append({"Target": "Parameter", "Id": name, "Segments": steps})
    data = {
        "Version": 3,
        "Meta": {
            "Duration": round((len(motion.frames) - 1) / motion.fps, 4),
            "Fps": float(motion.fps),
            "Loop": False,
            "AreBeziersRestricted": True,
            "CurveCount": len(curves),
            "TotalSegmentCount": segments,
            "TotalPointCount": points,
            "UserDataCount": 0,
            "TotalUserDataSize": 0,
        },
        "Curves": curves,
    }
    return json.dumps(data, separators=(",", ":")).encode() + b"\n"


def _keys(values: Floats) -> list[int]:
    """Return the numbers of the frames that a curve needs: its ends, and those that a straight line would miss."""
    flat = np.round(values.astype(np.float64), FINE)
    if len(flat) < 3:
        return list(range(len(flat)))
    bends = np.abs(flat[2:] - 2 * flat[1:-1] + flat[:-2]) > 10**-FINE / 2
    return [0, *(np.flatnonzero(bends) + 1).tolist(), len(flat) - 1]
