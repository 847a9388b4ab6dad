"""Writes down what happened on a show, a line of JSON each, as it happens."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TextIO


class Transcript:
    """A file that grows; `moment` is the second of the show. Without a file nothing is kept."""

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self.counts: dict[str, int] = {}

    @classmethod
    def at(cls, path: Path) -> Transcript:
        """Begin a file; raises OSError where it cannot be written or is there already."""
        path.parent.mkdir(parents=True, exist_ok=True)
        return cls(path.open("x", encoding="utf-8"))

    def note(self, moment: float, what: str, **fields: Any) -> None:
        """Write one thing down."""
        self.counts[what] = self.counts.get(what, 0) + 1
        if self._file is not None:
            entry = {"at": round(moment, 2), "what": what, **fields}
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Write no more."""
        if self._file is not None:
            self._file.close()
            self._file = None
