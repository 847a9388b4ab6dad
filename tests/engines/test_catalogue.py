"""The catalogue says what is: every row is held against the code, the data and the documents that it tells of."""

from __future__ import annotations

import ast
import dataclasses
import re
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import pytest

from bridge.setup.casting import SUPPLIES
from bridge.setup.config import Config
from bridge.setup.load import moods
from bridge.setup.sections import EnginesSection
from engines.catalogue import table as catalogue
from engines.catalogue.listing import Listing
from engines.catalogue.table import ENGINES, JOBS
from engines.jobs import Engines
from tools import engine_tables

ROOT = Path(__file__).parents[2]


def source(module: str) -> ast.Module:
    return ast.parse(ROOT.joinpath(*module.split(".")).with_suffix(".py").read_text(encoding="utf-8"))


def test_the_jobs_are_the_keys_of_the_configuration_and_the_parts_of_a_companion() -> None:
    names = {job.name for job in JOBS}
    assert names == {field for field in EnginesSection.__struct_fields__ if field != "stt_workers"}
    assert names == {field.name for field in dataclasses.fields(Engines)} - {"voice", "understudy", "gates"}
    assert {listing.job for listing in ENGINES} == names
    for job in JOBS:
        assert getattr(EnginesSection(), job.name) == catalogue.choices(job.name)[0]


def test_every_engine_of_a_companion_is_started_and_closed() -> None:
    parts = [field.name for field in dataclasses.fields(Engines) if field.name not in ("voice", "gates")]
    every = Engines(**{name: cast("Any", name) for name in parts})
    assert sorted(map(str, every.all())) == sorted(parts)


@pytest.mark.parametrize("listing", ENGINES, ids=lambda each: each.name)
def test_a_row_tells_of_code_that_is_there(listing: Listing) -> None:
    module, _, name = listing.where.partition(":")
    assert name in {node.name for node in source(module).body if isinstance(node, ast.ClassDef)}
    if listing.child:
        assert "__main__" in ast.unparse(source(listing.child))
    if listing.moods:
        assert {"happy", "joy"} <= moods(listing.name)
    assert listing.about
    assert set(listing.takes) <= set(SUPPLIES)
    assert listing.clones == ("voice" in listing.takes)


@pytest.mark.parametrize("listing", [each for each in ENGINES if each.models], ids=lambda each: each.name)
def test_an_engine_with_models_has_a_section_and_an_extra(listing: Listing) -> None:
    assert listing.models is not None
    assert set(listing.models.fills) <= set(getattr(Config(), listing.name).__struct_fields__)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    base = {re.split(r"[<>=;\[ ]", requirement)[0] for requirement in project["dependencies"]}
    assert listing.extra or set(listing.packages) <= base


def test_names_are_not_used_twice() -> None:
    names = [listing.name for listing in ENGINES]
    assert len(names) == len(set(names))
    assert not set(names) & {job.name for job in JOBS}


def test_every_extra_is_one_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {listing.extra for listing in ENGINES} - {""} <= set(project["optional-dependencies"])


def test_the_languages_are_those_of_the_data() -> None:
    languages = {listing.name: set(listing.languages) for listing in ENGINES}
    cards = {path.stem for path in ROOT.glob("engines/dialogue/card/languages/*.toml")} - {"lacking", "zh-hant"}
    assert languages["card"] == cards, "say in the catalogue which languages the script has"
    others = tomllib.loads((ROOT / "engines/hearing/endings/others.toml").read_text(encoding="utf-8"))
    assert languages["words"] == {"en", *others}
    (prefixes,) = (
        ast.literal_eval(node.value)
        for node in source("engines.voices.kokoro.engine").body
        if isinstance(node, ast.AnnAssign) and node.value and ast.unparse(node.target) == "PREFIXES"
    )
    assert languages["kokoro"] == {name.split("-")[0] for name in prefixes} - {"cmn"}


def test_the_languages_of_espeak_are_those_of_its_data() -> None:
    loader = pytest.importorskip("espeakng_loader")
    files = [path for path in (Path(loader.get_data_path()) / "lang").rglob("*") if path.is_file()]
    lines = [line.split() for path in files for line in path.read_text("utf-8", "replace").splitlines()]
    known = {words[1].split("-")[0] for words in lines if len(words) > 1 and words[0] == "language"}
    assert set(catalogue.ESPEAK) == known


def test_looking_up_what_is_not_there_is_a_key_error() -> None:
    for look_up in (lambda: catalogue.job("smell"), lambda: catalogue.listing("stt", "espeak")):
        with pytest.raises(KeyError):
            look_up()
    assert catalogue.of("smell") == ()


def test_reading_the_catalogue_imports_no_engine_and_nothing_heavy() -> None:
    code = "import sys, engines.catalogue.table; print(*(m for m in sys.modules if m.split('.')[0] == 'engines'))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    parts = ("", ".listing", ".models", ".table")
    assert sorted(done.stdout.split()) == ["engines", *(f"engines.catalogue{part}" for part in parts)]
    assert find_spec("engines.catalogue") is not None


@pytest.mark.parametrize("path", engine_tables.pages(), ids=lambda path: path.name)
def test_the_documents_show_the_catalogue_of_today(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert engine_tables.page(text) == text, "python -m tools.engine_tables --write"


def test_every_table_stands_in_a_document() -> None:
    found = {
        mark[2] for path in engine_tables.pages() for mark in engine_tables.MARKS.finditer(path.read_text("utf-8"))
    }
    assert found == set(engine_tables.TABLES)


def test_a_row_that_changes_makes_the_documents_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "HEARING.md").read_text(encoding="utf-8")
    row = Listing("stt", "ear", "engines.hearing.ear.engine:Ear", "an ear")
    monkeypatch.setattr(catalogue, "ENGINES", (*ENGINES, row))
    assert "| `ear` | an ear | any | nothing |" in engine_tables.page(text)
