"""The scenarios of the playout traces, one function each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from protocol.playout.scenarios import arrival, output, turns
from protocol.playout.script import Script

SCENARIOS: Final[tuple[Callable[[], Script], ...]] = (
    arrival.plain,
    arrival.threshold,
    arrival.stall,
    arrival.dry,
    arrival.short_lead,
    arrival.gaps,
    arrival.shed,
    arrival.no_sound,
    arrival.resume,
    arrival.new_session,
    arrival.viewer,
    turns.interrupted,
    turns.stopped,
    turns.before_sound,
    turns.cut_when_dry,
    turns.overlap,
    turns.in_a_row,
    output.rate_8000_fps_30,
    output.rate_16000_fps_25,
    output.rate_48000_fps_24,
    output.rate_24000_fps_120,
    output.device,
    output.marks,
    output.idle,
)
