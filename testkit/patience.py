"""How long a test waits for what must happen: a bound on failure, never waited for by a test that passes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from engines.device.loop import Stage

PATIENCE = 120.0  # seconds; a busy machine is no failure


@contextmanager
def impatient(stage: Stage[Any, Any], seconds: float = 0.1) -> Iterator[None]:
    """Call a run of this very stage hung after `seconds`; others only after their own patience."""
    patient = stage.patience
    object.__setattr__(stage, "patience", seconds)  # frozen for all but the test of a hang
    try:
        yield
    finally:
        object.__setattr__(stage, "patience", patient)
