"""The seal: what it asks for, that every byte is under it, and that the file that was changed is named."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from engines.identity import IdentityError, pack
from engines.identity.fields import Json
from engines.identity.png import card_in_png, chunks
from engines.identity.storage import listing
from engines.provenance import finding
from engines.provenance import seal as seals
from engines.provenance.labels.files import said
from engines.provenance.review import REVIEWS
from engines.provenance.signing import c2pa, keys
from studio.command.cli import main
from studio.commit import apply
from studio.errors import StudioError
from studio.folder import Folder
from studio.stage import Wish
from tests.studio.sealing import DAY, ICON, keyring, person, review, seal, sealed
from tests.studio.stages import Written, quiet

pytest.importorskip("cryptography")
pytest.importorskip("c2pa")


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return keyring(tmp_path_factory.mktemp("keys") / "ring")


@pytest.fixture(scope="module")
def ada(tmp_path_factory: pytest.TempPathFactory, ring: Path) -> Path:
    return sealed(tmp_path_factory.mktemp("sealed") / "ada", ring)


def refused(path: Path, ring: Path, **options: Json) -> StudioError | IdentityError:
    before = {name: (path / name).read_bytes() for name in listing(path)}
    with pytest.raises((StudioError, IdentityError)) as failed:
        seal(path, ring, **options)
    assert {name: (path / name).read_bytes() for name in listing(path)} == before, "nothing is half written"
    error = failed.value
    assert isinstance(error, StudioError | IdentityError)
    return error


def looked(path: Path, anchors: bytes) -> seals.Verdict | None:
    try:
        return seals.verify(path, anchors)
    except IdentityError:
        return None  # it is no identity any more


def respelt(path: Path) -> None:
    path.write_text(json.dumps(json.loads(path.read_text())))


# ------------------------------------------------------------------------------------------------ what it asks for


def test_it_asks_for_an_evaluation_and_a_review_of_exactly_these_bytes(tmp_path: Path, ring: Path) -> None:
    path = tmp_path / "ada"
    apply(Written(), path, Wish(), quiet)
    assert refused(path, ring).code == "not_evaluated"
    person(path)
    assert refused(path, ring).code == "not_reviewed"
    review(path)
    apply(Written("voice", files={"assets/x_voice/other/voice.json": b"{}"}, facts={}), path, Wish(), quiet)
    assert refused(path, ring).code == "not_reviewed", "something came after the review"
    review(path)
    apply(Written("draft", files={"card.json": (path / "card.json").read_bytes() + b" "}), path, Wish(), quiet)
    assert refused(path, ring).code == "not_evaluated", "the evaluation is of another card"


def test_a_rejection_holds_until_the_bytes_change_or_somebody_approves(tmp_path: Path, ring: Path) -> None:
    path = person(tmp_path / "ada")
    review(path)
    review(path, approve=False, by="Cyn", note="her name is wrong")
    error = refused(path, ring)
    assert error.code == "rejected"
    assert "Cyn" in error.message
    assert "her name is wrong" in error.message
    review(path, by="Cyn")
    seal(path, ring)


def test_a_report_can_forbid_it(tmp_path: Path, ring: Path) -> None:
    path = person(tmp_path / "ada")
    report = path / "reports" / "evaluate.json"
    report.write_text(json.dumps({"blocks": ["the portrait is somebody's photograph"]}))
    apply(Written("voice", files={}, facts={}), path, Wish(), quiet)
    review(path)
    error = refused(path, ring)
    assert error.code == "blocked"
    assert "photograph" in error.message


def test_it_asks_for_keys_that_fit(tmp_path: Path, ring: Path) -> None:
    path = person(tmp_path / "ada")
    review(path)
    assert refused(path, tmp_path / "none").code == "no_keys"
    mixed = shutil.copytree(ring, tmp_path / "mixed")
    other = keyring(tmp_path / "other")
    shutil.copy(other / keys.SIGNER_KEY, mixed / keys.SIGNER_KEY)
    assert refused(path, mixed).code == "bad_keys"


GIVEN = {"subject": "real", "by": "Eve", "on": "2026-01-01", "statement": "Yes.", "scope": ["face"]}


@pytest.mark.parametrize(
    ("consent", "code"),
    [
        (None, "no_consent"),
        ({"subject": "synthetic"}, "no_consent"),
        ({**GIVEN, "scope": ["voice"]}, "no_consent"),
        ({**GIVEN, "expires": "2026-11-29"}, "consent_ended"),
        ({**GIVEN, "withdrawn": "2026-11-30"}, "consent_ended"),
        ({**GIVEN, "on": "2026-12-24"}, "no_consent"),
        ({"subject": "real", "scope": ["face"]}, "bad_consent"),
        ({**GIVEN, "scope": ["soul"]}, "bad_consent"),
        ({**GIVEN, "on": "one day"}, "bad_consent"),
        ({"subject": "somebody"}, "bad_consent"),
        ({**GIVEN, "expires": "2026-11-30"}, ""),
    ],
)
def test_a_real_face_asks_for_a_consent_that_holds(
    tmp_path: Path, ring: Path, consent: dict[str, object] | None, code: str
) -> None:
    path = person(tmp_path / "ada")
    files = {"consent.json": json.dumps(consent).encode()} if consent is not None else {}
    apply(Written("look", files=files, facts={"likeness": ["face"]}), path, Wish(), quiet)
    review(path)
    if code:
        assert refused(path, ring).code == code
    else:
        assert refused(path, ring, on="").code == "bad_wish", "without a day no consent can be looked at"
        facts = seal(path, ring).facts
        assert isinstance(facts["seal"], dict)
        assert facts["seal"]["consent"] == {"subject": "real", "ends": "2026-12-01"}


# ------------------------------------------------------------------------------------------------ what is under it


def test_what_is_sealed_verifies_and_says_by_whom(ada: Path, ring: Path) -> None:
    verdict = seals.verify(ada, keys.trusted(ring))
    assert verdict.state == "sealed"
    assert verdict.signer is not None
    assert (verdict.signer.name, verdict.signer.trusted) == ("Test Studio", True)
    stranger = seals.verify(ada)
    assert stranger.state == "sealed"
    assert stranger.signer is not None
    assert not stranger.signer.trusted
    assert "trust" in stranger.message


def test_every_file_and_every_kind_of_byte_is_under_it(ada: Path, ring: Path, tmp_path: Path) -> None:
    anchors = keys.trusted(ring)
    for name in listing(ada):
        data = (ada / name).read_bytes()
        # The ends, the middle, and places all over: whitespace, brackets, digits, letters, pixels, checksums.
        places = {0, len(data) - 1, len(data) // 2, *range(0, len(data), max(1, len(data) // 60))}
        for place in sorted(places):
            copy = shutil.copytree(ada, tmp_path / "copy", dirs_exist_ok=True)
            wrong = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
            (copy / name).write_bytes(wrong)
            verdict = looked(copy, anchors)
            if verdict is None or verdict.state == "unsealed":
                assert name == "identity.json", f"{name} byte {place}: only that file says that there is a seal"
                continue
            assert verdict.state == "broken", f"{name} byte {place} of {len(data)}"
            assert name in verdict.files
            assert name in verdict.message


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda p: (p / "knowledge").mkdir() or (p / "knowledge" / "new.md").write_text("x"), "knowledge/new.md"),
        (lambda p: (p / ICON).unlink(), ICON),
        (lambda p: (p / ICON).rename(p / "assets/icon/images/other.png"), ICON),
        (lambda p: (p / ICON).write_bytes(b""), ICON),
        (lambda p: (p / "identity.json").write_text((p / "identity.json").read_text() + "\n"), "identity.json"),
        (lambda p: respelt(p / "identity.json"), "identity.json"),
        (lambda p: (p / REVIEWS).write_bytes((p / REVIEWS).read_bytes() * 2), REVIEWS),
    ],
    ids=["added", "gone", "renamed", "emptied", "line feed", "respelt", "review doubled"],
)  # fmt: skip
def test_files_that_come_go_or_are_respelt_are_named(ada: Path, tmp_path: Path, change: object, named: str) -> None:
    copy = shutil.copytree(ada, tmp_path / "copy")
    change(copy)  # type: ignore[operator]
    verdict = seals.verify(copy)
    assert verdict.state == "broken"
    assert named in verdict.files


def test_a_signature_of_other_keys_over_the_same_seal_does_not_fit(ada: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(ada, tmp_path / "copy")
    other = keys.load(keyring(tmp_path / "other"))
    facts = json.loads((copy / "identity.json").read_text())
    facts["seal"]["certificates"] = other.chain.decode()
    (copy / "identity.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n")
    assert seals.verify(copy).state == "broken"
    facts["seal"]["signature"] = "@@"
    (copy / "identity.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n")
    assert seals.verify(copy).state == "broken"


def test_a_packed_person_keeps_the_seal_and_a_changed_archive_loses_it(ada: Path, ring: Path, tmp_path: Path) -> None:
    file = tmp_path / "ada.charx"
    pack(ada, file)
    assert seals.verify(file, keys.trusted(ring)).state == "sealed"
    copy = shutil.copytree(ada, tmp_path / "copy")
    (copy / "card.json").write_bytes((copy / "card.json").read_bytes().replace(b"A test.", b"A toast"))
    pack(copy, tmp_path / "other.charx")
    verdict = seals.verify(tmp_path / "other.charx")
    assert (verdict.state, verdict.files) == ("broken", ("card.json",))


def test_a_stage_that_comes_after_takes_the_seal_away(ada: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(ada, tmp_path / "copy")
    review(copy, approve=False)
    assert "seal" not in Folder(copy).facts
    assert seals.verify(copy).state == "unsealed"


# ------------------------------------------------------------------------------------------------ what it labels


def test_the_portrait_is_labelled_twice_and_signed(ada: Path, ring: Path) -> None:
    data = (ada / ICON).read_bytes()
    manifest = c2pa.read(data, "image/png", keys.trusted(ring))
    assert manifest is not None
    assert (manifest.state, manifest.trusted, manifest.source) == ("valid", True, "trainedAlgorithmicMedia")
    assert said(data).source == "trainedAlgorithmicMedia"
    found = finding.look(data)
    assert found.machine
    facts = Folder(ada).facts["seal"]
    assert isinstance(facts, dict)
    assert found.seen is not None
    assert (found.seen.marked, found.seen.payload) == (True, facts["mark"])


def test_china_gets_its_fields_and_letters_that_people_see(tmp_path: Path, ring: Path, ada: Path) -> None:
    path = sealed(tmp_path / "ada", ring, china=True, producer="学校")
    aigc = dict(said((path / ICON).read_bytes()).aigc)
    assert (aigc["Label"], aigc["ContentProducer"]) == ("1", "学校")
    plain, shown = ((each / ICON).read_bytes() for each in (ada, path))
    assert [k for k, _ in chunks(plain)].count(b"IDAT") >= 1
    assert plain != shown


def test_what_somebody_put_there_by_hand_is_not_said_to_be_made_here(tmp_path: Path, ring: Path) -> None:
    path = person(tmp_path / "ada")
    photo = (path / ICON).read_bytes().replace(b"IEND", b"IEND")
    (path / "assets" / "photo.png").write_bytes(photo)
    (path / ICON).write_bytes(photo + b"\0")
    apply(Written("evaluate", files={}, facts={}, inputs=("card.json", ICON)), path, Wish(), quiet)
    review(path)
    facts = seal(path, ring).facts
    assert isinstance(facts["seal"], dict)
    assert facts["seal"]["labelled"] == {}
    assert DAY


def test_a_packed_picture_holds_the_card_and_is_signed_after_it(ada: Path, ring: Path, tmp_path: Path) -> None:
    file = tmp_path / "ada.png"
    assert main(["pack", str(ada), "--out", str(file), "--keys", str(ring)]) == 0
    data = file.read_bytes()
    manifest = c2pa.read(data, "image/png", keys.trusted(ring))
    assert manifest is not None
    assert (manifest.state, manifest.trusted) == ("valid", True)
    assert json.loads(card_in_png(data))["data"]["name"] == "Ada"
    assert main(["pack", str(ada), "--out", str(tmp_path / "x.png"), "--keys", str(tmp_path / "none")]) == 1
    assert not (tmp_path / "x.png").exists()
