"""Writes a sculpture as VRM 1.0: the same glTF with a humanoid, expressions, gaze, swinging hair and permissions.

https://github.com/vrm-c/vrm-specification/tree/master/specification
The 52 "perfect sync" expressions are spelt as VSeeFace, Warudo and other trackers look for them: JawOpen, EyeBlinkLeft.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engines.face.emotion import SHAPES
from engines.face.rigs import NAMES
from engines.identity.fields import Json
from studio.head.binary import Object, Writer
from studio.head.gltf import Placed, describe, pack
from studio.head.model import Sculpture, Toon

VERSION: Final = "1.0"
LICENCE: Final = "https://vrm.dev/licenses/1.0/"

# VRM's own expressions as weights of ARKit's shapes. The vowels are those that the articulation of speech uses.
VOWELS: Final[Mapping[str, Mapping[str, float]]] = {
    "aa": {"jawOpen": 0.60, "mouthLowerDownLeft": 0.20, "mouthLowerDownRight": 0.20},
    "ih": {
        "jawOpen": 0.22,
        "mouthStretchLeft": 0.40,
        "mouthStretchRight": 0.40,
        "mouthSmileLeft": 0.10,
        "mouthSmileRight": 0.10,
    },
    "ou": {"jawOpen": 0.15, "mouthPucker": 0.75, "mouthFunnel": 0.15},
    "ee": {
        "jawOpen": 0.30,
        "mouthStretchLeft": 0.30,
        "mouthStretchRight": 0.30,
        "mouthSmileLeft": 0.20,
        "mouthSmileRight": 0.20,
    },
    "oh": {"jawOpen": 0.40, "mouthFunnel": 0.55, "mouthPucker": 0.30},
}
LIDS: Final[Mapping[str, Mapping[str, float]]] = {
    "blink": {"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0},
    "blinkLeft": {"eyeBlinkLeft": 1.0},
    "blinkRight": {"eyeBlinkRight": 1.0},
}
LOOKS: Final[Mapping[str, Mapping[str, float]]] = {
    "lookUp": {"eyeLookUpLeft": 1.0, "eyeLookUpRight": 1.0},
    "lookDown": {"eyeLookDownLeft": 1.0, "eyeLookDownRight": 1.0},
    "lookLeft": {"eyeLookOutLeft": 1.0, "eyeLookInRight": 1.0},
    "lookRight": {"eyeLookInLeft": 1.0, "eyeLookOutRight": 1.0},
}
MOODS: Final = ("happy", "angry", "sad", "relaxed", "surprised")


@dataclass(frozen=True, slots=True)
class Permissions:
    """Who the head is of, whose, and what others may do with it, in VRM's words."""

    name: str
    authors: tuple[str, ...]
    copyright: str = ""
    avatar: str = "onlyAuthor"  # or onlySeparatelyLicensedPerson, everyone
    violent: bool = False
    sexual: bool = False
    commercial: str = "personalNonProfit"  # or personalProfit, corporation
    political: bool = False
    antisocial: bool = False
    credit: str = "required"  # or unnecessary
    redistribution: bool = False
    modification: str = "prohibited"  # or allowModification, allowModificationRedistribution


def vrm(made: Sculpture, granted: Permissions) -> bytes:
    """Return a sculpture as VRM 1.0."""
    writer = Writer()
    document, placed = describe(made, writer, copyright_=granted.copyright)
    extensions: Object = {"VRMC_vrm": _main(made, granted, placed)}
    if made.chains:
        extensions["VRMC_springBone"] = _springs(made, placed)
    used = set(_strings(document.get("extensionsUsed"))) | set(extensions)
    materials = document["materials"]
    assert isinstance(materials, list)
    for row, material in zip(materials, made.materials.values(), strict=True):
        if material.toon and isinstance(row, dict):
            own = row.setdefault("extensions", {})
            assert isinstance(own, dict)
            own["VRMC_materials_mtoon"] = _mtoon(material.toon, row)
            used.add("VRMC_materials_mtoon")
    document["extensions"] = extensions
    document["extensionsUsed"] = [*sorted(used)]
    return pack(document, writer)


# ------------------------------------------------------------------------------------------------ parts


def _main(made: Sculpture, granted: Permissions, placed: Placed) -> Object:
    names = {bone.name for bone in made.bones}
    human: Object = {name: {"node": placed.bones[name]} for name in _humanoid() if name in names}
    head = next(bone for bone in made.bones if bone.name == "head").at
    eyes = [bone.at for bone in made.bones if bone.name in ("leftEye", "rightEye")]
    middle = [sum(eye[axis] for eye in eyes) / len(eyes) - head[axis] for axis in range(3)]
    return {
        "specVersion": VERSION,
        "meta": _meta(granted),
        "humanoid": {"humanBones": human},
        "firstPerson": {"meshAnnotations": [{"node": node, "type": "auto"} for node in placed.parts.values()]},
        "lookAt": {
            "offsetFromHeadBone": list(middle),
            "type": "expression",
            **{f"rangeMap{way}": {"inputMaxValue": 30.0, "outputScale": 1.0} for way in _WAYS},
        },
        "expressions": _expressions(made, placed),
    }


