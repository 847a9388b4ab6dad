"""Regular expressions from strangers: only those whose worst case is cheap are compiled.

Backtracking is bounded by construction: no look-around, back reference or quantified group; at most one unbounded
repeat; the branches (alternatives multiplied, times two for each optional) are few. Everything else is refused.
"""

from __future__ import annotations

import re
import warnings
from typing import Final

LONGEST: Final = 200
BRANCHES: Final = 64
SUBJECT: Final = 1000  # characters of text that a pattern is tried on

_SLASHED: Final = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)


def compile_key(key: str, *, case_sensitive: bool = False) -> re.Pattern[str] | None:
    """A pattern for a lorebook key, `/slashes/i` included; None when it is invalid or could be slow."""
    if slashed := _SLASHED.fullmatch(key):
        key, flags = slashed[1], slashed[2]
        case_sensitive = case_sensitive and "i" not in flags
    if len(key) > LONGEST or not _is_cheap(key):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return re.compile(key, re.NOFLAG if case_sensitive else re.IGNORECASE)
    except (re.error, OverflowError, RecursionError, Warning):
        return None


def _is_cheap(key: str) -> bool:
    branches, unbounded, i = 1, 0, 0
    while i < len(key):
        match key[i]:
            case "\\":
                if key[i + 1 : i + 2].isdigit():
                    return False
                i += 1
            case "[":
                i = _class_end(key, i)
            case "(":
                if key[i + 1 : i + 2] == "?" and key[i + 2 : i + 3] != ":":
                    return False
            case ")" if key[i + 1 : i + 2] in ("*", "+", "?", "{"):
                return False
            case "|":
                branches *= 2
            case "?":
                branches *= 2
            case "*" | "+":
                unbounded += 1
            case "{":
                return False
            case _:
                pass
        i += 1
    return branches <= BRANCHES and unbounded <= 1


def _class_end(key: str, start: int) -> int:
    """Where the character class that begins at `start` ends."""
    i = start + 1 + (key[start + 1 : start + 2] == "^")
    i += key[i : i + 1] == "]"
    while i < len(key) and key[i] != "]":
        i += 2 if key[i] == "\\" else 1
    return i
