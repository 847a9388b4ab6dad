"""How well people at one microphone are told apart: `python -m bench.voices [--meetings N]`.

Meetings are made of the sentences of `bench.crowd`, one voice after the other in random order, ten turns each: neural
voices, and beside them flite and espeak-ng; clean (noise at -40 dB), and in a room of 0.4 s with pink noise at -15 dB,
a room of its own for each third of the meetings. Nobody measured here was learned from.

Names are laid onto speakers so that most time is right. Right: turns that have the name of their speaker. Wrong: the
name of another. Unsure: no name. Error time: what is wrong or unsure, over all that is said, as in a diarisation error
rate with known turns. Persons too many: names in a meeting beyond the people in it.

Floors: everybody is one person; and pitch alone, by which a voice is that of the nearest pitch within a fifth of an
octave, else a new one.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np
from scipy.optimize import linear_sum_assignment

from bench.crowd import LINES, REAL, SYNTHETIC, WOMEN, Sound, said
from bench.stats import table
from engines.api import MIC_RATE
from engines.hearing.apart.described import Sample
from engines.hearing.apart.frames import frames
from engines.hearing.apart.grouping import Voices
from engines.hearing.apart.timbre import Timbre
from engines.sound.audio import to_pcm
from testkit.real.packages import Unavailable
from training.augment.sound import in_a_room, noisy

Begin: TypeAlias = Callable[[], Callable[["Heard"], int]]  # begins a meeting with what says whose an utterance is

CONDITIONS: Final = ("clean", "room and noise")
ROOMS: Final = 3
MOST: Final = 8
TURNS: Final = 10
SIZES: Final = (2, 3, 4)
STEP_OCTAVES: Final = 0.2  # of the floor by pitch
LENGTHS: Final = (0.7, 1.0, 1.5, 2.0)  # seconds
QUIET: Final = np.zeros(MIC_RATE // 4, np.float32)


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance: how long it is in seconds, where it lies among voices, and its pitch in octaves."""

    seconds: float
    sample: Sample | None
    pitch: float


@dataclass(slots=True)
class Tally:
    """What became of the turns of some meetings, in turns, and in seconds."""

    right: int = 0
    wrong: int = 0
    unsure: int = 0
    seconds: float = 0.0
    missed: float = 0.0
    extra: int = 0
    meetings: int = 0

    def row(self) -> tuple[str, ...]:
        """Return right, wrong, unsure, error time, and persons too many in a meeting."""
        turns = max(1, self.right + self.wrong + self.unsure)
        shares = (self.right / turns, self.wrong / turns, self.unsure / turns, self.missed / max(self.seconds, 1e-9))
        return (*(f"{100 * share:.1f} %" for share in shares), f"{self.extra / max(1, self.meetings):.2f}")


@dataclass(slots=True)
class Ears:
    """What is heard of the voices that are here, each sound once; and what that costs."""

    timbre: Timbre = field(default_factory=Timbre)
    known: dict[tuple[str, int, str, int], Heard] = field(default_factory=dict)
    sounds: dict[str, list[Sound]] = field(default_factory=dict)
    spent: float = 0.0  # seconds of a core ...
    heard: float = 0.0  # ... for so many of sound

    def line(self, voice: str, line: int, condition: str, room: int) -> Heard:
        """Return what is heard of one sentence."""
        key = (voice, line, condition, room)
        if key not in self.known:
            self.known[key] = self.hear(self.sounds[voice][line], condition, room, line)
        return self.known[key]

    def hear(self, sound: Sound, condition: str, room: int, seed: int) -> Heard:
        """Return what is heard of a sound."""
        pcm = to_pcm(through(sound, condition, room, seed))
        begun = time.process_time()
        sample = self.timbre.sample(pcm)
        self.spent += time.process_time() - begun
        self.heard += len(pcm) / 2 / MIC_RATE
        voiced = frames(pcm)
        pitch = float(np.median(np.log2(voiced.pitch[voiced.voiced]))) if voiced.voiced.any() else 0.0
        return Heard(len(sound) / MIC_RATE, sample, pitch)


