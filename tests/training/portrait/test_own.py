"""Pictures of one's own: consent first, faces cut out, a table that is read strictly, and what repeats is known."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engines.identity import IdentityError
from studio.errors import StudioError
from studio.portrait.model import nets
from studio.portrait.words import VALUES
from tests.studio.portrait.pictures import scene
from training.portrait import __main__ as main
from training.portrait import own
from training.portrait.own import likeness, pictures

DAY = date(2026, 11, 30)
CONSENT: dict[str, object] = {
    "subject": "real",
    "by": "Ada",
    "on": "2026-01-01",
    "statement": "Learn from me.",
    "scope": ["face"],
}


def folder(path: Path, count: int = 52, consent: dict[str, object] | None = CONSENT) -> Path:
    """Write a folder of small pictures that differ."""
    path.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(1)
    for number in range(count):
        colours = random.integers(0, 255, (4, 4, 3), dtype=np.uint8)
        Image.fromarray(colours).resize((72, 72)).save(path / f"{number:03d}.png")
    if consent is not None:
        (path / "consent.json").write_text(json.dumps(consent))
    return path


def refused(path: Path, today: date = DAY) -> StudioError | IdentityError:
    with pytest.raises((StudioError, IdentityError)) as caught:
        pictures(path, 16, today, crop="whole")
    error = caught.value
    assert isinstance(error, StudioError | IdentityError)
    return error


def test_a_folder_is_read_and_parted(tmp_path: Path) -> None:
    path = folder(tmp_path / "own")
    (path / "attributes.csv").write_text("file,skin,hair\n000.png,olive,ponytail\n001.png,,bald\n")
    (path / "notes.txt").write_text("not a picture")
    (path / "bad.png").write_bytes(b"no")
    found = pictures(path, 16, DAY, crop="whole")
    assert found.colour.shape == (52, 16, 16, 3)
    names = list(VALUES)
    assert found.labels[0, names.index("skin")] == list(VALUES["skin"]).index("olive")
    assert found.labels[0, names.index("hair")] == list(VALUES["hair"]).index("tied")
    assert found.labels[1, names.index("hair")] == list(VALUES["hair"]).index("bald")
    assert len(found.left_out) == 1
    assert found.left_out[0].startswith("bad.png: ")
    assert sorted([*found.learned(), *found.held()]) == list(range(52))
    assert found.subject == "real"


def test_faces_are_looked_for(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    path = folder(tmp_path / "own", count=0)
    for number in range(50):
        Image.fromarray(scene((60 + number, 60, 120))).save(path / f"{number:03d}.png")
    Image.fromarray(scene()).save(path / "nobody.png")
    found = pictures(path, 32, DAY)
    assert len(found.colour) == 50
    assert "no face" in found.left_out[0]


@pytest.mark.parametrize(
    ("consent", "code"),
    [
        (None, "no_consent"),
        ({**CONSENT, "scope": ["voice"]}, "no_consent"),
        ({**CONSENT, "expires": "2026-06-01"}, "consent_ended"),
        ({**CONSENT, "by": ""}, "bad_consent"),
        ({"subject": "nobody"}, "bad_consent"),
    ],
)
def test_nothing_is_learned_without_a_consent_that_holds(
    tmp_path: Path, consent: dict[str, object] | None, code: str
) -> None:
    assert refused(folder(tmp_path / "own", consent=consent)).code == code


def test_drawings_of_nobody_need_no_names(tmp_path: Path) -> None:
    path = folder(tmp_path / "own", consent={"subject": "synthetic"})
    assert pictures(path, 16, DAY, crop="whole").subject == "synthetic"


def test_too_few_pictures_are_refused_and_the_faults_are_named(tmp_path: Path) -> None:
    path = folder(tmp_path / "own", count=49)
    (path / "bad.png").write_bytes(b"no")
    error = refused(path)
    assert error.code == "too_few"
    assert "49 of 50" in error.message
    assert "bad.png" in error.message


def test_no_folder_is_told(tmp_path: Path) -> None:
    assert refused(tmp_path / "none").code == "not_found"


def test_too_many_pictures_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "MOST", 10)
    assert refused(folder(tmp_path / "own")).code == "too_large"


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("skin\nolive\n", "column called file"),
        ("file,nose\n000.png,long\n", "no trait 'nose'"),
        ("file,skin\nnone.png,olive\n", "line 2: there is no picture 'none.png'"),
        ("file,skin\n000.png,green\n", "line 2: skin may be fair"),
    ],
)
def test_a_bad_table_names_its_line(tmp_path: Path, table: str, says: str) -> None:
    path = folder(tmp_path / "own")
    (path / "attributes.csv").write_text(table)
    error = refused(path)
    assert error.code == "bad_attributes"
    assert says in error.message


def test_a_table_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = folder(tmp_path / "own")
    (path / "attributes.csv").write_bytes(b"file\n\xff\xfe\x00")
    assert refused(path).code == "bad_attributes"


def test_what_repeats_is_nearer_than_new_pictures() -> None:
    held = np.full(9, 20, np.float32)
    assert likeness(np.full(9, 4, np.float32), held) < own.APART < likeness(np.full(9, 19, np.float32), held)


def test_own_pictures_are_learned_from_and_the_card_says_whose(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    path = folder(tmp_path / "own")
    words = [str(tmp_path / "run"), "--own", str(path), "--on", "2026-11-30", "--crop", "whole", "--size", "16"]
    ship = ["--ship", str(tmp_path / "nets"), "--steps", "2", "--batch", "4", "--device", "cpu"]
    assert main.main([*words, *ship]) == 0
    card = nets(tmp_path / "nets").card
    assert (card["subject"], card["pictures"]) == ("real", 52)
    assert isinstance(card["likeness"], float)
    assert card["memorised"] is (card["likeness"] < own.APART)
