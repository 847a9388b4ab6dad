"""The painter of looks: it learns what it is told, a stopped run goes on bit by bit, and it paints without torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.portrait.model import from_bytes, nets
from studio.portrait.words import TOLD, VALUES
from tests.training.portrait.test_aligned import people
from training.portrait import looks, losses, quick
from training.portrait.aligned import Aligned, aligned
from training.portrait.data import Pictures
from training.portrait.nets import Shape, told
from training.portrait.reading import taught

SIZE = 16
TRAITS = {"tone": 2}
SHAPE = Shape(SIZE, TRAITS, chance=8, hidden=16, wide=(12, 8), seen=(8, 12))


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Keep nets this small on one thread: more of them wait for each other on a busy machine."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def lesson(
    count: int = 80, seed: int = 1
) -> tuple[Aligned, looks.Real, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    """Return dark or light discs with eyes: the frame, what is learned from, and the pictures."""
    data = people(count, seed)
    tone = np.random.default_rng(seed).integers(0, 2, (count, 1)).astype(np.uint8)
    colour = data.colour.copy()
    colour[(data.mask > 0) & (tone == 1)[:, :, None]] //= 3
    points = (data.landmarks / 2).astype(np.float32)
    small = Pictures(colour[:, ::2, ::2], data.mask[:, ::2, ::2], points, tone, data.pose, data.shape)
    frame, seen, beside = aligned(small)
    return frame, looks.Real(seen, beside, torch.from_numpy(np.concatenate([tone, tone]))), small.colour


@pytest.mark.parametrize("loss", losses.LOSSES)
def test_a_run_that_was_stopped_ends_as_one_that_was_not(loss: str, tmp_path: Path) -> None:
    frame, real, _ = lesson(40)
    heard: list[Mapping[str, float]] = []
    whole = looks.train(SHAPE, frame, real, loss=loss, steps=6, say=lambda step, found, painter: heard.append(found))
    assert np.isfinite(list(heard[-1].values())).all()
    kept = tmp_path / "state.pt"

    class Stopped(Exception):
        """Ends a run behind its third step."""

    def stop(step: int, found: Mapping[str, float], painter: looks.Generator) -> None:
        if step == 4:
            raise Stopped

    with pytest.raises(Stopped):
        looks.train(SHAPE, frame, real, loss=loss, steps=6, say=stop, kept=kept, every=2)
    again = looks.train(SHAPE, frame, real, loss=loss, steps=6, kept=kept, every=2)
    for name, value in whole.state_dict().items():
        assert torch.equal(value, again.state_dict()[name]), name
    with pytest.raises(ValueError, match=r"seed 1, .* not .* seed 2"):
        looks.train(SHAPE, frame, real, loss=loss, steps=6, seed=2, kept=kept)


def test_it_learns_what_it_is_told_and_the_reader_reads_it() -> None:
    frame, real, colour = lesson()
    chance = torch.randn(40, SHAPE.chance, generator=torch.Generator().manual_seed(3))
    for seed in range(4):  # what so few steps teach depends on chance, and on how a CPU rounds
        net = looks.train(SHAPE, frame, real, loss=losses.R3, steps=150, seed=seed)
        with torch.no_grad():
            light, dark = (net(chance, told(torch.tensor([[k]] * 40), TRAITS))[:, :, 6:10, 6:10].mean() for k in (0, 1))
        if float(light - dark) > 0.3:
            break
    assert float(light - dark) > 0.3
    labels = real.labels[: len(colour)].numpy()
    reader = taught(SHAPE, net, colour, labels, steps=60)
    with torch.no_grad():
        _, likely, features = reader(torch.from_numpy(from_bytes(colour)))
    assert ((likely[:, 1] > 0.5).numpy() == (labels[:, 0] == 1)).mean() > 0.95
    assert features.shape == (len(colour), SHAPE.hidden)


def test_a_look_that_goes_too_far_is_held_back_and_still_learns() -> None:
    frame, real, _ = lesson(40)
    net = looks.Generator(SHAPE, frame, looks.Sketch(real.looks, 4, 1))
    with torch.no_grad():
        net.last.bias.fill_(40.0)
    chance, row = torch.zeros(1, SHAPE.chance), torch.ones(1, SHAPE.told)
    look, _ = net.parts(chance, row)
    assert 1 < float(look.detach().max()) < 6
    look.sum().backward()
    assert net.last.bias.grad is not None
    assert float(net.last.bias.grad.abs().min()) > 0
    with torch.no_grad():
        assert float(net(chance, row).abs().max()) <= 1.0


def test_chance_moves_shapes_and_grounds_as_they_differ_in_renders() -> None:
    frame, real, _ = lesson()
    net = looks.Generator(replace(SHAPE, chance=48), frame, looks.Sketch(real.looks, 4, 1))
    net.requires_grad_(False)
    said = told(torch.zeros(600, 1), TRAITS)
    chance = torch.randn(600, 48, generator=torch.Generator().manual_seed(3))
    before = net.parts(chance, said)
    assert 0.9 < looks.spread(net, real) < 1.2
    look, beside = net.parts(chance, said)
    assert torch.equal(look, before[0])
    there = float(real.beside[real.labels[:, 0] == 0].var(dim=0).sum())
    assert float(before[1].var(dim=0).sum()) < 0.5 * there
    assert 0.6 * there < float(beside.var(dim=0).sum()) < 1.6 * there


def test_the_command_trains_and_ships(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    random = np.random.default_rng(1)
    labels = np.stack([random.integers(0, len(values), 40) for values in VALUES.values()], axis=1).astype(np.uint8)
    data = people(40)
    whole = Pictures(data.colour, data.mask, data.landmarks, labels, data.pose, np.arange(40, dtype=np.int32))
    np.savez(tmp_path / "shapes-000000.npz", **{name: getattr(whole, name) for name in Pictures.__slots__})
    ship = tmp_path / "nets"
    quick.main([str(tmp_path), "--ship", str(ship), "--steps", "2", "--reading", "1", "--batch", "4",
                "--note", "by=me"])  # fmt: skip
    used = nets(ship)
    assert (used.card["steps"], used.card["by"], used.card["data"], used.size) == (2, "me", "unknown", 32)
    chance = random.standard_normal((3, used.chance)).astype(np.float32)
    row = np.eye(TOLD, dtype=np.float32)[:3]
    painted = used.paint(chance, row)
    assert painted.shape == (3, 3, 32, 32)
    assert painted.std() > 0.05
    found, likely, _ = used.read(from_bytes(data.colour[:3]))
    assert found.shape == (3, used.chance)
    assert np.allclose(likely.sum(axis=1), len(VALUES), atol=1e-3)
    assert sorted(path.name for path in ship.iterdir()) == [
        "card.json",
        "measured.jsonl",
        "painter.onnx",
        "reader.onnx",
    ]


def test_a_run_that_goes_on_counts_what_it_has_had(tmp_path: Path) -> None:
    assert quick.spent(tmp_path) == 0.0
    (tmp_path / "measured.jsonl").write_text(
        '{"step": 100, "cpu_seconds": 31.5}\n{"step": 200, "cpu_seconds": 60.25}\n'
    )
    assert quick.spent(tmp_path) == 0.0  # of another run, which has ended
    (tmp_path / quick.STATE).touch()
    assert quick.spent(tmp_path) == 60.25
