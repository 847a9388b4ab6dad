"""A gradient laid onto pixels is what a page's canvas would paint, to a level or two of 255."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

from studio.video.looks import gradient

SIZE = 24
STOPS = [(0.0, (1.0, 0.5, 0.25, 1.0)), (0.4, (0.5, 0.5, 0.5, 0.8)), (1.0, (0.1, 0.2, 0.9, 0.0))]


def wanted(below: Any, mask: Any, within: Any, at: Any, alpha: float) -> Any:
    """Lay it in floating point."""
    own = np.stack([np.interp(at, [s for s, _ in STOPS], [c[k] for _, c in STOPS]) for k in range(4)], axis=-1)
    own[..., :3] *= own[..., 3:]
    own *= (mask / 255 * within / 255 * alpha)[..., None]
    return own * 255 + below * (1 - own[..., 3:])


@pytest.mark.parametrize("alpha", [1.0, 0.45])
@pytest.mark.parametrize("kind", ["straight", "round", "squashed"])
@pytest.mark.parametrize("clipped", [False, True])
def test_it_is_what_floating_point_gives(alpha: float, kind: str, clipped: bool) -> None:
    random = np.random.default_rng(3)
    mask = random.choice(np.array([0, 90, 255], np.uint8), (SIZE, SIZE))
    within = random.integers(0, 256, (SIZE, SIZE)).astype(np.uint8) if clipped else np.full((SIZE, SIZE), 255, np.uint8)
    pixels = np.full((SIZE, SIZE, 4), (60, 90, 30, 200), np.uint8)
    y, x = (each + 0.5 for each in np.mgrid[:SIZE, :SIZE].astype(float))
    if kind == "straight":
        place, at = gradient.straight((4, 2), (16, 20)), ((x - 4) * 12 + (y - 2) * 18) / (12**2 + 18**2)
    else:
        squash = 0.6 if kind == "squashed" else 1.0
        place, at = gradient.circular((12, 9), 8, squash), np.hypot((x - 12) / 8, (y - 9) / 8 / squash)
    expected = wanted(pixels.astype(float), mask, within, at, alpha)
    colours = gradient.ramp(STOPS)
    box = (0, 0, SIZE, SIZE)
    gradient.lay(pixels, mask, within if clipped else None, box, gradient.seen(place, 1, 0, 0), colours, alpha)
    assert np.abs(pixels - expected).max() < 2.1
    assert not mask.any(), "the mask is ready for the next one"


def test_it_is_moved_and_scaled_with_the_picture() -> None:
    place = gradient.seen(gradient.straight((0, 0), (10, 0)), 2.0, 6.0, 1.0)
    # The pixel whose middle is at 6 + 2 * 5 shows the middle of the gradient.
    assert place.across[0] * (6 + 2 * 5 - 0.5) + place.across[2] == pytest.approx(0.5)


def test_nothing_outside_the_box_is_touched() -> None:
    pixels, mask = np.zeros((SIZE, SIZE, 4), np.uint8), np.full((SIZE, SIZE), 255, np.uint8)
    place = gradient.seen(gradient.circular((12, 12), 40), 1, 0, 0)
    gradient.lay(pixels, mask, None, (3, 4, 9, 8), place, gradient.ramp(STOPS), 1.0)
    assert pixels[4:8, 3:9, 3].all()
    assert pixels[..., 3].astype(bool).sum() == 24