def through(sound: Sound, condition: str, room: int, seed: int) -> Sound:
    """Return the sound as it comes from the microphone, with some quiet around."""
    dice = np.random.default_rng((room, seed))
    loud = sound / np.abs(sound).max() * np.float32(0.4)
    if condition == "clean":
        return noisy(np.concatenate([QUIET, loud, QUIET]), MIC_RATE, dice, snr=40.0)
    wet = in_a_room(np.concatenate([QUIET, loud, QUIET]), MIC_RATE, np.random.default_rng(room), seconds=0.4)
    return noisy(wet, MIC_RATE, dice, snr=15.0)


def by_timbre(ears: Ears) -> Begin:
    """Return what begins a meeting for the engine."""

    def begin() -> Callable[[Heard], int]:
        voices = Voices(ears.timbre.space, most=MOST)
        return lambda heard: voices.who(heard.sample) if heard.sample else 0

    return begin


def by_pitch() -> Callable[[Heard], int]:
    """Begin a meeting for the floor by pitch."""
    known: list[tuple[float, int]] = []  # a voice's mean, in octaves, and its turns

    def who(heard: Heard) -> int:
        off = [abs(heard.pitch - mean) for mean, _ in known]
        if (not off or min(off) > STEP_OCTAVES) and len(known) < MOST:
            known.append((heard.pitch, 1))
            return len(known)
        at = int(np.argmin(off))
        mean, turns = known[at]
        known[at] = ((mean * turns + heard.pitch) / (turns + 1), turns + 1)
        return at + 1

    return who


def by_nothing() -> Callable[[Heard], int]:
    """Begin a meeting for the floor of one person."""
    return lambda heard: 1


def meeting(cast: Sequence[str], seed: int) -> list[tuple[str, int]]:
    """Return who says which line, in order."""
    dice = np.random.default_rng(seed)
    turns = [(voice, int(line)) for voice in cast for line in dice.choice(len(LINES), TURNS, replace=False)]
    return [turns[at] for at in dice.permutation(len(turns))]


def judge(turns: Sequence[tuple[str, Heard]], names: Sequence[int], tally: Tally) -> None:
    """Lay names onto speakers, and count."""
    people = sorted({voice for voice, _ in turns})
    given = sorted(set(names) - {0})
    shared = np.zeros((len(people), max(1, len(given))))
    for (voice, heard), name in zip(turns, names, strict=True):
        if name:
            shared[people.index(voice), given.index(name)] += heard.seconds
    whose = {given[name]: people[person] for person, name in zip(*linear_sum_assignment(-shared), strict=True) if given}
    for (voice, heard), name in zip(turns, names, strict=True):
        right = whose.get(name) == voice
        tally.right += right
        tally.unsure += not name
        tally.wrong += bool(name) and not right
        tally.seconds += heard.seconds
        tally.missed += 0.0 if right else heard.seconds
    tally.extra += max(0, len(given) - len(people))
    tally.meetings += 1


def casts(group: Sequence[str], size: int, meetings: int) -> list[tuple[str, ...]]:
    """Return who sits in each meeting: every choice once before one comes again."""
    every = list(combinations(group, size))
    order = np.random.default_rng(size).permutation(len(every))
    return [every[order[at % len(every)]] for at in range(meetings)]


def meetings(ears: Ears, groups: dict[str, list[str]], count: int) -> str:
    """Return the table of meetings."""
    ways: dict[str, Begin] = {"timbre": by_timbre(ears), "pitch alone": by_pitch, "one person": by_nothing}
    rows = []
    for name, group in groups.items():
        for condition in CONDITIONS:
            for size in SIZES:
                tallies = {way: Tally() for way in ways}
                for number, cast in enumerate(casts(group, size, count)):
                    order = meeting(cast, number)
                    turns = [(v, ears.line(v, line, condition, number % ROOMS)) for v, line in order]
                    for way, begin in ways.items():
                        who = begin()
                        judge(turns, [who(heard) for _, heard in turns], tallies[way])
                rows += [(name, condition, size, way, *tally.row()) for way, tally in tallies.items()]
    return table(("voices", "sound", "people", "by", "right", "wrong", "unsure", "error time", "too many"), rows)


