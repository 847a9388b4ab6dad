"""A plan follows what was said, fills in the rest by the seed, and stays within bounds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engines.identity import vocabulary as words
from engines.identity.attributes import Attributes, FacialHair, Garment, Hair
from studio.head import choices
from studio.head.looks import from_looks
from studio.head.plan import plan
from studio.head.variety import FEATURES, WORDED, changes

SOMEBODY = Attributes(age=40, presentation="female", ancestry="european", skin="light", hair=Hair("brown", "bob"))


def test_the_same_seed_plans_the_same_and_another_one_somebody_else() -> None:
    assert plan(SOMEBODY, 4) == plan(SOMEBODY, 4)
    assert plan(SOMEBODY, 4).changes != plan(SOMEBODY, 5).changes


def test_saying_one_thing_changes_no_other() -> None:
    before, after = plan(SOMEBODY, 4), plan(replace(SOMEBODY, eyes="green"), 4)
    assert after.eyes == "green"
    assert (after.changes, after.build, after.hair, after.dress) == (
        before.changes,
        before.build,
        before.hair,
        before.dress,
    )


def test_what_nobody_said_is_told() -> None:
    told = plan(Attributes(), 1).chosen
    assert {"age", "presentation", "ancestry", "skin", "hair colour", "hair style", "eyes"} <= set(told)
    assert "skin" not in plan(SOMEBODY, 1).chosen


@pytest.mark.parametrize("skin", words.SKINS)
def test_skins_keep_to_their_tones(skin: str) -> None:
    low, high = words.MONK[skin]
    tones = [plan(replace(SOMEBODY, skin=skin), seed).skin.monk for seed in range(20)]
    assert all(low - 0.31 <= tone <= high + 0.31 for tone in tones)


@pytest.mark.parametrize("ancestry", words.ANCESTRIES)
def test_every_ancestry_is_a_mixture(ancestry: str) -> None:
    parts = choices.mixture(ancestry, np.random.default_rng(1))
    assert sum(parts) == pytest.approx(1.0)
    assert choices.skins(ancestry)[0]


def test_nobody_is_grotesque() -> None:
    everything = [changes(seed=seed, male=seed % 2, adult=1.0, features=words.FEATURES) for seed in range(40)]
    assert max(abs(weight) for each in everything for weight in each.values()) <= WORDED * 1.2


@pytest.mark.parametrize("feature", sorted(FEATURES))
def test_words_shape_the_face(feature: str) -> None:
    plain = changes(seed=1, male=0.5, adult=1.0, features=())
    worded = changes(seed=1, male=0.5, adult=1.0, features=(feature,))
    assert plain != worded


def test_children_are_plainer() -> None:
    child = plan(replace(SOMEBODY, age=7), 3)
    assert child.skin.lipstick == 0.0
    assert child.beard == "none"


def test_trades_dress_people() -> None:
    assert choices.clothes("A Pastry chef", np.random.default_rng(1), "male") == ("shirt", "apron", "chef's hat")
    assert choices.clothes("nurse", np.random.default_rng(1), "female")[1] == "lab coat"


def test_a_gruff_face_smiles_less_than_a_warm_one() -> None:
    gruff, warm = choices.resting(("gruff",), 1), choices.resting(("warm",), 1)
    assert gruff["mouthSmileLeft"] < warm["mouthSmileLeft"] - 0.1
    assert 0 < gruff["mouthSmileLeft"] < 0.4


def test_looks_are_read_as_far_as_they_are_known() -> None:
    read = from_looks(
        {
            "presentation": "male",
            "age": 61,
            "skin": "light, weathered",
            "hair": "grey, short",
            "beard": "full, grey",
            "glasses": True,
            "clothes": "navy cardigan with brass buttons, white shirt",
        }
    )
    assert (read.age, read.presentation, read.skin, read.hair) == (61, "male", "light", Hair("grey", "short"))
    assert read.facial_hair == FacialHair("full", "grey")
    assert (read.outer, read.inner) == (Garment("cardigan", "navy"), Garment("shirt", "white"))
    assert read.glasses.shape == "round"


def test_strange_looks_say_nothing() -> None:
    assert from_looks({"age": True, "hair": 5, "skin": "glittering", "beard": False}) == Attributes(
        facial_hair=FacialHair("none")
    )
