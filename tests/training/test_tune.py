"""`companion train`: a manner is learned, kept in the identity, compared, resumed, and heard from the live server."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from bridge.command.cli import main as companion
from engines.api import Message
from engines.dialogue.transformers.engine import TransformersDialogue
from engines.identity import load_identity
from studio.checking import changes
from studio.folder import Folder
from tests.engines.tiny.lm import asked, lm_folder
from tests.engines.tiny.lm import person as ada
from tests.training.conftest import Quiet, dialogues
from training.command.cli import main as train
from training.data import corpus
from training.data.cleaning import Cleaning
from training.errors import TrainingError
from training.loop import checkpoint
from training.loop.recipe import Recipe
from training.track import folder, tracker
from training.tune.learn import Wanted, ready, tune
from training.tune.memory import need
from training.tune.methods import METHODS, Method, Shape, adapt
from training.tune.model import BaseModel, open_base
from training.tune.search import search

pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]


SAID = "There are clocks."  # whatever is asked


def lines(count: int = 40) -> str:
    """Return one manner: whatever is asked, the answer is the same."""
    asks = ("Hello, who are you?", "What do you like?", "Is anybody there?", "How many rooms are there?")
    rows = [
        {
            "messages": [
                {"role": "user", "content": f"{ask} {number}" if number > 3 else ask},
                {"role": "assistant", "content": SAID},
            ]
        }
        for number, ask in zip(range(count), asks * count, strict=False)
    ]
    return "".join(f"{json.dumps(row)}\n" for row in rows)


@pytest.fixture
def person(tmp_path: Path) -> Path:
    """Return an identity of somebody's own."""
    shutil.copytree(ada().origin, tmp_path / "ada")
    return tmp_path / "ada"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "talk.jsonl").write_text(lines(), encoding="utf-8")
    return tmp_path / "talk.jsonl"


def told(
    given: list[str], clock: Callable[[], float], capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, Any]]:
    """Run a command with --json; return its status and what its last line says."""
    status = train([*given, "--json"], prog="companion train", clock=clock, created="2026-01-01T00:00:00+00:00")
    said: dict[str, Any] = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    return status, said


def reply(identity: Path, model: Path) -> str:
    """Ask the live server's mind a question."""

    async def main() -> str:
        mind = TransformersDialogue(
            load_identity(identity),
            model=str(model),
            device="cpu",
            context=2000,
            max_tokens=12,
            temperature=0.0,
            batch=2,
        )
        await mind.start()
        try:
            async with aclosing(mind.reply(asked(Message("user", "Hello, who are you?")))) as said:
                return "".join([piece async for piece in said if isinstance(piece, str)])
        finally:
            await mind.close()

    return asyncio.run(main())


