"""How well a mouth matches its speech: closures, labiodentals, openness, lag, smoothness; from frames and true phones.

Takes anyone's ARKit frames. It does not look at how they were made and shares no table with any engine: openness of
vowels is their height on the IPA chart. Frame i is what shows from i / fps on. Times are seconds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Curve: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Span: TypeAlias = tuple[float, float]

RECALL_SLACK_S: Final = 0.025
PRECISION_SLACK_S: Final = 0.060
CLOSED_GAP: Final = 0.02
BLUR_S: Final = 0.030
GRID: Final = 1000  # points per second at which truth is blurred

HEIGHTS: Final = {
    0.25: "iyɨʉɯu", 0.35: "ɪʏʊᵻ", 0.5: "eøɘɵɤo", 0.55: "əɚ", 0.7: "ɛœɜɝɞʌɔ", 0.85: "æɐ", 1.0: "aɶäɑɒ",
}  # fmt: skip
OPENNESS: Final = {letter: height for height, letters in HEIGHTS.items() for letter in letters}
CONSONANT: Final = 0.15
SHUT: Final = frozenset("pbm")
TEETH: Final = frozenset("fv")


@dataclass(frozen=True, slots=True)
class Phone:
    """A true speech sound; "" is a pause. `shut` is the end of a plosive's closure where known, else 0."""

    ipa: str
    start: float
    end: float
    shut: float = 0.0


@dataclass(frozen=True, slots=True)
class Lips:
    """What lips show, a value a frame: `aperture` 0..1, and whether they are `closed` or touch the upper `teeth`."""

    aperture: Curve
    closed: Flags
    teeth: Flags


@dataclass(frozen=True, slots=True)
class Score:
    """Hits and misses: `recall` over what is true, `precision` over what was shown, as counts."""

    found: int
    true: int
    right: int
    shown: int

    def __add__(self, other: Score) -> Score:
        return Score(
            self.found + other.found, self.true + other.true, self.right + other.right, self.shown + other.shown
        )

    @property
    def recall(self) -> float:
        """Share of true contacts that were shown; 1 when there are none."""
        return self.found / self.true if self.true else 1.0

    @property
    def precision(self) -> float:
        """Share of shown contacts that are true; 1 when there are none."""
        return self.right / self.shown if self.shown else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of recall and precision."""
        both = self.recall + self.precision
        return 2.0 * self.recall * self.precision / both if both else 0.0


def lips(frames: NDArray[np.float64], names: Sequence[str]) -> Lips:
    """Return lips of ARKit `frames` (frames x channels, 0..1): the aperture is VBridger's MouthOpenY formula."""
    column = {name: frames[:, row] for row, name in enumerate(names)}
    gap = column["jawOpen"] - column["mouthClose"]
    press = 0.5 * (column["mouthPressLeft"] + column["mouthPressRight"])
    roll = column["mouthRollUpper"] + column["mouthRollLower"]
    teeth = (column["mouthRollLower"] >= 0.5) & (press < 0.3) & (gap < 0.15)
    aperture = np.clip(gap - 0.2 * roll + 0.2 * column["mouthFunnel"], 0.0, 1.0)
    return Lips(aperture, (gap <= CLOSED_GAP) & ~teeth, teeth)


def _within(phones: Sequence[Phone], fps: float, count: int, slack: float = 0.0) -> Flags:
    """Return frames that show during any of `phones`, with `slack` on either side."""
    times = np.arange(count) / fps
    inside = np.zeros(count, np.bool_)
    for phone in phones:
        inside |= (times >= phone.start - slack) & (times < phone.end + slack)
    return inside


