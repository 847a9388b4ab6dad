"""Tells a stage direction, which an actor does not speak, from words that are only stressed or put in brackets.

`*waves* Hello.`, `Oh, *sighs softly* I`, `(laughs)` are directions wherever they stand and however long they are;
`*Never* touch it.` and `[Enter]` are words. What is ambiguous is spoken. It knows nothing of the stream: it is given
what stands between the marks, and what stands around them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from bridge.core.text.pieces import Tag
from bridge.core.text.stage_words import (
    AUXILIARY,
    BARE,
    BEHIND,
    DETERMINERS,
    ELSEWHERE,
    FINAL,
    NOT_VERBS,
    NOUNISH,
    POSSESSIVES,
    STEMS,
    SUBJECTS,
    VERBS,
)

LONGEST: Final = 1000  # characters that an opened direction may have
LONGEST_WIDE: Final = 40  # of a direction in a script without spaces

LINKS: Final = ("then", "and", "just")

Marks: TypeAlias = Literal["stars", "round", "square"]

# Vowel signs belong to their word, and so does the joiner of Persian; Arabic vowel points are left out.
_WORD: Final = re.compile(
    r"(?:[^\W\d_][\u0300-\u036f\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u200c]*)+(?:['’][^\W\d_]+)*"
)
_POINTS: Final = re.compile("[\u064b-\u0652\u0640]")
_SAID: Final = re.compile('["“”«»「」?？]')  # somebody speaks or asks in it
_WIDE: Final = re.compile("[\u0e00-\u0e7f\u1100-\u11ff\u2e80-\ufaff]")
_FINAL: Final = re.compile("[\u0900-\u097f]")  # scripts of languages whose verb comes last


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around a pair of marks: `before` up to them, on the same line, and the character that `follows`.

    `begins`: a sentence could begin here. `follows` is the first that is no blank, "" at the end and "\\n" at that of a
    line. Stars and underscores also stress words, round brackets explain, and square ones name keys.
    """

    before: str
    begins: bool
    follows: str
    marks: Marks

    @property
    def stars(self) -> bool:
        """Whether the marks also stress words."""
        return self.marks == "stars"

    @property
    def goes_on(self) -> bool:
        """Whether the sentence goes on behind the marks."""
        return self.follows.islower()


def may_begin(first: str, *, whole: bool) -> bool:
    """Whether what begins with the text `first` can be a direction; `whole`: its first words are complete."""
    text = first.lstrip()
    if not text:
        return True
    if not text[0].isalpha():
        return False
    if _WIDE.match(text) or _FINAL.match(text):
        return True
    words = _words(first)
    if not whole:
        words = words[:-1]
    if not words:
        return True
    head, *rest = words
    if _acts(head) or head in BARE or head.endswith("ly") or head in SUBJECTS or head in POSSESSIVES:
        return True
    if head in LINKS or head.endswith("ing") or _like_a_verb(head):
        return True
    return any(_acts(word) or word in FINAL for word in rest[:2]) or (len(rest) < 2 and not whole)


def direction(inside: str, around: Around, emotions: frozenset[str]) -> Tag | None:
    """Return the cue of a stage direction `inside` a pair of marks; None for words that are to be said."""
    text = inside.strip()
    if not text or not text[0].isalpha() or _SAID.search(text):
        return None
    words = _words(text)
    if not words or any(map(str.isdigit, text)):
        return None
    if around.stars and len(words) == 1 and words[0] in emotions:
        mood = around.begins and text[0].islower() and not around.goes_on
        return Tag("emotion", words[0], 1.0) if mood else None
    if _WIDE.match(text):
        found = _in_wide_script(text, around)
    elif _FINAL.match(text):
        found = _ends_in_a_verb(words) and (around.begins or not around.stars or _parted(around))
    elif len(words) == 1:
        found = _one_word(words[0], text, around)
    else:
        found = _more_words(words, text, around)
    return _gesture(text) if found else None


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(_POINTS.sub("", text))]


def _ends_in_a_verb(words: list[str]) -> bool:
    """Whether the last word is what an actor does, in a language whose verb comes last."""
    while len(words) > 1 and words[-1] in BEHIND:
        words = words[:-1]
    return words[-1] in FINAL


def _gesture(text: str) -> Tag:
    plain = "".join(char for char in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(char))
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:32].strip("_")
    return Tag("gesture", name if name[:1].isalpha() else "gesture", 1.0)


def _acts(word: str) -> bool:
    return word in VERBS or word in ELSEWHERE


def _like_a_verb(word: str) -> bool:
    return word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")) and word not in NOT_VERBS


def _in_wide_script(text: str, around: Around) -> bool:
    if len(text) > LONGEST_WIDE or not any(stem in text for stem in STEMS):
        return False
    if not around.stars:
        return len(text) <= 12 or text.startswith(STEMS) or text.endswith(STEMS)
    # A stress stands inside a sentence that goes on at once.
    return around.begins and (around.follows in ("", "\n") or len(text) > 1)


def _one_word(word: str, text: str, around: Around) -> bool:
    small = not text[0].isupper()  # some scripts have no capitals
    if word in BARE and word not in VERBS:
        if around.marks == "square":
            return False
        if not around.stars and (not around.before.strip() or around.begins):
            return small or not around.goes_on
        return small and (around.begins or _parted(around)) and not around.goes_on
    if not _acts(word):
        return False
    if around.begins:
        return (small or not around.goes_on) and (around.stars or word not in NOUNISH or not around.goes_on)
    if not small:
        return False
    if word not in NOUNISH:
        return _parted(around) or _last_word(around) not in DETERMINERS
    return around.stars and _parted(around) and not around.goes_on


def _more_words(words: list[str], text: str, around: Around) -> bool:
    small = not text[0].isupper()
    head, rest = words[0], words[1:]
    while rest and (head.endswith("ly") or head in LINKS):
        head, rest = rest[0], rest[1:]
    second = rest[0] if rest else ""
    if head in SUBJECTS or head in POSSESSIVES:
        if head in POSSESSIVES:
            rest = rest[1:]
        while rest and (rest[0].endswith("ly") or rest[0] in ("is", "are", "am", "just", "then")):
            rest = rest[1:]
        return around.stars and around.begins and not around.goes_on and bool(rest) and _does(rest[0])
    if second in AUXILIARY and head in NOUNISH:
        return False
    if _acts(head) or (head.endswith("ing") and _does(head)):
        if around.begins:
            return small or not around.goes_on
        if not small or _last_word(around) in DETERMINERS:
            return False
        return _parted(around) or head not in NOUNISH or (around.stars and not around.goes_on)
    if not around.stars or not around.begins or around.goes_on:
        return False
    if words[-1] in FINAL:
        return True
    if second in VERBS and text[0].isupper() and head not in DETERMINERS:  # a name, and what it does
        return second not in NOUNISH or len(words) > 2
    return small and _like_a_verb(head) and second not in AUXILIARY


def _does(word: str) -> bool:
    """Whether an actor does this, whatever the form of the verb."""
    if word.endswith("ing"):
        stem = word[:-3]
        forms = [stem, stem + "e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem]
    else:
        forms = [word]
    return any(form in VERBS or form + "s" in VERBS or form + "es" in VERBS for form in forms)


def _parted(around: Around) -> bool:
    """Whether a mark stands between the direction and the word before it."""
    return around.before.rstrip()[-1:] in (",", ";", ":", "—", "–", "-", "…", "(", "")


def _last_word(around: Around) -> str:
    found = _WORD.findall(around.before[-40:])
    return found[-1].lower() if found else ""
