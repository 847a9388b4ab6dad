"""The stage: a folder that the bridge plays, its report, its refusals, and ten turns of talk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engines.identity import IdentityError, load_identity
from engines.identity.fields import Json
from studio.commit import apply
from studio.draft.stage import Draft
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Wish
from tests.studio.people import talk
from tests.studio.stages import quiet

TEACHER = Wish("a warm physics teacher in her forties who loves optics")
CONSENT: Json = {"subject": "real", "by": "Taylor Swift", "on": "2026-01-02", "statement": "I agree."}


def report(folder: Folder) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(folder.read("reports/draft.json"))
    return found


def test_a_folder_that_the_bridge_plays(tmp_path: Path) -> None:
    folder = apply(Draft(), tmp_path / "who", TEACHER, quiet)
    identity = load_identity(folder.root)
    assert identity.warnings == ()
    assert identity.scripted
    assert identity.attributes.profession == "physics teacher"
    assert 40 <= identity.attributes.age <= 49
    assert identity.looks == identity.attributes.looks()
    assert identity.language in ("en-gb", "en-us")
    assert "offline writer" in str(folder.facts["lineage"])
    found = report(folder)
    assert found["sentence"] == TEACHER.sentence
    assert {"words": "warm", "as": "temperament warm"} in found["understood"]
    assert found["not_understood"] == []


def test_the_same_wish_gives_the_same_bytes(tmp_path: Path) -> None:
    one, other = (apply(Draft(), tmp_path / name, TEACHER, quiet) for name in "ab")
    assert {path: one.read(path) for path in one.listing()} == {path: other.read(path) for path in other.listing()}
    third = apply(Draft(), tmp_path / "c", Wish(TEACHER.sentence, seed=1), quiet)
    assert third.read("card.json") != one.read("card.json")


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish("Taylor Swift as a teacher"), "public_figure"),
        (Wish("a nurse", options={"name": "Taylor Swift"}), "public_figure"),
        (Wish("a nurse who sounds like Peter Miller"), "public_figure"),
        (Wish("a 20-year-old in her fifties"), "contradiction"),
        (Wish("x" * 2001), "bad_wish"),
        (Wish("a nurse", language="tlh"), "bad_language"),
        (Wish("Спокойный лесник, который любит свой лес"), "bad_language"),
        (Wish("una maestra allegra che ama i libri e la musica di una volta"), "bad_language"),
        (Wish("a nurse", options={"consent": {"subject": "synthetic"}}), "bad_consent"),
        (Wish("a nurse", options={"consent": {"subject": "real", "by": "x"}}), "bad_consent"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(wish: Wish, code: str, tmp_path: Path) -> None:
    with pytest.raises((StudioError, IdentityError)) as failed:
        apply(Draft(), tmp_path / "who", wish, quiet)
    assert getattr(failed.value, "code", "") == code
    assert [*tmp_path.iterdir()] == []


def test_with_consent_a_known_person_is_made_and_the_consent_kept(tmp_path: Path) -> None:
    wish = Wish("a singer", options={"name": "Taylor Swift", "consent": CONSENT})
    folder = apply(Draft(), tmp_path / "who", wish, quiet)
    assert json.loads(folder.read("consent.json")) == CONSENT
    assert folder.facts["subject"] == "real"
    assert folder.identity.card.name == "Taylor Swift"


def test_like_begins_from_somebody(tmp_path: Path) -> None:
    first = apply(Draft(), tmp_path / "a", TEACHER, quiet)
    like: Json = first.attributes.as_json()
    second = apply(Draft(), tmp_path / "b", Wish("with red hair", options={"like": like}), quiet)
    assert second.attributes.profession == first.attributes.profession
    assert second.attributes.temperament == first.attributes.temperament
    assert second.attributes.hair.colour == "red"
    assert second.identity.card.name != first.identity.card.name


def test_ten_turns_without_a_model(tmp_path: Path) -> None:
    folder = apply(Draft(), tmp_path / "who", TEACHER, quiet)
    heard = talk(
        folder.root,
        [
            "Hello!", "How are you?", "Who are you?", "How old are you?", "What can you tell me about optics?",
            "What do you do in your free time?", "Why did you become a teacher?", "What do you look like?",
            "Let's start the lesson", "the same angle", "Goodbye",
        ],
    )  # fmt: skip
    assert len({*heard}) == len(heard)
    attributes = folder.attributes
    assert "physics teacher" in heard[3]
    assert attributes.eyes in heard[8]
    assert "mirror" in heard[5]
    assert "next one" in heard[10] or "lesson one" in heard[10]
    assert all("I am a program" not in line for line in heard)
    assert "know nothing" not in " ".join(heard)
