"""Regular expressions from strangers, run by RE2: the time they take grows with the text and with the pattern, no more.

RE2 (Cox, "Regular Expression Matching in the Wild", 2010) has no look-around and no back references; keys that need
them are refused. A search costs at most as many steps as the pattern has instructions times the bytes it is tried on,
so the instructions of all patterns of a book are bounded together: BUDGET times SUBJECT steps are under 5 ms of one
core (`python -m bench.keys`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import re2

from engines.text.han import alike

LONGEST: Final = 200  # characters of a pattern
BUDGET: Final = 1500  # instructions of all patterns of one lorebook together
SUBJECT: Final = 600  # bytes of text that patterns are tried on
MEMORY: Final = 256 * 1024  # bytes that one pattern's automaton may take

_SLASHED: Final = re.compile(r"/(.+)/([a-z]*)", re.DOTALL)
# What nobody writes in a plain key: an anchor, escapes, classes, groups with a choice, repeats of more than a letter.
_MEANT: Final = re.compile(
    r"^\^\w|\\[wdsbWDSB.]|\[[^\]]*\w-\w[^\]]*\]|\w\[\w+\]\w|\][*+?{]|\(.*\|.*\)|\(\?:|\.[*+]|\w\|\w|\)[*+?{]|\w\{\d"
)


@dataclass(slots=True)
class Budget:
    """What is left of the instructions for one lorebook."""

    left: int = BUDGET


class Pattern:
    """A compiled key; `size` counts its instructions."""

    __slots__ = ("_compiled", "size", "text")

    def __init__(self, text: str, *, case_sensitive: bool) -> None:
        """Compile `text`; ValueError when RE2 cannot."""
        options = re2.Options()
        options.case_sensitive = case_sensitive
        options.log_errors = False
        options.max_mem = MEMORY
        try:
            self._compiled = re2.compile(text, options)
        except (re2.error, UnicodeError) as error:
            raise ValueError(f"not a pattern of RE2: {text[:80]!r}") from error
        self.text = text
        self.size: int = self._compiled.programsize

    def found_in(self, subject: bytes) -> bool:
        """Say whether the pattern occurs in UTF-8 text."""
        return self._compiled.search(subject) is not None


def is_pattern(key: str, *, slashed_only: bool) -> bool:
    """Say whether a key of an entry with `use_regex` is meant as a pattern rather than as the text that it is.

    SillyTavern exports `use_regex` with every entry and reads only `/.../` as patterns (`slashed_only`); others write
    patterns without slashes, which are told from plain keys such as "C++" or "who?" by what only patterns have.
    """
    return bool(_SLASHED.fullmatch(key)) or (not slashed_only and bool(_MEANT.search(key)))


def compile_key(key: str, budget: Budget, *, case_sensitive: bool = False) -> Pattern | None:
    """Compile a lorebook key, `/slashes/i` included; None when it is invalid, too long or over the budget."""
    flags = ""
    if slashed := _SLASHED.fullmatch(key):
        key, flags = slashed[1], slashed[2]
        case_sensitive = case_sensitive and "i" not in flags
    if len(key) > LONGEST:
        return None
    if (simplified := alike(key)) != key:  # a pattern in Traditional Chinese signs is for both ways of writing
        key = f"(?:{key})|(?:{simplified})"
    inline = "".join(flag for flag in "ms" if flag in flags)
    try:
        pattern = Pattern(f"(?{inline}){key}" if inline else key, case_sensitive=case_sensitive)
    except ValueError:
        return None
    if pattern.size > budget.left:
        return None
    budget.left -= pattern.size
    return pattern


def subject(text: str) -> bytes:
    """Return the end of a stretch of conversation, as much of it as patterns are tried on."""
    return text[-SUBJECT:].encode("utf-8", "replace")[-SUBJECT:]
