"""The painter of eigenfaces: what the faces hold, that it learns what it is told, and that it paints without torch."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.portrait.model import from_bytes, nets
from studio.portrait.words import TOLD, VALUES
from training.portrait import eigen, losses, quick
from training.portrait.data import Pictures
from training.portrait.nets import shape, told

SIZE = 16
TRAITS = {"ground": 2, "side": 2}


def pictures(count: int, seed: int = 1) -> tuple[np.ndarray[tuple[int, ...], np.dtype[np.uint8]], torch.Tensor]:
    """Return pictures of dark or light grounds with a bar that is above or below."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, (count, 2)).astype(np.uint8)
    colour = np.full((count, SIZE, SIZE, 3), 60, np.uint8)
    colour += (labels[:, 0] * 110)[:, None, None, None].astype(np.uint8)
    for k, (_, side) in enumerate(labels):
        colour[k, 3 + 8 * side : 6 + 8 * side, 2:14, 1] = 220 + random.integers(0, 20)
    return colour, torch.from_numpy(labels)


def test_eigenfaces_hold_what_differs() -> None:
    colour, _ = pictures(80)
    faces = eigen.faces_of(colour, 6)
    rows = eigen.flat(colour)
    strengths = faces.strengths(rows)
    assert float((faces.picture(strengths) - rows).abs().mean()) < 0.02
    assert strengths.square().mean(dim=0)[:2].tolist() == pytest.approx([1, 1], rel=0.15)
    assert faces.spread.tolist() == sorted(faces.spread.tolist(), reverse=True)
    assert float(faces.weight[0]) == 1.0


@pytest.mark.parametrize("loss", losses.LOSSES)
def test_the_same_seed_trains_the_same(loss: str) -> None:
    colour, labels = pictures(60)
    faces = eigen.faces_of(colour, 4)
    real = faces.strengths(eigen.flat(colour))
    sizes = shape(SIZE, TRAITS)
    one, other = (eigen.train(sizes, faces, real, labels, loss=loss, steps=9) for _ in range(2))
    assert np.isfinite(list(one.found.values())).all()
    for a, b in zip(one.generator.parameters(), other.generator.parameters(), strict=True):
        assert torch.equal(a, b)


def _counted(heard: list[int]) -> Callable[[int, object], None]:
    """Return a listener that writes the steps down."""

    def say(step: int, found: object) -> None:
        heard.append(step)

    return say


def test_it_learns_what_it_is_told_and_the_reader_reads_it() -> None:
    colour, labels = pictures(120)
    faces = eigen.faces_of(colour, 4)
    real = faces.strengths(eigen.flat(colour))
    chance = torch.randn(40, 8, generator=torch.Generator().manual_seed(3))
    for seed in range(5):  # what so few steps teach depends on chance, and on how a CPU rounds
        heard: list[int] = []
        learned = eigen.train(
            shape(SIZE, TRAITS),
            faces,
            real,
            labels,
            loss=losses.R3,
            steps=300,
            seed=seed,
            say=_counted(heard),
        )
        assert heard == [250, 300]
        with torch.no_grad():
            dark, light = (learned.generator(chance, told(torch.tensor([[k, 0]] * 40), TRAITS)) for k in (0, 1))
        if float(light[:, 0].mean() - dark[:, 0].mean()) > 0.5:
            break
    assert float(light[:, 0].mean() - dark[:, 0].mean()) > 0.5
    reader = eigen.taught(learned.generator, real, labels, steps=200)
    with torch.no_grad():
        _, likely, features = reader(eigen.flat(colour).reshape(-1, 3, SIZE, SIZE))
    assert ((likely[:, 1] > 0.5) == (labels[:, 0] == 1)).float().mean() > 0.95
    assert features.shape == (120, eigen.HIDDEN)


def test_the_command_trains_and_ships(tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    random = np.random.default_rng(1)
    labels = np.stack([random.integers(0, len(values), 40) for values in VALUES.values()], axis=1).astype(np.uint8)
    colour = random.integers(0, 255, (40, SIZE, SIZE, 3), dtype=np.uint8)
    data = Pictures(
        colour, colour[..., 0], np.zeros((40, 2, 2), np.float32), labels, np.zeros((40, 2), np.float32),
        np.arange(40, dtype=np.int32),
    )  # fmt: skip
    np.savez(tmp_path / "shapes-000000.npz", **{name: getattr(data, name) for name in Pictures.__slots__})
    ship = tmp_path / "nets"
    quick.main([str(tmp_path), "--ship", str(ship), "--steps", "3", "--reading", "2", "--rank", "5", "--note", "by=me",
                "--crisp", "2"])  # fmt: skip
    used = nets(ship)
    assert (used.card["eigenfaces"], used.card["by"], used.size) == (5, "me", SIZE)
    row = np.zeros((2, TOLD), np.float32)
    assert used.paint(np.zeros((2, used.chance), np.float32), row).shape == (2, 3, SIZE, SIZE)
    chance, likely, _ = used.read(from_bytes(colour[:3]))
    assert chance.shape == (3, used.chance)
    assert np.allclose(likely.sum(axis=1), len(VALUES), atol=1e-3)
    assert (ship / "measured.jsonl").read_text().count("step") == 2
    assert (used.card["crisp steps"], used.card["data"]) == (2, "unknown")
    assert sorted(path.name for path in ship.iterdir()) == [
        "card.json",
        "measured.jsonl",
        "painter.onnx",
        "reader.onnx",
    ]


def test_chance_comes_to_move_pictures_as_people_differ() -> None:
    colour, labels = pictures(200)
    faces = eigen.faces_of(colour, 4)
    real = faces.strengths(eigen.flat(colour))
    net = eigen.Generator(shape(SIZE, {"ground": 2}), faces)
    only = labels[:, :1]
    assert 0.9 < eigen.spread(net, real, only) <= 1.0001
    chance = torch.randn(400, 8, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        painted = net.strengths(chance, told(torch.zeros(400, 1), {"ground": 2}))
    # The bar above or below was not told, so that chance has to bring it.
    there = float((real[labels[:, 0] == 0] * faces.spread).var(dim=0).sum())
    assert float((painted * faces.spread).var(dim=0).sum()) > 0.5 * there
