"""What is known of a language: how people say things in it, and how the engine says its own. Data, not code.

English ships as `en.toml`. A card adds to or replaces parts of it in its extension: `phrases` has the same tables,
`answers` are further things people say with their replies.
"""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final, cast

from engines.card.asks import Match, Part, match, parse, rest_after, vocabulary
from engines.card.lexicon import Lexicon
from engines.card.words import stem, tokens
from engines.identity.errors import IdentityError
from engines.identity.fields import Fields, Json

INTENTS: Final = 400
PATTERNS: Final = 2000
VARIANTS: Final = 64

# Tables of words, written as one text or as a list.
WORD_LISTS: Final = (
    *("stop", "weak", "ask", "open", "who", "when", "where", "why", "how", "after_how", "reasons", "places"),
    *("people", "persons", "from", "pronouns", "fillers_before", "fillers_after", "negations"),
)


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
    say: tuple[str, ...] = ()
    more: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Heard:
    """An intent with how it fits: `loose` counts the words with a meaning of their own that fell into gaps."""

    intent: Intent
    fit: Match
    loose: int


class Language:
    """The words of one language, ready to use."""

    def __init__(self, tables: Mapping[str, Json], where: str = "phrases") -> None:
        fields = Fields(tables, where, code="bad_phrases")
        self.code = fields.text("language", "en", longest=35)
        self.user = fields.text("user", "friend", longest=80)
        self.and_ = fields.text("and", "and", longest=40)
        self.point = fields.text("point", "point", longest=40)
        self.contractions = _texts(fields.at("contractions"))
        self.lemmas = _texts(fields.at("lemmas"))
        self.mishears = _texts(fields.at("mishears"))
        lists = {name: frozenset(tokens_of(fields, name)) for name in WORD_LISTS}
        self.lists: Mapping[str, frozenset[str]] = lists
        asking = (lists[name] for name in ("ask", "open", "who", "when", "where", "why", "how"))
        self.stop, self.weak = lists["stop"].union(*asking), lists["weak"]
        self.endings = tuple(_ending(item) for item in fields.texts("endings"))
        self.measures = {key: frozenset(tokens_of(fields.at("measures"), key)) for key in fields.object("measures")}
        self.units = _ints(fields.at("units"))
        self.scales = _ints(fields.at("scales"))
        self.calendar = {key: fields.at("calendar").texts(key) for key in fields.object("calendar")}
        self.polite = tuple(_pattern(item, "polite") for item in fields.texts("polite"))
        self.says = {key: fields.at("say").texts(key, most=VARIANTS) for key in fields.object("say")}
        self.weak_stems = frozenset(self.stem(word) for word in self.weak)
        self.intents = [_intent(item) for item in fields.each("intent", most=INTENTS)]
        if sum(len(intent.patterns) for intent in self.intents) > PATTERNS:
            raise IdentityError("too_large", f"{where} holds more than {PATTERNS} patterns")
        self._index()

    def stem(self, word: str) -> str:
        """The word without its ending."""
        return stem(self.lemmas.get(word, word), self.endings)

    def tokens(self, text: str) -> tuple[str, ...]:
        """The words of a text with contractions taken apart."""
        return tokens(text, self.contractions)

    def content(self, words: Iterable[str]) -> list[str]:
        """The words that carry a meaning of their own."""
        return [word for word in words if word not in self.stop and word not in self.weak]

    def requested(self, said: Sequence[str]) -> list[str]:
        """The words without fillers and politeness before them."""
        words = list(said)
        while len(words) > 1 and words[0] in self.lists["fillers_before"]:
            words = words[1:]
        for parts in self.polite:
            words = rest_after(parts, words) or words
        return words

    def number_word(self, number: int) -> str:
        """A small number spelt out, digits for others."""
        return next((word for word, value in self.units.items() if value == number), str(number))

    def heard(self, said: Sequence[str]) -> Heard | None:
        """The intent that fits the whole utterance best, if any; fillers around it and mishearings are forgiven."""
        best: tuple[tuple[float, ...], Heard] | None = None
        for start, end in self._spans(said) if said else ():
            words = [self._meanings(word) for word in said[start:end]]
            anchors = frozenset().union(*words)
            for number in {n for word in anchors for n in self._anchored.get(word, ())}:
                intent, parts = self._patterns[number]
                if (fit := match(parts, words)) is None:
                    continue
                loose = len(self.content(said[start:end])) - self._literal_content(parts, said[start:end])
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
        """The utterance whole, without fillers at either side, and without politeness before it."""
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

    def _index(self) -> None:
        self._patterns = [(intent, parts) for intent in self.intents for parts in intent.patterns]
        common = Counter(word for _, parts in self._patterns for part in parts for word in part.words)
        self._anchored: defaultdict[str, list[int]] = defaultdict(list)
        for number, (_, parts) in enumerate(self._patterns):
            required = [part.words for part in parts if part.words and not part.optional]
            for word in min(required, key=lambda words: sum(common[word] for word in words), default=frozenset()):
                self._anchored[word].append(number)
        self._lexicon = Lexicon(sorted(vocabulary(parts for _, parts in self._patterns)))


