"""A small real model held to the schema: it always writes what can be read; merely asked, it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.commit import apply
from studio.draft.stage import Draft
from studio.draft.wanted import Wanted
from studio.errors import StudioError
from studio.stage import Wish
from studio.tongue.tables import tongue
from studio.writer.local import LocalModel
from studio.writer.models import Said
from studio.writer.schema import Sizes, outline_schema, read
from studio.writer.write import ModelWriter
from testkit.real.smollm2 import smollm2
from tests.real.conftest import or_skip
from tests.studio.stages import quiet

pytestmark = pytest.mark.real

pytest.importorskip("llguidance")

SMALL = Sizes(long=140, short=50, items=1)


@pytest.fixture(scope="module")
def folder() -> Path:
    return or_skip(smollm2)


def test_held_to_the_schema_every_answer_is_valid(folder: Path) -> None:
    model = LocalModel(folder)
    schema = outline_schema(Wanted().attributes, SMALL)
    for seed in range(2):
        answer = model.ask([Said("user", "Invent somebody, as JSON.")], schema, seed)
        assert read(answer, schema)[1] == [], answer


def test_it_writes_a_person_in_two_answers(folder: Path) -> None:
    writer = ModelWriter(LocalModel(folder), sizes=SMALL)
    person, texts = writer.write(Wanted(), tongue("en"), "a nurse", "0:", 0, quiet)
    assert person.name.full
    assert texts.description
    assert writer.tries <= 4  # the outline at once; the texts may contradict it


def test_merely_asked_it_fails_with_a_clear_error(folder: Path, tmp_path: Path) -> None:
    model = LocalModel(folder, constrain=False, tokens=32)
    with pytest.raises(StudioError) as failed:
        apply(Draft(model), tmp_path / "who", Wish("a warm nurse"), quiet)
    assert failed.value.code == "bad_model"
    assert [*tmp_path.iterdir()] == []
