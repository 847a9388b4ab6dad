"""What a face does when nothing is said: blinks, gaze, drift of the head, breath; and what speech or listening adds.

Everything is a pure function of a seed and of time, so that any frame can be drawn without the ones before it: events
sit in cells of a lattice, one a cell, and a hash of seed and cell places them. It knows nothing of speech or profiles.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engines.sound.arrays import Doubles, Floats

BLINK, GAZE_YAW, GAZE_PITCH, TALK_YAW, TALK_PITCH, YAW, PITCH, ROLL, BROW = range(9)
# What a speaker's head does more than one at rest, and what a listener does in place of the glances of rest.
SWAY_YAW, SWAY_PITCH, SWAY_ROLL, REST_YAW, REST_PITCH, BREAK_YAW, BREAK_PITCH, NOD_PITCH, TILT_ROLL = range(9, 18)
ROWS: Final = 18
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

# A listener who stares builds no rapport: the gaze breaks off for 1.1 s in every 7, and a nod says "go on".
BREAK_CELL_S: Final = 7.0
BREAK_S: Final = 1.1
NOD_CELL_S: Final = 4.5
NODS: Final = 0.7  # share of the cells that hold one
NOD_S: Final = 0.8
NOD_RAD: Final = 0.062
TILT_CELL_S: Final = 9.0
TILT_RAD: Final = 0.075

DRIFT_CELL_S: Final = 2.2
POSTURE_CELL_S: Final = 7.5
# Standard deviations come out at about half of these, which noise of a lattice reaches now and then.
REST_RAD: Final = (0.052, 0.036, 0.030)  # yaw, pitch, roll
SWAY_RAD: Final = (0.085, 0.080, 0.056)
SWAY_CELL_S: Final = (1.15, 0.85, 1.4)
BREATH_S: Final = 4.1


MASK: Final = 0xFFFFFFFFFFFFFFFF


def chance(seed: int, stream: int, count: int, cells: NDArray[np.int64]) -> Doubles:
    """Draw uniform 0..1 numbers, `count` rows of one per cell, fixed by seed and stream (splitmix64)."""
    rows = [(seed * 0x9E3779B97F4A7C15 + (stream + row) * 0xD1B54A32D192ED03) & MASK for row in range(count)]
    z = (cells.astype(np.uint64) + np.array(rows, np.uint64)[:, None]) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (z ^ (z >> np.uint64(31))) / np.float64(2**64)


def draw_three(seed: int, stream: int, cell: int) -> tuple[float, float, float]:
    """Draw three uniform 0..1 numbers for one cell, in plain integers."""
    z = (cell * 0x9E3779B97F4A7C15 + seed * 0xBF58476D1CE4E5B9 + stream * 0xD1B54A32D192ED03) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    z ^= z >> 31
    return (z >> 43) / 2**21, (z >> 22 & 0x1FFFFF) / 2**21, (z & 0x1FFFFF) / 2**21


def smooth(x: Doubles) -> Doubles:
    """Compute the smoothstep of `x` clipped to 0..1."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def blink(since: Doubles) -> Doubles:
    """Compute how far the lids are shut `since` seconds after a blink began."""
    return np.minimum(smooth(since / CLOSE_S), smooth((BLINK_S - since) / OPEN_S))


def _cells(times: Doubles, size: float) -> NDArray[np.int64]:
    """List the cells that matter at `times`: from the one before the first to the last."""
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
    """Compute yaw and pitch of the gaze as it wanders over the partner's face."""
    cells = _cells(times, FIXATION_CELL_S)
    start, yaw, pitch = chance(seed, 3, 3, cells)
    starts = (cells + 0.75 * start) * FIXATION_CELL_S
    points = np.stack([yaw - 0.5, 0.7 * (pitch - 0.5)]) * 2 * FIXATION_RAD
    now = np.maximum(np.searchsorted(starts, times, "right") - 1, 0)
    before = np.maximum(now - 1, 0)
    step = smooth((times - starts[now]) / SACCADE_S)
    return np.asarray(points[:, before] + (points[:, now] - points[:, before]) * step)