def language_of(code: str, extension: Fields) -> Language:
    """The language of a card: the shipped one of its code (English when there is none) with the card's own on top."""
    name = code.split("-")[0].lower()
    folder = files("engines.card")
    source = folder / f"{name}.toml" if name.isalpha() and (folder / f"{name}.toml").is_file() else folder / "en.toml"
    tables = cast("dict[str, Json]", tomllib.loads(source.read_text(encoding="utf-8")))
    own = extension.object("phrases")
    merged: dict[str, Json] = {**tables, **own}
    merged["say"] = {**Fields(tables, name, code="bad_phrases").object("say"), **extension.at("phrases").object("say")}
    answers = [item.values for item in extension.each("answers", most=INTENTS)]
    replaced = {item.get("name") for item in answers if item.get("name")}
    intents = Fields(merged, "phrases", code="bad_phrases").each("intent", most=INTENTS)
    kept = [item.values for item in intents if item.values.get("name") not in replaced]
    inherited = {str(item.values.get("name")): item.values for item in intents}
    # An answer that names an intent without patterns of its own keeps that intent's patterns.
    own_answers = [
        {**inherited.get(str(item.get("name")), {}), **item} if "ask" not in item else item for item in answers
    ]
    merged["intent"] = cast("list[Json]", [*own_answers, *kept])
    return Language(merged, f"{extension.where}.phrases")


def tokens_of(fields: Fields, key: str) -> list[str]:
    """The words of a table that is one text or a list of texts."""
    return " ".join(fields.texts(key)).lower().split()


def _intent(fields: Fields) -> Intent:
    keys = [key for key in fields.values if key.startswith("say_")]
    return Intent(
        name=fields.text("name", longest=80),
        patterns=tuple(_pattern(item, fields.where) for item in fields.texts("ask", most=500)),
        do=fields.text("do", longest=80),
        firm=fields.flag("firm"),
        offer=fields.text("offer", longest=80),
        topic=fields.text("topic", longest=200),
        say=fields.texts("say", most=VARIANTS),
        more={key: fields.texts(key, most=VARIANTS) for key in keys},
    )


def _pattern(text: str, where: str) -> tuple[Part, ...]:
    try:
        return parse(text)
    except ValueError as error:
        raise IdentityError("bad_phrases", f"{where}: {error}") from error


def _ending(item: str) -> tuple[str, str]:
    ending, _, other = item.partition("=")
    return ending, other


def _texts(fields: Fields) -> dict[str, str]:
    return {key: fields.text(key, longest=200) for key in fields.values}


def _ints(fields: Fields) -> dict[str, int]:
    return {key: int(fields.number(key, 0)) for key in fields.values}
