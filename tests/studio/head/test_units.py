"""What the shapes are made of: nothing that the data lacks, one side mirrors the other, each mostly itself."""

from __future__ import annotations

import numpy as np
import pytest

from engines.face.rigs import NAMES
from tests.studio.head.anatomy import needs_anatomy

pytestmark = needs_anatomy


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_made_of_units_that_exist_and_mostly_of_its_own(name: str) -> None:
    from studio.head.units import recipe

    found = recipe(name)
    assert {part.partition("/")[0] for part in found} <= set(NAMES)
    assert found[name] >= 0.9
    assert all(abs(share) < 1.5 * found[name] for part, share in found.items() if part != name)


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith("Left")])
def test_the_right_is_the_mirror_of_the_left(name: str) -> None:
    from studio.head.units import mirrored, recipe

    other = mirrored(name)
    assert other in NAMES
    assert mirrored(other) == name
    assert recipe(other) == {mirrored(part): share for part, share in recipe(name).items()}


def test_a_side_of_a_unit_moves_that_side_alone() -> None:
    from studio.head.stock import stock
    from studio.head.units import mixed

    x = stock().points[:, 0]
    whole, left, right = (mixed({part: 1.0}) for part in ("mouthFunnel", "mouthFunnel/left", "mouthFunnel/right"))
    far = np.abs(x[left.at]) > 0.02
    assert np.abs(left.by[far & (x[left.at] < 0)]).max() < 0.05 * np.abs(whole.by).max()
    both = np.zeros((len(x), 3))
    both[left.at] += left.by
    both[right.at] += right.by
    assert np.allclose(both[whole.at], whole.by)
