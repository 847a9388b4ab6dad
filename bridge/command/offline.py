"""Keeps every library from the network: they are told by the variables that they read, before they are imported."""

from __future__ import annotations

import os
from typing import Final

VARIABLES: Final = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "TRAINER_TELEMETRY": "0",
}


def enforce() -> None:
    """Make the hub's libraries read only the disk, in this process and in those that it starts."""
    os.environ.update(VARIABLES)
