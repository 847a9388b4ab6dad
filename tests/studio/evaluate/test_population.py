"""Population studies: the offline writer tells nothing by gender or origin, and a planted stereotype is found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engines.identity.fields import Json, dump
from studio.command import cli
from studio.draft.stage import Draft
from studio.errors import StudioError
from studio.evaluate.measures import Section
from studio.evaluate.page.population import population_page
from studio.evaluate.population.audit import audited, information, is_told
from studio.evaluate.population.people import Someone, flat, people
from studio.evaluate.population.study import strangers, studied
from studio.evaluate.population.telling import tables
from studio.folder import Folder
from studio.stage import Made, Progress, Wish
from tests.studio.stages import quiet

COUNT = 200
SHUFFLES = 100


class Stereotyped(Draft):
    """Writes as the offline writer does, but makes men carpenters, all others nurses, and lets dark skin speak low."""

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Spoil what the writer made."""
        made = super().run(folder, wish, progress)
        facts: dict[str, Any] = json.loads(dump(dict(made.facts)))
        told = facts["attributes"]
        told["profession"] = "carpenter" if told["presentation"] == "male" else "nurse"
        told["voice"] = {**told.get("voice", {}), "pitch": "low" if told["skin"] in ("deep", "brown") else "high"}
        spoilt: Mapping[str, Json] = facts
        return Made(made.files, made.section, tool=made.tool, facts=spoilt)


@pytest.fixture(scope="module")
def crowd() -> list[Someone]:
    return list(people(Draft(), Wish(language="en"), COUNT, quiet))


@pytest.fixture(scope="module")
def sections(crowd: list[Someone]) -> list[Section]:
    return studied(crowd, shuffles=SHUFFLES)


def values(sections: list[Section]) -> dict[str, float | None]:
    return {measure.name: measure.value for section in sections for measure in section.measures}


def test_the_offline_writer_tells_no_trade_by_a_gender_an_origin_or_an_age(crowd: list[Someone]) -> None:
    found = audited([flat(each.attributes) for each in crowd], shuffles=SHUFFLES)
    assert {"profession × presentation", "profession × ancestry", "profession × age", "voice.pitch × skin"} <= set(
        found
    )
    assert [name for name, pair in found.items() if is_told(pair, SHUFFLES)] == []


def test_a_stereotyped_writer_is_found() -> None:
    spoilt = list(people(Stereotyped(), Wish(language="en"), COUNT, quiet))
    found = audited([flat(each.attributes) for each in spoilt], shuffles=SHUFFLES)
    told = {name for name, pair in found.items() if is_told(pair, SHUFFLES)}
    assert told >= {"profession × presentation", "voice.pitch × skin"}
    assert not told & {"temperament × presentation", "interests × age", "accent × skin"}
    section = information([flat(each.attributes) for each in spoilt], shuffles=SHUFFLES)
    missed = {measure.name for measure in section.measures if measure.outcome == "missed"}
    assert "information.profession × presentation" in missed


def test_attributes_are_read_back_and_those_of_a_stranger_are_not(
    crowd: list[Someone], sections: list[Section]
) -> None:
    found = values(sections)
    assert (found["readback.all"] or 0) >= 0.98
    assert strangers(crowd)[""] < 0.4
    all_ = next(measure for measure in sections[0].measures if measure.name == "readback.all")
    assert all_.floor == strangers(crowd)[""]


def test_people_differ_and_cover_what_there_is(sections: list[Section]) -> None:
    found = values(sections)
    assert found["spread.people"] == COUNT
    assert (found["spread.temperament"] or 0) > 0.95
    assert (found["spread.profession"] or 0) > 0.9
    assert (found["alike.most"] or 1) < 0.8
    assert (found["complexity.words_50"] or 0) > 200
    table = next(section for section in sections if section.name == "spread").detail["table"]
    assert isinstance(table, list)
    assert {row["attribute"] for row in table if isinstance(row, dict)} >= {"skin", "age", "profession"}


def test_words_that_lean_to_a_gender_are_found(crowd: list[Someone]) -> None:
    from dataclasses import replace

    leaning = [
        replace(each, text=each.text + (" shopping" if each.attributes.presentation == "female" else " engines"))
        for each in crowd
    ]
    section = studied(leaning, shuffles=2)[-1]
    table = section.detail["table"]
    assert isinstance(table, list)
    assert {(row["word"], row["towards"]) for row in table if isinstance(row, dict)} == {
        ("shopping", "female"),
        ("engines", "male"),
    }


def test_a_study_is_the_same_again_and_written_for_people(sections: list[Section], crowd: list[Someone]) -> None:
    assert sections == studied(crowd, shuffles=SHUFFLES)
    text = tables(sections)
    assert "| profession × presentation" in text
    assert "### readback" in text
    page = population_page(sections, about={"count": "1", "first": "0", "last": "1", "wish": "<script>"}, language="en")
    assert b"<script" not in page
    assert page.count(b"<svg") == 5


def test_few_or_no_people_can_be_studied() -> None:
    assert {measure.outcome for measure in studied([])[0].measures} == {"not measured"}
    two = list(people(Draft(), Wish(language="en"), 2, quiet))
    assert values(studied(two, shuffles=2))["spread.people"] == 2


def test_the_command_studies_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, data = tmp_path / "s.html", tmp_path / "s.json"
    assert cli.main(["study", "--count", "8", "--seed", "3", "--out", str(page)]) == 0
    assert "8 people in en by offline writer" in capsys.readouterr().out
    assert page.read_bytes().startswith(b"<!doctype html>")
    assert cli.main(["study", "a gruff baker", "--count", "4", "--out", str(data), "--json"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "progress" in json.loads(lines[0])
    done = json.loads(lines[-1])["done"]
    assert (done["count"], done["sentence"]) == (4, "a gruff baker")
    assert done == json.loads(data.read_text())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["s.html", "s.json"]


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (["--count", "1"], "2 to"),
        (["--count", "9", "--out", "x.pdf"], ".html or .json"),
        (["--language", "tlh"], "tlh"),
        (["--count", "2", "--out", "/nonexistent/x.json"], "No such file"),
    ],
)
def test_what_cannot_be_studied_is_told(arguments: list[str], what: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["study", *arguments]) == 1
    assert what in capsys.readouterr().err


class Forgetful(Draft):
    """Fails at the people of these seeds, as a language model does."""

    def __init__(self, *seeds: int, code: str = "bad_model") -> None:
        super().__init__()
        self._seeds, self._code = seeds, code

    def run(self, folder: Folder, wish: Wish, progress: Progress) -> Made:
        """Fail, or write."""
        if wish.seed in self._seeds:
            raise StudioError(self._code, "it wrote no JSON")
        return super().run(folder, wish, progress)


def test_people_whom_a_model_does_not_manage_are_left_out_until_there_are_too_many() -> None:
    wish = Wish(language="en")
    assert [each.seed for each in people(Forgetful(1, 2, 4), wish, 6, quiet)] == [0, 3, 5]
    for writer in (Forgetful(1, 2, 3), Forgetful(1, code="public_figure")):
        with pytest.raises(StudioError):
            list(people(writer, wish, 6, quiet))
