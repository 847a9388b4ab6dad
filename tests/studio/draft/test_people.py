"""Who is drawn: distinct people, without prejudice, the same for the same seed."""

from __future__ import annotations

import ast
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from engines.identity import vocabulary
from engines.identity.attributes import read_attributes
from engines.identity.fields import Fields
from engines.identity.vocabulary import OPPOSED
from studio.draft import naming, speaking
from studio.draft.chance import Chance
from studio.draft.drawing import OTHER, Person
from studio.draft.figures import figure_in, is_known
from studio.tongue.tables import LANGUAGES, tongue
from tests.studio.people import person, texts

COUNT = 1000


@cache
def crowd(language: str = "en") -> tuple[Person, ...]:
    return tuple(person("", seed, language) for seed in range(COUNT))


def information(pairs: Sequence[tuple[object, object]]) -> float:
    """Return the mutual information of two columns in bits, less what independent columns of this size show by chance.

    The correction is that of Miller and Madow (1955): (rows - 1)(columns - 1) / (2 n ln 2).
    """
    n = len(pairs)
    both, left, right = Counter(pairs), Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    plain = sum(k / n * math.log2(k * n / (left[a] * right[b])) for (a, b), k in both.items())
    return plain - (len(left) - 1) * (len(right) - 1) / (2 * n * math.log(2))


def test_the_same_seed_gives_the_same_person_and_another_another() -> None:
    assert person("a nurse", 3) == person("a nurse", 3)
    assert person("a nurse", 3) != person("a nurse", 4)
    assert person("a nurse", 3).name != person("a chef", 3).name


def test_a_thousand_people_are_a_thousand_people() -> None:
    people = crowd()
    assert len({(who.name.full, who.attributes) for who in people}) == COUNT
    assert len({who.name.full for who in people}) > 0.93 * COUNT
    for one, other in combinations(people[:60], 2):
        assert one.attributes != other.attributes


def test_there_are_more_than_a_million() -> None:
    """Count what is drawn independently, names and ages left aside."""
    spoken = tongue("en")
    pairs = math.comb(len(vocabulary.TEMPERAMENTS), 2) - len(OPPOSED)
    lines = math.prod(len(spoken.variants("life", key)) for key in ("path", "home", "quirk", "family"))
    assert (len(spoken.professions) - 1) * pairs * len(spoken.hobbies) > 10**5
    assert (len(spoken.professions) - 1) * pairs * len(spoken.hobbies) * lines > 10**9


def test_everything_that_can_be_is() -> None:
    people = crowd()
    assert {who.profession for who in people} == {*tongue("en").professions} - {OTHER}
    assert {one for who in people for one in who.attributes.temperament} == {*vocabulary.TEMPERAMENTS}
    assert {who.hobby for who in people} == {*tongue("en").hobbies}
    for key, known in (
        ("presentation", vocabulary.PRESENTATIONS),
        ("skin", vocabulary.SKINS),
        ("build", vocabulary.BUILDS),
    ):
        assert {getattr(who.attributes, key) for who in people} == {*known}
    assert {who.attributes.hair.style for who in people} == {*vocabulary.HAIR_STYLES}


@pytest.mark.parametrize("key", ["presentation", "ancestry", "skin", "age"])
def test_no_profession_tells_who_has_it(key: str) -> None:
    people = crowd()
    shown = [
        (who.profession, who.attributes.age // 10 if key == "age" else getattr(who.attributes, key)) for who in people
    ]
    assert abs(information(shown)) < 0.06
    tempers = [(who.attributes.temperament[0], value) for who, (_, value) in zip(people, shown, strict=True)]
    assert abs(information(tempers)) < 0.06


def test_a_prejudice_would_be_seen() -> None:
    people = crowd()
    shown = [("nurse" if who.attributes.presentation == "female" else who.profession, who.attributes.presentation)
             for who in people]  # fmt: skip
    assert information(shown) > 0.5


def test_nobody_is_two_opposite_things() -> None:
    for who in crowd():
        one, other = who.attributes.temperament
        assert (one, other) not in OPPOSED
        assert (other, one) not in OPPOSED


def test_attributes_can_be_written_and_read() -> None:
    for who in crowd()[:100]:
        assert read_attributes(Fields(who.attributes.as_json(), "x", code="x")) == who.attributes


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_are_of_nobody_known_and_fit_a_folder(language: str) -> None:
    for seed in range(300):
        name = person("", seed, language).name
        assert not is_known(name.full)
        assert name.short in name.full
        assert naming.plain(name.plain) == name.plain != ""


# ------------------------------------------------------------------------------------------------ voice and accent


def test_a_voice_is_bit_for_bit_the_same_whatever_the_skin_the_ancestry_or_the_name() -> None:
    base = person("a nurse in her forties", 5)
    for ancestry in ("an african nurse", "a japanese nurse", "an irish nurse", "a nurse called Zuzanna Kowal"):
        for seed in range(30):
            plain = person("a nurse, 40, strict and curious, a woman", seed)
            other = person(f"{ancestry}, 40, strict and curious, a woman", seed)
            assert other.attributes.voice == plain.attributes.voice
    assert base.attributes.voice.style


def test_chance_gives_an_accent_no_knowledge_of_anybody() -> None:
    """The same chance gives the same accent, whoever is drawn beside it."""
    for seed in map(str, range(50)):
        said = {speaking.accent("", tongue("en"), Chance(seed)) for _ in vocabulary.SKINS}
        assert len(said) == 1


def test_what_makes_a_voice_is_never_told_of_skin_ancestry_or_name() -> None:
    """Read the source: the module of the voice may not even name them, and gets no person to ask."""
    tree = ast.parse(Path(speaking.__file__).read_text("utf-8"))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert names & {"skin", "ancestry", "region", "name", "Person", "Attributes", "Name", "invented"} == set()


def test_another_skin_changes_no_word_but_its_own() -> None:
    who = person("a nurse", 9)
    other = replace(who, attributes=replace(who.attributes, skin="deep", ancestry="african"))
    assert texts(who) == texts(other)


# ------------------------------------------------------------------------------------------------ the public


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("Taylor Swift as a teacher", "Taylor Swift"),
        ("a teacher like TAYLOR  swift!", "Taylor Swift"),
        ("beyonce the nurse", "Beyoncé"),
        ("像周杰伦一样的老师", "周杰伦"),
        ("宮崎駿のような先生", "宮崎駿"),
        ("a swift tailor", ""),
        ("Albert Einstein", ""),
        ("", ""),
    ],
)
def test_people_known_to_the_public_are_recognised(text: str, known: str) -> None:
    assert figure_in(text) == known