_WAYS: Final = ("HorizontalInner", "HorizontalOuter", "VerticalDown", "VerticalUp")


def _humanoid() -> tuple[str, ...]:
    limbs = [
        f"{side}{bone}"
        for side in ("left", "right")
        for bone in ("UpperArm", "LowerArm", "Hand", "UpperLeg", "LowerLeg", "Foot")
    ]
    return ("hips", "spine", "chest", "neck", "head", "leftEye", "rightEye", *limbs)


def _meta(granted: Permissions) -> Object:
    return {
        "name": granted.name,
        "version": VERSION,
        "authors": list(granted.authors),
        **({"copyrightInformation": granted.copyright} if granted.copyright else {}),
        "licenseUrl": LICENCE,
        "avatarPermission": granted.avatar,
        "allowExcessivelyViolentUsage": granted.violent,
        "allowExcessivelySexualUsage": granted.sexual,
        "commercialUsage": granted.commercial,
        "allowPoliticalOrReligiousUsage": granted.political,
        "allowAntisocialOrHateUsage": granted.antisocial,
        "creditNotation": granted.credit,
        "allowRedistribution": granted.redistribution,
        "modification": granted.modification,
    }


def _expressions(made: Sculpture, placed: Placed) -> Object:
    preset: Object = {"neutral": {"isBinary": False}}
    for name in MOODS:
        # A mood must not part lips that speak, nor shut eyes twice.
        preset[name] = _expression(made, placed, SHAPES[name], overrideBlink="none", overrideMouth="none")
    for table in (VOWELS, LIDS, LOOKS):
        for name, weights in table.items():
            preset[name] = _expression(made, placed, weights)
    custom: Object = {f"{name[0].upper()}{name[1:]}": _expression(made, placed, {name: 1.0}) for name in NAMES}
    return {"preset": preset, "custom": custom}


def _expression(made: Sculpture, placed: Placed, weights: Mapping[str, float], **more: Json) -> Object:
    binds: list[Json] = []
    for part in made.parts:
        order = [name for name in NAMES if name in part.shapes]
        binds += [
            {"node": placed.parts[part.name], "index": order.index(name), "weight": weight}
            for name, weight in weights.items()
            if name in order
        ]
    return {"isBinary": False, "morphTargetBinds": binds, **more}


def _springs(made: Sculpture, placed: Placed) -> Object:
    bumpers: list[Json] = [
        {"node": placed.bones[ball.bone], "shape": {"sphere": {"offset": list(ball.middle), "radius": ball.radius}}}
        for ball in made.balls
    ]
    springs: list[Json] = []
    for chain in made.chains:
        joints: list[Json] = [
            {
                "node": placed.bones[bone],
                "hitRadius": chain.radius,
                "stiffness": chain.stiffness,
                "gravityPower": chain.gravity,
                "gravityDir": [0.0, -1.0, 0.0],
                "dragForce": chain.drag,
            }
            for bone in chain.bones
        ]
        springs.append({"name": chain.name, "joints": joints, "colliderGroups": [0]})
    return {
        "specVersion": VERSION,
        "colliders": bumpers,
        "colliderGroups": [{"name": "body", "colliders": list(range(len(bumpers)))}],
        "springs": springs,
    }


def _mtoon(toon: Toon, row: Mapping[str, Json]) -> Object:
    surface = row["pbrMetallicRoughness"]
    assert isinstance(surface, dict)
    base = surface["baseColorFactor"]
    assert isinstance(base, list)
    shade: list[Json] = [
        float(one) * two for one, two in zip(base[:3], toon.shade, strict=True) if isinstance(one, float | int)
    ]
    found: Object = {
        "specVersion": VERSION,
        "shadeColorFactor": shade,
        "shadingShiftFactor": toon.shift,
        "shadingToonyFactor": toon.toony,
        "giEqualizationFactor": 0.9,
        "outlineWidthMode": "worldCoordinates" if toon.outline else "none",
        "outlineWidthFactor": toon.outline,
        "outlineColorFactor": list(toon.outline_colour),
        "outlineLightingMixFactor": 0.0,
    }
    if "baseColorTexture" in surface:
        found["shadeMultiplyTexture"] = surface["baseColorTexture"]
    return found


def _strings(value: Json) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
