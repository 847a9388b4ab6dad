"""From attributes to the painter's numbers and back."""

from __future__ import annotations

import numpy as np
import pytest

from engines.identity import vocabulary
from engines.identity.attributes import Attributes, FacialHair, Garment, Glasses, Hair
from studio.errors import StudioError
from studio.portrait.told import aged, changed, nearest, numbers, traits, unknown, value
from studio.portrait.words import TOLD, VALUES

SAID = Attributes(
    age=70,
    presentation="male",
    skin="brown",
    hair=Hair("white", "receding"),
    eyes="amber",
    glasses=Glasses("round", "gold"),
    facial_hair=FacialHair("short"),
    inner=Garment("shirt", "teal"),
)


def test_what_was_said_is_what_is_told() -> None:
    assert traits(SAID, 3) == {
        "presentation": "male", "skin": "brown", "age": "old", "hair": "receding", "colour": "grey", "eyes": "green",
        "glasses": "gold", "beard": "full", "clothes": "green", "mood": "calm",
    }  # fmt: skip


def test_every_word_of_hair_and_skin_that_the_vocabulary_has_is_told() -> None:
    assert [word for word in vocabulary.HAIR_STYLES if not value("hair", word)] == []
    assert [word for word in vocabulary.HAIR_COLOURS if not value("colour", word)] == []
    assert [word for word in vocabulary.SKINS if not value("skin", word)] == []


def test_the_seed_chooses_what_nobody_said_and_saying_one_thing_changes_no_other() -> None:
    first = traits(Attributes(presentation="female"), 5)
    assert first == traits(Attributes(presentation="female"), 5)
    second = traits(Attributes(presentation="female", eyes="blue"), 5)
    assert {**first, "eyes": "pale"} == second
    assert len({tuple(traits(Attributes(), seed).values()) for seed in range(30)}) > 20


def test_darker_skin_has_dark_eyes_and_hair_unless_somebody_says_otherwise() -> None:
    people = [traits(Attributes(skin="deep"), seed) for seed in range(60)]
    assert sum(each["eyes"] == "dark" for each in people) > 48
    assert sum(each["colour"] in ("black", "brown", "grey") for each in people) > 48
    said = traits(Attributes(skin="deep", eyes="blue", hair=Hair("pink", "bob")), 1)
    assert (said["eyes"], said["colour"]) == ("pale", "pink")


def test_women_get_no_beard_that_nobody_asked_for() -> None:
    assert {traits(Attributes(presentation="female"), seed)["beard"] for seed in range(40)} == {"none"}
    wanted = Attributes(presentation="female", facial_hair=FacialHair("full"))
    assert traits(wanted, 1)["beard"] == "full"


def test_androgynous_is_halfway() -> None:
    chosen = traits(Attributes(presentation="androgynous"), 1)
    assert numbers(chosen)[:2].tolist() == [0.5, 0.5]
    assert numbers(chosen).sum() == len(VALUES)


@pytest.mark.parametrize(
    ("years", "found"), [(0, ""), (8, "young"), (36, "young"), (38, "middle"), (60, "middle"), (99, "old")]
)
def test_an_age_has_the_nearest_value(years: int, found: str) -> None:
    assert aged(years) == found


def test_numbers_are_read_back() -> None:
    chosen = traits(SAID, 3)
    row = numbers(chosen)
    assert row.shape == (TOLD,)
    assert nearest(row) == chosen
    assert nearest(row + np.linspace(0, 0.1, TOLD, dtype=np.float32)) == chosen


@pytest.mark.parametrize(("wish", "trait", "found"), [
    ("skin=olive", "skin", "olive"), ("hair style=ponytail", "hair", "tied"), ("hair_colour = white", "colour", "grey"),
    ("facial hair=goatee", "beard", "goatee"), ("mood=sad", "mood", "sad"),
    ("presentation=androgynous", "presentation", "androgynous"),
])  # fmt: skip
def test_one_trait_is_changed(wish: str, trait: str, found: str) -> None:
    before = traits(SAID, 3)
    assert changed(before, wish) == {**before, trait: found}


@pytest.mark.parametrize(("wish", "says"), [
    ("nose=long", "no trait 'nose'"), ("skin=green", "fair, light"), ("skin", "fair"), ("", "no trait ''"),
    ("mood=androgynous", "calm"),
])  # fmt: skip
def test_a_wish_that_cannot_be_met_says_what_there_is(wish: str, says: str) -> None:
    with pytest.raises(StudioError, match=says) as caught:
        changed(traits(SAID, 3), wish)
    assert caught.value.code == "bad_option"


def test_what_cannot_be_shown_is_told() -> None:
    person = Attributes(eyes="violet", headwear="beret", features=("freckles",), ancestry="east asian")
    assert unknown(person) == ["eyes: violet", "headwear: beret", "feature: freckles", "ancestry: east asian"]
    assert unknown(SAID) == []
