"""The folder `knowledge/` of an identity: what is read of it, what was compiled, what is left out."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from engines.identity import IdentityError, load_identity
from engines.identity.storage import names_below
from engines.knowledge.cutting import Passage
from engines.knowledge.document import Block, Place, Section
from engines.knowledge.facts import Fact
from engines.knowledge.knowledge import knowledge_of
from engines.knowledge.library import COMPILED, Compiled, Library, is_source, read_library, read_sources

CARD = json.dumps({"spec": "chara_card_v3", "data": {"name": "Ada"}}).encode()


def library(**files: bytes) -> Library:
    named = {f"knowledge/{name.replace('__', '.')}": data for name, data in files.items()}
    return read_library(named, lambda name, most: named[name])


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("knowledge/a.md", True), ("knowledge/b/c.TXT", True), ("knowledge/facts.csv", True),
        ("knowledge/rules.toml", True), ("knowledge/a.pdf", True), ("knowledge/other.toml", False),
        ("knowledge/compiled.json", False), ("a.md", False), ("knowledge/a.docx", False),
    ],
)  # fmt: skip
def test_what_a_source_is(name: str, wanted: bool) -> None:
    assert is_source(name) == wanted


def test_every_kind_is_read() -> None:
    found = library(
        optics__md=b"# Light\n\nIt is fast.",
        notes__txt=b"SOUND\n\nIt is slow.",
        facts__csv=b"sun,is,a star\n",
        rules__toml=b"[[rule]]\nnever = ['x']\n[[fact]]\nsubject='moon'\nrelation='is'\nobject='a moon'\n",
    )
    assert [each.text for each in found.passages] == ["It is slow.", "It is fast."]
    assert [each.subject for each in found.facts] == ["sun", "moon"]
    assert [each.never for each in found.rules] == [("x",)]
    assert found.warnings == ()
    assert found
    assert not Library()


def test_what_cannot_be_read_is_left_out_with_a_sentence() -> None:
    found = library(bad__csv=b"a,b\n", bin__md=b"\x00\x01", good__md=b"Words.", paper__pdf=b"%PDF-1.4")
    assert [each.text for each in found.passages] == ["Words."]
    assert len(found.warnings) == 3
    assert "knowledge/bin.md is no text file" in found.warnings
    assert any("is a PDF, which the studio reads" in warning for warning in found.warnings)
    named = {"knowledge/bad.csv": b"a,b\n"}
    with pytest.raises(IdentityError, match="2 columns"):
        read_sources(named, named.__getitem__, strict=True)


def test_too_much_is_refused() -> None:
    with pytest.raises(IdentityError, match="more than 200 sources"):
        read_sources([f"knowledge/{i}.md" for i in range(201)], lambda _: b"")
    many = [f"knowledge/{i}.pdf" for i in range(5)]
    with pytest.raises(IdentityError, match="more than 64 MiB"):
        read_sources(many, lambda _: bytes(14 * 2**20), strict=True)
    with pytest.raises(IdentityError, match="more than 5000 facts"):
        read_sources([f"knowledge/{i}.csv" for i in range(2)], lambda _: b"a,is,b\n" * 3000)


# ------------------------------------------------------------------------------------------------ what was compiled


def compiled(digests: dict[str, str]) -> bytes:
    place = Place("paper.pdf", ("Light",), 3)
    facts = (Fact("speed of light", "is", "299,792 km/s", place, drawn=True),)
    return Compiled((Passage("Light is fast.", place),), facts, digests).as_bytes()


def test_what_was_compiled_stands_for_its_sources() -> None:
    data = b"%PDF-1.4 ..."
    found = library(paper__pdf=data, compiled__json=compiled({"knowledge/paper.pdf": hashlib.sha256(data).hexdigest()}))
    assert [(each.text, each.place.cite()) for each in found.passages] == [("Light is fast.", "paper.pdf, 3 › Light")]
    assert found.facts[0].drawn
    assert found.warnings == ()


def test_a_source_that_has_changed_since_is_read_afresh() -> None:
    stale = Compiled((Passage("Old words.", Place("a.md")),), (), {"knowledge/a.md": "0" * 64}).as_bytes()
    found = library(a__md=b"New words.", compiled__json=stale)
    assert [each.text for each in found.passages] == ["New words."]
    assert found.warnings == ("knowledge/a.md has changed since it was compiled",)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"[]", "must hold a JSON object"),
        (b'{"schema": 2}', "compile the knowledge again"),
        (b'{"passages": [{"text": 3}]}', r"passages\[0\].text must be text"),
        (b'{"facts": [{}]}', "a fact needs a subject"),
        (b'{"passages": [{"text": "a", "headings": 7}]}', "headings must be a list of texts"),
    ],
)
def test_compiled_knowledge_that_is_damaged_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(IdentityError, match=sentence):
        library(compiled__json=data)


# ------------------------------------------------------------------------------------------------ of an identity


def test_an_identity_knows_what_lies_in_its_folder_or_archive(tmp_path: Path) -> None:
    folder = tmp_path / "ada"
    folder.joinpath("knowledge").mkdir(parents=True)
    folder.joinpath("card.json").write_bytes(CARD)
    assert knowledge_of(load_identity(folder)) is None
    folder.joinpath("knowledge", "光学.md").write_text("# 光\n\n光速约为每秒30万公里。", "utf-8")
    folder.joinpath("knowledge", "secret.md").symlink_to("/etc/passwd")
    assert names_below(folder, "knowledge/") == ["knowledge/光学.md"]
    with zipfile.ZipFile(tmp_path / "ada.charx", "w") as archive:
        for name in ("card.json", "knowledge/光学.md"):
            archive.write(folder / name, name)
    for path in (folder, tmp_path / "ada.charx"):
        known = knowledge_of(load_identity(path))
        assert known is not None
        assert known.language == "zh"
        assert [each.text for each in known.library.passages] == ["光速约为每秒30万公里。"]
    bare = tmp_path / "ada.json"
    bare.write_bytes(CARD)
    assert knowledge_of(load_identity(bare)) is None


def test_the_compiled_form_is_read_as_it_was_written() -> None:
    place = Place("a.md", ("A", "B"), 7)
    fact = Fact("a", "is", "b", place, ("c",), ("d",), ("e",), 0.1, True, "No.", True)
    form = Compiled((Passage("Words.", place),), (fact,), {})
    found = library(compiled__json=form.as_bytes())
    assert (found.passages, found.facts) == (form.passages, form.facts)
    assert COMPILED == "knowledge/compiled.json"
    assert Section(place, (Block("x"),)).characters == 1
