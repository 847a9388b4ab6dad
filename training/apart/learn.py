"""Learns the weights of `engines.hearing.apart.timbre`: `python -m training.apart.learn [--sessions N]`.

Sessions are made up: six voices (`training.apart.speakers`), three utterances each, through one microphone, in one
room, with one noise. In what the utterances of a session are told by, scatter within voices, between the voices of a
session and between sessions is measured; the directions that hold most of the second for the first are kept (linear
discriminant analysis). The same packages, sessions and seed give the same weights.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from engines.api import MIC_RATE
from engines.hearing.apart.described import described, is_voice
from engines.hearing.apart.frames import frames
from engines.hearing.apart.timbre import WEIGHTS
from engines.sound.audio import to_pcm
from training.apart.speakers import Speaker, speakers
from training.augment.sound import Sound, in_a_room, noisy

SESSIONS: Final = 260
EACH: Final = 3  # voices of each kind in a session, and utterances of each voice
LENGTHS: Final = (1.2, 6.0)  # seconds of an utterance
AXES: Final = 16
RIDGE: Final = 0.1  # of the variance of each number, added to that within voices
LEAST_ROOM: Final = 0.05
QUIET: Final = np.zeros(MIC_RATE // 4, np.float32)

Doubles = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One utterance: its session, its voice (numbered through all sessions), how long it is, and what describes it."""

    session: int
    voice: int
    seconds: float
    numbers: Doubles


def rows(cast: Sequence[Speaker], sessions: int, seed: int) -> Iterator[Row]:
    """Yield the utterances of made-up sessions."""
    dice = np.random.default_rng(seed)
    kinds = [[each for each in cast if each.kind == kind] for kind in ("flite", "espeak")]
    voice = 0
    for session in range(sessions):
        level = float(dice.uniform(8, 45))
        dies = float(dice.uniform(0.05, 0.6)) if dice.random() < 0.7 else 0.0
        colour = dice.normal(0, (6.0, 3.0, 3.0))
        for kind in kinds:
            for number in dice.choice(len(kind), EACH, replace=False):
                place, loud = int(dice.integers(1 << 30)), float(dice.uniform(0.05, 0.5))
                for _ in range(EACH):
                    sound = _cut(kind[number].said, dice)
                    if dies:
                        sound = in_a_room(sound, MIC_RATE, np.random.default_rng(place), seconds=dies)
                    sound = np.concatenate([QUIET, sound, QUIET])
                    sound = _coloured(sound * np.float32(loud / np.abs(sound).max()), colour)
                    heard = frames(to_pcm(noisy(sound, MIC_RATE, dice, snr=level)))
                    if is_voice(heard):
                        yield Row(session, voice, heard.seconds, described(heard).astype(np.float64))
                voice += 1


def learned(found: Sequence[Row]) -> dict[str, Any]:
    """Return the weights."""
    raw = np.array([row.numbers for row in found])
    mean, scale = raw.mean(axis=0), raw.std(axis=0) + 1e-6
    numbers = (raw - mean) / scale
    _, voice = np.unique([row.voice for row in found], return_inverse=True)
    count = np.bincount(voice)
    centres = np.zeros((len(count), numbers.shape[1]))
    np.add.at(centres, voice, numbers)
    centres /= count[:, None]
    session = np.zeros(len(count), int)
    session[voice] = [row.session for row in found]
    rest = numbers - centres[voice]
    within = rest.T @ rest / (len(found) - len(count))
    each = [centres[session == one] for one in np.unique(session)]
    apart = np.concatenate([some - some.mean(axis=0) for some in each])
    between = apart.T @ apart / (len(count) - len(each)) - within / count.mean()
    found_between, axes = scipy.linalg.eigh(between, within + RIDGE * np.eye(len(within)))
    best = np.argsort(found_between)[::-1][:AXES]
    axes, spread = axes[:, best], found_between[best]
    rooms = np.array([some.mean(axis=0) for some in each]) @ axes
    room = np.maximum(rooms.var(axis=0) - spread / np.mean([len(some) for some in each]), LEAST_ROOM)
    several = count[voice] > 1
    off = ((rest @ axes)[several] ** 2).mean(axis=1) * (count[voice] / np.maximum(count[voice] - 1, 1))[several]
    lengths = np.array([row.seconds for row in found])[several]
    line, *_ = np.linalg.lstsq(np.stack([np.ones_like(lengths), 1 / lengths], axis=1), off, rcond=None)
    return {"mean": mean, "scale": scale, "axes": axes, "between": spread, "room": room, "within": np.maximum(line, 0)}


def _cut(said: Sequence[Sound], dice: np.random.Generator) -> Sound:
    """Return some seconds of what a voice says."""
    count = int(dice.uniform(*LENGTHS) * MIC_RATE)
    first = int(dice.integers(len(said)))
    sound = np.concatenate([*said[first:], *said[:first]])
    at = int(dice.integers(max(1, len(said[first]) // 2)))
    return sound[at : at + count]


def _coloured(sound: Sound, colour: NDArray[np.float64]) -> Sound:
    """Return the sound as a microphone colours it: a slope and two waves over its spectrum, decibels."""
    spectrum = np.fft.rfft(sound)
    at = np.linspace(0, 1, len(spectrum))
    decibels = colour[0] * at + colour[1] * np.sin(2 * np.pi * at) + colour[2] * np.sin(3 * np.pi * at)
    return np.fft.irfft(spectrum * 10 ** (decibels / 20), len(sound)).astype(np.float32)


def main() -> None:
    """Speak, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=str(WEIGHTS))
    args = parser.parse_args()
    cast = list(speakers())
    print(f"{len(cast)} voices", file=sys.stderr, flush=True)
    found = list(rows(cast, args.sessions, args.seed))
    weights = learned(found)
    arrays: dict[str, Any] = {name: np.asarray(value, np.float32) for name, value in weights.items()}
    np.savez(args.out, **arrays)
    print(f"{len(found)} utterances; between {weights['between'].round(1)}, within {weights['within'].round(2)}")


if __name__ == "__main__":
    main()
