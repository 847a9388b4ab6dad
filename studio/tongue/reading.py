"""Reads what a sentence, or a whole text, says of a person: the same reader for wishes and for evaluation.

Colours and the like count for what they stand beside ("brown eyes" is no brown hair); the rest counts where it stands.
What was understood, and which words were not, is told with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from studio.tongue.ages import AgeReader
from studio.tongue.said import Found, Meaning, Phrases, Word, words_of
from studio.tongue.tables import Tongue, tongue
from studio.tongue.traits import FREE, TOLD, Reading, Trait

WINDOW: Final = 8  # words that may stand between an adjective and what it tells of
WINDOW_SIGNS: Final = 14
NEGATION: Final = 2  # words between a negation and what it denies
NAME_WORDS: Final = 3
HEAD_WORDS: Final = 3
INTEREST: Final = 60  # characters of something that somebody loves


@cache
def reader(language: str) -> Reader:
    """Return the reader of a language."""
    return Reader(tongue(language))


class Reader:
    """Reads texts of one language."""

    def __init__(self, spoken: Tongue) -> None:
        self.tongue = spoken
        self._fillers = spoken.vocabulary.stop | {
            word.word for word in words_of(spoken.traits["fillers"], spoken.vocabulary)
        }
        self._ages = AgeReader(spoken)
        self._free = self._phrases({group: spoken.traits[group] for group in FREE})
        for key, profession in spoken.professions.items():
            self._free.add(Meaning("profession", key), (*profession.names, *profession.words))
            if len(profession.names) > 1:  # the form for women says that it is one; that for men is used of all
                self._free.add(Meaning("presentation", "female"), profession.names[1:])
        for key, hobby in spoken.hobbies.items():
            self._free.add(Meaning("hobby", key), (hobby.name,))
        for key in spoken.traits["families"]:
            self._free.add(Meaning("family", key), (key,))
        for anchor, phrases in spoken.traits["anchors"].items():
            self._free.add(Meaning("anchor", anchor), phrases)
        for group, value, phrases in self._loose():
            self._free.add(Meaning(group, value), phrases)
        self._pronouns = self._phrases({"pronouns": spoken.traits["pronouns"]})
        self._person = self._phrases({"ancestry": spoken.traits.get("ancestry_of", {})})
        self._modifiers = {
            group: self._phrases({group: spoken.traits[group]})
            for group in {group for groups in TOLD.values() for group in groups}
        }
        self._negations = frozenset(spoken.traits["negations"].split()) | spoken.vocabulary.lists["negations"]
        self._copulas = frozenset(spoken.traits["copulas"].split())
        self._prepositions = frozenset(spoken.traits["prepositions"].split())
        self._signs = spoken.code in ("zh", "ja")

    def read(self, text: str) -> Reading:
        """Read a text of at most some thousand words."""
        said = words_of(text, self.tongue.vocabulary)
        used: set[int] = set()
        name, likeness, interests = self._patterns(text, said, used)
        ages = [age for age in self._ages.read(said) if used.isdisjoint(range(age.first, age.last))]
        # A word of age may be one of gender as well ("a grandmother"), or a part of something else ("child-friendly").
        found = [*self._free.search(said, {i for age in ages if age.sure for i in range(age.first, age.last)})]
        longer = {i for each in found for i in range(each.first, each.last) if each.last - each.first > 1}
        ages = [age for age in ages if age.sure or longer.isdisjoint(range(age.first, age.last))]
        for age in ages:
            used |= {*range(age.first, age.last)}
        traits = [*self._told(said, found, used)]
        for each in found:
            traits += self._plain(said, each, used)
            used |= {*range(each.first, each.last)}
        traits += self._beside(said, found, used)
        traits += self._by_pronouns(said, used)
        runs = self._runs(said, used)
        if not name and (run := self._lone_name(text, said, runs)):
            runs.remove(run)
            name = self._text(text, said, run[0], run[-1] + 1)
        return Reading(
            traits=tuple(sorted(traits, key=lambda trait: trait.at)),
            ages=tuple((age, self._text(text, said, age.first, age.last)) for age in ages),
            interests=interests,
            name=name,
            likeness=likeness,
            unread=tuple(dict.fromkeys(self._text(text, said, run[0], run[-1] + 1) for run in runs)),
            heads=tuple(self._text(text, said, run[0], run[-1] + 1) for run in runs if self._is_head(said, run)),
        )

    def hobby(self, text: str) -> str:
        """Return the key of the hobby that a text names, "" when it is none that is known."""
        said = [each.word for each in words_of(text, self.tongue.vocabulary)]
        for key, hobby in self.tongue.hobbies.items():
            for phrase in (hobby.name, *hobby.words):
                if [each.word for each in words_of(phrase, self.tongue.vocabulary)] == said:
                    return key
        return ""

    # -------------------------------------------------------------------------------------------- parts

    def _phrases(self, groups: Mapping[str, Mapping[str, Sequence[str]]]) -> Phrases:
        made = Phrases(self.tongue.vocabulary, self._fillers, self.tongue.traits.get("inflections", ()))
        for group, values in groups.items():
            for value, phrases in values.items():
                made.add(Meaning(group, value), phrases)
        return made

    def _loose(self) -> Iterator[tuple[str, str, Sequence[str]]]:
        """Yield words that need nothing beside them: "bald", "a ponytail", "a redhead", "cat-eye"."""
        for group in ("hair_style", "hair_colour", "glasses"):
            for value, phrases in self.tongue.traits.get(f"loose_{group}", {}).items():
                yield group, value, phrases

    def _text(self, text: str, said: Sequence[Word], first: int, last: int) -> str:
        return text[said[first].start : said[last - 1].end]

    def _denied(self, said: Sequence[Word], first: int, used: set[int]) -> bool:
        """Say whether a negation that is no part of something else stands right before."""
        near = [said[i] for i in range(max(0, first - NEGATION), first) if i not in used]
        return any(each.word in self._negations and each.piece == said[first].piece for each in near)

    def _plain(self, said: Sequence[Word], found: Found, used: set[int]) -> Iterator[Trait]:
        """Yield what a phrase says by itself."""
        words = " ".join(each.word for each in said[found.first : found.last])
        denied = self._denied(said, found.first, used)
        for meaning in found.meanings:
            group, value = meaning.group, meaning.value
            if group == "anchor" and value == "glasses":
                yield Trait("glasses", "some", words, found.first, denied)
            elif denied and (group == "facial_hair" or meaning == Meaning("anchor", "beard")):
                yield Trait("facial_hair", "none", words, found.first)
            elif group in ("outer", "inner"):
                yield Trait(f"{group}.kind", value, words, found.first, denied)
            elif group != "anchor":
                yield Trait(group, value, words, found.first, denied)

    def _told(self, said: Sequence[Word], found: Sequence[Found], used: set[int]) -> Iterator[Trait]:
        """Yield what is said of hair, eyes, skin, glasses, beards and clothes by the words beside them."""
        anchors = [(each, kind) for each in found if (kind := _anchor(each))]
        for number, (anchor, kind) in enumerate(anchors):
            before = anchors[number - 1][0].last if number else 0
            after = anchors[number + 1][0].first if number + 1 < len(anchors) else len(said)
            lead, trail = self._window(said, anchor, before, after)
            follows = said[anchor.last].word if anchor.last < len(said) else ""
            first, second = (lead, trail) if self.tongue.traits["modifiers"] == "before" else (trail, lead)
            told = [*self._within(said, first, kind, used)]
            if (self._signs and (kind == "hair" or not told)) or (not told and follows in self._copulas):
                keys = {trait.key for trait in told}
                told += [each for each in self._within(said, second, kind, used) if each.key not in keys]
            yield from told

    def _window(self, said: Sequence[Word], anchor: Found, before: int, after: int) -> tuple[range, range]:
        width = WINDOW_SIGNS if self._signs else WINDOW
        first, last = max(before, anchor.first - width), min(after, anchor.last + width)
        if self._signs:  # a mark ends what is said of a thing; elsewhere it may part its adjectives
            piece = said[anchor.first].piece
            first = next((i for i in range(first, anchor.first) if said[i].piece == piece), anchor.first)
            last = next((i for i in range(anchor.last, last) if said[i].piece != piece), last)
        return range(first, anchor.first), range(anchor.last, max(anchor.last, last))

    def _within(self, said: Sequence[Word], window: range, kind: str, used: set[int]) -> Iterator[Trait]:
        part = said[window.start : window.stop]
        for group in TOLD[kind]:
            taken = {i - window.start for i in used if i in window}
            hits = [*self._modifiers[group].search(part, taken)]
            near = hits[-1:] if self.tongue.traits["modifiers"] == "before" else hits[:1]
            for hit in near if kind in ("eyes", "skin", "outer", "inner") else hits:
                first, last = hit.first + window.start, hit.last + window.start
                words = " ".join(each.word for each in said[first:last])
                key = _key(kind, group)
                used |= {*range(first, last)}
                yield Trait(key, hit.meanings[0].value, words, first, self._denied(said, first, used))

    def _beside(self, said: Sequence[Word], found: Sequence[Found], used: set[int]) -> Iterator[Trait]:
        """Yield what counts only right before a word for a person: "a black woman"."""
        people = {each.first for each in found if {"presentation", "profession", "family"} & _groups(each)}
        for each in self._person.search(said, used):
            if each.last in people:
                used |= {*range(each.first, each.last)}
                words = " ".join(word.word for word in said[each.first : each.last])
                yield Trait("ancestry", each.meanings[0].value, words, each.first)

    def _by_pronouns(self, said: Sequence[Word], used: set[int]) -> Iterator[Trait]:
        for each in self._pronouns.search(said, used):
            used |= {*range(each.first, each.last)}
            words = " ".join(word.word for word in said[each.first : each.last])
            yield Trait("pronoun", each.meanings[0].value, words, each.first)

    def _patterns(self, text: str, said: Sequence[Word], used: set[int]) -> tuple[str, str, tuple[str, ...]]:
        patterns: Mapping[str, str] = self.tongue.traits["patterns"]
        name, span = _captured(patterns["name"], text)
        used |= _covered(said, span)
        likeness, span = _captured(patterns["likeness"], text)
        used |= _covered(said, span)
        interests: list[str] = []
        for match in re.finditer(patterns["interest"], text, re.IGNORECASE):
            parts = [part.strip(" .") for part in re.split(patterns["between"], match[1])]
            interests += [part[:INTEREST] for part in parts if part]
            used |= _covered(said, match.span(1))
        return name, likeness, tuple(dict.fromkeys(interests))

    def _runs(self, said: Sequence[Word], used: set[int]) -> list[list[int]]:
        """Return the words that were not understood, neighbours together."""
        runs: list[list[int]] = []
        for i, each in enumerate(said):
            if i in used or each.word in self._fillers or each.word in self._negations:
                continue
            if runs and runs[-1][-1] == i - 1 and said[i - 1].piece == each.piece:
                runs[-1].append(i)
            else:
                runs.append([i])
        return runs

    def _lone_name(self, text: str, said: Sequence[Word], runs: Sequence[list[int]]) -> list[int]:
        """Return words with capitals that stand alone between two marks, as a name does: "Nova, forty-five"."""
        if not self.tongue.traits["capitals"] or len({each.piece for each in said}) < 2:
            return []
        for run in runs:
            pieces = {said[i].piece for i in run}
            whole = sum(each.piece in pieces for each in said) == len(run)
            if whole and len(run) <= NAME_WORDS and all(text[said[i].start].isupper() for i in run):
                return run
        return []

    def _is_head(self, said: Sequence[Word], run: Sequence[int]) -> bool:
        """Say whether words that were not understood may be what somebody is: "a sword swallower", not "from Mars"."""
        before = said[run[0] - 1] if run[0] else None
        led = before is not None and before.piece == said[run[0]].piece and before.word in self._prepositions
        return not led and len(run) <= HEAD_WORDS * (3 if self._signs else 1)


def _anchor(found: Found) -> str:
    """Return which part of a person a phrase names, "" when it names none."""
    for each in found.meanings:
        if each.group == "anchor" and each.value in TOLD:
            return each.value
        if each.group in TOLD:
            return each.group
    return ""


def _key(kind: str, group: str) -> str:
    """Name what a modifier of a group tells of a part of a person."""
    if group == "colour":
        return f"{kind}.colour"
    if kind in ("beard", "facial_hair"):
        return "facial_hair" if group == "beard_style" else "beard_colour"
    return group


def _groups(found: Found) -> set[str]:
    return {each.group for each in found.meanings}


def _captured(pattern: str, text: str) -> tuple[str, tuple[int, int]]:
    match = re.search(pattern, text)
    return (match[1].strip(), match.span()) if match else ("", (0, 0))


def _covered(said: Iterable[Word], span: tuple[int, int]) -> set[int]:
    return {i for i, each in enumerate(said) if span[0] <= each.start < span[1]}
