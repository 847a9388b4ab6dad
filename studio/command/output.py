"""Tells people, or programs, how the making goes.

For people: lines, and a bar on a terminal. For programs (`--json`): one JSON object a line, `{"progress": 0..1,
"doing": ...}`, and last `{"done": {...}}` or `{"error": {"code", "message"}}`.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Mapping
from typing import Final, Protocol, TextIO

from engines.identity.fields import Json

BAR: Final = 24  # characters
WIDTH: Final = 78


class Output(Protocol):
    """Where a command says what it does."""

    def progress(self, done: float, sentence: str) -> None:
        """Tell that the part `done` (0..1) is done, and what comes."""
        ...

    def done(self, result: Mapping[str, Json], text: str) -> None:
        """Tell the result, `text` being its form for people."""
        ...

    def failed(self, code: str, message: str) -> None:
        """Tell why it could not be done."""
        ...


class ForPeople:
    """Writes lines to standard output, and the bar and failures to the error stream."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out, self._err = out or sys.stdout, err or sys.stderr
        self._drawn = False

    def progress(self, done: float, sentence: str) -> None:
        """Draw the bar where somebody looks on."""
        if self._err.isatty():
            full = round(BAR * min(1.0, max(0.0, done)))
            line = f"[{'#' * full}{'.' * (BAR - full)}] {sentence}"
            self._write(self._err, f"\r{line[:WIDTH]:<{WIDTH}}")
            self._drawn = True

    def done(self, result: Mapping[str, Json], text: str) -> None:
        """Write the text."""
        self._wipe()
        self._write(self._out, f"{text}\n")

    def failed(self, code: str, message: str) -> None:
        """Write the message."""
        self._wipe()
        self._write(self._err, f"companion: {message}\n")

    def _wipe(self) -> None:
        if self._drawn:
            self._write(self._err, f"\r{'':<{WIDTH}}\r")
            self._drawn = False

    def _write(self, stream: TextIO, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # its reader has gone
            stream.write(text)
            stream.flush()


class ForPrograms:
    """Writes one JSON object a line to standard output."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout

    def progress(self, done: float, sentence: str) -> None:
        """Write a line of progress."""
        self._write({"progress": round(min(1.0, max(0.0, done)), 4), "doing": sentence})

    def done(self, result: Mapping[str, Json], text: str) -> None:
        """Write the result."""
        self._write({"done": dict(result)})

    def failed(self, code: str, message: str) -> None:
        """Write the failure."""
        self._write({"error": {"code": code, "message": message}})

    def _write(self, value: Mapping[str, Json]) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._out.write(json.dumps(value, ensure_ascii=True, separators=(",", ":")) + "\n")
            self._out.flush()
