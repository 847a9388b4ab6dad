"""Stars, underscores and tildes: stress, a stage direction, or characters that are read."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from bridge.core.text.directions import opened_direction
from bridge.core.text.reading import Next, Reading

STRESS: Final = 80  # characters that a mark may wait for its partner


def stress(reading: Reading, text: str, at: int) -> Next:
    """Stars, underscores and tildes: stress, a stage direction, or characters."""
    char = text[at]
    end = at
    while end < len(text) and text[end] == char:
        end += 1
    if end == len(text) and not reading.final:
        return None
    run = end - at
    before, after = reading.before, text[end : end + 1]
    if (char == "~" and run != 2) or _in_address(reading):
        reading.flow.say(text[at:end])
        return end
    if (before.isalnum() and after.isalnum()) or (char == "*" and _is_math(before, after)):
        return _inside_word(reading, text, at, end)
    opens = bool(after) and not after.isspace() and (not _punctuates(after) or before.isspace() or _punctuates(before))
    # Laxer than CommonMark, whose rule leaves the stars of Chinese text standing.
    if not before.isspace() and any(mark == char for mark, _ in reading.open):
        _close(reading, char, run)
        return end
    if opens:
        return _opening(reading, text, at, end)
    reading.flow.say(text[at:end])
    return end


def _in_address(reading: Reading) -> bool:
    """Whether the word that is being read is an address, in which marks are letters."""
    word = "" if reading.flow.blank else reading.flow.said.rsplit(maxsplit=1)[-1:]
    return bool(word) and ("://" in word[0] or word[0].startswith("www."))


def _close(reading: Reading, char: str, run: int) -> None:
    for number in range(len(reading.open) - 1, -1, -1):
        mark, length = reading.open[number]
        if mark != char:
            continue
        if length > run:
            reading.open[number] = (mark, length - run)
            return
        del reading.open[number]
        run -= length
        if not run:
            return


def _opening(reading: Reading, text: str, at: int, end: int) -> Next:
    char, run = text[at], end - at
    if char != "~" and run == 1:
        there = opened_direction(reading, text, at)
        if there is None or there > at:
            return there
    if char == "_" or run == 1:
        there = _has_partner(reading, text, end, text[at:end])
        if there is None:
            return None
        if not there:
            reading.flow.say(text[at:end])
            return end
    reading.open.append((char, run))
    return end


def _has_partner(reading: Reading, text: str, end: int, mark: str) -> bool | None:
    """Whether a mark of stress is closed before long, as a long one is taken to be; None while it is unknown."""
    limit = end + STRESS
    at = end
    stop = text.find("\n", end, limit)
    while True:
        at = text.find(mark, at, limit)
        if at < 0 or (0 <= stop < at):
            break
        if not text[at - 1].isspace():
            return True
        at += len(mark)
    if stop >= 0:
        return False
    if len(text) < limit and not reading.final:
        return None
    return len(text) >= limit and mark != "_"


def _inside_word(reading: Reading, text: str, at: int, end: int) -> Next:
    """A mark between two letters or digits: `5*3` and `snake_case` are read, `un*believ*able` is stressed."""
    char, mark = text[at], text[at:end]
    before, after = reading.before, text[end : end + 1]
    if char == "_" or _is_math(before, after):
        reading.flow.say(mark)
        return end
    if any(each == (char, end - at) for each in reading.open):
        _close(reading, char, end - at)
        return end
    limit = end + STRESS
    wide = _wide(before) or _wide(after)
    stop = re.compile(r"\n" if wide else r"\s").search(text, end, limit)
    close = text.find(mark, end, stop.start() if stop else limit)
    if close >= 0:
        if close + len(mark) == len(text) and not reading.final:
            return None
        beyond = text[close + len(mark) : close + len(mark) + 1]
        if not _is_math(text[close - 1], beyond):
            reading.open.append((char, end - at))
            return end
    elif stop is None and not reading.final and len(text) < limit:
        return None
    reading.flow.say(mark)
    return end


def _is_math(before: str, after: str) -> bool:
    """Whether a star between these two multiplies."""
    return (before.isdigit() and bool(after) and (after.isalnum() or after in "(-")) or (
        after.isdigit() and (before.isalnum() or before == ")")
    )


def _punctuates(char: str) -> bool:
    return unicodedata.category(char)[0] in "PS" if char else False


def _wide(char: str) -> bool:
    return char >= "\u2e80"