def _runs(flags: Flags) -> list[tuple[int, int]]:
    """Return first and last frame of each run of true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    return [(int(low), int(high) - 1) for low, high in zip(edges[::2], edges[1::2], strict=True)]


def _contact(shown: Flags, phones: Sequence[Phone], letters: frozenset[str], fps: float) -> Score:
    pauses = _within([phone for phone in phones if not phone.ipa], fps, len(shown))
    true = [(p.start, p.shut or p.end) for p in phones if letters & set(p.ipa)]
    times = np.flatnonzero(shown) / fps
    found = sum(
        bool(((times >= start - RECALL_SLACK_S) & (times <= end + RECALL_SLACK_S)).any()) for start, end in true
    )
    runs = [(low / fps, high / fps) for low, high in _runs(shown & ~pauses)]
    right = sum(
        any(low <= end + PRECISION_SLACK_S and high >= start - PRECISION_SLACK_S for start, end in true)
        for low, high in runs
    )
    return Score(found, len(true), right, len(runs))


def closures(shown: Lips, phones: Sequence[Phone], fps: float) -> Score:
    """Score closed lips against /p b m/: a frame in each closure, a closure near each run outside pauses."""
    return _contact(shown.closed, phones, SHUT, fps)


def labiodentals(shown: Lips, phones: Sequence[Phone], fps: float) -> Score:
    """Score the lip on the teeth against /f v/, counted as closures are."""
    return _contact(shown.teeth, phones, TEETH, fps)


def vowels(ipa: str) -> list[float]:
    """Return openness of the vowels in a phone token, in order; empty for a consonant."""
    return [OPENNESS[char] for char in unicodedata.normalize("NFC", ipa) if char in OPENNESS] or [
        OPENNESS[char] for char in unicodedata.normalize("NFD", ipa) if char in OPENNESS
    ]


def _ends_in_consonant(ipa: str) -> bool:
    letters = [char for char in unicodedata.normalize("NFC", ipa) if unicodedata.category(char) in ("Ll", "Lo")]
    return bool(letters) and not vowels(letters[-1])


def sealed_vowels(shown: Lips, phones: Sequence[Phone], fps: float) -> tuple[int, int]:
    """Return how many frames in the middle 40 % of vowels are closed, of how many."""
    middles = [
        Phone(p.ipa, p.start + 0.3 * (p.end - p.start), p.end - 0.3 * (p.end - p.start))
        for p in phones
        if vowels(p.ipa)
    ]
    inside = _within(middles, fps, len(shown.closed))
    return int((inside & shown.closed).sum()), int(inside.sum())


def openness(phones: Sequence[Phone], fps: float, count: int) -> Curve:
    """Return true openness a frame: vowel height, a little for consonants, none for /p b m/ and pauses.

    Blurred by BLUR_S.
    """
    length = int((count / fps + 0.2) * GRID)
    fine = np.zeros(length)
    for phone in phones:
        heights = vowels(phone.ipa)
        low, high = round(phone.start * GRID), round(phone.end * GRID)
        match heights:
            case []:
                fine[low:high] = CONSONANT if phone.ipa and not SHUT & set(phone.ipa) else 0.0
            case [one]:
                turn = low + round(0.65 * (high - low)) if _ends_in_consonant(phone.ipa) else high
                fine[low:turn], fine[turn:high] = one, CONSONANT
            case [*first, last]:
                turn = low + round(0.6 * (high - low))
                fine[low:turn] = sum(first) / len(first)
                fine[turn:high] = last
    reach = np.arange(-4 * int(BLUR_S * GRID), 4 * int(BLUR_S * GRID) + 1) / GRID
    kernel = np.exp(-0.5 * (reach / BLUR_S) ** 2)
    smooth = np.convolve(fine, kernel / kernel.sum(), mode="same")
    return np.asarray(np.interp(np.arange(count) / fps, np.arange(length) / GRID, smooth))


def correlation(shown: Curve, true: Curve) -> float:
    """Return pearson's r of two curves; 0 when either is flat."""
    if shown.std() < 1e-9 or true.std() < 1e-9:
        return 0.0
    return float(np.corrcoef(shown, true)[0, 1])


def lag_ms(shown: Curve, true: Curve, fps: float, reach_s: float = 0.2) -> float:
    """Return how much later `shown` is than `true` where they correlate best, between frames by a parabola."""
    reach = int(reach_s * fps)
    fits = [
        correlation(shown[max(0, d) : len(shown) + min(0, d)], true[max(0, -d) : len(true) + min(0, -d)])
        for d in range(-reach, reach + 1)
    ]
    best = int(np.argmax(fits))
    shift = 0.0
    if 0 < best < len(fits) - 1:
        below, peak, above = fits[best - 1 : best + 2]
        shift = 0.5 * (below - above) / (below - 2 * peak + above) if below - 2 * peak + above else 0.0
    return (best - reach + shift) * 1000.0 / fps


def jerk_ratio(shown: Curve, true: Curve) -> float:
    """Return rMS third difference of `shown` over that of `true`, each in units of its own spread.

    1 is as smooth as truth.
    """
    if shown.std() < 1e-9 or true.std() < 1e-9 or len(shown) < 4:
        return 0.0
    return float((np.diff(shown, 3).std() / shown.std()) / (np.diff(true, 3).std() / true.std()))


# ---------------------------------------------------------------------------------------------------- seven classes

CLASSES: Final = ("SIL", "PP", "FF", "AA", "EI", "OU", "C")
# The classes that count as right for a sound; schwa and h look like anything and are not counted.
ACCEPTED: Final[dict[str, frozenset[str]]] = {
    **dict.fromkeys("pbm", frozenset({"PP"})), **dict.fromkeys("fv", frozenset({"FF"})),
    **dict.fromkeys("aæɑɐʌɒ", frozenset({"AA"})), **dict.fromkeys("ɛeɜɝ", frozenset({"EI", "AA"})),
    **dict.fromkeys("iɪyɨʏᵻ", frozenset({"EI"})), **dict.fromkeys("oɔ", frozenset({"OU", "AA"})),
    **dict.fromkeys("uʊɯʉw", frozenset({"OU"})), **dict.fromkeys("ʃʒɹɕʑ", frozenset({"C", "OU"})),
    **dict.fromkeys("jŋ", frozenset({"C", "EI"})),
}  # fmt: skip
UNCOUNTED: Final = frozenset("əɚhɦʔ")


def accepted(ipa: str) -> frozenset[str]:
    """Return the classes that are right for one sound; none where it is not counted."""
    if not ipa:
        return frozenset({"SIL"})
    if ipa[0] in UNCOUNTED:
        return frozenset()
    return ACCEPTED.get(ipa[0], frozenset({"C"}))


def class_hits(shown: Sequence[str], phones: Sequence[Phone], fps: float) -> dict[str, tuple[int, int]]:
    """Return frames whose class is right, of how many, by the first class that is right for each (single) phone.

    A frame that may be read as several classes, joined by "|", is right when one of them is.
    """
    hits: dict[str, tuple[int, int]] = {}
    for phone in phones:
        right = accepted(phone.ipa)
        if not right:
            continue
        key = min(right, key=CLASSES.index) if len(right) > 1 else next(iter(right))
        for frame in range(int(np.ceil(phone.start * fps - 1e-9)), int(np.ceil(phone.end * fps - 1e-9))):
            if frame < len(shown):
                good, count = hits.get(key, (0, 0))
                hits[key] = (good + (not right.isdisjoint(shown[frame].split("|"))), count + 1)
    return hits
