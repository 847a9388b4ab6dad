"""What a conversation looks like on a terminal or in a pipe: lines of text, and nothing that is not text.

On a terminal, partial transcripts and states come and go on the current line. In a pipe every line stays, so partial
transcripts are lines of their own and states are left out. It knows no clock: it shows what it is told when it is told.
"""

from __future__ import annotations

import os
import shutil
import unicodedata
from typing import TextIO

ISOLATE, END_ISOLATE = "\u2068", "\u2069"  # words between them have the direction of their first letter (UAX 9)
JOINERS = "\u200c\u200d"  # without a shape, but part of words and of emoji

MANNERS = {
    "happy": "smiles",
    "sad": "looks sad",
    "angry": "frowns",
    "surprised": "looks surprised",
    "afraid": "looks frightened",
    "disgusted": "wrinkles the nose",
    "relaxed": "relaxes",
    "neutral": "",
    "wave": "waves",
    "nod": "nods",
    "shake": "shakes the head",
    "point": "points",
    "shrug": "shrugs",
    "bow": "bows",
    "think": "thinks",
    "clap": "claps",
}


class Screen:
    """Writes to `out`; `quiet` leaves the words of the conversation only."""

    def __init__(self, out: TextIO, *, quiet: bool = False) -> None:
        self.tty = out.isatty()
        self._out = out
        self._quiet = quiet
        self._styled = self.tty and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
        self._column = 0  # of a line that stays
        self._passing = False  # something that may be overwritten is on the line
        self._speaker = ""
        self._apart = True  # what comes next has a space before it
        self._prompting = False
        self._isolating = False  # the line holds words that run from right to left

    def note(self, text: str) -> None:
        """Show a sentence of the client's own."""
        if not self._quiet:
            self._line(self._dim(f"({_plain(text)})"))

    def page(self, text: str) -> None:
        """Show a text of several lines, such as the minutes of a meeting, also when quiet."""
        for line in text.splitlines():
            self._line(_plain(line))

    def error(self, text: str) -> None:
        """Show that something went wrong, also when quiet."""
        self._line(_plain(text))

    def state(self, state: str) -> None:
        """Show what the companion is doing."""
        if self.tty and not self._quiet and not self._column and state in ("listening", "thinking"):
            self._pass(self._dim(f"({state})"))

    def partial(self, text: str) -> None:
        """Show what has been understood so far of what the user is saying."""
        if self._quiet or self._column:
            return
        text = _plain(text)
        if self.tty:
            self._pass(_isolated(f"you: {_tail(text, _width() - 10)} ..."))
        else:
            self._line(f"   ... {text}")

    def user(self, text: str) -> None:
        """Show what the user said."""
        text = f"you: {_plain(text)}"
        self._line(_isolated(text) if self.tty else text)

    def begin(self, name: str) -> None:
        """Begin what the companion says."""
        self._clear()
        self._speaker = f"{_plain(name)}:"
        self._apart = True
        self._write(self._speaker)

    def word(self, text: str, gap: str = " ") -> None:
        """Show a word that is heard; `gap` is what is written before it."""
        self._flow(_plain(text), gap=_printable(gap))

    def cue(self, kind: str, name: str) -> None:
        """Show an emotion or gesture."""
        manner = MANNERS.get(name, name if kind == "emotion" else f"{name}s")
        if manner and not self._quiet:
            self._flow(f"({_plain(manner)})", dim=True)

    def end(self, *, cut: bool) -> None:
        """End what the companion said, or was `cut` short in."""
        if cut and self._column:
            self._flow("--")
        self._clear()
        self._invite()

    def prompt(self, *, wanted: bool = True) -> None:
        """Invite the user to type (or no more): on a terminal, whenever the line is free."""
        self._prompting = wanted and self.tty
        if not self._column:
            self._clear()
            self._invite()

    def entered(self) -> None:
        """Note that the user has pressed Enter: the terminal is on a new line."""
        self._passing = False
        self._column = 0

    def _flow(self, text: str, *, gap: str = " ", dim: bool = False) -> None:
        if not self._column:
            self._clear()
            self._write(self._speaker)
        if self._apart:
            gap = f" {gap.lstrip()}"
        width = _width()
        if self.tty and self._column and self._column + columns(gap + text) >= width:
            self._break()
            # The lines of one speaker stand below each other, where there is room.
            indent = columns(self._speaker)
            self._write(" " * indent if 2 * indent < width else "")
            gap = f" {gap.lstrip()}" if 2 * indent < width else ""
        if self.tty and not self._isolating and _is_right_to_left(text):
            self._out.write(ISOLATE)
            self._isolating = True
        self._write(gap)
        self._write(text, dim=dim)
        self._apart = dim

    def _break(self) -> None:
        """End the line that stays."""
        self._out.write(f"{END_ISOLATE * self._isolating}\n")
        self._isolating = False
        self._column = 0

    def _write(self, text: str, *, dim: bool = False) -> None:
        self._out.write(self._dim(text) if dim else text)
        self._out.flush()
        self._column += columns(text)

    def _line(self, text: str) -> None:
        self._clear()
        self._out.write(f"{text}\n")
        self._invite()

    def _invite(self) -> None:
        if self._prompting:
            self._clear()
            self._out.write("> ")
            self._passing = True
        self._out.flush()

    def _pass(self, text: str) -> None:
        self._clear()
        self._out.write(text)
        self._out.flush()
        self._passing = True

    def _clear(self) -> None:
        """Be at the start of an empty line."""
        if self._passing:
            self._out.write("\r\x1b[K")
        elif self._column:
            self._break()
        self._passing = False
        self._column = 0

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[22m" if self._styled else text


def _width() -> int:
    return shutil.get_terminal_size().columns


def _plain(text: str) -> str:
    """Return text without control characters: a server must not be able to steer the terminal."""
    return _printable(text).strip()


def _printable(text: str) -> str:
    return "".join(_shown(letter) for letter in text)


def _shown(letter: str) -> str:
    if letter.isprintable() or letter in JOINERS:
        return letter
    # Marks without a shape (of direction, of order) are left out; a tab or a line feed stands between words.
    return "" if unicodedata.category(letter) == "Cf" else " "


def columns(text: str) -> int:
    """Return the cells that a terminal takes to show a text."""
    return sum(_cells(letter) for letter in text)


def _cells(letter: str) -> int:
    if unicodedata.category(letter) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _tail(text: str, cells: int) -> str:
    """Return as much of the end of `text` as `cells` hold."""
    at = len(text)
    while at and (cells := cells - _cells(text[at - 1])) >= 0:
        at -= 1
    return text[at:]


def _is_right_to_left(text: str) -> bool:
    """Return whether the first letter of `text` that has a direction runs from right to left (UAX 9, P2)."""
    directions = (unicodedata.bidirectional(letter) for letter in text)
    return next((each for each in directions if each in ("L", "R", "AL")), "L") != "L"


def _isolated(text: str) -> str:
    """Return a line whose words after the speaker keep their own direction, so that their stop stands at their end."""
    speaker, colon, words = text.partition(": ")
    return f"{speaker}{colon}{ISOLATE}{words}{END_ISOLATE}" if _is_right_to_left(words) else text
