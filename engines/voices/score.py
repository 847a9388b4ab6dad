"""What is said when: from a model's durations to phones and words, and pieces of them as their sound comes.

Pure. Tokens are what a model was given, one symbol of IPA or punctuation each, with the samples it took; blanks between
them belong to the sounds on either side. Words come from a rendering of the same text
(`engines.voices.reading.reader`): the sounds of both are matched by edit distance, so that numbers, abbreviations and
"ɪnðə" for "in the" find their words.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from engines.api import Phone, Source, Speech, Word
from engines.sound.phones import sound, split

BLANK = ""
PRIMARY, SECONDARY = "ˈ", "ˌ"
STRESS = {PRIMARY: 1, SECONDARY: 2}
PAUSE = 0.12  # seconds; blanks without a mark that last longer are a pause
UNALIKE, LEFT_OUT = 1.0, 0.7  # costs of matching two different sounds, and of a sound without a match
INSIDE = 0.3  # what a cut inside a word costs, in lengths of a piece
EARLIEST, LATEST = 0.6, 1.5  # a piece may end so much before and after its wished length


@dataclass(frozen=True, slots=True)
class Score:
    """Phones without gaps over `samples` samples at `rate`, and words with their characters in the phrase."""

    rate: int
    samples: int
    phones: tuple[Phone, ...]
    words: tuple[Word, ...] = ()
    source: Source = "exact"

    def part(self, begin: int, end: int, pcm: bytes) -> Speech:
        """Cut samples begin..end as a piece of speech: a cut phone goes on in the next, a word is in its first only.

        The last part also has the words that begin at its very end.
        """
        last = end >= self.samples
        phones = tuple(
            Phone(p.ipa, max(p.start, begin) - begin, min(p.end, end) - begin, p.stress)
            for p in self.phones
            if max(p.start, begin) < min(p.end, end)
        )
        words = tuple(
            Word(w.text, min(w.start, end) - begin, min(w.end, end) - begin, w.at)
            for w in self.words
            if begin <= w.start and (w.start < end or last)
        )
        return Speech(pcm, self.rate, phones, words, (), self.source)

    def padded(self, samples: int) -> Score:
        """Add silence at its end, so that it lasts `samples`."""
        if samples <= self.samples:
            return self
        if self.source == "audio":
            return Score(self.rate, samples, (), self.words, self.source)
        phones = list(self.phones)
        begin = self.samples
        if phones and not phones[-1].ipa:
            begin = phones.pop().start
        phones.append(Phone("", begin, samples))
        return Score(self.rate, samples, tuple(phones), self.words, self.source)

    @property
    def trailing(self) -> int:
        """Samples of silence at its end."""
        return self.phones[-1].end - self.phones[-1].start if self.phones and not self.phones[-1].ipa else 0

    def ends(self, wishes: Iterable[float]) -> list[int]:
        """Choose where its pieces end, about so many seconds each: at a near pause, else between two sounds.

        The face sees a piece at a time: it must not meet lips that close, or a rounded vowel, at the very seam; and a
        word that is cut is shown for its first part only. The last wish is that of all further pieces.
        """
        begins = {word.start for word in self.words}
        cuts = [
            (after.start, _seam(before, after) + (0.0 if after.start in begins else INSIDE))
            for before, after in pairwise(self.phones)
        ]
        ends: list[int] = []
        at = 0
        wished = [round(seconds * self.rate) for seconds in wishes]
        while self.samples - at > LATEST * wished[min(len(ends), len(wished) - 1)]:
            wish = wished[min(len(ends), len(wished) - 1)]
            near = [(cost + abs(cut - at - wish) / wish, cut) for cut, cost in cuts
                    if EARLIEST * wish <= cut - at <= LATEST * wish]  # fmt: skip
            at = min(near)[1] if near else at + wish
            ends.append(at)
        return [*ends, self.samples]


def _seam(before: Phone, after: Phone) -> float:
    """Cost of a cut between two sounds for the face, in units of a whole piece's length."""
    if not before.ipa:
        return 0.6 if _shapes_early(after) else 0.2
    if not after.ipa:
        return 0.0
    return 1.0 if _shapes_early(after) else 0.4


def _shapes_early(phone: Phone) -> bool:
    target = sound(split(phone.ipa)[0][0])
    return target.seal > 0.5 or target.teeth > 0.5 or target.heavy


# ------------------------------------------------------------------------------------------------ tokens


@dataclass(slots=True)
class _Sound:
    symbol: str
    stress: int
    start: int
    end: int