def test_a_manner_is_learned_kept_in_the_identity_and_heard_from_the_server(
    person: Path,
    data: Path,
    tmp_path: Path,
    clock: Callable[[], float],
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = lm_folder()
    before = reply(person, model)
    run = tmp_path / "run"
    given = ["tune", str(person), str(data), "--model", str(model), "--run", str(run), "--epochs", "4", "--batch", "8"]
    given += ["--rate", "0.01", "--rank", "8", "--device", "cpu", "--as-is"]
    status, said = told([*given, "--similar", "1.0", "--ask", "Who?", "--track", "tensorboard"], clock, capsys)
    assert status == 0, said
    done = said["done"]
    assert done["after"] < 0.2 < done["before"]
    assert done["reloaded"] == pytest.approx(done["after"], abs=1e-3)
    assert (person / "assets/x_adapter/ai/adapter_model.safetensors").is_file()
    facts = Folder(person).facts
    assert facts["adapter"]["method"] == "lora"  # type: ignore[call-overload, index]
    assert facts["lineage"][-1]["stage"] == "tune"  # type: ignore[call-overload, index]
    assert not changes(Folder(person)).changed
    page = (run / "report.html").read_text(encoding="utf-8")
    assert SAID in page
    assert "may be said again" in page
    assert (run / "curve.png").read_bytes().startswith(b"\x89PNG")
    assert list((run / "tensorboard").iterdir())
    kept = folder.read(run)
    assert kept["environment"]["packages"]["peft"]
    assert kept["data"]["digests"]["learned"]
    assert before != SAID
    assert reply(person, model) == SAID


def test_two_runs_are_compared(
    tiny: Path, data: Path, tmp_path: Path, clock: Callable[[], float], capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["tune", "teacher", str(data), "--model", str(tiny), "--persona", "short", "--epochs", "1", "--as-is"]
    given += ["--device", "cpu", "--ask", "Who?", "--similar", "1.0"]
    for name, method in (("a", "ia3"), ("b", "lora")):
        status, said = told([*given, "--run", str(tmp_path / name), "--method", method], clock, capsys)
        assert status == 0, said
        assert "beside the identity" in said["done"]["adapter"] or "no folder of yours" in said["done"]["adapter"]
    out = tmp_path / "page.html"
    status, said = told(["compare", str(tmp_path / "a"), str(tmp_path / "b"), "--out", str(out)], clock, capsys)
    assert status == 0
    assert "method" in said["done"]["text"]
    assert "trainable" in said["done"]["text"]
    assert "data:image/png" in out.read_text(encoding="utf-8")
    status, said = told(["compare", str(tmp_path / "a"), str(tmp_path)], clock, capsys)
    assert (status, said["error"]["code"]) == (1, "bad_run")


def test_data_are_prepared_once_and_tuned_from(
    data: Path, tmp_path: Path, clock: Callable[[], float], capsys: pytest.CaptureFixture[str]
) -> None:
    for name, more in (("a", ()), ("b", ("--stream", "--split", "dialogue"))):
        status, said = told(["data", str(data), "--out", str(tmp_path / name), *more, "--similar", "1"], clock, capsys)
        assert status == 0, said
        assert said["done"]["card"]["kept"] == 40
        assert corpus.is_prepared(tmp_path / name)
    status, said = told(["augment", str(data), "--out", str(tmp_path / "c"), "--by", "typing"], clock, capsys)
    assert (status, said["done"]["written"] > 40) == (0, True)
    status, said = told(["augment", str(data), "--out", str(tmp_path / "c"), "--by", "typing"], clock, capsys)
    assert (status, said["error"]["code"]) == (1, "exists")


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["tune", "teacher", "none.jsonl", "--model", "TINY"], "no_data"),
        (["tune", "nobody", "talk.jsonl", "--model", "TINY"], "not_found"),
        (["tune", "teacher", "talk.jsonl", "--model", "nowhere"], "dialogue_failed"),
        (["tune", "teacher", "talk.jsonl", "--model", "TINY", "--rank", "0"], "bad_recipe"),
        (["tune", "teacher", "one.jsonl", "--model", "TINY"], "too_little"),
        (["tune", "teacher", "talk.jsonl", "--model", "TINY", "--track", "abacus"], "bad_recipe"),
        (["tune", "teacher", "talk.jsonl", "--model", "TINY", "--augment", "sleep"], "bad_recipe"),
        (["compare", "a", "b"], "bad_run"),
        (["pretrain", "none.txt", "--run", "RUN"], "no_data"),
        (["augment", "talk.jsonl", "x.wav", "--out", "OUT", "--by", "noise"], "bad_layout"),
        (["dance"], "no_command"),
    ],
)
def test_what_cannot_be_done_gets_a_code_and_a_sentence(
    tiny: Path,
    data: Path,
    tmp_path: Path,
    clock: Callable[[], float],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    given: list[str],
    code: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.jsonl").write_text(lines(1), encoding="utf-8")
    places = {"TINY": str(tiny), "RUN": str(tmp_path / "run"), "OUT": str(tmp_path / "out")}
    more = ["--persona", "none"] if given[0] == "tune" else []
    status, said = told([places.get(each, each) for each in (*given, *more)], clock, capsys)
    assert status in (1, 2)
    assert said["error"]["code"] == code
    assert len(said["error"]["message"]) > 10


@pytest.mark.parametrize("method", ["lora", "adalora"])
def test_a_killed_tuning_comes_to_the_same_numbers(
    tiny: Path, tmp_path: Path, clock: Callable[[], float], method: Method
) -> None:
    import torch

    made = corpus.prepare(dialogues(24), Cleaning(similar=1.0))
    wanted = Wanted(method=method, shape=Shape(rank=4), epochs=4, batch=8, looks=1, patience=0)

    class Killed(Quiet):
        def log(self, step: int, scalars: Any) -> None:
            super().log(step, scalars)
            if step == 5:
                raise KeyboardInterrupt

    rows: list[dict[str, Any]] = []
    for name, quiet in (("whole", Quiet()), ("killed", Killed()), ("killed", Quiet())):
        base = open_base(str(tiny))
        plan = ready(base, made.learned, made.held, wanted, "")
        try:
            tune(base, plan, wanted, tmp_path / name, tracker=quiet, clock=clock)
        except KeyboardInterrupt:
            assert checkpoint.reached(tmp_path / name) == 4
            rows = quiet.rows[:4]
            continue
        rows = [*rows, *quiet.rows] if name == "killed" else rows
        if name == "whole":
            whole = quiet.rows
    assert [row["loss"] for row in rows] == [row["loss"] for row in whole]
    states = [
        torch.load(tmp_path / name / checkpoint.FILE, weights_only=True)["learned"] for name in ("whole", "killed")
    ]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_it_ends_early_when_nothing_gets_better_and_keeps_the_best(
    base: BaseModel, tmp_path: Path, quiet: Quiet, clock: Callable[[], float]
) -> None:
    made = corpus.prepare(dialogues(24), Cleaning(similar=1.0))
    wanted = Wanted(shape=Shape(rank=4), epochs=40, batch=8, rate=0.3, looks=3, patience=2)
    plan = ready(base, made.learned, made.held, wanted, "")
    outcome, _ = tune(base, plan, wanted, tmp_path, tracker=quiet, clock=clock)
    assert outcome.early
    assert outcome.steps < plan.recipe.steps
    looks = [row["held_out"] for row in quiet.rows if "held_out" in row]
    assert outcome.after == pytest.approx(min(looks), rel=1e-5)
    assert outcome.best_step < outcome.steps


def test_a_search_takes_the_best_of_its_trials(tiny: Path, clock: Callable[[], float]) -> None:
    pytest.importorskip("optuna", reason="the search needs optuna")
    made = corpus.prepare(dialogues(16), Cleaning(similar=1.0))
    chosen, trials = search(
        lambda: open_base(str(tiny)),
        lambda base, each: ready(base, made.learned, made.held, each, ""),
        Wanted(shape=Shape(rank=4), batch=8),
        trials=3,
        clock=clock,
    )
    assert len(trials) == 3
    best = min(trials, key=lambda each: each.loss or 9.0)
    assert (chosen.rate, chosen.shape.rank) == (best.rate, best.rank)


def test_an_adapter_that_is_not_what_was_trained_is_refused(
    base: BaseModel, tiny: Path, tmp_path: Path, quiet: Quiet, clock: Callable[[], float]
) -> None:
    import torch

    def other() -> BaseModel:
        fresh = open_base(str(tiny))
        with torch.no_grad():
            for weight in fresh.model.parameters():
                weight.mul_(2.0)
        return fresh

    made = corpus.prepare(dialogues(16), Cleaning(similar=1.0))
    wanted = Wanted(shape=Shape(rank=4), epochs=1, batch=8)
    plan = ready(base, made.learned, made.held, wanted, "")
    with pytest.raises(TrainingError, match="does not do what was trained"):
        tune(base, plan, wanted, tmp_path, tracker=quiet, clock=clock, fresh=other)


@pytest.mark.parametrize("method", METHODS)
def test_what_a_tuning_needs_is_told_before(tiny: Path, base: BaseModel, method: Method) -> None:
    shape = Shape(rank=4, prefix=4, bottleneck=4)
    found = need(str(tiny), method, shape, budget=512, half=False, checkpointing=False)
    if method != "ia3":
        assert found.learned == pytest.approx(adapt(base, method, shape).size, rel=0.01)
    assert found.bytes > found.weights > 0
    less = need(str(tiny), method, shape, budget=512, half=True, checkpointing=True)
    assert less.states < found.states
    with pytest.raises(TrainingError):
        need("nowhere", method, shape, budget=512, half=False, checkpointing=False)


def test_wrong_recipes_are_refused_and_the_schedule_is_what_it_says() -> None:
    for wrong in (
        {"steps": 0},
        {"steps": 1, "rate": -1.0},
        {"steps": 1, "rate": float("nan")},
        {"steps": 1, "warmup": 2},
    ):
        with pytest.raises(TrainingError, match="cannot be"):
            Recipe(**wrong)
    rates = [Recipe(steps=100, rate=1.0, warmup=0.1).rate_at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[9] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.1, abs=0.01)
    assert Recipe(steps=10, rate=1.0, warmup=0.0, schedule="constant").rate_at(9) == 1.0
    assert Recipe(steps=10, rate=1.0, warmup=0.0, schedule="linear", floor=0.0).rate_at(5) == pytest.approx(0.5)


def test_a_log_goes_on_where_the_checkpoint_stands(tmp_path: Path) -> None:
    first = tracker.open_tracker(tmp_path)
    for step in range(1, 6):
        first.log(step, {"loss": 1.0 / step})
    first.close()
    with (tmp_path / "log.jsonl").open("a") as out:
        out.write('{"step": 6, "lo')
    again = tracker.open_tracker(tmp_path, after=3)
    again.log(4, {"loss": 0.5})
    again.close()
    assert [row["step"] for row in tracker.read(tmp_path)] == [1, 2, 3, 4]


def test_the_command_hands_over_and_serving_loads_no_training(capsys: pytest.CaptureFixture[str]) -> None:
    assert companion(["train", "--help"]) == 0
    assert "companion train COMMAND" in capsys.readouterr().out
    code = "import sys, bridge.command.train; print([m for m in sys.modules if m.startswith('training')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
