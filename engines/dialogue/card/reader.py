"""Reads a question: which known words its words stand for, and how much each tells. It ranks nothing.

Typing errors and recognition errors are undone where one known word is near; a word that looks like a slip of a little
word tells nothing; two words may be halves of one; a year may be spelt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.dialogue.card.entry import Entry
from engines.dialogue.card.language import Language
from engines.dialogue.card.lexicon import Lexicon
from engines.words.grams import grams, is_kana, is_pair
from engines.words.text import distance, is_sign, sound

WEAK: Final = 0.25  # of its information counts in a word that is common everywhere
BLANK: Final = 0.08  # of a rare word's information is in a weak word that no entry holds
GUESS: Final = 0.45  # what a mishearing counts when it hits no key
JOINS: Final = 0.7  # what a mishearing of two words as one counts
JOINED: Final = 6  # letters of a word that two spoken words may be pieces of
SOUNDS: Final = 4  # consonants that a key phrase needs to be found by its sound
PAIR: Final = 0.3  # of a rare word's information is in a pair of signs that no entry holds
KANA: Final = 0.3  # of its information counts in a pair of Hiragana that is no key
SIGN: Final = 0.35  # what one sign of an unknown pair counts
WINDOW: Final = 3  # spoken words that one key phrase may have been heard as


@dataclass(frozen=True, slots=True)
class Term:
    """A word of a question: the known stems it may stand for at their weights, and how much it tells."""

    word: str
    near: Mapping[str, float]
    info: float


class Reader:
    """Reads questions by the words of some entries; `info` is what each of their stems tells, `most` the most."""

    def __init__(self, entries: Sequence[Entry], info: Mapping[str, float], most: float, language: Language) -> None:
        self._language, self._info, self._most = language, info, most
        self._keys = frozenset(stem for entry in entries for stem in entry.key_stems)
        stems = {word: language.stem(word) for entry in entries for word in entry.words}
        known = sorted(stems.items(), key=lambda item: (item[1] not in self._keys, item[0]))
        self._stem_of = {word: stem for word, stem in known if stem in info}
        self._lexicon = Lexicon(self._stem_of)
        self._little = Lexicon(sorted(language.stop | language.weak))
        self._coded: dict[str, tuple[int, str]] = {}
        for number, entry in enumerate(entries):
            for phrase in entry.joined:
                if phrase.isascii() and len(code := sound(phrase)) >= SOUNDS:
                    self._coded.setdefault(code, (number, phrase))
        self._codes = Lexicon(self._coded)

    def terms(self, words: Sequence[str]) -> list[Term]:
        """Return the words that tell something, each once."""
        found: list[Term] = []
        words = self._paired(self._with_years(words))
        skip = False
        for word, after in zip(words, (*words[1:], ""), strict=False):
            if skip:
                skip = False
            elif joined := self._joined(word, after):
                found.append(joined)
                skip = True
            elif not self._is_little(word):
                found.append(self._term(word))
        return list({term.word: term for term in found}.values())

    def _paired(self, words: Sequence[str]) -> Sequence[str]:
        """Read words of signs as pairs of them, and as single signs where one alone is a key."""
        if all(word.isascii() for word in words):
            return words
        alone = [word for word in words if is_sign(word) and self._language.stem(word) in self._keys]
        return list(dict.fromkeys([*grams(words, self._language.stop), *alone]))

    def told_by(self, stem: str) -> float:
        """Say how much a stem tells."""
        return self._info.get(stem, self._most) * (WEAK if stem in self._language.weak_stems else 1.0)

    def sounding(self, words: Sequence[str]) -> int | None:
        """Return the entry one of whose key phrases sounds like some of the words, however they were divided."""
        best: tuple[int, int, int] | None = None
        for start in range(len(words)):
            for end in range(start + 1, min(start + WINDOW, len(words)) + 1):
                joined = "".join(words[start:end])
                if not joined.isascii():
                    continue
                code = sound(joined)
                if len(code) < SOUNDS or all(word in self._language.stop for word in words[start:end]):
                    continue
                for other in self._codes.near(code):
                    number, phrase = self._coded[other]
                    edits = distance(joined, phrase, len(phrase) // 2)
                    if edits <= len(phrase) // 2 and (other == code or len(code) > SOUNDS):
                        rank = (len(code) - 2 * (other != code), -edits, -number)
                        best = max(best, rank) if best else rank
        return -best[2] if best else None

    def _term(self, word: str) -> Term:
        stem = self._language.stem(word)
        if is_pair(word):
            return self._pair(word)
        if word in self._language.weak or stem in self._language.weak_stems:
            known = stem in self._info
            return Term(word, {stem: 1.0} if known else {}, self.told_by(stem) if known else BLANK * self._most)
        if stem in self._info:
            return Term(word, {stem: 1.0}, self._info[stem])
        return Term(word, self._guesses(word), self._most)

    def _pair(self, word: str) -> Term:
        """Read a pair of signs; one that nobody knows tells little, since it may lie between two words."""
        if word in self._info:
            told = self._info[word] if word in self._keys or not is_kana(word) else KANA * self._info[word]
            return Term(word, {word: 1.0}, told)
        near = {sign: SIGN for sign in word if sign in self._info}
        return Term(word, near, 0.0 if is_kana(word) else PAIR * self._most)

    def _guesses(self, word: str) -> dict[str, float]:
        """Return the stems that an unknown word may have meant."""
        near: dict[str, float] = {}
        for other, weight in self._lexicon.near(word).items():
            stem = self._stem_of[other]
            near[stem] = max(near.get(stem, 0.0), weight if stem in self._keys else weight * GUESS)
        return near

    def _is_little(self, word: str) -> bool:
        if word in self._language.stop:
            return True
        if self._language.stem(word) in self._info or word in self._language.weak:
            return False
        little = max(self._little.near(word).values(), default=0.0)
        return little > 0 and little >= max(self._guesses(word).values(), default=0.0)

    def _joined(self, word: str, after: str) -> Term | None:
        """Return one known word that was heard or typed as two."""
        whole, stop = word + after, self._language.stop
        if not after or len(whole) < JOINED:
            return None
        known = [self._language.stem(part) in self._info for part in (word, after)]
        if all(known):
            return None
        if (stem := self._language.stem(whole)) in self._keys:
            return Term(whole, {stem: 1.0}, self._info[stem])
        if word in stop or after in stop or any(known):
            return None
        near = {stem: JOINS * weight for stem, weight in self._guesses(whole).items() if stem in self._keys}
        return Term(whole, near, self._most) if near else None

    def _with_years(self, words: Sequence[str]) -> list[str]:
        """Write years that are spelt in halves ("eighteen ninety seven") in digits if an entry has them."""
        units, found, i = self._language.units, list[str](), 0
        while i < len(words):
            first, second, third = (units.get(word, 0) for word in (*words[i : i + 3], "", "")[:3])
            long = second >= 20 and second % 10 == 0 and 0 < third < 10
            year = str(first * 100 + second + (third if long else 0))
            is_year = 10 <= first <= 20 and 10 <= second < 100 and year in self._info
            found.append(year if is_year else words[i])
            i += 3 if is_year and long else 2 if is_year else 1
        return found
