"""Judges English sentences by rules about their end, of which the first that has an opinion counts.

Likelihoods are judgements, not statistics. They err on the side of patience: only what can hardly go on is above 0.8,
and what cannot be all is below 0.2.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Final

from engines.hearing.endings.sentence import Sentence

CANNOT, HARDLY, MAYBE_NOT, OPEN, MAYBE, LIKELY, SURE = 0.04, 0.12, 0.3, 0.5, 0.65, 0.78, 0.92

_LISTS: Final = tomllib.loads((Path(__file__).parent / "english.toml").read_text(encoding="utf-8"))


def _words(name: str) -> frozenset[str]:
    return frozenset(_LISTS[name].split())


def _phrases(name: str) -> tuple[str, ...]:
    return tuple(_LISTS[name].split("\n"))


FILLERS: Final = _words("fillers")
JOINING: Final = _words("joining")
MAY_END: Final = _words("may_end")  # of JOINING, at the end of something longer
DETERMINERS: Final = _words("determiners")
PREPOSITIONS: Final = _words("prepositions")
PARTICLES: Final = _words("particles")
PHRASAL: Final = _words("phrasal")
WH: Final = _words("wh")
BE: Final = _words("be")
MODAL: Final = _words("modal")
PRONOUNS: Final = _words("pronouns")
SUBJECTS: Final = _words("subjects")
OPEN_CONTRACTIONS: Final = _words("open_contractions")
DEGREE: Final = _words("degree")
OBJECTLESS: Final = _words("objectless")
DANGLING_ME: Final = _words("dangling_me")
ALONE_OPEN: Final = _words("alone_open")
STARTS_CLAUSE: Final = _words("starts_clause")
NUMBERS: Final = _words("numbers")
TENS: Final = _words("tens")
DICTATION: Final = _words("dictation")
OPERATORS: Final = _words("operators")
FILLER_ENDS: Final = _phrases("filler_ends")
SO_ENDS: Final = _phrases("so_ends")
UNFINISHED_ENDS: Final = _phrases("unfinished_ends")
COMPLETE: Final = frozenset(_phrases("complete"))
ALONE: Final = {
    "yes": 0.7,
    "no": 0.68,
    "okay": 0.68,
    "ok": 0.68,
    "sure": 0.7,
    "right": 0.6,
    "yeah": 0.65,
    "hello": 0.75,
}

Rule = Callable[[Sentence], float | None]


def _complete(s: Sentence) -> float | None:
    phrase = " ".join(s.words)
    if phrase in COMPLETE:
        return SURE
    if len(s.words) == 1:
        return HARDLY if s.last in ALONE_OPEN else ALONE.get(s.last)
    return None


def _filler(s: Sentence) -> float | None:
    if s.last in FILLERS or s.ends(*FILLER_ENDS):
        return CANNOT
    if s.ends("you know"):
        return HARDLY if s.words[0] in MODAL else MAYBE_NOT
    return None


def _asks(s: Sentence) -> bool:
    """Return whether it asks by a question word that is not itself the end."""
    return any(word in WH or word.partition("'")[0] in WH for word in s.words[:3])


def _contraction(s: Sentence) -> float | None:
    return CANNOT if s.last in OPEN_CONTRACTIONS else None


def _tag(s: Sentence) -> float | None:
    """Judge a tag: ... isn't it; ... do you."""
    if len(s.words) >= 4 and s.words[-2].endswith("n't") and s.last in PRONOUNS:
        return SURE
    return SURE if len(s.words) >= 4 and s.last in ("please", "too", "either", "anymore", "instead", "again") else None


def _joining(s: Sentence) -> float | None:
    if s.last == "so":
        return LIKELY if s.ends(*SO_ENDS) else HARDLY
    if s.last not in JOINING:
        return None
    return OPEN if s.last in MAY_END and len(s.words) > 2 and not s.ends("and then", "so then") else CANNOT


def _determiner(s: Sentence) -> float | None:
    return CANNOT if s.last in DETERMINERS else None


def _unfinished(s: Sentence) -> float | None:
    if not s.ends(*UNFINISHED_ENDS):
        return None
    if s.ends("want to", "have to", "need to", "going to", "supposed to", "able to") and not _plain(s):
        return MAYBE
    if s.ends("is called", "are called", "was called", "how much", "how many") and _asks(s) and len(s.words) > 3:
        return MAYBE
    return HARDLY


def _plain(s: Sentence) -> bool:
    """Return whether it is a statement without a no: "I want to" rather than "I don't want to"."""
    return not any(word.endswith("n't") or word == "not" for word in s.words) and not (_asks(s) and len(s.words) > 4)


def _preposition(s: Sentence) -> float | None:
    if s.last in PREPOSITIONS:
        asked = _asks(s) and len(s.words) >= 4
        return MAYBE if asked and not s.ends("of the") else HARDLY
    if s.last in PARTICLES:
        before = s.words[-2] if len(s.words) > 1 else ""
        return MAYBE if before in PHRASAL or _asks(s) else MAYBE_NOT
    return None


def _auxiliary(s: Sentence) -> float | None:
    word = s.last
    if word not in BE and word not in MODAL:
        return None
    if len(s.words) == 1:
        return HARDLY
    subject = s.words[-2] in PRONOUNS
    answer = s.words[0] in ("yes", "no", "yeah", "sure", "nope", "because") and subject
    embedded = subject and any(w in WH for w in s.words[:-2])
    return LIKELY if answer or embedded else MAYBE_NOT if subject and len(s.words) > 3 else HARDLY


