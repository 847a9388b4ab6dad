"""Gives long hair bones to swing on: chains that hang around the head, and which of them carries what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from studio.head.hair.field import Surface
from studio.head.model import Bone, Chain, Part

ANGLES: Final = (-160, -105, -60, 60, 105, 160)  # degrees from the face, to the left positive
TOP: Final = 0.735  # metres at rest: where chains begin
STEP: Final = 0.062  # metres from bone to bone


def swinging(
    parts: Sequence[Part], body: Surface, skeleton: Sequence[Bone]
) -> tuple[list[Part], tuple[Chain, ...], list[Bone]]:
    """Return the parts bound to chains where they hang lower than the ears, the chains and their bones."""
    long = [part for part in parts if part.name == "hair"]
    if not long:
        return list(parts), (), []
    places = np.concatenate([part.positions for part in long])
    rest = body.rest(places)
    lowest = float(np.quantile(rest[:, 1], 0.01))
    count = int(np.clip(np.ceil((TOP - lowest) / STEP), 0, 5))
    hanging = rest[:, 1] < TOP - STEP
    if count < 2 or hanging.sum() < 50:
        return list(parts), (), []
    angle = _angle(rest)
    bones: list[Bone] = []
    chains: list[Chain] = []
    numbers: dict[tuple[int, int], int] = {}
    for chain, middle in enumerate(ANGLES):
        near = hanging & (np.abs((angle - middle + 180) % 360 - 180) < 35)
        if near.sum() < 30:
            continue
        names: list[str] = []
        for step in range(count + 1):
            level = TOP - STEP * step
            here = near & (np.abs(rest[:, 1] - level) < STEP)
            if here.sum() < 6 and step:
                break
            at = places[here].mean(axis=0) if here.sum() >= 6 else places[near][np.argmax(rest[near][:, 1])]
            name = f"hair{chain}_{step}"
            numbers[chain, step] = len(skeleton) + len(bones)
            bones.append(Bone(name, names[-1] if names else "head", (float(at[0]), float(at[1]), float(at[2]))))
            names.append(name)
        chains.append(Chain(f"hair{chain}", tuple(names), stiffness=1.1, drag=0.45, gravity=0.12))
    head = next(number for number, bone in enumerate(skeleton) if bone.name == "head")
    out = [_bound(part, body, numbers, head) if part.name == "hair" else part for part in parts]
    return out, tuple(chains), bones


def _bound(part: Part, body: Surface, numbers: dict[tuple[int, int], int], head: int) -> Part:
    rest = body.rest(part.positions)
    angle = _angle(rest)
    depth = np.clip((TOP - rest[:, 1]) / STEP, 0, None)
    joints = np.full((len(rest), 4), head, np.int32)
    weights = np.zeros((len(rest), 4), np.float32)
    off = np.abs((angle[:, None] - np.array(ANGLES)[None] + 180) % 360 - 180)
    off = np.where([any((chain, step) in numbers for step in range(6)) for chain in range(len(ANGLES))], off, 999.0)
    chain = off.argmin(axis=1)
    last = {each: max((step for c, step in numbers if c == each), default=0) for each in range(len(ANGLES))}
    for vertex in range(len(rest)):
        tip = last[int(chain[vertex])]
        at = min(float(depth[vertex]), float(tip))
        if at <= 0 or tip == 0:
            weights[vertex, 0] = 1.0
            continue
        step = min(int(at), tip)
        part_ = at - step
        first = head if step == 0 else numbers[int(chain[vertex]), step - 1]
        second = numbers[int(chain[vertex]), step]
        # A bone carries what hangs between its joint and the next one.
        joints[vertex, :2] = (first, second)
        weights[vertex, :2] = (1 - part_, part_)
    return replace(part, bone="", joints=joints, weights=weights)


def _angle(rest: np.ndarray) -> np.ndarray:
    return np.degrees(np.arctan2(rest[:, 0], rest[:, 2] - 0.03))
