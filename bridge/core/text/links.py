"""Square brackets: links and images, of which the words are kept, footnotes, tags, stage directions, or brackets."""

from __future__ import annotations

import re
from typing import Final

from bridge.core.text.directions import staged
from bridge.core.text.reading import Next, Reading
from bridge.core.text.tags import tag

# Characters that a bracket may wait for its partner.
BRACKET: Final = 400
SQUARE: Final = "[]"
ROUND: Final = "()"
TARGET: Final = 2000
REFERENCE: Final = 60

_TARGET: Final = re.compile(
    r"""[ \t]*(?:<[^<>\n]*>|(?:[^\s()]|\([^\s()]*\))*)(?:[ \t]+(?:"[^"\n]*"|'[^'\n]*'|\([^()\n]*\)))?[ \t]*\)"""
)
_LOOSE_TARGET: Final = re.compile(r"(?:https?:|www\.|/|#|mailto:)[^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)", re.IGNORECASE)
_ADDRESS: Final = re.compile(r"[/.#:<]")
_BRACKETS: Final = {kind: re.compile(rf"\\.|[{re.escape(kind)}]|\n\n", re.DOTALL) for kind in (SQUARE, ROUND)}


def bracket(reading: Reading, text: str, at: int) -> Next:
    close = _partner(reading, text, at, SQUARE, BRACKET)
    if close < 0:
        if not reading.final and len(text) - at < BRACKET and text.find("\n\n", at, at + BRACKET) < 0:
            return None
        reading.flow.say("[")
        return at + 1
    inside = text[at + 1 : close]
    if close + 1 == len(text) and not reading.final:
        return None
    there = _link(reading, text, at)
    if there is None or there > at:
        return there
    if inside.startswith("^") and len(inside) > 1 and " " not in inside:
        return close + 1
    if found := tag(inside, reading.emotions):
        reading.flow.cue(found)
        return close + 1
    return staged(reading, text, at, close, marks="square")


def image(reading: Reading, text: str, at: int) -> Next:
    alone = reading.before.isspace()  # behind a word it ends a sentence, which need not wait
    if alone and at + 1 == len(text) and not reading.final:
        return None
    if alone and text[at + 1 : at + 2] == "[":
        there = _link(reading, text, at + 1)
        if there is None or there > at + 1:
            return there
    reading.flow.say("!")
    return at + 1


def _link(reading: Reading, text: str, at: int) -> Next:
    """Read a link whose text opens at `at`; `at` itself if it is none."""
    close = _partner(reading, text, at, SQUARE, BRACKET)
    if close < 0:
        broken = text.find("\n\n", at, at + BRACKET) >= 0
        return at if reading.final or broken or len(text) - at >= BRACKET else None
    if close + 1 == len(text):
        return at if reading.final else None
    inside, after = text[at + 1 : close], close + 1
    glued = reading.before.isalnum() or reading.before in ")]"
    if text[after] == "(":
        end = _target(reading, text, after, glued=glued)
        if end is not None and end > after:
            reading.inner(inside)
        return end if end is None or end > after else at
    if text[after] == "[" and not glued:
        end = text.find("]", after, after + REFERENCE)
        if end < 0:
            waits = (
                not reading.final and len(text) - after < REFERENCE and text.find("\n", after, after + REFERENCE) < 0
            )
            return None if waits else at
        name = text[after + 1 : end].strip()
        if not name or name.isdigit():
            reading.inner(inside)
            return end + 1
    return at


def _target(reading: Reading, text: str, at: int, *, glued: bool) -> Next:
    """Read the address of a link, whose round bracket opens at `at`; `at` itself if it is none."""
    if text.startswith("data:", at + 1):
        reading.dropping = ")"
        return at + 1
    line = text.find("\n", at, at + TARGET)
    limit = at + TARGET if line < 0 else line
    target = _TARGET.match(text, at + 1, limit) or _LOOSE_TARGET.match(text, at + 1, limit)
    if target is not None:
        return at if glued and not _ADDRESS.search(target[0]) else target.end()
    if reading.final or line >= 0 or len(text) >= limit:
        return at
    close = _partner(reading, text, at, ROUND, TARGET)
    return at if close >= 0 and not re.search("[\"']", text[at:close]) else None


def _partner(reading: Reading, text: str, at: int, kind: str, most: int) -> int:
    """Return where the bracket that opens at `at` is closed, less than `most` characters on; -1 if it is not.

    Brackets within it are counted, and none is left open over an empty line.
    """
    known = reading.pairs.get(kind)
    if known is None or known[0] is not text:
        known = reading.pairs[kind] = (text, _pairs(text, kind))
    close = known[1].get(at, -1)
    return close if close - at < most else -1


def _pairs(text: str, kind: str) -> dict[int, int]:
    """Return where each bracket of a kind, "[]" or "()", is closed."""
    pairs: dict[int, int] = {}
    waiting: list[int] = []
    for found in _BRACKETS[kind].finditer(text):
        if found[0] == kind[0]:
            waiting.append(found.start())
        elif found[0] == kind[1]:
            if waiting:
                pairs[waiting.pop()] = found.start()
        elif found[0] == "\n\n":
            waiting.clear()
    return pairs
