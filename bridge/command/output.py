"""Makes the standard streams safe to write to, whatever they are: a pipe, a code page, nothing at all."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from typing import TextIO


def prepare() -> None:
    """Let no character and no closed stream end the program.

    A stream that was closed before the start becomes the null device, so that no socket takes its number; characters
    that an encoding lacks are written as escapes.
    """
    for name in ("stdin", "stdout", "stderr"):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123 - it stays open
        elif isinstance(stream, io.TextIOWrapper) and name != "stdin":
            stream.reconfigure(errors="backslashreplace")


def tell(line: str) -> None:
    """Write a line to standard output at once; nobody needs to read it for the program to go on."""
    with contextlib.suppress(OSError, ValueError):  # its reader has gone, or it was closed
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
