"""The stage: what it writes, edits, starts from pictures, and what it refuses without a trace."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engines.identity import IdentityError, load_identity
from engines.identity.fields import Json
from engines.identity.pictures import portrait as shown
from engines.identity.storage import listing
from studio.command.cli import main
from studio.commit import apply
from studio.errors import StudioError
from studio.evaluate.blocking import blocks
from studio.evaluate.subject import Subject
from studio.folder import Folder
from studio.portrait import stage as stages
from studio.portrait.judging import portrait as judged
from studio.portrait.record import RECORD
from studio.portrait.stage import Portrait
from studio.stage import Wish
from tests.studio.portrait import linear
from tests.studio.portrait.pictures import scene
from tests.studio.stages import Written, quiet

ICON = "assets/icon/images/main.png"
DAY = "2026-11-30"
ATTRIBUTES: dict[str, Json] = {"presentation": "female", "skin": "olive", "hair": {"colour": "red", "style": "bob"}}


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return linear.write(tmp_path_factory.mktemp("nets"))


@pytest.fixture
def ada(tmp_path: Path) -> Path:
    apply(Written(facts={"language": "en-gb", "attributes": ATTRIBUTES}), tmp_path / "ada", Wish(), quiet)
    return tmp_path / "ada"


def paint(person: Path, net: Path, seed: int = 1, **options: Any) -> dict[str, Json]:
    """Run the stage and return its report."""
    apply(Portrait(), person, Wish(seed=seed, options={"net": str(net), "on": DAY, **options}), quiet)
    found = json.loads((person / "reports/portrait.json").read_text())
    assert isinstance(found, dict)
    return found


def refused(person: Path, net: Path, **options: Any) -> StudioError | IdentityError:
    before = {name: (person / name).read_bytes() for name in listing(person)}
    with pytest.raises((StudioError, IdentityError)) as caught:
        paint(person, net, **options)
    assert {name: (person / name).read_bytes() for name in listing(person)} == before, "nothing is half written"
    error = caught.value
    assert isinstance(error, StudioError | IdentityError)
    return error


def consent(person: Path, **fields: Json) -> None:
    """Write consent.json by the stage that does."""
    command = ["consent", str(person), "--created", DAY]
    for name, value in fields.items():
        command += [f"--{name}", str(value)]
    assert main(command) == 0


def photo(folder: Path, *faces: tuple[int, int, int]) -> Path:
    """Write a picture with faces."""
    path = folder / "photo.png"
    Image.fromarray(scene(*faces)).save(path)
    return path


def test_a_portrait_is_painted_and_the_identity_shows_it(ada: Path, net: Path) -> None:
    report = paint(ada, net)
    with Image.open(ada / ICON) as picture:
        assert picture.size == (256, 256)
    picture_ = shown(load_identity(ada))
    assert picture_ is not None
    assert picture_.data == (ada / ICON).read_bytes()
    traits = report["traits"]
    assert isinstance(traits, dict)
    assert (traits["skin"], traits["hair"], traits["colour"]) == ("olive", "bob", "red")
    assert report["as wanted"] == 1.0
    lineage = Folder(ada).facts["lineage"]
    assert isinstance(lineage, list)
    assert lineage[-1]["stage"] == "portrait"  # type: ignore[index, call-overload]


def test_the_same_seed_paints_the_same_bytes_and_another_does_not(ada: Path, net: Path) -> None:
    paint(ada, net, seed=4)
    first = (ada / ICON).read_bytes()
    paint(ada, net, seed=4)
    assert (ada / ICON).read_bytes() == first
    paint(ada, net, seed=5)
    assert (ada / ICON).read_bytes() != first


def test_candidates_can_be_seen_and_chosen(ada: Path, net: Path) -> None:
    paint(ada, net, sheet=8)
    with Image.open(ada / "reports/portrait/sheet.png") as sheet:
        laid = np.asarray(sheet)
    assert laid.shape == (2 * 32, 6 * 32, 3)
    paint(ada, net, sheet=8, choose=3)
    with Image.open(ada / ICON) as picture:
        third = np.asarray(picture.resize((32, 32), Image.Resampling.BOX)).astype(int)
    near = [
        np.abs(third - laid[32 * (k // 6) : 32 * (k // 6) + 32, 32 * (k % 6) : 32 * (k % 6) + 32]).mean()
        for k in range(8)
    ]
    assert int(np.argmin(near)) == 2


def test_an_edit_changes_one_trait_and_keeps_chance(ada: Path, net: Path) -> None:
    paint(ada, net)
    before = json.loads((ada / RECORD).read_text())
    report = paint(ada, net, edit=["skin=deep", "glasses=gold"])
    after = json.loads((ada / RECORD).read_text())
    assert after["chance"] == before["chance"]
    assert sum(a != b for a, b in zip(after["told"], before["told"], strict=True)) == 4
    assert report["edited"] == ["skin=deep", "glasses=gold"]
    assert (ada / "reports/portrait/edit.png").exists()
    traits = report["traits"]
    assert isinstance(traits, dict)
    assert traits["skin"] == "deep"


def test_the_way_to_another_person(ada: Path, net: Path, tmp_path: Path) -> None:
    eve = tmp_path / "eve"
    apply(Written(), eve, Wish(), quiet)
    paint(eve, net, seed=9)
    paint(ada, net, between=str(eve))
    with Image.open(ada / "reports/portrait/between.png") as way:
        assert way.size == (8 * 32, 32)
    mine = (ada / ICON).read_bytes()
    paint(ada, net, seed=77, between=str(eve))
    assert (ada / ICON).read_bytes() == mine, "the portrait that is there stays"


def test_moods_are_painted_as_the_cards_emotions(ada: Path, net: Path) -> None:
    paint(ada, net, moods=True)
    emotions = [asset for asset in load_identity(ada).card.assets if asset.type == "emotion"]
    assert [asset.name for asset in emotions] == ["neutral", "happy", "sad", "surprised"]
    assert all((ada / asset.path).is_file() for asset in emotions)
    paint(ada, net, moods=True)
    assert len([asset for asset in load_identity(ada).card.assets if asset.type == "emotion"]) == 4
    assert any(asset.type == "icon" for asset in load_identity(ada).card.assets)


def test_a_card_without_data_gets_no_emotions(tmp_path: Path) -> None:
    from studio.portrait.emotions import with_emotions

    (tmp_path / "card.json").write_text('{"data": 3}')
    assert with_emotions(Folder(tmp_path)) == {}


def test_a_person_who_has_looks_only_is_painted_by_them(tmp_path: Path, net: Path) -> None:
    apply(Written(facts={"looks": {"hair": "grey, long", "skin": "tan"}}), tmp_path / "p", Wish(), quiet)
    traits = paint(tmp_path / "p", net)["traits"]
    assert isinstance(traits, dict)
    assert (traits["colour"], traits["hair"], traits["skin"]) == ("grey", "long", "tan")


def test_a_photo_needs_consent_first(ada: Path, net: Path, tmp_path: Path) -> None:
    error = refused(ada, net, from_picture=str(photo(tmp_path, (120, 60, 140))))
    assert error.code == "no_consent"
    assert "companion identity consent" in error.message


@pytest.mark.parametrize(("fields", "code"), [
    ({"scope": "voice"}, "no_consent"),
    ({"scope": "face", "expires": "2026-12-01"}, ""),
])  # fmt: skip
def test_the_consent_has_to_cover_the_face(
    ada: Path, net: Path, tmp_path: Path, fields: dict[str, Json], code: str
) -> None:
    pytest.importorskip("cv2")
    consent(ada, subject="real", by="Ada", statement="Paint me.", **fields)
    picture = str(photo(tmp_path, (120, 60, 140)))
    if code:
        assert refused(ada, net, from_picture=picture).code == code
        return
    report = paint(ada, net, from_picture=picture)
    assert Folder(ada).facts["likeness"] == ["face"]
    assert report["subject"] == "real"
    assert (ada / "reports/portrait/from.png").exists()
    assert refused(ada, net, from_picture=picture, on="2027-01-01").code == "consent_ended"
    assert refused(ada, net, from_picture=picture, on="").code == "bad_wish"


def test_a_drawing_of_nobody_is_started_from_and_changed(ada: Path, net: Path, tmp_path: Path) -> None:
    consent(ada, subject="synthetic")
    path = tmp_path / "drawing.png"
    Image.fromarray(scene(size=(128, 128))).save(path)
    paint(ada, net, from_picture=str(path), crop="whole")
    assert "likeness" not in Folder(ada).facts
    before = json.loads((ada / RECORD).read_text())
    paint(ada, net, edit=["skin=fair"])
    assert json.loads((ada / RECORD).read_text())["chance"] == before["chance"]


@pytest.mark.parametrize(("options", "code"), [
    ({"edit": ["skin=green"]}, "no_portrait"),
    ({"sheet": 200}, "bad_option"),
    ({"sheet": 2, "choose": 3}, "bad_option"),
    ({"sheet": "two"}, "bad_option"),
    ({"between": "/nowhere"}, "no_portrait"),
])  # fmt: skip
def test_what_cannot_be_is_refused(ada: Path, net: Path, options: dict[str, Json], code: str) -> None:
    assert refused(ada, net, **options).code == code


def test_an_edit_to_what_there_is_not_is_refused(ada: Path, net: Path) -> None:
    paint(ada, net)
    assert refused(ada, net, edit=["skin=green"]).code == "bad_option"
    assert refused(ada, net, edit=["ears=large"]).code == "bad_option"


def test_other_nets_cannot_change_the_portrait(ada: Path, net: Path, tmp_path: Path) -> None:
    paint(ada, net)
    other = linear.write(tmp_path / "other", made="otherwise")
    assert refused(ada, other, edit=["skin=deep"]).code == "bad_model"


@pytest.mark.parametrize("spoil", [{"chance": [1, 2]}, {"told": "no"}, {"chance": [1e999] * linear.CHANCE}])
def test_a_damaged_record_is_told(ada: Path, net: Path, spoil: dict[str, Json]) -> None:
    paint(ada, net)
    facts = json.loads((ada / RECORD).read_text()) | spoil
    (ada / RECORD).write_text(json.dumps(facts).replace("Infinity", "null"))
    assert refused(ada, net, edit=["skin=deep"]).code == "damaged"


def test_without_pillow_it_says_what_to_install(ada: Path, net: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert refused(ada, net).code == "missing_package"


def test_the_command_line_paints(ada: Path, net: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["portrait", str(ada), "--net", str(net), "--seed", "3", "--sheet", "4", "--moods"]
    assert main(words) == 0
    assert "portrait: wrote" in capsys.readouterr().out
    assert main(["portrait", str(ada), "--net", str(net), "--edit", "skin=deep", "--edit", "mood=happy"]) == 0
    assert main(["portrait", str(ada), "--net", str(net), "--edit", "skin=green", "--json"]) == 1
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["error"]["code"] == "bad_option"


def test_the_evaluation_says_whether_the_portrait_is_of_the_person(ada: Path, net: Path) -> None:
    nothing = judged(Subject(load_identity(ada)))
    assert [measure.outcome for measure in nothing.measures] == ["not measured"]
    paint(ada, net)
    section = judged(Subject(load_identity(ada)))
    assert [(measure.name, measure.outcome) for measure in section.measures] == [("portrait.traits", "passed")]


def test_a_painter_that_repeats_what_it_learned_from_blocks_the_seal(ada: Path, tmp_path: Path) -> None:
    for likeness, outcome in ((0.95, "passed"), (0.4, "missed")):
        paint(ada, linear.write(tmp_path / f"own {likeness}", likeness=likeness))
        section = judged(Subject(load_identity(ada)))
        assert section.measures[1].name == "portrait.memorised"
        assert section.measures[1].outcome == outcome
        assert len(blocks([section])) == (outcome == "missed")


def test_nets_without_a_reader_are_not_judged(ada: Path, tmp_path: Path) -> None:
    report = paint(ada, linear.write(tmp_path / "blind", reader=False))
    assert report["as wanted"] is None
    assert [measure.outcome for measure in judged(Subject(load_identity(ada))).measures] == ["not measured"]


def test_the_picture_is_a_png(ada: Path, net: Path) -> None:
    paint(ada, net)
    with Image.open(io.BytesIO((ada / ICON).read_bytes())) as picture:
        assert picture.format == "PNG"
    assert stages.SHEET.startswith("reports/")
