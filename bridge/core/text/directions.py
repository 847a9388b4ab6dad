"""Finds stage directions between marks, and leaves those out that `bridge.core.text.stage` tells from words."""

from __future__ import annotations

from typing import Final

from bridge.core.text.reading import Next, Reading
from bridge.core.text.stage import LONGEST, Around, Marks, direction, may_begin

ROUND: Final = 200  # characters of a direction in round brackets
FOLLOWS: Final = 40  # blanks behind a direction, at most
_ENDS: Final = '.!?…。！？।؟۔"”»)]』」）'
_ROUND_CLOSER: Final = {"(": ")", "（": "）", "【": "】"}


def round_bracket(reading: Reading, text: str, at: int) -> Next:
    """Round brackets: a stage direction, or words."""
    opening = text[at]
    closer = _ROUND_CLOSER[opening]
    end = min(len(text), at + ROUND)
    line = text.find("\n", at + 1, end)
    close = text.find(closer, at + 1, end if line < 0 else line)
    if close >= 0:
        return staged(reading, text, at, close, marks="round")
    known = reading.final or line >= 0 or end == at + ROUND
    if known or not may_begin(text[at + 1 : end], whole=False):
        reading.flow.say(opening)
        return at + 1
    return None


def opened_direction(reading: Reading, text: str, at: int) -> Next:
    """Read a direction that a single star opens; `at` itself when it is none."""
    char = text[at]
    close = text.find(char, at + 1, at + LONGEST)
    broken = text.find("\n\n", at + 1, at + LONGEST)
    if broken >= 0 and (close < 0 or broken < close):
        return at
    if close < 0:
        open_end = reading.final or len(text) - at >= LONGEST
        return at if open_end or not may_begin(text[at + 1 : at + LONGEST], whole=False) else None
    if close + 1 == len(text) and not reading.final:
        return None
    if text[close + 1 : close + 2] == char or text[close - 1].isspace():
        return at
    return staged(reading, text, at, close, marks="stars")


def staged(reading: Reading, text: str, at: int, close: int, *, marks: Marks) -> Next:
    """Leave out the direction between two marks, or let its opening mark out."""
    inside = text[at + 1 : close]
    if may_begin(inside, whole=True) or inside.strip() in reading.emotions:
        follows = _follows(reading, text, close + 1)
        if follows is None:
            return None
        if found := direction(inside, _around(reading, follows, marks=marks), reading.emotions):
            reading.flow.cue(found)
            return close + 1
    if marks != "stars":
        reading.flow.say(text[at])
        return at + 1
    return at


def _follows(reading: Reading, text: str, at: int) -> str | None:
    """Return the first character from `at` that is no blank; None while it is unknown."""
    limit = at + FOLLOWS
    while at < len(text) and at < limit and text[at] in " \t\r":
        at += 1
    if at < len(text):
        return text[at] if at < limit else ""
    return "" if reading.final or at == limit else None


def _around(reading: Reading, follows: str, *, marks: Marks) -> Around:
    said = reading.flow.said.rstrip()
    begins = not said or said[-1] in _ENDS or said[-1] in "\"“'‘«「『"
    return Around(reading.flow.said, begins, follows, marks)
