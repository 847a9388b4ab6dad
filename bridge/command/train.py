"""Hands `companion train` over to training, which nothing else here knows and which is not loaded to serve."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from bridge import wallclock
from bridge.command.gate import training_gate
from bridge.errors import BridgeError


def run(given: Sequence[str]) -> int:
    """Run one of training's commands; 0 when it worked, 1 when it failed, 2 for a wrong command line."""
    from training.command import cli as training

    created = datetime.fromtimestamp(wallclock.now(), UTC).isoformat(timespec="seconds")
    try:
        return training.main(given, prog="companion train", clock=wallclock.now, created=created, gate=training_gate)
    except BridgeError as error:  # of the configuration that a federation is served by
        sys.stderr.write(f"companion: {error.message}\n")
        return 1