def phones(tokens: Sequence[tuple[str, int]], rate: int) -> tuple[Phone, ...]:
    """Place the phones of `(symbol, samples)` tokens, without gaps from 0 to the sum of their samples.

    A symbol is IPA, a stress mark (before its vowel), a length or other modifier (after its sound), punctuation, a
    blank " " between words, or BLANK.
    """
    sounds: list[_Sound] = []
    gap: list[tuple[str, int, int]] = []  # what lies since the last sound
    stress, begins = 0, -1
    at = 0
    for symbol, samples in tokens:
        start, at = at, at + samples
        if symbol in STRESS:
            stress, begins = STRESS[symbol], start if begins < 0 else begins
        elif _sounds(symbol):
            new = _Sound(symbol, stress, begins if begins >= 0 else start, at)
            _settle(sounds[-1] if sounds else None, new, gap, rate)
            sounds.append(new)
            gap, stress, begins = [], 0, -1
        elif sounds and _modifies(symbol) and all(not what for what, *_ in gap):
            sounds[-1].symbol += symbol
            sounds[-1].end = at
            gap = []
        elif begins < 0:
            gap.append((symbol, start, at))
    if sounds and gap and not gap[0][0]:
        sounds[-1].end = gap[0][2]
    return tuple(_covered(sounds, at))


def _sounds(symbol: str) -> bool:
    return bool(symbol) and bool(split(symbol)[0][0])


def _modifies(symbol: str) -> bool:
    return bool(symbol) and all(unicodedata.category(char) in ("Lm", "Mn", "Sk", "Nd") for char in symbol)


def _settle(before: _Sound | None, after: _Sound, gap: Sequence[tuple[str, int, int]], rate: int) -> None:
    """Give what lies between two sounds to them, or leave a pause."""
    if not gap:
        return
    begin, end = gap[0][1], after.start
    marked = any(what.strip() for what, *_ in gap)
    if before is not None and not marked and end - begin <= PAUSE * rate:
        before.end = after.start = (begin + end) // 2
        return
    if before is not None and not gap[0][0]:
        before.end = gap[0][2]
    if len(gap) > 1 and not gap[-1][0]:
        after.start = gap[-1][1]


def _covered(sounds: Sequence[_Sound], length: int) -> list[Phone]:
    found: list[Phone] = []
    reached = 0
    for each in sounds:
        start, end = max(each.start, reached), min(each.end, length)
        if end <= start:
            continue
        if start > reached:
            found.append(Phone("", reached, start))
        shared = 0.0
        for ipa, share in split(each.symbol):
            begin, shared = start + round(shared * (end - start)), shared + share
            stop = min(end, start + round(shared * (end - start)))
            if stop > begin:
                found.append(Phone(ipa, begin, stop, each.stress))
        reached = end
    if reached < length:
        found.append(Phone("", reached, length))
    return found


# ------------------------------------------------------------------------------------------------ words


def words(said: Sequence[Phone], rendering: Speech, samples: int) -> tuple[Word, ...]:
    """Place the words of a rendering where `said` says them; one without a sound of its own has no length."""
    if not rendering.words:
        return ()
    starts = [word.start for word in rendering.words]
    ours = [(letter, number) for number, phone in enumerate(said) for letter in _letters(phone.ipa)]
    theirs = [
        (letter, max(0, bisect_right(starts, phone.start) - 1))
        for phone in rendering.phones
        for letter in _letters(phone.ipa)
    ]
    spans: dict[int, tuple[int, int]] = {}
    reached = 0
    for number, place in _matched([letter for letter, _ in ours], theirs, [number for _, number in ours]):
        reached = max(reached, place)
        spans[reached] = (spans.get(reached, (said[number].start, 0))[0], said[number].end)
    found: list[Word] = []
    at = next((start for start, _ in spans.values()), 0)
    for number, word in enumerate(rendering.words):
        begin, end = spans.get(number, (at, at))
        found.append(Word(word.text, begin, min(end, samples), word.at))
        at = end
    return tuple(found)


def _letters(ipa: str) -> list[str]:
    return [char for char in ipa if unicodedata.category(char) in ("Ll", "Lu", "Lo")]


def _cost(ours: str, theirs: str) -> float:
    if ours == theirs:
        return 0.0
    one, other = sound(ours), sound(theirs)
    if one.viseme == other.viseme:
        return 0.3
    return 0.5 if one.vowel and other.vowel else UNALIKE


def _matched(ours: Sequence[str], theirs: Sequence[tuple[str, int]], numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Match every sound of ours to a word, as (our phone, their word); one without goes with its predecessor."""
    if not ours:
        return []
    if not theirs:
        return [(number, 0) for number in numbers]
    rows = [[LEFT_OUT * column for column in range(len(theirs) + 1)]]
    for letter in ours:
        above = rows[-1]
        row = [above[0] + LEFT_OUT]
        for column, (other, _) in enumerate(theirs, start=1):
            row.append(min(above[column - 1] + _cost(letter, other), above[column] + LEFT_OUT, row[-1] + LEFT_OUT))
        rows.append(row)
    found: list[tuple[int, int]] = []
    i, j = len(ours), len(theirs)
    while i:
        if j and rows[i][j] == rows[i - 1][j - 1] + _cost(ours[i - 1], theirs[j - 1][0]):
            i, j = i - 1, j - 1
            found.append((numbers[i], theirs[j][1]))
        elif rows[i][j] == rows[i - 1][j] + LEFT_OUT:
            i -= 1
            found.append((numbers[i], theirs[max(0, j - 1)][1]))
        else:
            j -= 1
    return found[::-1]
