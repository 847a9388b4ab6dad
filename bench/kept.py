"""Keeps what a long measurement has come to, so that it can be made in parts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any


def kept(file: Path, make: Callable[[], Any]) -> Any:
    """Return what a file holds as JSON, or what `make` returns, which is written there; delete it to measure anew."""
    if file.exists():
        return json.loads(file.read_text("utf-8"))
    made = make()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(made), "utf-8")
    return json.loads(file.read_text("utf-8"))
