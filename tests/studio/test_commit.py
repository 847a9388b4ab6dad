"""Running a stage: what it wrote, where it comes from, and what is told when files are not as they were."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from engines.identity import IdentityError, load_identity
from engines.identity.fields import Json
from studio.checking import changes, verify
from studio.commit import apply, resume
from studio.errors import StudioError
from studio.folder import Folder
from studio.lineage import facts_digest, stale
from studio.stage import Wish
from tests.studio.stages import CARD, Written, quiet

WISH = Wish("somebody", seed=7)
NOTES = Written("knowledge", 2, {"knowledge/a.md": b"# A"}, {}, inputs=("card.json", "identity.json#language"))


def files_of(root: Path) -> dict[str, bytes]:
    return {path: Folder(root).read(path) for path in Folder(root).listing()}


def entries(folder: Folder) -> list[Json]:
    found = folder.facts["lineage"]
    assert isinstance(found, list)
    return found


def test_a_stage_leaves_files_a_report_and_a_lineage(tmp_path: Path) -> None:
    told: list[tuple[float, str]] = []
    folder = apply(Written(), tmp_path / "ada", WISH, lambda *said: told.append(said), created="2026-01-01T00:00:00Z")
    digest = hashlib.sha256(CARD).hexdigest()
    report = json.loads(folder.read("reports/draft.json"))
    assert report == {"stage": "draft", "version": 1, "tool": "test 1", "seed": 7, "asked": "somebody"}
    assert folder.identity.language == "en-gb"
    assert folder.facts["files"] == {"card.json": digest, "reports/draft.json": folder.digest("reports/draft.json")}
    assert entries(folder) == [
        {
            "stage": "draft",
            "tool": "test 1",
            "version": 1,
            "seed": 7,
            "inputs": {},
            "outputs": folder.facts["files"],
            "created": "2026-01-01T00:00:00Z",
        }
    ]
    assert told == [(0.5, "writing")]
    verify(folder)


def test_the_same_again_gives_the_same_bytes(tmp_path: Path) -> None:
    for root in (tmp_path / "a", tmp_path / "b"):
        for stage in (Written(), NOTES, Written()):
            apply(stage, root, WISH, quiet)
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    before = files_of(tmp_path / "a")
    apply(NOTES, tmp_path / "a", WISH, quiet)
    assert files_of(tmp_path / "a") == before


def test_a_stage_that_reads_something_that_changed_is_stale(tmp_path: Path) -> None:
    apply(Written(), tmp_path, WISH, quiet)
    folder = apply(NOTES, tmp_path, WISH, quiet)
    assert stale(folder.facts) == {}
    folder = apply(replace(Written(), facts={"language": "fr"}), tmp_path, WISH, quiet)
    assert stale(folder.facts) == {"knowledge": ["identity.json#language"]}
    other = json.dumps({"spec": "chara_card_v3", "data": {"name": "Bob"}}).encode()
    folder = apply(Written(files={"card.json": other}), tmp_path, WISH, quiet)
    assert stale(folder.facts) == {"knowledge": ["card.json"]}
    folder = apply(NOTES, tmp_path, WISH, quiet)
    assert stale(folder.facts) == {}
    assert [each["stage"] for each in entries(folder) if isinstance(each, dict)] == ["draft", "knowledge"]


def test_edits_are_kept_and_a_new_draft_begins_anew(tmp_path: Path) -> None:
    apply(Written(), tmp_path, WISH, quiet)
    for number in (1, 2):
        folder = apply(Written("edit", facts={"description": str(number)}), tmp_path, WISH, quiet)
    assert [each["stage"] for each in entries(folder) if isinstance(each, dict)] == ["draft", "edit", "edit"]
    folder = apply(Written(), tmp_path, WISH, quiet)
    assert [each["stage"] for each in entries(folder) if isinstance(each, dict)] == ["draft"]


def test_changes_by_hand_are_named_and_written_down(tmp_path: Path) -> None:
    apply(Written(), tmp_path, WISH, quiet)
    apply(NOTES, tmp_path, WISH, quiet)
    (tmp_path / "card.json").write_bytes(CARD.replace(b"Ada", b"Eda"))
    (tmp_path / "knowledge" / "a.md").unlink()
    (tmp_path / "knowledge" / "b.md").write_bytes(b"# B")
    found = changes(Folder(tmp_path))
    assert (found.changed, found.missing, found.unknown) == (("card.json",), ("knowledge/a.md",), ("knowledge/b.md",))
    with pytest.raises(StudioError, match=r"card.json is changed, knowledge/a.md is missing, knowledge/b.md is not"):
        verify(Folder(tmp_path))
    folder = apply(Written("look", files={}, facts={}), tmp_path, WISH, quiet)
    verify(folder)
    assert [each["stage"] for each in entries(folder) if isinstance(each, dict)] == [
        "draft", "knowledge", "hand", "look",
    ]  # fmt: skip


def test_a_sealed_person_may_not_be_changed_by_hand(tmp_path: Path) -> None:
    apply(Written(), tmp_path, WISH, quiet)
    apply(Written("seal", files={}, facts={"seal": {"key": "x"}}), tmp_path, WISH, quiet)
    before = files_of(tmp_path)
    (tmp_path / "card.json").write_bytes(CARD + b" ")
    with pytest.raises(StudioError, match=r"sealed, .* card.json") as failed:
        apply(NOTES, tmp_path, WISH, quiet)
    assert failed.value.code == "tampered"
    (tmp_path / "card.json").write_bytes(before["card.json"])
    assert "seal" in Folder(tmp_path).facts
    assert "seal" not in apply(NOTES, tmp_path, WISH, quiet).facts


def test_a_stage_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Folder) -> None:
        raise StudioError("bad_wish", "no")

    with pytest.raises(StudioError, match="no"):
        apply(Written(look=fail), tmp_path / "new", WISH, quiet)
    assert [*tmp_path.iterdir()] == []
    apply(Written(), tmp_path / "new", WISH, quiet)
    before = files_of(tmp_path / "new")
    with pytest.raises(StudioError):
        apply(Written(look=fail), tmp_path / "new", WISH, quiet)
    assert files_of(tmp_path / "new") == before


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        (Written(files={"card.json": b"{}"}), "bad_card"),
        (Written(facts={"attributes": {"age": 2000}}), "bad_attributes"),
        (Written(files={"identity.json": b"{}"}), "damaged"),
        (Written(facts={"lineage": []}), "damaged"),
        (Written(files={"../x": b""}), "unsafe_path"),
        (Written(inputs=("never/was.md",)), "not_found"),
    ],
)
def test_a_stage_that_makes_nonsense_is_not_written(stage: Written, code: str, tmp_path: Path) -> None:
    with pytest.raises((StudioError, IdentityError)) as failed:
        apply(stage, tmp_path / "who", WISH, quiet)
    assert getattr(failed.value, "code", "") == code
    assert [*tmp_path.iterdir()] == []


def test_files_and_facts_can_be_taken_away(tmp_path: Path) -> None:
    apply(Written(), tmp_path, WISH, quiet)
    apply(NOTES, tmp_path, WISH, quiet)
    gone = Written("knowledge", files={}, facts={"language": None}, removed=("knowledge/a.md",))
    folder = apply(gone, tmp_path, WISH, quiet)
    assert "knowledge/a.md" not in folder.listing()
    assert "language" not in folder.facts
    verify(folder)


def test_a_person_that_was_not_made_here_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "card.json").write_bytes(CARD)
    folder = apply(NOTES, tmp_path, WISH, quiet)
    assert changes(folder).unknown == ("card.json",)
    assert load_identity(tmp_path).name == "Ada"


def test_resuming_a_folder_without_a_journal_changes_nothing(tmp_path: Path) -> None:
    apply(Written(), tmp_path, WISH, quiet)
    before = files_of(tmp_path)
    resume(tmp_path)
    assert files_of(tmp_path) == before


def test_an_empty_folder_holds_nobody(tmp_path: Path) -> None:
    with pytest.raises(StudioError) as failed:
        _ = Folder(tmp_path / "no").identity
    assert failed.value.code == "no_folder"
    assert Folder(tmp_path / "no").listing() == []
    with pytest.raises(IdentityError):
        Folder(tmp_path).read("card.json")


def test_the_digest_of_the_facts_leaves_the_records_out() -> None:
    assert facts_digest({"a": 1, "files": {}, "lineage": []}) == facts_digest({"a": 1})
    assert facts_digest({"a": 1}, "a") != facts_digest({"a": 2}, "a")
