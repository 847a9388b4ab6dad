"""The benchmark of overlapping voices plays, and finds what does not depend on a judge of the voice."""

from __future__ import annotations

import shutil

import pytest

from bench import overlap


@pytest.mark.skipif(shutil.which("flite") is None, reason="the user's voices are flite's")
def test_every_scenario_is_played_and_the_plain_ones_go_right() -> None:
    found = overlap.measure(1, voice=False)
    assert len(found) == 6
    assert all(tally.rounds == 1 for tally in found.values())
    for name in ("end of a question", "interruption", "noise"):
        assert found[name].right == 1, name
    assert found["interruption"].seconds[0] < 1.0
    lines = overlap.report({"words": found}).splitlines()
    assert len(lines) == 2 + len(found)
