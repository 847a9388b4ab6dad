"""Puts an animation into the person's head: the same GLB, which every viewer of glTF now plays.

Meshes are found by their targets' names (`extras.targetNames`), neck and head by their nodes' names.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from engines.face.rigs import NAMES
from studio.errors import StudioError
from studio.video.export.chunks import read, turn
from studio.video.export.motion import Motion
from studio.video.export.vrma import NECK

SHARES: Final = {"neck": NECK, "head": 1 - NECK}


def write(motion: Motion) -> bytes:
    """Return the head with its animation; StudioError `no_look` without a head, `bad_head` where nothing can move."""
    if not motion.head:
        raise StudioError("no_look", f"{motion.name} has no sculpted head to animate: companion identity head")
    made = read(motion.head)
    nodes: list[dict[str, Any]] = made.json.get("nodes") or []
    times = made.array(motion.times, "SCALAR", bounds=True)
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []

    def animate(node: int, path: str, output: int) -> None:
        samplers.append({"input": times, "output": output, "interpolation": "LINEAR"})
        channels.append({"sampler": len(samplers) - 1, "target": {"node": node, "path": path}})

    for number, node in enumerate(nodes):
        mesh = node.get("mesh")
        if isinstance(mesh, int):
            names: list[str] = (made.json["meshes"][mesh].get("extras") or {}).get("targetNames") or []
            if set(names) & set(NAMES):
                rows = [motion.of(name) if name in NAMES else np.zeros(len(motion.frames)) for name in names]
                animate(number, "weights", made.array(np.stack(rows, axis=1).ravel(), "SCALAR"))
        if node.get("name") in SHARES:
            angles = [motion.of(name) for name in ("headYaw", "headPitch", "headRoll")]
            animate(number, "rotation", made.array(turn(angles, SHARES[node["name"]]), "VEC4"))
    if not channels:
        raise StudioError("bad_head", "the head's GLB file has no shapes under ARKit's names")
    made.json["animations"] = [{"name": motion.name, "channels": channels, "samplers": samplers}]
    return made.bytes()
