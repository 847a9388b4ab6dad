"""Chooses voices for a person by how they are to sound: espeak-ng's measured variants, and names for other engines.

It is given the words that somebody used of the voice, the languages, the accent, the presentation and the age; skin,
ancestry and name never reach it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final

from engines.api import Voice
from engines.identity.attributes import Attributes, VoiceManner
from engines.identity.bundle import primary
from engines.identity.vocabulary import LEVELS
from studio.voice.measuring import Measure, apart

CANDIDATES: Final = 5
OLD, CHILD = 65, 13  # years from which, and below which, a voice sounds so
HUMAN: Final = (2.4, 15.0)  # semitones between which the melody of a voice is one of people's
APART: Final = 4.0  # steps that people notice, by which candidates differ where that is possible
SPREAD: Final = 0.35  # of what the seed adds to a score
# What a word of the scale multiplies: pitch, rate, range and energy, "very low" to "very high".
SCALES: Final[Mapping[str, tuple[float, ...]]] = {
    "pitch": (0.65, 0.82, 1.0, 1.18, 1.38),
    "rate": (0.78, 0.89, 1.0, 1.1, 1.22),
    "range": (0.5, 0.75, 1.0, 1.3, 1.6),
    "energy": (0.7, 0.85, 1.0, 1.12, 1.25),
}
# What a style wants: how bright (octaves from the middle), how lively (share of the usual melody), how fast.
STYLES: Final[Mapping[str, tuple[float, float, float]]] = {
    "warm": (-0.4, 1.0, 0.98),
    "clear": (0.3, 1.0, 1.0),
    "gentle": (-0.5, 0.9, 0.93),
    "bright": (0.6, 1.15, 1.04),
    "dry": (0.1, 0.65, 1.0),
    "solemn": (-0.3, 0.7, 0.9),
    "matter-of-fact": (0.1, 0.8, 1.03),
    "playful": (0.3, 1.3, 1.05),
    "soft": (-0.7, 0.85, 0.95),
    "rough": (0.4, 0.9, 0.97),
    "firm": (0.2, 0.95, 1.0),
}
MIDDLE: Final = 700.0  # Hz, the centroid of a voice that is neither dark nor bright
PITCHES: Final[Mapping[str, float]] = {"female": 200.0, "male": 100.0, "androgynous": 150.0}


@dataclass(frozen=True, slots=True)
class Spoken:
    """All that a voice is chosen by; a type of its own, so that nothing else of a person can be."""

    manner: VoiceManner
    accent: str
    languages: tuple[str, ...]
    presentation: str
    age: int


@dataclass(frozen=True, slots=True)
class Variant:
    """One variant of espeak-ng as it was measured."""

    name: str
    presentation: str
    age: int
    measure: Measure


@dataclass(frozen=True, slots=True)
class Candidate:
    """One voice to choose from, what it is like in words, and the names of its like in other engines."""

    voice: Voice
    words: tuple[str, ...]
    names: Mapping[str, str]


def spoken(of: Attributes) -> Spoken:
    """Take what a voice may be chosen by."""
    return Spoken(of.voice, of.accent, of.languages, of.presentation, of.age)


def language_of(wanted: Spoken, own: str) -> str:
    """Return the accent where it is one of the person's own language (BCP-47), else that language."""
    return wanted.accent if wanted.accent and primary(wanted.accent) == primary(own) else own


def candidates(wanted: Spoken, own: str, seed: int, *, most: int = CANDIDATES) -> tuple[Candidate, ...]:
    """Return the voices that fit best, best first, each unlike those before it; `own` is the person's language."""
    scored = sorted(
        ((_misfit(each, wanted) + SPREAD * _chance(seed, each.name), each) for each in _usable(wanted)),
        key=lambda pair: pair[0],
    )
    chosen: list[Variant] = []
    for far in (APART, APART / 2, 0.0):
        for _, each in scored:
            if len(chosen) < most and all(apart(each.measure, other.measure) > far for other in chosen):
                chosen.append(each)
    language = language_of(wanted, own)
    return tuple(
        Candidate(
            voice=replace(_manner(wanted), language=language, name=each.name),
            words=_words(each),
            names=_names(each, language, number),
        )
        for number, each in enumerate(chosen)
    )


