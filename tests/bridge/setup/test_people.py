"""Who can be asked for: what is listed of the folders, what is left out, and what counts as a change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.setup import people as listing
from bridge.setup.config import Config, load
from bridge.setup.people import People, head_stamp, identifier, picture, places, stamp
from engines.identity import Identity, load_identity, pack
from engines.identity.charx import write_archive
from tests.bridge.setup.people_on_disk import write_person, write_portrait


def seen(*folders: Path) -> People:
    people = People(folders)
    people.look()
    return people


def test_folders_archives_and_those_that_ship_are_listed_by_name(tmp_path: Path) -> None:
    write_person(tmp_path / "nora", "Nora", facts={"looks": {"hair": "red"}})
    pack(write_person(tmp_path / "x" / "olga", "Ólga"), tmp_path / "olga.charx")
    people = seen(tmp_path)
    assert [(each.id, each.name) for each in people.all() if each.origin.is_relative_to(tmp_path)] == [
        ("nora", "Nora"),
        ("olga", "Ólga"),
    ]
    assert {"teacher", "guide"} <= {each.id for each in people.all()}
    nora = people.find("nora")
    assert nora is not None
    assert (nora.draft, nora.languages, dict(nora.looks)) == (True, ("en",), {"hair": "red"})
    assert [each.draft for each in people.all() if each.id == "teacher"] == [False]


def test_nobody_is_listed_without_folders() -> None:
    assert seen().all() == ()


def test_what_cannot_be_loaded_is_left_out_and_the_rest_is_listed(tmp_path: Path) -> None:
    write_person(tmp_path / "nora")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/card.json").write_text("{", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "lies.charx").write_bytes(b"PK\3\4")
    (tmp_path / "notes.txt").touch()
    write_archive({"card.json": b"[]"}, tmp_path / "list.charx")
    assert {each.id for each in seen(tmp_path, tmp_path / "gone").all()} - {"teacher", "guide"} == {"nora"}


def test_the_first_with_an_id_has_it(tmp_path: Path) -> None:
    write_person(tmp_path / "mine/teacher", "Mine")
    write_person(tmp_path / "yours/teacher", "Yours")
    found = seen(tmp_path / "mine", tmp_path / "yours").find("teacher")
    assert found is not None
    assert found.name == "Mine"


def test_only_what_changed_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_person(tmp_path / "nora")
    write_person(tmp_path / "olga", "Olga")
    people = seen(tmp_path)
    read: list[str] = []

    def noted(path: Path) -> Identity:
        read.append(path.name)
        return load_identity(path)

    monkeypatch.setattr(listing, "load_identity", noted)
    people.look()
    assert read == []
    write_person(tmp_path / "olga", "Olga the Second")
    people.look()
    assert read == ["olga"]
    assert [each.name for each in people.all() if each.id == "olga"] == ["Olga the Second"]


def test_the_list_is_bounded_and_so_are_descriptions(tmp_path: Path) -> None:
    for number in range(listing.MOST + 6):
        write_person(tmp_path / f"p{number:03}", f"P{number}", facts={"description": "long " * 90})
    people = seen(tmp_path)
    assert len(people.all()) == listing.MOST
    assert {len(each.description) for each in people.all()} == {listing.ABOUT}


def test_a_portrait_is_read_while_it_is_the_one_that_was_listed(tmp_path: Path) -> None:
    folder = write_person(tmp_path / "nora")
    data = write_portrait(folder)
    known = seen(tmp_path).find("nora")
    assert known is not None
    served = picture(known)
    assert served is not None
    assert (served.kind, served.body) == ("image/png", data)
    write_portrait(folder, b"another")
    assert picture(known) is None
    (folder / "card.json").unlink()
    assert picture(known) is None


def test_every_file_counts_as_a_change_and_only_some_for_the_list(tmp_path: Path) -> None:
    folder = write_person(tmp_path / "nora")
    (folder / "notes.md").write_text("bees")
    (folder / ".hidden").touch()
    before, listed = stamp(folder), head_stamp(folder)
    (folder / ".hidden").write_text("other")
    assert stamp(folder) == before
    (folder / "notes.md").write_text("wasps")
    assert stamp(folder) != before
    assert head_stamp(folder) == listed
    later = (folder / "card.json").stat().st_mtime + 5
    os.utime(folder / "card.json", (later, later))
    assert head_stamp(folder) != listed


def test_one_that_is_being_written_or_holds_too_much_has_no_stamp_and_one_that_is_gone_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_person(tmp_path / "nora")
    (folder / ".studio").mkdir()
    (folder / listing.JOURNAL).touch()
    assert stamp(folder) is None
    (folder / listing.JOURNAL).unlink()
    assert stamp(folder)
    monkeypatch.setattr("engines.identity.storage.FILES", 1)
    assert stamp(folder) is None
    assert stamp(tmp_path / "gone") == ()
    assert head_stamp(tmp_path / "gone") == ()


def test_an_archive_has_the_stamp_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "nora.charx"
    pack(write_person(tmp_path / "nora"), file)
    before = stamp(file)
    pack(write_person(tmp_path / "nora", "Nora the Second"), file)
    assert before
    assert stamp(file) != before


def test_clients_may_ask_for_others_on_this_machine_or_when_a_folder_is_named(tmp_path: Path) -> None:
    secret = "auth.secret=" + "s" * 32
    away = ("server.host=0.0.0.0", "server.insecure=true", secret)
    named = f"identity.folder={tmp_path}"

    def found(*settings: str) -> tuple[Path, ...]:
        return places(load(None, {}, settings))

    assert places(Config()) == (listing.home(Config()), Path("identities").resolve())
    assert found(named)[0] == tmp_path
    assert found(*away) == ()
    assert found(*away, named)[0] == tmp_path
    assert found(*away, "identity.others=yes")
    assert found("identity.others=no", named) == ()


def test_an_id_is_the_name_of_the_folder_or_file_and_fits_the_wire() -> None:
    assert identifier(Path("a/nora.charx")) == "nora"
    assert identifier(Path("n" * 200)) == "n" * 64
