"""Labels that people see and hear: as large and in the rhythm that the standard wants."""

from __future__ import annotations

import numpy as np
import pytest

from engines.provenance.explicit import GAP, LONG, SHORT, rhythm, stamped


@pytest.mark.parametrize("size", [(300, 300), (120, 900), (900, 130), (40, 40)])
@pytest.mark.parametrize("channels", [3, 4])
def test_the_letters_stand_in_the_corner_and_are_large_enough(size: tuple[int, int], channels: int) -> None:
    plain = np.full((*size, channels), 200, np.uint8)
    made = stamped(plain)
    assert made.shape == plain.shape
    changed = np.argwhere((made[..., :3] != 200).any(-1))
    assert changed.max(0).tolist() == [size[0] - 1, size[1] - 1]
    bright = np.argwhere((made[..., 0] > 240) & (made[..., 1] > 240))
    assert np.ptp(bright[:, 0]) + 1 >= 0.05 * min(size)
    assert (plain == 200).all(), "the picture that was given stays"


def test_the_rhythm_is_short_long_short_short() -> None:
    rate = 8000
    loud = np.abs(np.frombuffer(rhythm(rate), "<i2").astype(float)) > 500
    # A tone passes zero often: what is quiet for longer than a hundredth is a gap.
    filled = np.convolve(loud, np.ones(rate // 100), "same") > 0
    edges = np.flatnonzero(np.diff(np.concatenate([[0], filled.astype(int), [0]])))
    lengths = (edges[1::2] - edges[::2]) / rate
    assert lengths == pytest.approx([SHORT, LONG, SHORT, SHORT], abs=0.02)
    assert len(loud) / rate == pytest.approx(3 * SHORT + LONG + 5 * GAP, abs=0.01)