def _drift(seed: int, stream: int, times: Doubles, size: float) -> Doubles:
    """Make slow noise within -1..1: hashed points of a lattice, joined smoothly."""
    place = times / size
    cells = np.arange(int(place[0] // 1), int(place[-1] // 1) + 2)
    points = chance(seed, stream, 1, cells)[0] * 2.0 - 1.0
    below = (place // 1).astype(np.int64)
    left = below - cells[0]
    return np.asarray(points[left] + (points[left + 1] - points[left]) * smooth(place - below))


def _held(seed: int, stream: int, times: Doubles, size: float) -> Doubles:
    """Compute how a head is held: a posture that is kept for a while, and drift about it."""
    posture = _drift(seed, stream + 20, times, POSTURE_CELL_S)
    return np.asarray(size * (0.75 * posture + 0.45 * _drift(seed, stream, times, DRIFT_CELL_S)))


def _breaks(seed: int, times: Doubles) -> Doubles:
    """Compute yaw and pitch of a listener's looks away: one in each cell, mostly to the side and down."""
    cells = _cells(times, BREAK_CELL_S)
    place, side, size, drop = chance(seed, 50, 4, cells)
    starts = ((cells + 0.05 + 0.75 * place) * BREAK_CELL_S)[:, None]
    yaw = ((0.12 + 0.13 * size) * np.sign(side - 0.5))[:, None]
    pitch = (0.04 - 0.16 * drop)[:, None]
    took = SACCADE_S + SACCADE_S_PER_RAD * np.abs(yaw)
    away = smooth(np.minimum((times - starts) / took, (starts + BREAK_S - times) / took))
    return np.stack([(yaw * away).sum(0), (pitch * away).sum(0)])


def _nods(seed: int, times: Doubles) -> Doubles:
    """Compute the pitch of a listener's nods: down, and down again a little."""
    cells = _cells(times, NOD_CELL_S)
    place, there, size = chance(seed, 55, 3, cells)
    starts = ((cells + 0.75 * place) * NOD_CELL_S)[:, None]
    part = np.clip((times - starts) / NOD_S, 0.0, 1.0)
    depth = (NOD_RAD * (0.6 + 0.4 * size) * (there < NODS))[:, None]
    return np.asarray((-depth * np.sin(2 * np.pi * part) ** 2 * (1.0 - 0.55 * part)).sum(0))


def _tilt(seed: int, times: Doubles) -> Doubles:
    """Compute how far a listener's head leans to a side, -1..1: it stays there, and changes sides at times."""
    place = times / TILT_CELL_S
    cells = np.arange(int(place[0] // 1) - 1, int(place[-1] // 1) + 2)
    side, size = chance(seed, 58, 2, cells)
    leans = np.where(side < 0.62, 1.0, -1.0) * (0.55 + 0.45 * size)  # most people have a side that they prefer
    now = (place // 1).astype(np.int64) - cells[0]
    step = smooth((place - place // 1) * (TILT_CELL_S / 1.2))
    return np.asarray(leans[now - 1] + (leans[now] - leans[now - 1]) * step)


def listening(rows: Floats, how: Floats) -> Floats:
    """Return rows of life of somebody who listens `how` much (0..1 for each frame): with its gaze, nods, tilt."""
    out = rows.copy()
    out[GAZE_YAW] += how * (rows[BREAK_YAW] - rows[REST_YAW])
    out[GAZE_PITCH] += how * (rows[BREAK_PITCH] - rows[REST_PITCH])
    out[PITCH] += how * rows[NOD_PITCH]
    out[ROLL] += how * rows[TILT_ROLL]
    return out


@lru_cache(maxsize=512)
def block(seed: int, fps: int, number: int) -> Floats:
    """Compute ROWS x BLOCK of life from frame number * BLOCK on: lids 0..1, angles in radians, brows 0..1.

    TALK_YAW and TALK_PITCH are the further glances of a speaker, and SWAY_* the turns of its head, to be added in
    proportion to how much it speaks. A listener has BREAK_*, NOD_PITCH and TILT_ROLL in place of REST_*, the part of
    the gaze that is glances of rest: see `listening`.
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
    out[REST_YAW] = (yaw * eyes * idle).sum(0)
    out[REST_PITCH] = (pitch * eyes * idle).sum(0)
    out[GAZE_YAW : GAZE_PITCH + 1] += out[REST_YAW : REST_PITCH + 1]
    out[TALK_YAW] = (yaw * eyes * ~idle).sum(0)
    out[TALK_PITCH] = (pitch * eyes * ~idle).sum(0)
    out[YAW] = _held(seed, 20, times, REST_RAD[0]) + (yaw * head).sum(0)
    breath = 0.006 * np.sin(times * (2 * np.pi / BREATH_S) + 6.0 * draw_three(seed, 23, 0)[0])
    out[PITCH] = _held(seed, 21, times, REST_RAD[1]) + breath
    out[ROLL] = _held(seed, 22, times, REST_RAD[2])
    for row, (size, cell) in enumerate(zip(SWAY_RAD, SWAY_CELL_S, strict=True)):
        out[SWAY_YAW + row] = size * _drift(seed, 30 + row, times, cell)
    out[BREAK_YAW : BREAK_PITCH + 1] = _breaks(seed, times)
    out[NOD_PITCH], out[TILT_ROLL] = _nods(seed, times), TILT_RAD * _tilt(seed, times)
    out[BROW] = np.maximum(0.0, 0.06 * _drift(seed, 24, times, DRIFT_CELL_S))
    rows = out.astype(np.float32)
    rows.flags.writeable = False
    return rows


def life(seed: int, fps: int, first: int, count: int) -> Floats:
    """Compute ROWS x count of life for frames first..first+count of the life clock; see `block`."""
    numbers = range(first // BLOCK, (first + count - 1) // BLOCK + 1)
    parts = [block(seed, fps, number) for number in numbers]
    low = first - numbers[0] * BLOCK
    whole = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
    return whole[:, low : low + count]