def pairs(ears: Ears, group: Sequence[str]) -> str:
    """Return the table of meetings of two neural voices, by their sex, the hardest pair named."""
    rows = []
    for condition in CONDITIONS:
        kinds: dict[str, Tally] = defaultdict(Tally)
        worst = (-1.0, "")
        for number, pair in enumerate(combinations(group, 2)):
            own = Tally()
            turns = [(v, ears.line(v, line, condition, number % ROOMS)) for v, line in meeting(pair, number)]
            who = by_timbre(ears)()
            names = [who(heard) for _, heard in turns]
            judge(turns, names, own)
            women = sum(voice in WOMEN for voice in pair)
            judge(turns, names, kinds[("two men", "a woman and a man", "two women")[women]])
            worst = max(worst, (own.missed / own.seconds, f"{pair[0]}, {pair[1]}"))
        rows += [(condition, kind, tally.meetings, *tally.row()) for kind, tally in sorted(kinds.items())]
        rows.append((condition, f"hardest: {worst[1]}", 1, "", "", "", f"{100 * worst[0]:.1f} %", ""))
    return table(("sound", "pair", "meetings", "right", "wrong", "unsure", "error time", "too many"), rows)


def short(ears: Ears, group: Sequence[str], count: int) -> str:
    """Return what becomes of short utterances in meetings of three, each after two whole turns of everybody."""
    rows = []
    for length in LENGTHS:
        tally = Tally()
        for number, cast in enumerate(casts(group, 3, count)):
            who = by_timbre(ears)()
            first = [(v, ears.line(v, line, "clean", number % ROOMS)) for v in cast for line in (0, 3)]
            names = [who(heard) for _, heard in first]
            cut = []
            for turn, voice in enumerate(cast * 3):
                sound = ears.sounds[voice][5 + (number + turn) % 10][: round(length * MIC_RATE)]
                cut.append((voice, ears.hear(sound, "clean", number % ROOMS, turn)))
            names += [who(heard) for _, heard in cut]
            known = Tally()
            judge(first, names[: len(first)], known)
            judge([*first, *cut], names, tally)
            tally.right, tally.wrong = tally.right - known.right, tally.wrong - known.wrong
            tally.unsure -= known.unsure
        turns = tally.right + tally.wrong + tally.unsure
        shares = (f"{100 * each / turns:.1f} %" for each in (tally.right, tally.wrong, tally.unsure))
        rows.append((f"{length:g} s", turns, *shares))
    return table(("length", "utterances", "right", "wrong", "unsure"), rows)


def at_once(ears: Ears, group: Sequence[str]) -> str:
    """Return what two are taken for who speak at once, after three turns of each."""
    found: dict[str, int] = defaultdict(int)
    for number, (one, other) in enumerate(combinations(group, 2)):
        who = by_timbre(ears)()
        alone = {who(ears.line(voice, line, "clean", 0)) for voice in (one, other) for line in (0, 1, 3)}
        for line in range(5, 9):
            left, right = ears.sounds[one][line], ears.sounds[other][line + 1]
            count = min(len(left), len(right))
            name = who(ears.hear(left[:count] + right[:count], "clean", 0, number))
            found["unsure" if not name else "one of the two" if name in alone else "somebody else"] += 1
    total = sum(found.values())
    return table(
        ("taken for", "share"), [(name, f"{100 * each / total:.0f} %") for name, each in sorted(found.items())]
    )


def main() -> None:
    """Speak, tell apart, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--meetings", type=int, default=15, help="of each kind")
    args = parser.parse_args()
    ears = Ears()
    groups: dict[str, list[str]] = {"neural": [], "flite, espeak-ng": []}
    for name, voices in zip(groups, (REAL, SYNTHETIC), strict=True):
        for voice in voices:
            try:
                ears.sounds[voice] = said(voice)
            except (Unavailable, FileNotFoundError) as error:
                print(f"without {voice}: {error}", file=sys.stderr)
            else:
                groups[name].append(voice)
    groups = {name: voices for name, voices in groups.items() if len(voices) >= max(SIZES)}
    if not groups:
        sys.exit("no voices")
    print(meetings(ears, groups, args.meetings))
    first = next(iter(groups.values()))
    print(f"\nTwo at one microphone:\n\n{pairs(ears, first)}")
    print(f"\nShort utterances, clean, when everybody is known:\n\n{short(ears, first, args.meetings)}")
    print(f"\nTwo who speak at once, clean:\n\n{at_once(ears, first)}")
    print(f"\nA second of sound takes {1000 * ears.spent / ears.heard:.0f} ms of one core.")


if __name__ == "__main__":
    main()
