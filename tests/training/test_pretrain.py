"""Pre-training from text: tokens on disk, windows, both goals, the hub's layout, and a killed run that goes on."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.training.conftest import Quiet
from training.errors import TrainingError
from training.loop import checkpoint
from training.loop.recipe import Recipe
from training.pretrain.learn import Wanted, pretrain
from training.pretrain.models import Size, make
from training.pretrain.texts import documents
from training.pretrain.tokens import train_tokenizer

pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]

SMALL = Wanted(size=Size(32, 1), vocabulary=300, width=16, share=0.3)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    chance = random.Random(1)
    words = ("light", "sound", "wave", "drop", "glass")
    texts = ("\n".join(" ".join(chance.choices(words, k=8)) for _ in range(3)) for _ in range(60))
    (tmp_path / "corpus.txt").write_text("\n\n".join(texts), encoding="utf-8")
    return tmp_path / "corpus.txt"


@pytest.mark.parametrize("kind", ["llama", "qwen", "bert"])
def test_each_kind_learns_and_is_saved_as_the_hub_has_it(
    corpus: Path, tmp_path: Path, quiet: Quiet, clock: Callable[[], float], kind: str
) -> None:
    from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

    wanted = Wanted(kind, Size(32, 1), 300, 16, 0.3)  # type: ignore[arg-type]
    recipe = Recipe(steps=30, batch=8, rate=1e-2, look=10, average=0.9 if kind == "llama" else 0.0)
    told = pretrain([corpus], wanted, recipe, tmp_path / "run", tracker=quiet, clock=clock)
    assert told.after < told.before - 0.3
    kinds = AutoModelForMaskedLM if kind == "bert" else AutoModelForCausalLM
    model = kinds.from_pretrained(tmp_path / "run" / "model")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "run" / "model")
    first = AutoTokenizer.from_pretrained(tmp_path / "run" / "tokenizer")
    text = "lightlight's  für 123 光"
    assert model.config.vocab_size == len(tokenizer)
    assert tokenizer.encode(text, add_special_tokens=False) == first.encode(text, add_special_tokens=False)
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text


def test_a_killed_run_comes_to_the_same_numbers(corpus: Path, tmp_path: Path, clock: Callable[[], float]) -> None:
    import torch

    recipe = Recipe(steps=12, batch=4, rate=1e-2, look=4, save=3, average=0.9)
    whole = Quiet()
    pretrain([corpus], SMALL, recipe, tmp_path / "whole", tracker=whole, clock=clock)

    class Killed(Quiet):
        def log(self, step: int, scalars: object) -> None:
            super().log(step, scalars)
            if step == 8:
                raise KeyboardInterrupt

    first, second = Killed(), Quiet()
    with pytest.raises(KeyboardInterrupt):
        pretrain([corpus], SMALL, recipe, tmp_path / "killed", tracker=first, clock=clock)
    assert checkpoint.reached(tmp_path / "killed") == 6
    pretrain([corpus], SMALL, recipe, tmp_path / "killed", tracker=second, clock=clock)
    assert [row["loss"] for row in (*first.rows[:6], *second.rows)] == [row["loss"] for row in whole.rows]
    states = [
        torch.load(tmp_path / name / checkpoint.FILE, weights_only=True)["learned"] for name in ("whole", "killed")
    ]
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_a_checkpoint_of_another_run_or_a_damaged_one_is_refused(
    corpus: Path, tmp_path: Path, quiet: Quiet, clock: Callable[[], float]
) -> None:
    pretrain([corpus], SMALL, Recipe(steps=2, batch=2), tmp_path / "run", tracker=quiet, clock=clock)
    with pytest.raises(TrainingError, match="is of another run"):
        pretrain([corpus], SMALL, Recipe(steps=3, batch=2), tmp_path / "run", tracker=quiet, clock=clock)
    (tmp_path / "run" / checkpoint.FILE).write_bytes(b"PK damaged")
    assert checkpoint.reached(tmp_path / "run") == 0
    with pytest.raises(TrainingError, match="is damaged"):
        pretrain([corpus], SMALL, Recipe(steps=2, batch=2), tmp_path / "run", tracker=quiet, clock=clock)
    corpus.write_text("other words\n\n" * 50, encoding="utf-8")
    with pytest.raises(TrainingError, match="tokens of other texts"):
        pretrain([corpus], SMALL, Recipe(steps=2, batch=2), tmp_path / "run", tracker=quiet, clock=clock)


def test_too_little_text_and_wrong_sizes_are_told(
    corpus: Path, tmp_path: Path, quiet: Quiet, clock: Callable[[], float]
) -> None:
    (tmp_path / "few.txt").write_text("one word\n", encoding="utf-8")
    with pytest.raises(TrainingError, match="fewer than one window"):
        pretrain([tmp_path / "few.txt"], SMALL, Recipe(steps=1), tmp_path / "a", tracker=quiet, clock=clock)
    with pytest.raises(TrainingError, match="--vocabulary must be at least"):
        train_tokenizer(["a"], 10)
    with pytest.raises(TrainingError, match="--width must be a multiple"):
        make("llama", Size(33, 1), train_tokenizer(["a b"], 300), 64)
    for name, data, sentence in (
        ("a.txt", b"\n", "is empty"),
        ("a.jsonl", b"{", "is no JSON"),
        ("a.jsonl", b'{"x": 1}', "has no text"),
        ("a.txt", b"caf\xe9\n", "is not in UTF-8"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(TrainingError, match=sentence):
            list(documents([tmp_path / name]))
    with pytest.raises(TrainingError, match="cannot be read"):
        list(documents([tmp_path / "none.txt"]))
    (tmp_path / "b.jsonl").write_text('{"text": "one"}\n\n"two"\n', encoding="utf-8")
    assert list(documents([tmp_path / "b.jsonl"])) == ["one", "two"]
