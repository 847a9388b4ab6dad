"""Names become folders of the shelf, and nothing outside is ever named."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.server.studio.requests import Told
from bridge.server.studio.shelf import Shelf
from tests.bridge.setup.people_on_disk import write_person, write_portrait


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    folder = write_person(tmp_path / "shelf/nora", "Nora", says="I am {{char}}.", facts={"attributes": {"age": 40}})
    write_portrait(folder)
    (folder / "reports").mkdir()
    (folder / "reports/draft.json").write_text('{"choices": ["a"]}')
    (folder / "reports/broken.json").write_text("{")
    (folder / "reports/large.json").write_text("1" * 1_100_000)
    (folder / ".hidden.json").write_text("{}")
    (folder / "secret.py").write_text("")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/card.json").write_text("{}")
    (tmp_path / "shelf/link").symlink_to(tmp_path / "outside")
    (folder / "leak.json").symlink_to(tmp_path / "outside/card.json")
    return Shelf(tmp_path / "shelf")


def test_somebody_is_described_with_what_can_be_shown(shelf: Shelf) -> None:
    told = shelf.described("nora")
    assert (told["id"], told["name"], told["greeting"]) == ("nora", "Nora", "I am Nora.")
    assert told["attributes"] == {"age": 40}
    assert told["reports"] == {"draft": {"choices": ["a"]}}
    assert {each["path"] for each in told["files"]} >= {"card.json", "assets/icon/images/main.png"}
    assert not any("hidden" in each["path"] or "leak" in each["path"] for each in told["files"])


@pytest.mark.parametrize("person", ["nobody", "..", ".", "../outside", "link", "nora/..", "", "nora\0", "/etc", "~"])
def test_nobody_else_is_found(shelf: Shelf, person: str) -> None:
    with pytest.raises(Told) as refused:
        shelf.folder(person)
    assert refused.value.code == "nobody"


@pytest.mark.parametrize(
    "path",
    ["../../outside/card.json", "/etc/passwd", "secret.py", ".hidden.json", "leak.json", "nothing.png", "", "assets"],
)
def test_no_other_file_is_given(shelf: Shelf, path: str) -> None:
    with pytest.raises(Told) as refused:
        shelf.file("nora", path)
    assert refused.value.code == "no_file"


def test_a_file_comes_with_its_kind(shelf: Shelf) -> None:
    kind, data = shelf.file("nora", "assets/icon/images/main.png")
    assert (kind, data[:4]) == ("image/png", b"\x89PNG")


def test_one_that_cannot_be_read_is_told(shelf: Shelf) -> None:
    (shelf.root / "nora/card.json").write_text("{")
    with pytest.raises(Told, match="nora cannot be read"):
        shelf.described("nora")


@pytest.mark.parametrize(
    ("sentence", "begins"),
    [
        ("A warm teacher of the stars", "warm-teacher-stars-"),
        ("\u8001\u5e08", "person-"),
        ("../../etc", "etc-"),
        ("x" * 500, "x" * 40),
    ],
)
def test_a_new_folder_is_named_by_the_sentence_and_is_free(shelf: Shelf, sentence: str, begins: str) -> None:
    folders = {shelf.new(sentence) for _ in range(5)}
    assert len(folders) == 5
    for folder in folders:
        assert folder.parent == shelf.root
        assert folder.name.startswith(begins)
        assert not folder.exists()
