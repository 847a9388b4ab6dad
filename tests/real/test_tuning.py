"""A real language model learns a manner from a few dialogues, and the server is heard to speak in it."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path

import pytest

from bench.taught import DESCRIPTION, answered, manner, person, written
from bench.train import parts
from engines.identity import load_identity
from studio.commit import apply
from studio.stage import Wish
from testkit.real.packages import PIPER_JOE, WHISPER_TINY_EN, folder
from testkit.real.smollm2 import smollm2
from tests.real.conftest import or_skip
from tests.training.conftest import Quiet
from training.lips import flite_voice
from training.tune.answering import ask
from training.tune.learn import Wanted, ready, tune
from training.tune.methods import Shape
from training.tune.model import open_base
from training.tune.stage import Tuned

pytestmark = [pytest.mark.real, pytest.mark.realtime, pytest.mark.filterwarnings("ignore")]

QUESTION = "What is light?"


def test_a_manner_that_was_learned_is_heard_in_what_the_server_says(tmp_path: Path) -> None:
    if not flite_voice.available():
        pytest.skip("flite is not installed")
    for weights in (WHISPER_TINY_EN, PIPER_JOE):
        or_skip(partial(folder, weights))
    model = str(or_skip(smollm2))
    learned, held = parts(48)
    base = open_base(model)
    before = ask(base.model, base, [QUESTION], DESCRIPTION, most=16)[0]
    wanted = Wanted(shape=Shape(rank=8, alpha=16, dropout=0.0), epochs=1, batch=4, rate=4e-3, looks=1, patience=0)
    plan = ready(base, learned[:32], held[:4], wanted, DESCRIPTION)
    outcome, _ = tune(
        base, plan, wanted, tmp_path / "run", tracker=Quiet(), clock=time.process_time, fresh=lambda: open_base(model)
    )
    assert outcome.after < outcome.before - 1.0
    assert outcome.reloaded == pytest.approx(outcome.after, abs=1e-3)
    identity = person(tmp_path / "nora")
    apply(
        Tuned(tmp_path / "run" / "adapter", outcome.told, {}), identity, Wish(), lambda *_: None, created="2026-01-01"
    )
    assert load_identity(identity).name == "Nora Bell"
    [spoken] = answered(identity, [QUESTION], tokens=24)
    written(tmp_path / "spoken.wav", [spoken])
    assert len(spoken.pcm) > 24_000  # half a second
    assert manner(before) == 0, before
    assert manner(spoken.heard) >= 1, (spoken.answer, spoken.heard)
    assert spoken.differs < 0.4, (spoken.answer, spoken.heard)
