"""Attributes: read with distrust, written again the same, and understood by the drawn face."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from engines.identity import IdentityError, load_identity, vocabulary
from engines.identity.attributes import Attributes, FacialHair, Garment, Glasses, Hair, VoiceManner, read_attributes
from engines.identity.fields import Fields, Json

ROOT = Path(__file__).parents[3]
RIG = json.loads((ROOT / "bridge" / "web" / "face" / "rig.json").read_text("utf-8"))
ADA = Attributes(
    age=47,
    presentation="female",
    ancestry="african",
    skin="brown",
    hair=Hair("dark", "curly"),
    eyes="brown",
    glasses=Glasses("round", "gold"),
    facial_hair=FacialHair("none"),
    outer=Garment("lab coat", "white"),
    inner=Garment("t-shirt", "teal"),
    headwear="none",
    build="average",
    features=("freckles", "round face"),
    profession="physics teacher",
    temperament=("warm", "curious"),
    interests=("optics", "chess"),
    audience="children",
    languages=("en-gb", "de"),
    accent="en-gb",
    voice=VoiceManner("medium", "low", "high", "medium", "warm"),
)


def read(values: dict[str, Json]) -> Attributes:
    return read_attributes(Fields(values, "identity.json.attributes", code="bad_facts"))


def test_what_is_written_reads_back() -> None:
    assert read(json.loads(json.dumps(ADA.as_json()))) == ADA
    assert read({}) == Attributes()
    assert Attributes().as_json() == {}
    assert set(ADA.as_json()) == {each.name for each in fields(Attributes)}


def test_unknown_fields_are_skipped_and_null_is_unsaid() -> None:
    assert read({"shoe_size": 44, "hair": {"parting": "left"}, "age": None, "eyes": None}) == Attributes()


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"age": 3}, "age"),
        ({"age": 121}, "age"),
        ({"age": 40.5}, "age"),
        ({"age": True}, "age"),
        ({"age": "forty"}, "age"),
        ({"presentation": "mermaid"}, "presentation"),
        ({"hair": {"colour": "plaid"}}, "hair.colour"),
        ({"hair": "brown"}, "hair"),
        ({"glasses": {"shape": "monocle"}}, "glasses.shape"),
        ({"temperament": ["calm", "warm", "shy", "bold"]}, "temperament"),
        ({"temperament": ["evil"]}, "temperament"),
        ({"temperament": [1]}, "temperament"),
        ({"languages": ["../../etc"]}, "languages"),
        ({"accent": "en gb"}, "accent"),
        ({"interests": ["x"] * 9}, "interests"),
        ({"interests": ["x" * 81]}, "interests"),
        ({"profession": "x" * 81}, "profession"),
        ({"voice": {"pitch": 1.0}}, "voice.pitch"),
        ({"voice": {"style": "menacing"}}, "voice.style"),
        ({"eyes": "\u202eeulb"}, "eyes"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(values: dict[str, Json], named: str) -> None:
    with pytest.raises(IdentityError) as failed:
        read(values)
    assert failed.value.code in ("bad_attributes", "too_large")
    assert named in failed.value.message


def test_texts_become_one_line() -> None:
    assert read({"profession": "  deep\nsea \u200bdiver\x00 "}).profession == "deep sea diver"


def words_of(text: object) -> list[str]:
    return [word for word in re.split(r"[^\w]+", str(text).lower()) if word]


def drawn(choice: dict[str, Any], looks: dict[str, Any]) -> str:
    """Choose as bridge/web/face/looks.js does, "" where the words tell nothing."""
    said = looks.get(choice["from"])
    if said is None:
        return ""
    said = "yes" if said is True else str(said)
    if near := choice.get("near"):
        said = next((part for part in said.lower().split(",") if set(words_of(part)) & set(near)), "")
    return next(
        (str(value) for word, value in choice["words"].items() if word in words_of(said)), choice.get("other") or ""
    )


def looked(attributes: Attributes, choice: str) -> str:
    return drawn(RIG["choices"][choice], dict(attributes.looks()))


@pytest.mark.parametrize("value", vocabulary.SKINS)
def test_the_drawn_face_knows_every_skin(value: str) -> None:
    assert looked(Attributes(skin=value), "skin") == value


def test_the_drawn_face_knows_every_hair() -> None:
    for colour in vocabulary.HAIR_COLOURS:
        for style in vocabulary.HAIR_STYLES:
            who = Attributes(hair=Hair(colour, style))
            assert looked(who, "hairColour") == colour
            assert looked(who, "hairStyle") in RIG["choices"]["hairStyle"]["words"].values(), style
            assert (looked(who, "hairStyle") == "bald") == (style in ("bald", "shaved"))
    assert looked(Attributes(hair=Hair("grey", "wavy")), "hairStyle") == "long"
    assert looked(Attributes(hair=Hair(style="afro")), "hairStyle") == "curly"


def test_the_drawn_face_knows_eyes_glasses_and_beards() -> None:
    for eyes in vocabulary.EYES:
        assert looked(Attributes(eyes=eyes), "eyes") == ("hazel" if eyes == "amber" else eyes)
    for shape in vocabulary.GLASSES:
        assert looked(Attributes(glasses=Glasses(shape, "gold")), "glasses") == ("no" if shape == "none" else "yes")
    for frame in vocabulary.FRAMES:
        who = Attributes(glasses=Glasses("round", frame))
        assert (looked(who, "frames") or RIG["choices"]["frames"]["default"]) == frame
    for style in vocabulary.FACIAL_HAIR:
        who = Attributes(facial_hair=FacialHair(style, "grey"))
        expected = {"none": "no", "short": "full", "long": "full"}.get(style, style)
        assert looked(who, "beard") == expected
        assert looked(who, "beardColour") == "grey"


def test_the_drawn_face_knows_every_garment_and_its_colour() -> None:
    for kind in vocabulary.OUTER:
        for colour in vocabulary.COLOURS:
            who = Attributes(outer=Garment(kind, colour), inner=Garment("shirt", "white"))
            assert bool(looked(who, "outer")) == (kind != "none"), kind
            assert looked(who, "inner") == "shirt"
            if kind != "none":
                assert looked(who, "outerColour") == colour, kind
                assert looked(who, "innerColour") == "white"
    for kind in vocabulary.INNER:
        assert looked(Attributes(inner=Garment(kind, "teal")), "inner") in ("shirt", "tee"), kind
        assert looked(Attributes(inner=Garment(kind, "teal")), "innerColour") == "teal"


def test_looks_say_nothing_that_nobody_said() -> None:
    assert Attributes().looks() == {}
    assert Attributes(presentation="androgynous").looks() == {}
    assert set(ADA.looks()) <= {each["from"] for each in (*RIG["choices"].values(), *RIG["dials"].values())} | {
        "profession"
    }


def test_an_identity_has_attributes_and_the_looks_of_them(tmp_path: Path) -> None:
    card = {"spec": "chara_card_v3", "data": {"name": "Ada"}}
    (tmp_path / "card.json").write_text(json.dumps(card), "utf-8")
    facts = {"language": "en-gb", "looks": {"skin": "fair", "clothes": "x"}, "attributes": ADA.as_json()}
    (tmp_path / "identity.json").write_text(json.dumps(facts), "utf-8")
    ada = load_identity(tmp_path)
    assert ada.attributes == ADA
    assert ada.looks == ADA.looks()
    facts["attributes"] = replace(ADA, skin="").as_json()
    (tmp_path / "identity.json").write_text(json.dumps(facts), "utf-8")
    assert load_identity(tmp_path).looks["skin"] == "fair"
    facts["attributes"] = {"age": "old"}
    (tmp_path / "identity.json").write_text(json.dumps(facts), "utf-8")
    with pytest.raises(IdentityError, match=r"attributes\.age"):
        load_identity(tmp_path)


def test_no_voice_and_no_accent_comes_of_how_a_person_looks() -> None:
    """Attributes keep what was said of a voice, and make none of skin, ancestry or anything else."""
    plain = Attributes(voice=VoiceManner("low"), accent="en-gb")
    for skin in vocabulary.SKINS:
        for ancestry in vocabulary.ANCESTRIES:
            other = read(replace(plain, skin=skin, ancestry=ancestry).as_json())
            assert (other.voice, other.accent) == (plain.voice, plain.accent)
    assert read({"skin": "deep", "ancestry": "african"}).voice == VoiceManner()
