"""Writes a VRM animation (`VRMC_vrm_animation` 1.0): neck and head, and the 52 shapes under the names of perfect sync.

https://github.com/vrm-c/vrm-specification/tree/master/specification/VRMC_vrm_animation-1.0
A node stands for each expression; its translation along X is the weight.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from studio.video.export.chunks import GENERATOR, Document, turn
from studio.video.export.motion import Motion

EXTENSION: Final = "VRMC_vrm_animation"
NECK: Final = 0.4
# Bones from the root, with where each stands from its parent, metres.
BONES: Final = (("hips", 1.0), ("spine", 0.1), ("chest", 0.15), ("neck", 0.2), ("head", 0.08))
# VRM's own expressions, for models without perfect sync.
PRESETS: Final = {"blinkLeft": "eyeBlinkLeft", "blinkRight": "eyeBlinkRight"}


def write(motion: Motion) -> bytes:
    """Return the bytes of a .vrma file."""
    made = Document()
    nodes: list[dict[str, Any]] = []
    for number, (name, height) in enumerate(BONES):
        node: dict[str, Any] = {"name": name, "translation": [0, height, 0]}
        if number + 1 < len(BONES):
            node["children"] = [number + 1]
        nodes.append(node)
    times = made.array(motion.times, "SCALAR", bounds=True)
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []

    def animate(node: int, path: str, output: int) -> None:
        samplers.append({"input": times, "output": output, "interpolation": "LINEAR"})
        channels.append({"sampler": len(samplers) - 1, "target": {"node": node, "path": path}})

    angles = [motion.of(name) for name in ("headYaw", "headPitch", "headRoll")]
    for bone, share in (("neck", NECK), ("head", 1 - NECK)):
        number = [name for name, _ in BONES].index(bone)
        animate(number, "rotation", made.array(turn(angles, share), "VEC4"))
    values = {f"{name[:1].upper()}{name[1:]}": motion.of(name) for name in motion.moving}
    groups: dict[str, dict[str, Any]] = {"preset": {}, "custom": {}}
    wanted = [("preset", name, motion.of(shape)) for name, shape in PRESETS.items()]
    wanted += [("custom", name, weights) for name, weights in values.items()]
    for group, name, weights in wanted:
        nodes.append({"name": name})
        groups[group][name] = {"node": len(nodes) - 1}
        moved = np.zeros((len(weights), 3), np.float32)
        moved[:, 0] = weights
        animate(len(nodes) - 1, "translation", made.array(moved, "VEC3"))
    made.json |= {
        "asset": {"version": "2.0", "generator": GENERATOR},
        "extensionsUsed": [EXTENSION],
        "extensions": {
            EXTENSION: {
                "specVersion": "1.0",
                "humanoid": {"humanBones": {name: {"node": n} for n, (name, _) in enumerate(BONES)}},
                "expressions": groups,
            }
        },
        "scene": 0,
        "scenes": [{"nodes": [0, *range(len(BONES), len(nodes))]}],
        "nodes": nodes,
        "animations": [{"name": motion.name, "channels": channels, "samplers": samplers}],
    }
    return made.bytes()
