"""Counts what the gates have flagged in a reply, and hands it to whoever reviews."""

from __future__ import annotations

import logging

from bridge.metrics import Metrics
from bridge.session.driven import guarded
from bridge.session.playing import Playing
from engines.api import EngineError
from engines.guard.verdicts import Review

log = logging.getLogger("bridge.session.flagging")


def note(playing: Playing, session: str, review: Review | None, metrics: Metrics) -> None:
    """Take the flags of a reply that somebody has asked for; a review that fails loses them and nothing else."""
    flags = playing.progress.flags
    while playing.turn and flags:
        flag = flags.pop(0)
        metrics.judged(flag)
        if review is None:
            continue
        try:
            with guarded("gate"):
                review(session, playing.turn, flag)
        except EngineError as error:
            log.warning("what was flagged is lost", extra={"turn": playing.turn, "reason": error.message})
