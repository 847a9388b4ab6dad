"""What is known of a language: how people say things in it, and how the engine says its own. Data, not code.

A language ships as `languages/CODE.toml`. A card adds to or replaces parts of it in its extension: `phrases` has the
same tables, `answers` are further things people say with their replies. Its words, stems and numbers stand in
`engines/words`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, cast

from engines.dialogue.card.asks import Match, Part, match, readings, rest_after, vocabulary
from engines.dialogue.card.lexicon import Lexicon
from engines.dialogue.card.person.gender import Gender, agreeing
from engines.dialogue.card.tables import INTENTS, read_tables, table_name
from engines.identity.errors import IdentityError
from engines.identity.fields import Fields, Json
from engines.words.vocabulary import Vocabulary, read_texts, tokens_of

PATTERNS: Final = 4000
VARIANTS: Final = 64
FILLERS: Final = ("fillers_before", "fillers_after")  # lists of words, written as one text or as a list


@dataclass(frozen=True, slots=True)
class Intent:
    """One thing that people say: `do` names what the engine does, `say` are replies, `more` further variants.

    A `firm` intent holds even when the words that its gaps took in could be a question of their own.
    """

    name: str
    patterns: tuple[tuple[Part, ...], ...]
    do: str = ""
    firm: bool = False
    offer: str = ""
    topic: str = ""  # the title of an entry to tell about
    trait: str = ""  # the kind of trait of the companion that is asked for
    say: tuple[str, ...] = ()
    more: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """An intent with how it fits: `loose` counts the words with a meaning of their own that fell into gaps."""

    intent: Intent
    fit: Match
    loose: int


class Language(Vocabulary):
    """The words and phrases of one language, ready to use."""

    def __init__(self, tables: Mapping[str, Json], where: str = "phrases", *, gender: Gender = "") -> None:
        """Read the tables; phrases agree with a companion who is spoken of as a woman or as a man."""
        self.gender: Gender = gender
        super().__init__(tables, where, more=FILLERS)
        fields = Fields(tables, where, code="bad_phrases")
        self.user = fields.text("user", "friend", longest=80)
        self.and_ = fields.text("and", "and", longest=40)
        self.comma = fields.text("comma", ", ", longest=4)  # between the items of a list
        self.serial = fields.flag("serial")  # a comma before "and"
        self.mishears = read_texts(fields.at("mishears"), self.fold)
        self.calendar = {key: fields.at("calendar").texts(key) for key in fields.object("calendar")}
        self.polite = tuple(parts for item in fields.texts("polite") for parts in self._parse(item, "polite"))
        self.says = {key: self._spoken(fields.at("say"), key) for key in fields.object("say")}
        self.intents = [self._intent(item) for item in fields.each("intent", most=INTENTS)]
        if sum(len(intent.patterns) for intent in self.intents) > PATTERNS:
            raise IdentityError("too_large", f"{where} holds more than {PATTERNS} patterns")
        self.names = {key: fields.at("languages").text(key, longest=40) for key in fields.object("languages")}
        kinds = fields.at("traits")
        self.traits = {
            key: frozenset(self.stem(word) for word in tokens_of(kinds, key, self.fold)) for key in kinds.values
        }
        self._index()

    def listing(self, items: Sequence[str]) -> str:
        """Return "a, b, and c", with the last comma for its pause; scripts without spaces have marks of their own."""
        head, last = items[:-1], items[-1]
        if not head:
            return last
        if self.comma != ", ":
            return f"{self.comma.join(head)}{self.and_}{last}"
        comma = "," if len(head) > 1 and self.serial else ""
        return f"{', '.join(head)}{comma} {self.and_} {last}"

    def requested(self, said: Sequence[str]) -> list[str]:
        """Return the words without fillers and politeness before them."""
        words = list(said)
        while len(words) > 1 and words[0] in self.lists["fillers_before"]:
            words = words[1:]
        for parts in self.polite:
            words = rest_after(parts, words) or words
        return words

    def heard(self, said: Sequence[str]) -> Heard | None:
        """Find the intent that fits the whole utterance best; fillers around it and mishearings are forgiven."""
        best: tuple[tuple[float, ...], Heard] | None = None
        for start, end in self._spans(said) if said else ():
            words = [self._meanings(word) for word in said[start:end]]
            anchors = frozenset().union(*words)
            for number in {n for word in anchors for n in self._anchored.get(word, ())}:
                intent, parts = self._patterns[number]
                if (fit := match(parts, words)) is None:
                    continue
                loose = len(self.content(said[start:end])) - self._literal_content(parts, said[start:end])
                loose = (loose + 1) // 2 if self.joined else loose  # a word has about two signs
                gaps = end - start - fit.literal
                rank = (-max(0, loose), fit.literal, end - start, -gaps, -number)
                if best is None or rank > best[0]:
                    slots = {name: (a + start, b + start) for name, (a, b) in fit.slots.items()}
                    named = sum(b - a for a, b in slots.values())
                    best = rank, Heard(intent, Match(fit.literal, slots), max(0, loose - named))
        return best[1] if best else None

    def _literal_content(self, parts: tuple[Part, ...], said: Sequence[str]) -> int:
        literal = vocabulary([parts])
        return sum(1 for word in self.content(said) if not self._meanings(word).isdisjoint(literal))

    def _spans(self, said: Sequence[str]) -> list[tuple[int, int]]:
        """Return the utterance whole, without fillers at either side, and without politeness before it."""
        start, end = 0, len(said)
        while start < end - 1 and said[start] in self.lists["fillers_before"]:
            start += 1
        while end > start + 1 and said[end - 1] in self.lists["fillers_after"]:
            end -= 1
        asked = len(said) - len(self.requested(said))
        return list(dict.fromkeys([(0, len(said)), (start, len(said)), (0, end), (start, end), (asked, len(said))]))

    def _meanings(self, word: str) -> frozenset[str]:
        other = self.mishears.get(word)
        near = () if word in self.stop or word in self.weak else self._lexicon.near(word)
        return frozenset((word, *((other,) if other else ()), *near))

    def _intent(self, fields: Fields) -> Intent:
        keys = [key for key in fields.values if key.startswith("say_")]
        asked = fields.texts("ask", most=500)
        return Intent(
            name=fields.text("name", longest=80),
            patterns=tuple(parts for item in asked for parts in self._parse(item, fields.where)),
            do=fields.text("do", longest=80),
            firm=fields.flag("firm"),
            offer=fields.text("offer", longest=80),
            topic=fields.text("topic", longest=200),
            trait=fields.text("trait", longest=40),
            say=self._spoken(fields, "say"),
            more={key: self._spoken(fields, key) for key in keys},
        )

    def _spoken(self, fields: Fields, key: str) -> tuple[str, ...]:
        return agreeing(fields.texts(key, most=VARIANTS), self.gender)

    def _parse(self, text: str, where: str) -> list[tuple[Part, ...]]:
        try:
            return readings(text, self.tokens)
        except ValueError as error:
            raise IdentityError("bad_phrases", f"{where}: {error}") from error

    def _index(self) -> None:
        self._patterns = [(intent, parts) for intent in self.intents for parts in intent.patterns]
        common = Counter(word for _, parts in self._patterns for part in parts for word in part.words)
        self._anchored: defaultdict[str, list[int]] = defaultdict(list)
        for number, (_, parts) in enumerate(self._patterns):
            required = [part.words for part in parts if part.words and not part.optional]
            for word in min(required, key=lambda words: sum(common[word] for word in words), default=frozenset()):
                self._anchored[word].append(number)
        self._lexicon = Lexicon(sorted(vocabulary(parts for _, parts in self._patterns)))


@cache
def shipped_language(code: str, gender: Gender = "") -> Language:
    """Return a language as it ships, read once; without tables it knows nothing and says nothing."""
    name = table_name(code)
    return Language(read_tables(name) or {"language": name}, gender=gender)


def language_of(code: str, extension: Fields, gender: Gender = "") -> Language:
    """Return the language of a card: the shipped one of its code with the card's own on top."""
    name = table_name(code)
    own = extension.object("phrases")
    tables: Mapping[str, Json] = read_tables(name) or {"language": name}
    if not own and not extension.values.get("answers"):
        return shipped_language(code, gender)
    merged: dict[str, Json] = {**tables, **own}
    merged["say"] = {**Fields(tables, name, code="bad_phrases").object("say"), **extension.at("phrases").object("say")}
    answers = [item.values for item in extension.each("answers", most=INTENTS)]
    replaced = {item.get("name") for item in answers if item.get("name")}
    intents = Fields(merged, "phrases", code="bad_phrases").each("intent", most=INTENTS)
    kept = [item.values for item in intents if item.values.get("name") not in replaced]
    inherited = {str(item.values.get("name")): item.values for item in intents}
    # An answer that names an intent without patterns of its own keeps that intent's patterns.
    own_answers = [
        {**_untraited(inherited.get(str(item.get("name")), {})), **item} if "ask" not in item else item
        for item in answers
    ]
    merged["intent"] = cast("list[Json]", [*own_answers, *kept])
    return Language(merged, f"{extension.where}.phrases", gender=gender)


def _untraited(intent: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return an intent that a card answers itself: what its lists say of the person does not come before that."""
    return {key: value for key, value in intent.items() if value != "trait"}
