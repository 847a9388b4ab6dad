"""Whose turn it is: the whole table against its golden file.

UPDATE_GOLDEN=1 writes the table anew; then read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.core.turn_table import document, walk

GOLDEN = Path(__file__).parent.parent / "golden" / "turns.txt"


def test_the_table_is_the_golden_one() -> None:
    text = document()
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8"), "UPDATE_GOLDEN=1 writes it anew; then read the difference"


@pytest.mark.parametrize("full_duplex", [True, False])
def test_in_every_state_there_is_a_way_back_to_silence(full_duplex: bool) -> None:
    lines = walk(full_duplex=full_duplex)
    quiet = {"IDLE"}
    while more := {line.before for line in lines if line.after in quiet} - quiet:
        quiet |= more
    assert quiet == {line.before for line in lines}


@pytest.mark.parametrize("full_duplex", [True, False])
def test_every_transition_keeps_the_promises_about_replies(full_duplex: bool) -> None:
    for line in walk(full_duplex=full_duplex):
        running, after = (
            state.split()[0] in ("THINKING", "SPEAKING", "OVERLAP") for state in (line.before, line.after)
        )
        actions = line.actions
        if running and "StartReply" in actions and "PlaybackEnded" not in line.event:
            assert actions.startswith("CancelReply"), f"two replies at once: {line}"
        if running and not after and "PlaybackEnded" not in line.event:
            assert "CancelReply" in actions, f"a reply is forgotten: {line}"
        if "CancelReply" in actions:
            assert running, f"nothing to cancel: {line}"
        if "Duck" in actions.split():
            assert line.after.startswith("OVERLAP"), str(line)
        if line.before.startswith("OVERLAP") and line.after.startswith(("SPEAKING", "THINKING unheard murmur")):
            assert "Unduck" in actions, f"it stays quiet: {line}"
        if "prompted" in line.event.lower() and line.before != "IDLE":
            assert not actions, f"a prompt interrupts: {line}"
