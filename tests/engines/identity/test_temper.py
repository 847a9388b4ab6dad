"""What a temperament does to a face at rest."""

import pytest

from engines.identity import vocabulary
from engines.identity.temper import SMILES, warmth


@pytest.mark.parametrize(
    ("kinds", "least", "most"),
    [
        ((), 0.0, 0.0),
        (("dreamy",), 0.0, 0.0),
        (("cheerful", "warm"), 0.7, 1.0),
        (("gruff",), 0.0, 0.0),
        (("warm", "serious"), 0.05, 0.4),
    ],
)
def test_warm_people_smile_at_rest_and_gruff_ones_do_not(kinds: tuple[str, ...], least: float, most: float) -> None:
    assert least <= warmth(kinds) <= most


def test_every_kind_is_one_that_an_identity_may_be() -> None:
    assert set(SMILES) <= set(vocabulary.TEMPERAMENTS)
    assert all(0.0 <= warmth([kind]) <= 1.0 for kind in vocabulary.TEMPERAMENTS)
