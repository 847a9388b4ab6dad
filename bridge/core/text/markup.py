"""Takes Markdown, HTML, tags and stage directions out of a stream: plain words on one side, cues on the other.

A parser of whole documents does not fit a stream: it knows a paragraph when it has ended, and the first sound must be
on its way by then. So each mark is decided with the least text that decides it: where the stream was cut never changes
what comes out, and no mark is waited for longer than its bound. `blocks` reads the beginnings of lines (lists, quotes,
headings, tables, code); a file beside this one reads each kind of mark that stands in a line.
"""

from __future__ import annotations

import re
from typing import Final, assert_never

from bridge.core.text.angles import angle, drop, entity
from bridge.core.text.code import Code
from bridge.core.text.directions import round_bracket
from bridge.core.text.links import bracket, image
from bridge.core.text.marks import cell, code_span, escape
from bridge.core.text.pieces import Piece
from bridge.core.text.reading import Next, Reading
from bridge.core.text.stress import stress

_MARKS: Final = re.compile(r"[\n\\`*_~\[!<&|(（【\t\r]|[ ]{2,}")


class Markup:
    """Reads one text; `emotions` are the bare tags that mean a mood, `code` says what becomes of blocks of code.

    `begun`: something was said before it.
    """

    def __init__(self, emotions: frozenset[str], code: Code | None = None, *, begun: bool = False) -> None:
        self._reading = Reading(emotions, code or Code(), self._inner)
        if begun:
            self._reading.flow.blank, self._reading.flow.breaks = False, 0
        self._held = ""

    def push(self, text: str) -> list[Piece]:
        """Return the words and cues that are certain by now."""
        return self._take(text, final=False)

    def flush(self) -> list[Piece]:
        """Return the rest."""
        return self._take("", final=True)

    def _take(self, more: str, *, final: bool) -> list[Piece]:
        text, self._held, self._reading.final = self._held + more, "", final
        at = 0
        while at < len(text):
            there = self._at_line(text, at) if self._reading.lines.begins else self._in_line(text, at)
            if there is None:
                self._held = text[at:]
                break
            if there > at:
                self._reading.before = text[there - 1]
            at = there
        return self._reading.flow.taken()

    def _at_line(self, text: str, at: int) -> Next:
        """Read the beginning of a line."""
        reading = self._reading
        if reading.dropping:
            reading.lines.begins = False
            return at
        read = reading.lines.read(text, at, final=reading.final)
        if read is None:
            return None
        match read.kind:
            case "code":
                reading.announce()
            case "code_line":
                if reading.code.read:
                    line = text[at : read.end]
                    reading.flow.words(line.rstrip("\n"))
                    if line.endswith("\n"):
                        reading.flow.end_line()
            case "rule":
                reading.flow.end_line()
            case "words" | "mark" | "nothing":
                pass
            case _:
                assert_never(read.kind)
        return read.end

    def _in_line(self, text: str, at: int) -> Next:
        """Read on to the next mark, or that mark."""
        reading = self._reading
        if reading.dropping:
            return drop(reading, text, at)
        found = _MARKS.search(text, at)
        mark = found.start() if found else len(text)
        if mark > at:
            reading.flow.plain(text[at:mark], row=reading.lines.row)
            return mark
        match text[at]:
            case "\n":
                return self._new_line(at)
            case " " | "\t" | "\r":
                reading.flow.space(row=reading.lines.row)
                return found.end() if found else at + 1
            case "\\":
                return escape(reading, text, at)
            case "`":
                return code_span(reading, text, at)
            case "*" | "_" | "~":
                return stress(reading, text, at)
            case "[":
                return bracket(reading, text, at)
            case "!":
                return image(reading, text, at)
            case "<":
                return angle(reading, text, at)
            case "&":
                return entity(reading, text, at)
            case "|":
                return cell(reading, text, at)
            case _:
                return round_bracket(reading, text, at)

    def _new_line(self, at: int) -> int:
        reading = self._reading
        if reading.lines.empty:
            reading.open.clear()
        reading.flow.end_line()
        reading.lines.next()
        return at + 1

    def _inner(self, text: str) -> None:
        """Let out what stands in a link, which may have marks of its own."""
        outer = self._reading
        markup = Markup(outer.emotions, outer.code)
        inner = markup._reading
        inner.lines.begins = False
        inner.before = outer.before
        inner.flow.blank, inner.flow.breaks = outer.flow.blank, outer.flow.breaks
        for piece in [*markup.push(text), *markup.flush()]:
            if isinstance(piece, str):
                outer.flow.say(piece)
            else:
                outer.flow.cue(piece)
