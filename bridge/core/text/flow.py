"""What comes out of the markup: words with single blanks, line breaks of which two are the most, and cues."""

from __future__ import annotations

import re

from bridge.core.text.pieces import Piece, Tag

REMEMBERED = 80  # characters of the line that was let out last


class Flow:
    """Takes what was read and keeps it until it is asked for; it never needs to take anything back."""

    def __init__(self) -> None:
        self.said = ""  # the end of what came out in this line
        self.blank = True  # what came out ends with a blank, or nothing came out yet
        self.breaks = 2  # line breaks that came out last
        self.pending = False  # a blank waits for the next word
        self._out: list[Piece] = []

    def taken(self) -> list[Piece]:
        """Return what came out since the last call."""
        pieces, self._out = self._out, []
        return pieces

    def say(self, text: str) -> None:
        """Let words out as they are."""
        if not text:
            return
        if self.pending:
            self.pending = False
            text = f" {text}"
        self.said = (self.said + text)[-REMEMBERED:]
        self.blank = text[-1] in " \t\n"
        self.breaks = 0
        if self._out and isinstance(self._out[-1], str):
            self._out[-1] += text
        else:
            self._out.append(text)

    def plain(self, text: str, *, row: bool) -> None:
        """Let words out in which no blank follows another; in a `row` a last blank waits, for a bar may follow."""
        if self.blank or self.pending:
            text = text.lstrip(" ")
        if row and text.endswith(" "):
            self.say(text[:-1])
            self.pending = True
        else:
            self.say(text)

    def words(self, text: str) -> None:
        """Let words out whose blanks may be many and may stand anywhere, as those of a code span."""
        for number, word in enumerate(re.split(r"\s+", text)):
            if number:
                self.space()
            self.say(word)

    def space(self, *, row: bool = False) -> None:
        """Let a blank out, unless one stands there already."""
        if row:
            self.pending = not self.blank
        elif not self.blank:
            self.say(" ")

    def end_line(self) -> None:
        """End a line; two line breaks are the most."""
        self.pending = False
        if self.breaks < 2:
            breaks = self.breaks
            self.say("\n")
            self.breaks = breaks + 1
        self.blank = True
        self.said = ""

    def cue(self, found: Tag) -> None:
        """Let a cue out."""
        self._out.append(found)
