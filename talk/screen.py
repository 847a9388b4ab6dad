"""What a conversation looks like on a terminal or in a pipe: lines of text, and nothing that is not text.

On a terminal, partial transcripts and states come and go on the current line. In a pipe every line stays, so partial
transcripts are lines of their own and states are left out. It knows no clock: it shows what it is told when it is told.
"""

from __future__ import annotations

import os
import shutil
from typing import TextIO

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
        self._prompting = False

    def note(self, text: str) -> None:
        """A sentence of the client's own."""
        if not self._quiet:
            self._line(self._dim(f"({_plain(text)})"))

    def error(self, text: str) -> None:
        """Something went wrong; shown even when quiet."""
        self._line(_plain(text))

    def state(self, state: str) -> None:
        """What the companion is doing."""
        if self.tty and not self._quiet and not self._column and state in ("listening", "thinking"):
            self._pass(self._dim(f"({state})"))

    def partial(self, text: str) -> None:
        """What has been understood so far of what the user is saying."""
        if self._quiet or self._column:
            return
        text = _plain(text)
        if self.tty:
            self._pass(f"you: {text[-(shutil.get_terminal_size().columns - 10) :]} ...")
        else:
            self._line(f"   ... {text}")

    def user(self, text: str) -> None:
        """What the user said."""
        self._line(f"you: {_plain(text)}")

    def begin(self, name: str) -> None:
        """The companion begins to speak."""
        self._clear()
        self._speaker = f"{_plain(name)}:"
        self._write(self._speaker)

    def word(self, text: str) -> None:
        """A word is heard."""
        self._flow(_plain(text))

    def cue(self, kind: str, name: str) -> None:
        """An emotion or gesture is seen."""
        manner = MANNERS.get(name, name if kind == "emotion" else f"{name}s")
        if manner and not self._quiet:
            self._flow(f"({_plain(manner)})", dim=True)

    def end(self, *, cut: bool) -> None:
        """The companion has spoken, or was `cut` short."""
        if cut and self._column:
            self._flow("--")
        self._clear()
        self._invite()

    def prompt(self, *, wanted: bool = True) -> None:
        """The user may type (or no more), from now on: on a terminal, whenever the line is free it shows so."""
        self._prompting = wanted and self.tty
        if not self._column:
            self._clear()
            self._invite()

    def entered(self) -> None:
        """The user has pressed Enter: the terminal is on a new line."""
        self._passing = False
        self._column = 0

    def _flow(self, text: str, *, dim: bool = False) -> None:
        if not self._column:
            self._clear()
            self._write(self._speaker)
        if self.tty and self._column + 1 + len(text) >= shutil.get_terminal_size().columns:
            self._out.write("\n")
            self._column = 0
            self._write(" " * len(self._speaker))
        self._write(" ")
        self._write(text, dim=dim)

    def _write(self, text: str, *, dim: bool = False) -> None:
        self._out.write(self._dim(text) if dim else text)
        self._out.flush()
        self._column += len(text)

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
            self._out.write("\n")
        self._passing = False
        self._column = 0

    def _dim(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[22m" if self._styled else text


def _plain(text: str) -> str:
    """Text without control characters: a server must not be able to steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text).strip()
