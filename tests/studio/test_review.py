"""Reviews: exactly these bytes, by somebody, in a log that nobody can rewrite unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.provenance.chain import links
from engines.provenance.review import REVIEWS, decisions, digest
from studio.commit import apply
from studio.errors import StudioError
from studio.folder import Folder
from studio.review import Review, approved
from studio.stage import Wish
from tests.studio.sealing import person, review
from tests.studio.stages import Written, quiet


def test_every_decision_stays_in_the_log(tmp_path: Path) -> None:
    path = person(tmp_path / "ada")
    review(path, approve=False, by="李", note="太严格")
    review(path, by="Bea")
    found = decisions((path / REVIEWS).read_bytes())
    assert [(each.decision, each.by, each.note) for each in found] == [
        ("reject", "李", "太严格"),
        ("approve", "Bea", ""),
    ]
    assert found[0].digest == found[1].digest, "the records of a review are not what is reviewed"
    assert found[0].on == "2026-11-30"
    assert approved(Folder(path)).by == "Bea"
    assert len(list(links((path / REVIEWS).read_bytes()))) == 2


def test_any_other_byte_asks_for_another_review(tmp_path: Path) -> None:
    path = person(tmp_path / "ada")
    review(path)
    for name, data in (("knowledge/note.md", b"a fact"), ("reports/evaluate.json", b'{"stage": "evaluate"}')):
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_bytes(data)
        with pytest.raises(StudioError) as failed:
            approved(Folder(path))
        assert failed.value.code == "not_reviewed"
        review(path)
        approved(Folder(path))
    apply(Written("voice", files={}, facts={"language": "de"}), path, Wish(), quiet)
    with pytest.raises(StudioError):
        approved(Folder(path))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"by": "Bea"},
        {"approve": True, "reject": True, "by": "Bea"},
        {"approve": True},
        {"approve": True, "by": "  "},
        {"approve": True, "by": "x" * 201},
        {"approve": True, "by": "Bea", "note": "x" * 4001},
    ],
)
def test_half_a_decision_is_none(tmp_path: Path, options: dict[str, bool | str]) -> None:
    path = person(tmp_path / "ada")
    with pytest.raises(StudioError) as failed:
        apply(Review(), path, Wish(options={**options}), quiet)
    assert failed.value.code == "bad_wish"
    assert not (path / REVIEWS).exists()


def test_a_log_that_was_changed_takes_no_more_decisions(tmp_path: Path) -> None:
    path = person(tmp_path / "ada")
    review(path, by="Bea")
    (path / REVIEWS).write_bytes((path / REVIEWS).read_bytes().replace(b"Bea", b"Eve"))
    for act in (lambda: review(path), lambda: approved(Folder(path))):
        with pytest.raises(StudioError) as failed:
            act()
        assert failed.value.code == "tampered"


def test_the_digest_is_of_what_is_seen() -> None:
    files = {"card.json": "a", "identity.json": "b", REVIEWS: "c", "reports/seal.json": "d"}
    assert digest(files, {"language": "en", "lineage": []}) == digest({"card.json": "a"}, {"language": "en"})
    assert digest(files, {"language": "en"}) != digest(files, {"language": "de"})
    assert digest({"card.json": "b"}, {}) != digest({"card.json": "a"}, {})
