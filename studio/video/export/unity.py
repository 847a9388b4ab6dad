"""Writes a Unity animation clip: blend shapes of the mesh `skin` in percent, and the turn of neck and head.

Unity serialises assets as YAML 1.1; blend shapes are properties of the class SkinnedMeshRenderer (137). Its space is
left-handed: importers of glTF turn X about, so that yaw and roll change their sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from studio.video.export.motion import Floats, Motion
from studio.video.export.vrma import NECK

MESH: Final = "skin"
BONES: Final = {"hips/spine/chest/neck": NECK, "hips/spine/chest/neck/head": 1 - NECK}
FLAT: Final = 1e-4  # a key that lies on the line between its neighbours is left out
RENDERER: Final = 137


def write(motion: Motion) -> bytes:
    """Return the bytes of a .anim file."""
    rows = ["%YAML 1.1", "%TAG !u! tag:unity3d.com,2011:", "--- !u!74 &7400000", "AnimationClip:"]
    rows += [f"  {line}" for line in HEAD.format(name=_plain(motion.name)).splitlines()]
    rows.append("  m_EulerCurves:")
    yaw, pitch, roll = (np.degrees(motion.of(name)) for name in ("headYaw", "headPitch", "headRoll"))
    for path, share in BONES.items():
        turned = np.stack([-pitch * share, -yaw * share, -roll * share], axis=1)
        rows += ["  - curve:", *_curve(motion.times, turned), f"    path: {path}"]
    rows += ["  m_PositionCurves: []", "  m_ScaleCurves: []", "  m_FloatCurves:"]
    for name in motion.moving:
        rows += [
            "  - curve:",
            *_curve(motion.times, motion.of(name)[:, None] * 100),
            f"    attribute: blendShape.{name}",
            f"    path: {MESH}",
            f"    classID: {RENDERER}",
            "    script: {fileID: 0}",
        ]
    rows += ["  m_PPtrCurves: []", f"  m_SampleRate: {motion.fps}", "  m_WrapMode: 0"]
    rows += [f"  {line}" for line in TAIL.format(stop=f"{motion.seconds:.6f}").splitlines()]
    return ("\n".join(rows) + "\n").encode()


HEAD: Final = """m_ObjectHideFlags: 0
m_CorrespondingSourceObject: {{fileID: 0}}
m_PrefabInstance: {{fileID: 0}}
m_PrefabAsset: {{fileID: 0}}
m_Name: {name}
serializedVersion: 6
m_Legacy: 0
m_Compressed: 0
m_UseHighQualityCurve: 1
m_RotationCurves: []
m_CompressedRotationCurves: []"""
TAIL: Final = """m_Bounds:
  m_Center: {{x: 0, y: 0, z: 0}}
  m_Extent: {{x: 0, y: 0, z: 0}}
m_ClipBindingConstant:
  genericBindings: []
  pptrCurveMapping: []
m_AnimationClipSettings:
  serializedVersion: 2
  m_StartTime: 0
  m_StopTime: {stop}
  m_LoopTime: 0
  m_KeepOriginalPositionY: 1
m_EditorCurves: []
m_EulerEditorCurves: []
m_HasGenericRootTransform: 0
m_HasMotionFloatCurves: 0
m_Events: []"""


def _curve(times: Floats, values: Floats) -> Iterable[str]:
    """Return the keys of a curve (n, 1) or (n, 3); what lies on a straight line is left to the line."""
    keep = _needed(values)
    slopes = np.gradient(values, axis=0) * (1 / max(float(times[1] - times[0]), 1e-6)) if len(times) > 1 else values * 0
    yield "      serializedVersion: 2"
    yield "      m_Curve:"
    for number in keep:
        value, slope = _value(values[number]), _value(slopes[number])
        yield "      - serializedVersion: 3"
        yield f"        time: {times[number]:.6f}"
        yield f"        value: {value}"
        yield f"        inSlope: {slope}"
        yield f"        outSlope: {slope}"
        yield "        tangentMode: 0"
        yield "        weightedMode: 0"
    yield "      m_PreInfinity: 2"
    yield "      m_PostInfinity: 2"
    yield "      m_RotationOrder: 4"


def _needed(values: Floats) -> list[int]:
    """Return the numbers of the keys: the ends, and what differs from both of its neighbours."""
    if len(values) < 3:
        return list(range(len(values)))
    still = (np.abs(values[1:-1] - values[:-2]).max(axis=1) < FLAT) & (
        np.abs(values[1:-1] - values[2:]).max(axis=1) < FLAT
    )
    return [0, *(np.flatnonzero(~still) + 1).tolist(), len(values) - 1]


def _value(row: Floats) -> str:
    if len(row) == 1:
        return f"{float(row[0]):.5g}"
    x, y, z = (f"{float(each):.5g}" for each in row)
    return f"{{x: {x}, y: {y}, z: {z}}}"


def _plain(name: str) -> str:
    return "'" + "".join(c for c in name if c.isprintable()).replace("'", "''") + "'"