# ------------------------------------------------------------------------------------------------ parts


@cache
def variants() -> tuple[Variant, ...]:
    """Read the table of variants, those that sound like people."""
    rows: dict[str, dict[str, Any]] = tomllib.loads((files("studio.voice") / "espeak.toml").read_text("utf-8"))
    return tuple(
        Variant(
            name,
            row["gender"] or ("female" if row["pitch"] > 165 else "male"),
            row["age"],
            Measure(row["pitch"], row["spread"], row["centroid"], row["rate"]),
        )
        for name, row in rows.items()
        if HUMAN[0] <= row["spread"] <= HUMAN[1]
    )


@cache
def _tables() -> dict[str, list[dict[str, Any]]]:
    return tomllib.loads((files("studio.voice") / "speakers.toml").read_text("utf-8"))


def _usable(wanted: Spoken) -> Sequence[Variant]:
    if wanted.presentation not in ("female", "male"):
        return variants()
    return [each for each in variants() if each.presentation == wanted.presentation]


def _misfit(each: Variant, wanted: Spoken) -> float:
    """Return how badly a variant fits, in steps that people notice; 0.0 fits."""
    level = LEVELS.index(wanted.manner.pitch) - 2 if wanted.manner.pitch else 0
    centre = PITCHES.get(wanted.presentation, each.measure.pitch) * (1.3 if 0 < wanted.age < CHILD else 1.0)
    target = Measure(centre * 2 ** (level / 6), 5.5, MIDDLE, 4.0)
    if wanted.manner.style:
        bright, lively, _ = STYLES[wanted.manner.style]
        target = replace(target, centroid=MIDDLE * 2**bright, spread=target.spread * lively)
    if wanted.manner.range:
        target = replace(target, spread=target.spread * SCALES["range"][LEVELS.index(wanted.manner.range)])
    old = each.age >= OLD
    ages = 4.0 * (old != (wanted.age >= OLD)) if wanted.age else 1.0 * old
    return apart(each.measure, target) / 4 + ages


def _chance(seed: int, name: str) -> float:
    """Return a number 0..1 that the seed and the name always give."""
    return int.from_bytes(hashlib.sha256(f"voice {seed} {name}".encode()).digest()[:8]) / 2**64


def _manner(wanted: Spoken) -> Voice:
    """Return rate, pitch, range and energy as the words of the scale have them, and as age and style change them."""
    said = {
        key: scale[LEVELS.index(getattr(wanted.manner, key) or "medium")] for key, scale in SCALES.items()
    }  # fmt: skip
    if wanted.manner.style:
        said["rate"] *= STYLES[wanted.manner.style][2]
    if 0 < wanted.age < CHILD:
        said["pitch"] *= 1.3
    elif wanted.age >= OLD:
        said["rate"] *= 0.93
    rounded = {key: round(value, 3) for key, value in said.items()}
    return Voice(pitch=rounded["pitch"], rate=rounded["rate"], range=rounded["range"], energy=rounded["energy"])


def _words(each: Variant) -> tuple[str, ...]:
    """Say what a variant sounds like."""
    usual = PITCHES[each.presentation]
    pitch, centroid, spread = each.measure.pitch, each.measure.centroid, each.measure.spread
    said = [
        "low" if pitch < 0.93 * usual else "high" if pitch > 1.12 * usual else "",
        "dark" if centroid < 550 else "bright" if centroid > 900 else "",
        "lively" if spread > 7.5 else "even" if spread < 4.5 else "",
        "old" if each.age >= OLD else "",
    ]
    return tuple(word for word in said if word) or ("medium",)


def _names(each: Variant, language: str, number: int) -> dict[str, str]:
    """Return speakers of other engines that are described alike, another for each candidate as far as there are."""
    found: dict[str, str] = {}
    for engine, rows in _tables().items():
        near = [row for row in rows if row["accent"] == language] or [
            row for row in rows if primary(row["accent"]) == primary(language)
        ]
        speakers = [name for row in near for name in row[each.presentation]]
        if speakers:
            found[engine] = speakers[number % len(speakers)]
    return found
