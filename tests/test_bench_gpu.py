"""The bench of real architectures, run whole on a CPU with a tiny one."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the bench builds language models with torch")
pytest.importorskip("transformers", reason="the bench builds language models with transformers")

from bench.gpu import __main__ as gpu
from bench.gpu.drive import Outcome
from bench.gpu.models import tokenizer
from bench.gpu.serve import stages
from talk import wav
from tests.engines.tiny import whisper


def test_every_token_of_the_made_up_vocabulary_can_be_said_and_none_is_lost() -> None:
    made = tokenizer(2000)
    assert len(made) == 2000
    assert made.decode(made.encode("Größe 你好")) == "Größe 你好"
    said = made.decode([1000, 1500, 1999])
    assert len(said.split()) == 3
    assert said.replace(" ", "").isalpha()


def test_stages_are_read_from_the_metrics() -> None:
    text = (
        'companion_turn_seconds_sum{stage="first_media"} 1.5\ncompanion_turn_seconds_count{stage="first_media"} 3.0\n'
    )
    assert stages(text) == {"first_media": 500.0}


def test_a_row_of_the_table_says_what_was_measured() -> None:
    work = {"stage": "llm", "tokens": 100, "busy": 2.0, "items": 60, "batches": 20, "audio": 0.0}
    voice = {"stage": "vits", "tokens": 0, "busy": 1.0, "items": 4, "batches": 4, "audio": 10.0}
    outcome = Outcome(final_ms=[100.0], first_ms=[200.0, 300.0], late=1, media=50, turns=2, failed={"x": 1})
    row = gpu.row(2, outcome, {"work": [work, voice], "stall_ms": {"p99": 1.5}, "memory_mb": 0.0})
    assert row == [2, 2, 100.0, 200.0, 300.0, "1/50", 1, 50.0, 3.0, 0.1, 1.5, 0.0]
    assert len(row) == len(gpu.HEAD)


def test_it_runs_whole_with_a_tiny_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "gpu.json"
    wav.write(tmp_path / "question.wav", whisper.spoken("Tell me about the rainbow."), rate=16_000)
    models = ["--whisper", str(whisper.folder()), "--wav", str(tmp_path / "question.wav")]
    arguments = ["--tiny", "--sessions", "2", "--turns", "1", "--tokens", "12", "--json", str(report), *models]
    assert gpu.main(arguments) == 0
    assert "sessions" in capsys.readouterr().out
    (run,) = json.loads(report.read_text())
    assert run["failed"] == {}
    assert len(run["first_ms"]) == 2
    assert all(0 < ms < 60_000 for ms in run["first_ms"])
    assert not math.isnan(run["stall_ms"]["p99"])
    (lm,) = [work for work in run["work"] if work["stage"] == "llm"]
    assert lm["tokens"] >= 4
