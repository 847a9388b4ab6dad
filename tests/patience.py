"""How long a test waits for what must happen: a bound on failure, never waited for by a test that passes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engines.device_loop import Stage

PATIENCE = 120.0  # seconds; a busy machine is no failure


@contextmanager
def impatient(stage: Stage[object, object], seconds: float = 0.1) -> Iterator[None]:
    """Within it a run of this very stage counts as hung after `seconds`; outside only what its own patience says."""
    patient = stage.patience
    object.__setattr__(stage, "patience", seconds)  # frozen for all but the test of a hang
    try:
        yield
    finally:
        object.__setattr__(stage, "patience", patient)
