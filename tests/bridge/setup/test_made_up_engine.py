"""An engine that does not exist is added as the documents say: a folder in its job's room, and one row."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import engines.hearing
from bridge.command import doctor
from bridge.errors import ConfigError
from bridge.metrics import Metrics
from bridge.setup import casting, lifecycle
from bridge.setup.config import Config, load
from engines.catalogue import table as catalogue
from engines.catalogue.listing import Listing
from tests.engines import makers, test_contract

EAR = '''
from contextlib import aclosing
from dataclasses import fields

from engines.api import Transcript
from engines.measures.work import QUEUE_BOUNDS, Work


class Ear:
    """Counts the samples that it is given."""

    name = "ear"

    async def start(self):
        self.works = True

    async def close(self):
        self.works = False

    async def transcribe(self, audio, language, names=()):
        count = 0
        async with aclosing(audio):
            async for chunk in audio:
                count += len(chunk) // 2
        yield Transcript(f"{count} samples" if count else "", final=True)

    def work(self):
        none = dict.fromkeys((field.name for field in fields(Work)), 0)
        queue = (0,) * (len(QUEUE_BOUNDS) + 1)
        return (Work(**none | {"device": "cpu", "stage": "ear", "items": 3, "queue": queue}),)
'''
ROW = Listing("stt", "ear", "engines.hearing.ear.engine:Ear", "counts samples", languages=("de",), tongues="German")


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder and the row; nothing else."""
    folder = tmp_path / "ear"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "engine.py").write_text(EAR, encoding="utf-8")
    monkeypatch.setattr(engines.hearing, "__path__", [*engines.hearing.__path__, str(tmp_path)])
    monkeypatch.setattr(catalogue, "ENGINES", (*catalogue.ENGINES, ROW))


def chosen() -> Config:
    return load(None, {}, ["engines.stt=ear", "server.port=0"])


def test_without_the_row_it_may_not_be_chosen() -> None:
    with pytest.raises(ConfigError, match="there are pocketsphinx, whisper, remote_stt, none"):
        chosen()


def test_the_configuration_takes_it_and_a_companion_hears_by_it(added: None) -> None:
    companion = casting.companion(chosen())
    assert companion.engines.stt is not None
    assert companion.engines.stt.name == "ear"


def test_doctor_tries_it(added: None) -> None:
    findings = asyncio.run(doctor.examine(chosen()))
    (found,) = (finding for finding in findings if finding.what == "stt: ear")
    assert found.verdict == "works"
    assert found.detail.startswith("counts samples")


def test_the_metrics_tell_of_it(added: None) -> None:
    async def told() -> str:
        companion, metrics = casting.companion(chosen()), Metrics()
        async with lifecycle.started(companion.engines):
            metrics.watch(companion.engines)
            return metrics.text().decode()

    text = asyncio.run(told())
    assert 'companion_engine{engine="ear",job="stt"} 1.0' in text
    assert 'companion_engine{engine="words",job="ending"} 1.0' in text
    assert 'companion_work_items_total{device="cpu",stage="ear"} 3.0' in text


def test_the_contract_runs_over_it(added: None) -> None:
    (maker,) = (each for each in makers.listed("stt") if str(each) == "Ear")
    test_contract.test_it_has_a_name_and_may_be_closed_at_any_time(maker)
    test_contract.test_stt_gives_exactly_one_final_whatever_it_is_fed(maker)
    test_contract.test_stt_hears_two_at_once_and_lets_go_when_cancelled(maker)