def _pronoun(s: Sentence) -> float | None:
    if s.last in SUBJECTS:
        inverted = len(s.words) > 2 and (s.words[-2] in BE | MODAL) and _asks(s)
        return LIKELY if inverted else CANNOT
    if s.last in ("you", "it", "this", "that", "there") and len(s.words) > 1:
        before = s.words[-2]
        if before in BE | MODAL:
            if _asks(s) and (before in BE or len(s.words) > 4):
                # "Who are you" is whole, "what are you" is not.
                return HARDLY if s.words[0] in ("what", "why", "which") and s.last == "you" else SURE
            return HARDLY if len(s.words) <= 3 else MAYBE_NOT
        if before in JOINING:
            return HARDLY
        if s.last == "that" and before in OBJECTLESS:
            return MAYBE_NOT
    if s.last == "me" and len(s.words) > 1 and s.words[-2] in DANGLING_ME:
        return MAYBE_NOT if s.words[-2] in ("ask", "let", "make", "get", "remind") else HARDLY
    return None


def _degree(s: Sentence) -> float | None:
    return HARDLY if s.last in DEGREE else None


def _question_word(s: Sentence) -> float | None:
    if s.last not in WH:
        return None
    if s.last == "why":
        return LIKELY
    if len(s.words) == 1:
        return MAYBE if s.last in ("what", "who", "where") else OPEN
    return MAYBE_NOT


def _objectless(s: Sentence) -> float | None:
    if s.last not in OBJECTLESS:
        return None
    if _asks(s) and len(s.words) >= 4:
        return LIKELY
    negated = any(word.endswith("n't") or word == "not" for word in s.words)
    return MAYBE_NOT if negated else HARDLY


def _is_number(word: str) -> bool:
    return word in NUMBERS or word in TENS or word[0].isdigit()


def _numbers(s: Sentence) -> float | None:
    """Judge numbers that are being dictated, and letters that are being spelled."""
    tail = 0
    while tail < len(s.words) and _is_number(s.words[-1 - tail]):
        tail += 1
    if tail == 1 and s.last == "one" and len(s.words) > 2:
        return None  # "the red one"
    if not tail:
        letters = sum(1 for word in s.words[-3:] if len(word) == 1 and word not in ("i", "a"))
        return MAYBE_NOT if letters >= 2 else None
    if any(word in OPERATORS for word in s.words):
        return LIKELY if _asks(s) else MAYBE
    dictated = any(word in DICTATION for word in s.words)
    digits = sum(len("".join(c for c in w if c.isdigit())) if w[0].isdigit() else 1 for w in s.words[-tail:])
    if dictated:
        return OPEN if digits in (10, 11) else HARDLY
    compound = tail == 2 and s.words[-2] in TENS and s.words[-1] in NUMBERS
    if tail >= 3 and not any(word in TENS for word in s.words[-tail:]):
        return OPEN if digits in (10, 11) else MAYBE_NOT
    return OPEN if tail == 1 or compound else MAYBE_NOT


def _clause(s: Sentence) -> float | None:
    """Judge clauses that need a second half: if and although; either needs an or, between an and."""
    words = s.words
    first = words[0]
    begins = first in STARTS_CLAUSE or words[:3] == ("as", "soon", "as")
    begins = begins or (first in ("when", "after", "before", "since") and len(words) > 1 and words[1] in PRONOUNS)
    if begins and len(words) < 8 and "then" not in words:
        return MAYBE_NOT
    if "either" in words[:-1] and "or" not in words:
        return HARDLY
    if "between" in words[:-1] and "and" not in words[words.index("between") :] and words[-1] not in ("us", "them"):
        return MAYBE_NOT
    return None


def _question(s: Sentence) -> float | None:
    """Judge a question whose end is none of the words that cannot be one."""
    first = s.words[0].partition("'")[0]
    if first in WH and len(s.words) >= 4:
        return SURE if len(s.words) >= 5 else LIKELY
    if first in WH and len(s.words) == 3:
        return LIKELY if s.words[1] in BE | MODAL or "'" in s.words[0] else MAYBE
    if first in BE | MODAL and len(s.words) >= 4 and s.words[1] != "not":
        return LIKELY if len(s.words) < 6 else SURE
    if s.words[:3] in (("tell", "me", "about"), ("show", "me", "the")) and len(s.words) >= 4:
        return LIKELY
    return None


RULES: Final[tuple[Rule, ...]] = (
    *(_complete, _filler, _contraction, _tag, _determiner, _unfinished, _joining, _preposition, _question_word),
    *(_pronoun, _auxiliary, _degree, _objectless, _numbers, _clause, _question),
)


def likely(s: Sentence) -> float:
    """Return the likelihood that the user's turn is over."""
    if not s.words:
        return OPEN
    opinion = next((found for rule in RULES if (found := rule(s)) is not None), None)
    guess = (MAYBE if len(s.words) >= 4 else 0.55) if opinion is None else opinion
    match s.mark:
        case "…":
            return min(guess, HARDLY)
        case ",":
            return min(guess, MAYBE_NOT) if guess < SURE else OPEN
        case "?" | "!" if guess >= MAYBE_NOT:
            return max(guess, SURE)
        case "?" | "!":
            return OPEN
        case "." if guess > OPEN:
            return min(0.95, guess + 0.15)
        case ".":
            # A recogniser ends everything with a full stop.
            return guess + 0.06
        case _:
            return guess
