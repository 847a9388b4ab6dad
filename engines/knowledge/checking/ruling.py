"""Says which rules words break, and what must still be said. It knows no facts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from engines.knowledge.checking.sentence import Sentence
from engines.knowledge.checking.wording import Wording
from engines.knowledge.rules import Rule
from engines.words.text import is_sign

GAP: Final = 2  # other words that may stand between two of a phrase


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that is broken, and the characters of the sentence that break it."""

    rule: Rule
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Phrase:
    stems: tuple[str, ...]
    run: bool


@dataclass(frozen=True, slots=True)
class _Ready:
    rule: Rule
    when: tuple[_Phrase, ...]
    must: tuple[_Phrase, ...]
    never: tuple[_Phrase, ...]


class RuleBook:
    """Rules made ready for the sentences of one language."""

    def __init__(self, rules: Iterable[Rule], wording: Wording) -> None:
        self._wording = wording
        self._rules = tuple(
            _Ready(rule, self._phrases(rule.when), self._phrases(rule.must), self._phrases(rule.never))
            for rule in rules
        )

    def broken(self, sentence: Sentence, spoken_of: Sequence[Sentence]) -> Broken | None:
        """Return the first rule that the fresh part of a sentence breaks; `spoken_of` is what was said around it."""
        for ready in self._rules:
            if not self._applies(ready, (sentence, *spoken_of)):
                continue
            for phrase in ready.never:
                for first, last in self._find(phrase, sentence):
                    start, end = sentence.at((first, last))
                    if end > sentence.fresh and not self._denied(phrase, sentence, first):
                        return Broken(ready.rule, start, end)
        return None

    def owed(self, said: Sequence[Sentence], asked: Sequence[Sentence]) -> list[Rule]:
        """Return the rules that apply to an answer and whose `must` it has not said."""
        return [
            ready.rule
            for ready in self._rules
            if ready.must
            and self._applies(ready, (*said, *asked))
            and not any(self._find(phrase, sentence) for phrase in ready.must for sentence in said)
        ]

    def _phrases(self, texts: Iterable[str]) -> tuple[_Phrase, ...]:
        vocabulary = self._wording.vocabulary
        found: list[_Phrase] = []
        for text in texts:
            words = [place.word for place in vocabulary.places(text)]
            run = any(is_sign(word) for word in words)
            stems = tuple(words if run else (self._wording.stem(word) for word in words))
            if stems:
                found.append(_Phrase(stems, run))
        return tuple(found)

    def _applies(self, ready: _Ready, sentences: Sequence[Sentence]) -> bool:
        return not ready.when or any(self._find(phrase, each) for phrase in ready.when for each in sentences)

    def _find(self, phrase: _Phrase, sentence: Sentence) -> list[tuple[int, int]]:
        """Return where the words of a phrase stand in its order, with at most GAP others between two of them."""
        words = [place.word for place in sentence.words] if phrase.run else list(sentence.stems)
        gap = 0 if phrase.run else GAP
        found: list[tuple[int, int]] = []
        for start, word in enumerate(words):
            if word != phrase.stems[0]:
                continue
            at = start
            for wanted in phrase.stems[1:]:
                window = words[at + 1 : at + 2 + gap]
                if wanted not in window:
                    break
                at += 1 + window.index(wanted)
            else:
                found.append((start, at + 1))
        return found

    def _denied(self, phrase: _Phrase, sentence: Sentence, first: int) -> bool:
        """Say whether the phrase is denied: "not without unplugging"."""
        negations = self._wording.vocabulary.lists["negations"]
        own = any(stem in negations for stem in phrase.stems)
        return not own and sentence.negated((first, first + 1))
