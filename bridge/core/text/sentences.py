"""Where a sentence ends, and where it only seems to: abbreviations, ordinals, initials, numbers, names of files.

Written for a stream: every question is answered from what stands before a mark and from the few characters behind it,
or with None while those have not come. Marks of every script that has any are known; Thai, Lao, Khmer and Burmese,
which leave a space where others set a mark, are cut at spaces by length.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Final

_LISTS: Final = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def _words(name: str) -> frozenset[str]:
    return frozenset(_LISTS[name].split())


DOTS: Final = ".．"
SPACED: Final = "!?…‼⁇⁈⁉"  # ends when a blank follows
SIGNS: Final = "。！？｡।॥؟۔።፧፨։჻។៕၊။༎᙮‽"  # ends whatever follows
STOPS: Final = DOTS + SPACED + SIGNS
SURE: Final = "!?‼⁇⁈⁉,"  # end behind a plain word even before the blank has come
CLAUSES: Final = ",;:—–"  # ends a clause when a blank follows
CLAUSE_SIGNS: Final = "，、；：،؛፣፤፥"  # ends a clause whatever follows
CLOSERS: Final = "\"'”’»)]}）」』】》〉››〕］"
OPENERS: Final = "\"'“‘«([{（「『【《〈‹„¿¡"

_NEVER: Final = _words("never")
_SOMETIMES: Final = _words("sometimes")
_BEFORE_NUMBER: Final = _words("before_number")
_MONTHS: Final = _words("months")
_ORDINAL: Final = _words("ordinal")
_LAST_WORD: Final = re.compile(r"[^\s(\[{\"“„«‘'（「]*\Z")
_ROMAN: Final = re.compile(r"[IVXLC]{1,6}\Z")
_OPENED: Final = re.compile(
    rf"[{re.escape(OPENERS.translate(dict.fromkeys(map(ord, chr(39) + '‘¿¡'))))}]|(?:\A|\s)['‘]"
)
_PLAIN: Final = re.compile(r"(?:\A|\s)[¿¡]?[^\W\d_]+(?:['’-][^\W\d_]+)*\s?\Z")
FURTHEST: Final = 24  # characters behind a full stop that may decide


def wide(char: str) -> bool:
    """Whether a script without spaces uses this character."""
    return char >= "\u2e80" and not "\uac00" <= char <= "\ud7a3"


def ends(before: str, marks: str, after: str, *, final: bool, german: bool) -> bool | None:
    """Whether `marks`, stops with the closers behind them, end a sentence; None while `after` is too short to tell.

    `before` is the sentence up to the marks, `after` what follows them.
    """
    stops = marks.rstrip(CLOSERS)
    last = stops[-1]
    if not after:
        return True if final else None
    next_char = after[0]
    if last in SIGNS:
        return True
    if not next_char.isspace():
        # Between ideographs a western mark is not followed by a space.
        return wide(next_char) and next_char not in CLOSERS and last != "…" and wide(before[-1:] or "a")
    if before.rfind("«") > before.rfind("»") and "»" not in marks:
        # French leaves a blank before the closing mark.
        if len(after) == 1:
            return True if final else None
        if after[1] == "»":
            return False
    if last in DOTS and len(stops) == 1:
        return _full_stop(before, marks, after, final=final, german=german)
    if last == "…" or (last in DOTS and len(stops) > 1):
        # "Wait... what?" is one sentence.
        seen = _first(after, final=final)
        return None if seen is None else not seen.islower()
    if len(marks) > len(stops) and marks[-1] not in ")]}）】":
        # `"Stop!" he said.` is one sentence.
        seen = _first(after, final=final)
        return None if seen is None else not seen.islower()
    return True


def _full_stop(before: str, marks: str, after: str, *, final: bool, german: bool) -> bool | None:
    match = _LAST_WORD.search(before[-40:])
    written = match.group() if match else ""
    word = written.lower()
    quoted = len(marks) > 1
    if quoted:
        seen = _first(after, final=final)
        return None if seen is None else not seen.islower() or marks[-1] in ")]}）】"
    if word in _NEVER:
        return False
    if word.isdigit():
        return _behind_number(before, word, after, final=final, german=german)
    doubtful = word in _SOMETIMES or word in _BEFORE_NUMBER or _ROMAN.match(written)
    if len(word) == 1 and word.isalpha() and word.isascii() and written != "I":
        return False
    if not doubtful:
        return True
    seen = _first(after, final=final)
    if seen is None:
        return None
    if word in _BEFORE_NUMBER:
        return not seen.isdigit()
    return not seen.islower() and not seen.isdigit()


def _behind_number(before: str, word: str, after: str, *, final: bool, german: bool) -> bool | None:
    """Whether a full stop behind a number ends a sentence: `Am 3. Oktober` does not, nor the number of a list."""
    head = before[: len(before) - len(word)]
    if not head.strip() or head.endswith("\n"):
        return False
    if len(word) > 3:
        return True
    seen = _first(after, final=final)
    if seen is None:
        return None
    if seen.islower():
        return False
    following = re.match(r"\s*([^\W\d_]+)(\W|\Z)?", after)
    if following is None:
        return True
    if following.end() == len(after) and not final and len(after) < FURTHEST and not following[2]:
        return None
    if following[1].lower() in _MONTHS:
        return False
    last = re.search(r"([^\W\d_]+)\s+\Z", head)
    return not (german and last is not None and last[1].lower() in _ORDINAL)


def _first(after: str, *, final: bool) -> str | None:
    """The first letter, digit or sign of what follows; None while only blanks and openers have come."""
    for char in after[:FURTHEST]:
        if not char.isspace() and char not in OPENERS:
            return char
    return "" if final or len(after) >= FURTHEST else None


def clause_ends(before: str, mark: str, after: str, *, final: bool) -> bool | None:
    """Whether a comma or its like parts two clauses; None while `after` is too short to tell."""
    if mark in CLAUSE_SIGNS or (mark in "—–" and before and not before[-1].isdigit()):
        return True
    if not after:
        return True if final else None
    return after[0].isspace() or (mark in "—–" and not before[-1:].isdigit())


def surely_ends(before: str, mark: str) -> bool:
    """Whether a mark ends a sentence or a clause whatever comes behind it.

    So it does behind a plain word where nothing is open: more marks are said with the same breath. A full stop may
    become `config.json`, a colon an address, and behind `page.html?` or `"Stop!` the next character must be seen.
    """
    if mark in SIGNS:
        return not _OPENED.search(before)
    return mark in SURE and _PLAIN.search(before) is not None and not _OPENED.search(before)
