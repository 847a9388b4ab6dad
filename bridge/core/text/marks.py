"""The small marks of a line: escapes, code spans, and the bars between the cells of a table."""

from __future__ import annotations

from typing import Final

from bridge.core.text.reading import Next, Reading

SPAN: Final = 500  # characters of a code span
_PUNCTUATION: Final = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def escape(reading: Reading, text: str, at: int) -> Next:
    if at + 1 == len(text):
        if not reading.final:
            return None
        reading.flow.say("\\")
        return at + 1
    after = text[at + 1]
    if after == "\n":
        return at + 1
    if after in _PUNCTUATION:
        reading.flow.say(after)
        return at + 2
    reading.flow.say("\\")
    return at + 1


def code_span(reading: Reading, text: str, at: int) -> Next:
    end = at
    while end < len(text) and text[end] == "`":
        end += 1
    if end == len(text) and not reading.final:
        return None
    ticks = text[at:end]
    limit = end + SPAN
    broken = text.find("\n\n", end, limit)
    close = end
    while True:
        close = text.find(ticks, close, limit)
        if close < 0:
            break
        after = close + len(ticks)
        if after == len(text) and not reading.final:
            return None
        if text[after : after + 1] != "`":
            if 0 <= broken < close:
                break
            reading.flow.words(text[end:close].strip())
            return after
        while close < len(text) and text[close] == "`":
            close += 1
    if close < 0 and broken < 0 and not reading.final and len(text) < limit:
        return None
    reading.flow.say(ticks)
    return end


def cell(reading: Reading, text: str, at: int) -> Next:
    """A bar between the cells of a table."""
    if not reading.lines.row:
        reading.flow.say("|")
        return at + 1
    end = at + 1
    while end < len(text) and text[end] in " \t|":
        end += 1
    if end == len(text) and not reading.final:
        return None
    last = end == len(text) or text[end] in "\r\n"
    reading.flow.pending = False
    if not last and reading.flow.said.strip():
        reading.flow.say(", ")
    return end
