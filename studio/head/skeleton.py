"""Places the bones, lets the arms hang, and says which bone carries which point.

The arms' own bones stand in the T-pose that VRM asks for and carry nothing: the bust ends above the elbows, and what
is left of the arms belongs to the chest.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from studio.head.model import Bone
from studio.head.stock import Points, rig_weights, stock

LOWERED: Final = np.radians(34)
ARM: Final = ("upperarm", "lowerarm", "wrist", "metacarpal", "finger")
CHEST: Final = ("spine", "clavicle", "shoulder", "breast", "root", "pelvis", "upperleg", "lowerleg", "foot", "toe")
NAMES: Final = ("hips", "spine", "chest", "neck", "head", "leftEye", "rightEye")


@cache
def carried() -> dict[str, Points]:
    """Return for "arm left", "arm right", "chest", "neck" and "head" how much each carries of every point, 0..1."""
    count = len(stock().points)
    found = {name: np.zeros(count) for name in ("arm left", "arm right", "chest", "neck", "head")}
    for bone, rows in rig_weights().items():
        if bone.startswith(ARM):
            name = "arm left" if bone.endswith(".L") else "arm right"
        elif bone.startswith(CHEST):
            name = "chest"
        elif bone.startswith("neck"):
            name = "neck"
        else:
            name = "head"
        np.add.at(found[name], rows.at, rows.by[:, 0])
    total = np.maximum(sum(found.values()), 1e-9)
    return {name: weight / total for name, weight in found.items()}


def joint(points: Points, name: str) -> Points:
    """Return where a joint of a shaped mesh is (3,)."""
    return points[stock().joints[name]].mean(axis=0)


def arms_down(points: Points) -> Points:
    """Return the points (n, 3) with the arms lowered about the shoulders, blended over the shoulders' skin."""
    lowered = points.copy()
    for side, letter, sign in (("left", "l", -1.0), ("right", "r", 1.0)):
        pivot = joint(points, f"{letter}-shoulder")
        weight = carried()[f"arm {side}"]
        angle = sign * LOWERED * weight
        off = points - pivot
        x = off[:, 0] * np.cos(angle) - off[:, 1] * np.sin(angle)
        y = off[:, 0] * np.sin(angle) + off[:, 1] * np.cos(angle)
        moved = pivot + np.stack([x, y, off[:, 2]], axis=1)
        lowered = np.where(weight[:, None] > 0, moved, lowered)
    return lowered


def bones(points: Points, eyes: dict[str, Points]) -> tuple[Bone, ...]:
    """Return the skeleton of a shaped mesh that stands on y = 0; `eyes` are the middles of the balls."""
    at = {
        "hips": joint(points, "pelvis"),
        "spine": joint(points, "spine-3"),
        "chest": joint(points, "spine-1"),
        "neck": joint(points, "neck"),
        # Avatars nod about the top of the neck, lower than the data's joint at the ears.
        "head": joint(points, "neck") * 0.6 + joint(points, "head") * 0.4,
    }
    for name in at:
        at[name][0] = 0.0
    parents = {"hips": "", "spine": "hips", "chest": "spine", "neck": "chest", "head": "neck"}
    found = [Bone(name, parents[name], _three(place)) for name, place in at.items()]
    found += [Bone(f"{side}Eye", "head", _three(eyes[side])) for side in ("left", "right")]
    for side, letter, sign in (("left", "l", 1.0), ("right", "r", -1.0)):
        shoulder, elbow, hand = (joint(points, f"{letter}-{name}") for name in ("shoulder", "elbow", "hand"))
        upper = float(np.linalg.norm(elbow - shoulder))
        lower = float(np.linalg.norm(hand - elbow))
        places = [shoulder, shoulder + (sign * upper, 0, 0), shoulder + (sign * (upper + lower), 0, 0)]
        parent = "chest"
        for name, place in zip(("UpperArm", "LowerArm", "Hand"), places, strict=True):
            found.append(Bone(f"{side}{name}", parent, _three(place)))
            parent = f"{side}{name}"
        parent = "hips"
        for name, own in (("UpperLeg", "upper-leg"), ("LowerLeg", "knee"), ("Foot", "ankle")):
            found.append(Bone(f"{side}{name}", parent, _three(joint(points, f"{letter}-{own}"))))
            parent = f"{side}{name}"
    return tuple(found)


def _three(place: Points) -> tuple[float, float, float]:
    return (float(place[0]), float(place[1]), float(place[2]))
