"""Turns sentences about a character into the character's own by tables: "Sie liebt Tee" becomes "Ich liebe Tee".

A table in `tables/` lists the forms that change between the persons. It knows words, not what a sentence means: where a
word may be one thing or another, the sentence is left to be quoted.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from engines.dialogue.card.person.gender import Gender

LANGUAGES: Final = ("de", "es", "fr", "it", "pt")
ME: Final = "\ufdd4"  # the character by name
USER: Final = "{{user}}"

_PART: Final = re.compile(rf"{ME}|[^\W\d_]+['’]?|\d+|[^\w{ME}]+|_+")
_VOWEL: Final = re.compile("[aeiouyhàâéèêëîïôûùœæ]")


class Unsure(Exception):
    """The sentence cannot be turned with certainty."""


@dataclass(frozen=True, slots=True)
class Own:
    """A sentence as the character says it, and whether it was about the character rather than about something else."""

    text: str
    about: bool


class Rules:
    """The table of one language, ready to use."""

    def __init__(self, tables: Mapping[str, object]) -> None:
        def words(name: str) -> frozenset[str]:
            return frozenset(str(tables.get(name, "")).split())

        def pairs(name: str) -> dict[str, str]:
            listed = (item.partition("=") for item in str(tables.get(name, "")).split())
            return {key: value for key, _, value in listed}

        self.i, self.elided = str(tables.get("i", "")), str(tables.get("elided", ""))
        self.subjects: dict[Gender, frozenset[str]] = {"female": words("female"), "male": words("male")}
        self.subjects[""] = self.subjects["female"] | self.subjects["male"]
        self.reflexive, self.attached, self.emphatic = pairs("reflexive"), pairs("attached"), pairs("emphatic")
        self.possessive: dict[Gender, dict[str, str]] = {
            gender: pairs("possessive") | pairs(f"possessive_{gender}") for gender in ("female", "male")
        }
        self.possessive[""] = self.possessive["female"] | self.possessive["male"]
        self.verbs, self.endings = pairs("verbs"), tuple(pairs("endings").items())
        self.same, self.known = words("same"), words("known") | self.verbs.keys()
        self.prefixes, self.not_verbs = words("prefixes"), words("not_verbs")
        self.between, self.joins, self.named = words("between"), words("joins"), words("named")
        self.relative, self.opens = words("relative"), words("opens")
        self.unclear, self.ambiguous, self.copulas = words("unclear"), words("ambiguous"), words("copulas")
        self.starters, self.dative, self.impersonal = words("starters"), words("dative"), words("impersonal")
        self.aspirated, self.strong = words("aspirated"), tuple(words("strong"))
        listed = tables.get("phrases")
        self.phrases = [(re.compile(a), b) for a, b in listed] if isinstance(listed, list) else []

    def first(self, verb: str) -> str | None:
        """Return a verb of the third person in the first, None when the word is no such verb."""
        if verb in self.verbs:
            return self.verbs[verb]
        if verb in self.not_verbs or verb in self.between or verb in self.joins or len(verb) < 3:
            return None
        for known, own in self.verbs.items():
            if len(known) > 3 and verb.endswith(known) and verb.removesuffix(known) in self.prefixes:
                return verb.removesuffix(known) + own
        if any(verb == form or (len(form) == 2 and verb.endswith(form)) for form in self.same):
            return verb
        for ending, own in self.endings:
            if verb.endswith(ending) and len(verb) > len(ending) + 1:
                return verb.removesuffix(ending) + own
        return None


@cache
def rules(code: str) -> Rules:
    """Return the rules of one of LANGUAGES."""
    source = files("engines.dialogue.card.person") / "tables" / f"{code}.toml"
    return Rules(tomllib.loads(source.read_text(encoding="utf-8")))


def own_sentence(line: str, names: Sequence[str], code: str, gender: Gender, *, name: str, told: bool) -> Own | None:
    """Return a sentence as the character with one of `names` says it, None when that cannot be told for certain.

    `name` stands where it is named rather than spoken of. `told`: the sentence before was about the character, so that
    a pronoun, or a verb without a subject, is likely to mean it.
    """
    if USER in line:
        return None
    for known in sorted((each for each in names if len(each) > 1), key=len, reverse=True):
        if re.search(rf"(?<!\w){re.escape(known)}['’]?s(?!\w)", line):
            return None  # what belongs to it, in a case that the word does not tell
        line = re.sub(rf"(?<!\w){re.escape(known)}(?!\w)", ME, line)
    try:
        text, about, spoken = _Sentence(line, rules(code), gender, told=told).turned()
    except Unsure:
        return None
    text = text.replace(ME, name)
    return Own(text[:1].upper() + text[1:] if spoken else text, about)


class _Sentence:
    """One sentence on its way; words are changed in place."""

    def __init__(self, line: str, table: Rules, gender: Gender, *, told: bool) -> None:
        self.rules, self.gender, self.told = table, gender, told
        self.mine = self.spoken = False  # the clause that is read has the character for its subject; something changed
        self.clause_began = True
        for pattern, other in table.phrases:
            line, count = pattern.subn(other, line)
            self.spoken = self.spoken or bool(count)
        self.fixed = self.spoken
        self.parts = _PART.findall(line)
        self.done: set[int] = set()
        self.about = False

    def turned(self) -> tuple[str, bool, bool]:
        """Return the sentence, whether it is about the character, and whether anything in it speaks of it."""
        self._open()
        for at, part in enumerate(self.parts):
            if at not in self.done:
                self._turn(at, part, part.lower().replace("’", "'"))
        return "".join(self.parts), self.about or self.fixed, self.spoken

    def _turn(self, at: int, part: str, word: str) -> None:
        table = self.rules
        if not part[:1].isalpha() and part != ME:
            if part.strip(" '’\"“”«»()-"):
                self.clause_began = True
            return
        began, self.clause_began = self.clause_began, False
        possessive = table.possessive[self.gender]
        if part == ME or word in table.subjects[self.gender]:
            self._subject(at, part, word)
        elif word in table.reflexive and self.mine:
            self._put(at, "mir" if table.i == "ich" and self._verb_is_dative() else table.reflexive[word])
        elif word in possessive:
            if not (self.mine or began or at == 0) and (word in table.ambiguous or (word in table.unclear)):
                raise Unsure
            self._put(at, possessive[word])
        elif word in table.relative or word in table.opens:
            self.mine, self.clause_began = False, True
        elif word in table.joins:
            self._join(at)
        elif word in table.unclear and not (self.mine or self.fixed) and word not in table.starters:
            raise Unsure
        elif self.mine and (other := self._attached(word)):
            self._put(at, other)

    def _open(self) -> None:
        """Read the first word of a language that leaves the subject out: a verb may be the character's."""
        table = self.rules
        at = self._next(-1)
        if at is None or not table.starters or self.fixed:
            return
        first = self._at_verb(at)
        word = self.parts[first].lower() if first is not None else ""
        reflexive = at != first and self.parts[at].lower() in table.reflexive
        if reflexive and first is not None and not self.told:
            raise Unsure  # it may be said of everybody
        if first is not None and (reflexive or word in table.known) and not (at == first and word in table.starters):
            if word in table.copulas and not self.told:
                raise Unsure
            self._clitics(at, first)
            self._verb(first)
        elif (begin := self.parts[at].lower()) not in table.starters and self.parts[at] != ME:
            known = begin in table.subjects[self.gender] or begin in table.possessive[self.gender]
            if not known and table.first(begin) is not None and begin.endswith(("a", "e", "ó", "eu", "ou")):
                raise Unsure  # a verb that is not known, or a noun

    def _subject(self, at: int, part: str, word: str) -> None:
        """Read the character's name or a pronoun for it: the subject of a verb, a name, or what a preposition has."""
        table = self.rules
        before, after = self._before(at), self._next(at)
        verb = self._at_verb(after) if after is not None else None
        if part != ME and word in table.unclear and not (self.told or self.spoken):
            raise Unsure
        if verb is not None and self.parts[verb].lower() in table.impersonal and part != ME:
            return
        if verb is not None and not (before is not None and self.parts[before].lower() in table.emphatic):
            self._clitics(after if after is not None else verb, verb)
            self._verb(verb)
            self._say_i(at)
        elif part == ME and before is not None and self.parts[before].lower() in table.named:
            self.spoken = True
        elif before is not None and self.parts[before].lower() in table.emphatic:
            self._put(at, table.emphatic[self.parts[before].lower()])
        elif table.i == "ich" and self._inverted(at, before):
            self._put(at, "ich")
            self.mine = self.about = True
        else:
            raise Unsure

    def _inverted(self, at: int, before: int | None) -> bool:
        """Turn the verb before a German subject, or at the end of its clause."""
        if before is not None and self.parts[before].islower() and self.rules.first(self.parts[before]) is not None:
            self._verb(before)
            return True
        if before is None or self.parts[before].lower() not in self.rules.opens:
            return False
        marks = (i for i in range(at + 1, len(self.parts)) if self.parts[i].strip() in (",", ".", "!", ";", ":"))
        last = self._before(next(marks, len(self.parts)))
        if last is None or last <= at or self.rules.first(self.parts[last].lower()) is None:
            return False
        self._verb(last)
        return True

    def _join(self, at: int) -> None:
        """Turn a verb that "and" joins to the character's last one."""
        after = self._next(at)
        if after is None or not self.mine:
            return
        verb = self._at_verb(after)
        word = self.parts[verb].lower() if verb is not None else ""
        if (
            verb is not None
            and self.parts[verb].islower()
            and (word in self.rules.known or word in self.rules.same or self._strong(word))
        ):
            self._clitics(after, verb)
            self._verb(verb)
        elif verb is not None and verb == after and self.rules.i == "ich" and self.parts[verb].islower():
            self._verb(verb)  # of words that end like a verb, few are none

    def _strong(self, word: str) -> bool:
        return bool(self.rules.strong) and word.endswith(self.rules.strong) and self.rules.first(word) is not None

    def _at_verb(self, at: int) -> int | None:
        """Return where the verb stands that begins at `at`, little words before it passed over."""
        seen: int | None = at
        while seen is not None and self.parts[seen].lower().replace("’", "'") in self.rules.between:
            seen = self._next(seen)
        if seen is None or self.parts[seen] == ME:
            return None
        word = self.parts[seen]
        is_verb = self.rules.first(word.lower()) is not None and (word.islower() or seen == self._next(-1))
        return seen if is_verb else None

    def _verb(self, at: int) -> None:
        own = self.rules.first(self.parts[at].lower())
        if own is None:
            raise Unsure
        self.parts[at] = own
        self.done.add(at)
        self.mine = self.about = self.spoken = True

    def _clitics(self, first: int, verb: int) -> None:
        """Turn the reflexive pronouns between a subject and its verb."""
        for at in range(first, verb):
            word = self.parts[at].lower().replace("’", "'")
            if word in self.rules.reflexive:
                self._put(at, self.rules.reflexive[word])
            self.done.add(at)

    def _say_i(self, at: int) -> None:
        table = self.rules
        self._put(at, table.i)
        after = at + 1
        follows = self.parts[after + 1] if after + 1 < len(self.parts) else ""
        if not table.i and after < len(self.parts) and self.parts[after].isspace():
            self.parts[after] = ""
        elif table.elided and _VOWEL.match(follows.lower()) and follows.lower() not in table.aspirated:
            self.parts[at], self.parts[after] = table.elided, ""

    def _put(self, at: int, word: str) -> None:
        self.parts[at] = word.capitalize() if self.parts[at][:1].isupper() and self.parts[at] != ME and word else word
        self.done.add(at)
        self.spoken = True

    def _attached(self, word: str) -> str:
        """Return an infinitive with the pronoun of the first person at its end, "" for another word."""
        for ending, own in self.rules.attached.items():
            stem = word.removesuffix(ending)
            if stem != word and (stem.endswith("r") or ending.startswith("r")):
                return stem + own
        return ""

    def _verb_is_dative(self) -> bool:
        turned = {self.rules.first(verb) for verb in self.rules.dative}
        return any(part in turned for part in self.parts)

    def _next(self, at: int) -> int | None:
        """Return the next word, None when a mark comes before it."""
        for i in range(at + 1, len(self.parts)):
            if self.parts[i][:1].isalpha() or self.parts[i] == ME:
                return i
            if self.parts[i].strip(" '’\"“”«»"):
                return None
        return None

    def _before(self, at: int) -> int | None:
        """Return the word before, None when a mark stands between."""
        for i in range(at - 1, -1, -1):
            if self.parts[i][:1].isalpha() or self.parts[i] == ME:
                return i
            if self.parts[i].strip(" '’\"“”«»"):
                return None
        return None
