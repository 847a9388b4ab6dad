"""Wishes: what is understood of a sentence, what is told as not understood, and what cannot be."""

from __future__ import annotations

from typing import Any

import pytest

from engines.identity.attributes import FacialHair, Garment, Glasses, Hair
from studio.draft.wanted import over
from studio.errors import StudioError
from tests.studio.people import person, wish


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("a warm physics teacher in her forties who loves optics",
         {"presentation": "female", "profession": "physics teacher", "temperament": ("warm",),
          "interests": ("optics",)}),
        ("A gruff 63-year-old sea captain with a long white beard and a deep voice, no glasses",
         {"age": 63, "profession": "ship captain", "temperament": ("gruff",), "glasses": Glasses("none"),
          "facial_hair": FacialHair("long", "white")}),
        ("a young man with short curly red hair, green eyes and round gold glasses",
         {"presentation": "male", "hair": Hair("red", "curly"), "eyes": "green", "glasses": Glasses("round", "gold")}),
        ("wearing a navy cardigan over a white shirt",
         {"outer": Garment("cardigan", "navy"), "inner": Garment("shirt", "white")}),
        ("her hair is long and grey", {"hair": Hair("grey", "long"), "presentation": "female"}),
        ("blue-eyed redhead", {"eyes": "blue", "hair": Hair("red", "")}),
        ("a black woman, dark-skinned", {"ancestry": "african", "skin": "deep"}),
        ("child-friendly librarian with a Scottish accent", {"audience": "children", "accent": "en-gb-scotland"}),
        ("a bald clean-shaven detective", {"hair": Hair("", "bald"), "facial_hair": FacialHair("none")}),
        ("a non-binary DJ with braids", {"presentation": "androgynous", "hair": Hair("", "braids")}),
        ("a chef with a headscarf and freckles", {"headwear": "headscarf", "features": ("freckles",)}),
        ("an accountant", {"profession": "accountant"}),
        ("a nurse who loves chess and old radios", {"interests": ("chess", "old radios")}),
        ("a shy vet, not strict", {"temperament": ("shy",)}),
        ("Nova, forty-five, detective", {"age": 45, "profession": "detective"}),
    ],
)  # fmt: skip
def test_english_wishes_are_understood(sentence: str, expected: dict[str, Any]) -> None:
    found = wish(sentence).attributes
    assert {key: getattr(found, key) for key in expected} == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("一位四十多岁、严格又耐心的数学老师，女，戴圆框眼镜，短发花白，喜欢喝茶和下棋，名叫苏慧敏",
         {"presentation": "female", "profession": "mathematics teacher", "temperament": ("strict", "patient"),
          "glasses": Glasses("round"), "hair": Hair("grey", "short"), "interests": ("tea", "chess")}),
        ("一个适合儿童的年轻男博物馆讲解员，蓝色的眼睛，不戴眼镜",
         {"presentation": "male", "profession": "museum guide", "audience": "children", "eyes": "blue",
          "glasses": Glasses("none")}),
        ("六十三岁的船长，留着白色长胡子，穿藏青色大衣", {"age": 63, "profession": "ship captain",
                                           "outer": Garment("coat", "navy")}),
    ],
)  # fmt: skip
def test_chinese_wishes_are_understood(sentence: str, expected: dict[str, Any]) -> None:
    found = wish(sentence, "zh").attributes
    assert {key: getattr(found, key) for key in expected} == expected
    assert wish(sentence, "zh").name in ("", "苏慧敏")


def test_ages_become_ranges() -> None:
    assert wish("a woman in her late thirties").age == (37, 39)
    assert wish("in his forties").age == (40, 49)
    assert wish("an elderly man").age == (70, 84)
    assert wish("a young woman, 24").age == (24, 24)
    assert wish("someone").age is None
    for seed in range(20):
        assert 37 <= person("a woman in her late thirties", seed).attributes.age <= 39


def test_what_was_not_understood_is_told() -> None:
    found = wish("a warm nurse from Mars with a blurgle")
    assert found.unread == ("Mars", "blurgle")
    assert ("warm", "temperament warm") in found.understood
    assert ("nurse", "profession nurse") in found.understood


def test_names_are_heard() -> None:
    assert wish("an elderly chef called Hana Mori, strict").name == "Hana Mori"
    assert wish("Nova, forty-five, detective").name == "Nova"
    assert wish("Teacher of physics").name == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "a bald woman with long red hair",
        "a 20-year-old in her fifties",
        "a man aged 30, 60 years old",
        "a man with glasses and without glasses",
        "somebody with short long hair",
    ],
)
def test_contradictions_are_refused(sentence: str) -> None:
    with pytest.raises(StudioError) as failed:
        wish(sentence)
    assert failed.value.code == "contradiction"
    assert "both" in failed.value.message


@pytest.mark.parametrize(
    ("sentence", "kept", "told"),
    [
        ("a calm and energetic nurse", ("temperament", ("calm",)), "calm rather than energetic"),
        ("a nurse and a detective", ("profession", "nurse"), "nurse rather than detective"),
        ("a woman who was a man", ("presentation", "female"), "female rather than male"),
        ("blue eyes and green eyes", ("eyes", "blue"), "blue rather than green"),
    ],
)
def test_what_does_not_fit_together_is_decided_and_told(sentence: str, kept: tuple[str, Any], told: str) -> None:
    found = wish(sentence)
    assert getattr(found.attributes, kept[0]) == kept[1]
    assert any(told in choice for choice in found.choices)


def test_what_was_asked_for_goes_over_what_was_there() -> None:
    base = person("a nurse with long black hair").attributes
    asked = wish("red hair, glasses, strict").attributes
    made = over(base, asked)
    assert (made.hair, made.temperament, made.profession) == (Hair("red", "long"), ("strict",), "nurse")


@pytest.mark.parametrize("sentence", ["", "   ", "!!!", "\u202e\x00", "老虎", "\U0001f600" * 50, "a " * 900])
def test_strange_sentences_do_no_harm(sentence: str) -> None:
    assert person(sentence).attributes.age > 0


@pytest.mark.parametrize(
    ("sentence", "profession"),
    [
        ("a child-friendly guide of a natural history museum", "museum guide"),
        ("a guide in the mountains", "mountain guide"),
    ],
)
def test_a_word_that_leaves_the_profession_open_is_decided_by_those_beside_it(sentence: str, profession: str) -> None:
    assert all(person(sentence, seed=seed).attributes.profession == profession for seed in range(5))
