"""What a face does when nothing is said: blinks, gaze, drift of the head, breath; and more of it while it speaks.

Everything is a pure function of a seed and of time, so that any frame can be drawn without the ones before it: events
sit in cells of a lattice, one a cell, and a hash of seed and cell places them. It knows nothing of speech or profiles.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engines.arkit import Floats

Doubles = NDArray[np.float64]

BLINK, GAZE_YAW, GAZE_PITCH, TALK_YAW, TALK_PITCH, YAW, PITCH, ROLL, BROW = range(9)
ROWS: Final = 9
BLOCK: Final = 480  # frames drawn at once and kept

# Adults who look ahead in silence blink 8 to 21 times a minute (Doughty 2001); lids close faster than they open.
BLINK_CELL_S: Final = 3.9
DOUBLE: Final = 0.15
DOUBLE_AFTER_S: Final = 0.33
CLOSE_S, HOLD_S, OPEN_S = 0.07, 0.035, 0.16
BLINK_S: Final = CLOSE_S + HOLD_S + OPEN_S

# Small fixations on the partner's face, and glances away: some always, more while speaking (Kendon 1967).
FIXATION_CELL_S: Final = 0.9
FIXATION_RAD: Final = 0.022
GLANCE_CELL_S: Final = 2.7
GLANCE_IDLE, GLANCE_TALKING = 0.22, 0.6
SACCADE_S, SACCADE_S_PER_RAD = 0.021, 0.126  # 21 ms + 2.2 ms a degree
COUPLED_RAD: Final = 0.24  # a glance wider than this takes a blink with it
HEAD_SHARE: Final = 0.3  # of a glance that the head follows

DRIFT_CELL_S: Final = 2.2
BREATH_S: Final = 4.1


MASK: Final = 0xFFFFFFFFFFFFFFFF


def chance(seed: int, stream: int, count: int, cells: NDArray[np.int64]) -> Doubles:
    """Uniform 0..1 numbers, `count` rows of one for each of `cells`, fixed by seed and stream (splitmix64)."""
    rows = [(seed * 0x9E3779B97F4A7C15 + (stream + row) * 0xD1B54A32D192ED03) & MASK for row in range(count)]
    z = (cells.astype(np.uint64) + np.array(rows, np.uint64)[:, None]) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) / np.float64(2**64)


def draw_three(seed: int, stream: int, cell: int) -> tuple[float, float, float]:
    """Three uniform 0..1 numbers for one cell, in plain integers."""
    z = (cell * 0x9E3779B97F4A7C15 + seed * 0xBF58476D1CE4E5B9 + stream * 0xD1B54A32D192ED03) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    z ^= z >> 31
    return (z >> 43) / 2**21, (z >> 22 & 0x1FFFFF) / 2**21, (z & 0x1FFFFF) / 2**21


def smooth(x: Doubles) -> Doubles:
    """Smoothstep of `x` clipped to 0..1."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def blink(since: Doubles) -> Doubles:
    """How far the lids are shut `since` seconds after a blink began."""
    return np.minimum(smooth(since / CLOSE_S), smooth((BLINK_S - since) / OPEN_S))


def _cells(times: Doubles, size: float) -> NDArray[np.int64]:
    """The cells that matter at `times`: from the one before the first to the last."""
    return np.arange(int(times[0] // size) - 1, int(times[-1] // size) + 1)


class Glances(NamedTuple):
    """Glances away around some times: start and length (s), yaw and pitch (rad), and the number that admits each."""

    starts: Doubles
    lengths: Doubles
    yaw: Doubles
    pitch: Doubles
    drawn: Doubles


def _glances(seed: int, times: Doubles) -> Glances:
    cells = _cells(times, GLANCE_CELL_S)
    start, length, angle, size, drawn = chance(seed, 10, 5, cells)
    kept = drawn < GLANCE_TALKING
    angle = (angle - 0.5) * 2.0
    size = 0.10 + 0.17 * size
    pitch = 0.6 * size * (1.2 * np.abs(angle) - 0.5)
    columns = ((cells + 0.5 * start) * GLANCE_CELL_S, 0.45 + 0.8 * length, size * np.sign(angle), pitch, drawn)
    return Glances(*(column[kept, None] for column in columns))


def _blinks(seed: int, times: Doubles, glances: Glances) -> Doubles:
    cells = _cells(times, BLINK_CELL_S)
    place, kind = chance(seed, 1, 2, cells)
    single = (cells + 0.1 + 0.75 * place) * BLINK_CELL_S
    double = single[kind < DOUBLE] + DOUBLE_AFTER_S
    coupled = glances.starts[(glances.drawn < GLANCE_IDLE) & (np.abs(glances.yaw) > COUPLED_RAD)]
    return np.asarray(blink(times - np.concatenate([single, double, coupled])[:, None]).max(0))


def _fixations(seed: int, times: Doubles) -> Doubles:
    """Yaw and pitch of the gaze as it wanders over the partner's face."""
    cells = _cells(times, FIXATION_CELL_S)
    start, yaw, pitch = chance(seed, 3, 3, cells)
    starts = (cells + 0.75 * start) * FIXATION_CELL_S
    points = np.stack([yaw - 0.5, 0.7 * (pitch - 0.5)]) * 2 * FIXATION_RAD
    now = np.maximum(np.searchsorted(starts, times, "right") - 1, 0)
    before = np.maximum(now - 1, 0)
    step = smooth((times - starts[now]) / SACCADE_S)
    return np.asarray(points[:, before] + (points[:, now] - points[:, before]) * step)


def _drift(seed: int, stream: int, times: Doubles, size: float) -> Doubles:
    """Slow noise within -1..1: hashed points of a lattice, joined smoothly."""
    place = times / size
    cells = np.arange(int(place[0] // 1), int(place[-1] // 1) + 2)
    points = chance(seed, stream, 1, cells)[0] * 2.0 - 1.0
    below = (place // 1).astype(np.int64)
    left = below - cells[0]
    return np.asarray(points[left] + (points[left + 1] - points[left]) * smooth(place - below))


@lru_cache(maxsize=512)
def block(seed: int, fps: int, number: int) -> Floats:
    """ROWS x BLOCK of life from frame number * BLOCK on: lids 0..1, angles in radians, brows 0..1.

    TALK_YAW and TALK_PITCH are the further glances of a speaker, to be added in proportion to how much it speaks.
    """
    times = np.arange(number * BLOCK, (number + 1) * BLOCK) / fps
    out = np.zeros((ROWS, BLOCK), np.float64)
    glances = _glances(seed, times)
    out[BLINK] = _blinks(seed, times, glances)
    starts, lengths, yaw, pitch, drawn = glances
    ends = starts + lengths
    took = SACCADE_S + SACCADE_S_PER_RAD * np.abs(yaw)
    eyes = smooth(np.minimum((times - starts) / took, (ends - times) / took))
    idle = drawn < GLANCE_IDLE
    head = HEAD_SHARE * idle * smooth(np.minimum((times - starts) / 0.4, (ends + 0.3 - times) / 0.5))
    out[GAZE_YAW : GAZE_PITCH + 1] = _fixations(seed, times)
    out[GAZE_YAW] += (yaw * eyes * idle).sum(0)
    out[GAZE_PITCH] += (pitch * eyes * idle).sum(0)
    out[TALK_YAW] = (yaw * eyes * ~idle).sum(0)
    out[TALK_PITCH] = (pitch * eyes * ~idle).sum(0)
    out[YAW] = 0.024 * _drift(seed, 20, times, DRIFT_CELL_S) + (yaw * head).sum(0)
    breath = 0.006 * np.sin(times * (2 * np.pi / BREATH_S) + 6.0 * draw_three(seed, 23, 0)[0])
    out[PITCH] = 0.018 * _drift(seed, 21, times, DRIFT_CELL_S * 0.9) + breath
    out[ROLL] = 0.014 * _drift(seed, 22, times, DRIFT_CELL_S * 1.3)
    out[BROW] = np.maximum(0.0, 0.06 * _drift(seed, 24, times, DRIFT_CELL_S))
    rows = out.astype(np.float32)
    rows.flags.writeable = False
    return rows


def life(seed: int, fps: int, first: int, count: int) -> Floats:
    """ROWS x count of life for frames first..first+count of the life clock; see `block`."""
    numbers = range(first // BLOCK, (first + count - 1) // BLOCK + 1)
    parts = [block(seed, fps, number) for number in numbers]
    low = first - numbers[0] * BLOCK
    whole = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
    return whole[:, low : low + count]
