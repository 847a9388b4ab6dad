"""Training on pictures of coloured squares: it goes on bit by bit, learns what it is told, and keeps whole files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from studio.portrait.words import VALUES
from training.portrait import __main__ as main
from training.portrait import command, likeness, losses
from training.portrait.augment import adapted, augmented
from training.portrait.data import Pictures, encoded, load
from training.portrait.judge import confused, read
from training.portrait.judge import train as taught
from training.portrait.keeping import RoomError, keep, sheet, take_up, to_bytes
from training.portrait.loop import Course, Painter
from training.portrait.measure import frechet, kernel, nearest, scale_of, sharpness, spread, told_apart
from training.portrait.nets import Discriminator, Generator, shape, told, wrong
from training.portrait.parts import TEST, TRAIN, part

SIZE = 16
TRAITS = {"ground": 2, "square": 3}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def squares(count: int, seed: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Return pictures (n, 3, 16, 16) of a ground with a square, and which ground and square."""
    random = np.random.default_rng(seed)
    labels = np.stack([random.integers(0, 2, count), random.integers(0, 3, count)], axis=1).astype(np.uint8)
    pictures = np.full((count, 3, SIZE, SIZE), 40, np.uint8)
    for k, (ground, square) in enumerate(labels):
        pictures[k] += np.uint8(120 * ground)
        pictures[k, square, 5:11, 5:11] = 240 - random.integers(0, 20)
    return torch.from_numpy(pictures), torch.from_numpy(labels)


def painter(loss: str = losses.R3, **course: object) -> Painter:
    return Painter(shape(SIZE, TRAITS), Course(loss, 40, 8, **course))  # type: ignore[arg-type]


def weights(net: torch.nn.Module) -> bytes:
    return b"".join(each.detach().numpy().tobytes() for each in net.state_dict().values())


@pytest.mark.parametrize("loss", losses.LOSSES)
def test_a_run_that_was_stopped_goes_on_bit_by_bit(loss: str, tmp_path: Path) -> None:
    pictures, labels = squares(24)
    whole = painter(loss, chance=-1.0)
    for _ in range(9):
        whole.go(pictures, labels)
    half = painter(loss, chance=-1.0)
    for _ in range(6):
        half.go(pictures, labels)
    keep(half, tmp_path)
    other = painter(loss, chance=-1.0, seed=99)
    assert take_up(other, tmp_path)
    for _ in range(3):
        other.go(pictures, labels)
    assert other.step == 9
    for net in ("generator", "discriminator", "average"):
        assert weights(getattr(other, net)) == weights(getattr(whole, net))


@pytest.mark.parametrize("loss", losses.LOSSES)
def test_every_loss_moves_both_nets_and_stays_finite(loss: str) -> None:
    pictures, labels = squares(24)
    run = painter(loss)
    before = weights(run.generator), weights(run.discriminator), weights(run.average)
    found = [run.go(pictures, labels) for _ in range(9)]
    assert all(np.isfinite(list(row.values())).all() for row in found)
    after = weights(run.generator), weights(run.discriminator), weights(run.average)
    assert all(a != b for a, b in zip(after, before, strict=True))
    penalties = [row["penalty"] for row in found]
    expected = {"dcgan": [0] * 9, "wgan-gp": [1] * 9, "r3": [1] + [0] * 7 + [1]}[loss]
    assert [int(value > 0) for value in penalties] == expected


def test_what_it_paints_comes_to_follow_what_it_is_told() -> None:
    pictures, labels = squares(64)
    run = Painter(shape(SIZE, TRAITS), Course(losses.R3, 120, 8, chance=0.0))
    for _ in range(120):
        run.go(pictures, labels)
    chance = torch.randn(32, run.shape.chance, generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        dark, light = (run.average(chance, told(torch.tensor([[ground, 1]] * 32), TRAITS)) for ground in (0, 1))
    assert float(light[:, :, :4].mean() - dark[:, :, :4].mean()) > 0.3


def test_the_rate_falls_in_the_last_third() -> None:
    run = painter()
    rates = []
    for step in (0, 26, 33, 40):
        run.step = step
        run._pace()
        rates.append(run.paints.param_groups[0]["lr"] / losses.rates(losses.R3).generator)
    assert rates == pytest.approx([1, 1, 0.5725, 0.1], abs=0.02)


def test_scores_that_are_right_cost_little() -> None:
    good, bad = torch.full((4,), 3.0), torch.full((4,), -3.0)
    for loss in losses.LOSSES:
        assert losses.judged(loss, good, bad) < losses.judged(loss, bad, good)
        assert losses.painted(loss, bad, good) < losses.painted(loss, good, bad)
    with pytest.raises(ValueError, match="no loss"):
        losses.rates("mse")


def test_wgans_penalty_wants_a_slope_of_one() -> None:
    random = torch.Generator().manual_seed(1)
    pictures = torch.rand(4, 3, 4, 4)
    for slope, cost in ((1.0, 0.0), (3.0, 40.0)):

        def score(each: torch.Tensor, slope: float = slope) -> torch.Tensor:
            return each[:, 0, 0, 0] * slope

        found = losses.penalty(losses.WGAN_GP, score, pictures, pictures, 0, 1, random)
        assert float(found) == pytest.approx(cost, abs=1e-4)


def test_augmentation_moves_and_covers_and_lets_gradients_pass() -> None:
    random = torch.Generator().manual_seed(1)
    pictures = torch.rand(16, 3, 24, 24, requires_grad=True)
    assert torch.equal(augmented(pictures, 0.0, random), pictures)
    moved = augmented(pictures, 1.0, random)
    assert moved.shape == pictures.shape
    assert (moved.detach() == 0).any()
    assert not torch.equal(moved, pictures)
    moved.sum().backward()
    assert pictures.grad is not None
    assert float(pictures.grad.abs().sum()) > 0


def test_augmentation_follows_how_sure_the_judge_is() -> None:
    assert adapted(0.2, 0.9) == pytest.approx(0.22)
    assert adapted(0.2, 0.1) == pytest.approx(0.18)
    assert (adapted(0.0, 0.0), adapted(0.8, 1.0)) == (0.0, 0.8)


@pytest.mark.parametrize("size", [16, 32, 64, 128])
def test_nets_of_every_size_fit_together(size: int) -> None:
    found = shape(size, TRAITS)
    net, judge = Generator(found), Discriminator(found)
    row = told(torch.tensor([[0, 2], [1, 1]]), TRAITS)
    assert row.tolist() == [[1, 0, 0, 0, 1], [0, 1, 0, 1, 0]]
    pictures = net(torch.randn(2, found.chance), row)
    assert pictures.shape == (2, 3, size, size)
    score, named = judge(pictures, row)
    assert (score.shape, named.shape) == ((2,), (2, 5))
    assert float(wrong(row * 50, torch.tensor([[0, 2], [1, 1]]), TRAITS)) == pytest.approx(0, abs=1e-3)
    assert json.loads(json.dumps(found.facts()))["size"] == size


def test_a_size_without_nets_is_refused() -> None:
    with pytest.raises(ValueError, match="no nets"):
        shape(48, TRAITS)


def test_a_full_disk_keeps_the_last_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures, labels = squares(16)
    run = painter()
    run.go(pictures, labels)
    keep(run, tmp_path)
    before = (tmp_path / "state.pt").read_bytes()

    def full(state: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    run.go(pictures, labels)
    with pytest.raises(RoomError, match="the last one is whole"):
        keep(run, tmp_path)
    assert (tmp_path / "state.pt").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["state.pt"]


def test_no_state_is_a_beginning(tmp_path: Path) -> None:
    assert not take_up(painter(), tmp_path)


def test_nobody_is_trained_and_tested_on() -> None:
    shapes = np.repeat(np.arange(400, dtype=np.int32), 3)
    train, test = part(shapes, TRAIN), part(shapes, TEST)
    assert not set(shapes[train]) & set(shapes[test])
    assert len(train) + len(test) == len(shapes)
    assert 0.05 < len(test) / len(shapes) < 0.25


def faces(count: int, size: int = 16) -> Pictures:
    """Return random pictures with labels of the painter's own traits, and one that is light where the skin is 0."""
    random = np.random.default_rng(1)
    labels = np.stack([random.integers(0, len(values), count) for values in VALUES.values()], axis=1).astype(np.uint8)
    colour = np.full((count, size, size, 3), 100, np.uint8)
    colour[labels[:, 0] == 0] = 180
    colour += random.integers(0, 20, colour.shape, dtype=np.uint8)
    points = np.tile(np.array([[8, 8], [4, 4]], np.float32), (count, 1, 1))
    return Pictures(
        colour, colour[..., 0], points, labels, np.zeros((count, 2), np.float32), np.arange(count, dtype=np.int32)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = faces(40)
    data = tmp_path / "data"
    data.mkdir()
    np.savez(data / "shapes-000000.npz", **{name: getattr(made, name) for name in Pictures.__slots__})
    return data


def test_the_command_trains_keeps_and_goes_on(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [str(tmp_path / "run"), "--data", str(folder), "--batch", "4", "--device", "cpu", "--mark", "2"]
    assert main.main([*words, "--steps", "3"]) == 0
    assert main.main([*words, "--steps", "5", "--tensorboard"]) == 0
    assert "goes on at step 3" in capsys.readouterr().out
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert {"state.pt", "preview.png", "run.json", "average-000002.pt", "average-000004.pt"} <= names
    assert len(load(folder).colour) == 40


def test_minutes_end_a_run_and_are_measured(folder: Path, tmp_path: Path) -> None:
    words = [str(tmp_path / "run"), "--data", str(folder), "--batch", "4", "--device", "cpu"]
    assert main.main([*words, "--steps", "50", "--minutes", "0.00001"]) == 0
    row = json.loads((tmp_path / "run/measured.jsonl").read_text())
    assert row["step"] == 1
    assert row["cpu_seconds"] >= 0  # a step of so small a net may take less than the clock tells


def test_a_full_disk_ends_the_command_with_a_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise RoomError("the disk is full")

    monkeypatch.setattr(command, "keep", full)
    assert (
        main.main([str(tmp_path / "run"), "--data", str(folder), "--batch", "4", "--steps", "1", "--device", "cpu"])
        == 1
    )
    assert "the disk is full" in capsys.readouterr().err


def test_a_folder_without_pictures_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"training\.portrait\.data"):
        load(tmp_path)


def test_traits_are_written_by_their_number() -> None:
    first = {name: next(iter(values)) for name, values in VALUES.items()}
    assert encoded(first).tolist() == [0] * len(VALUES)


def test_pictures_become_bytes_and_a_sheet() -> None:
    pictures = to_bytes(torch.stack([torch.full((3, 4, 4), value) for value in (-1.0, 0.0, 2.0)]))
    assert pictures[:, 0, 0, 0].tolist() == [0, 128, 255]
    assert sheet(pictures, 2, 3).size == (24, 24)


def test_the_judge_reads_what_can_be_seen() -> None:
    made = faces(128)
    traits = {name: len(values) for name, values in VALUES.items()}
    for seed in range(5):  # what so few passes teach depends on chance, and on how a CPU rounds
        seen = read(taught(made.colour, made.labels, made.landmarks, traits, passes=100, seed=seed), made.colour)
        if (seen.labels[:, 0] == made.labels[:, 0]).mean() > 0.95:
            break
    assert (seen.labels[:, 0] == made.labels[:, 0]).mean() > 0.95
    assert np.abs(seen.landmarks - made.landmarks).mean() < 3
    assert confused(np.array([0, 1, 1], np.uint8), np.array([0, 0, 1], np.uint8), 2).tolist() == [[1, 1], [0, 1]]


def test_distances_are_nothing_between_halves_and_grow_with_what_differs() -> None:
    random = np.random.default_rng(2)
    rows = random.normal(0, 3, (600, 8)).astype(np.float32)
    rows[:, 3] = 0
    scale = scale_of(rows)
    one, other = scale(rows[:300]), scale(rows[300:])
    assert one.shape == (300, 7)
    assert frechet(one, one) == pytest.approx(0, abs=1e-6)
    assert 0 < frechet(one, other) < 0.2 < frechet(one, other + 1)
    assert abs(kernel(one, other)) < 0.2 < kernel(one, other + 1)


def test_pictures_that_differ_are_told_apart_and_those_that_do_not_are_not() -> None:
    random = np.random.default_rng(3)
    one = random.integers(0, 120, (90, 32, 32, 3), dtype=np.uint8)
    groups = np.arange(90, dtype=np.int32)
    assert told_apart(one, one + 100, groups, passes=6) > 0.9
    assert 0.2 < told_apart(one, random.integers(0, 120, one.shape, dtype=np.uint8), groups, passes=2) < 0.8


def test_repeats_are_near_and_crisp_pictures_are_crisp() -> None:
    random = np.random.default_rng(4)
    some = random.integers(0, 255, (5, 32, 32, 3), dtype=np.uint8)
    assert nearest(some[:2], some).max() < 0.01
    assert nearest(some[:2], 255 - some).min() > 10
    assert sharpness(some) > 10 * sharpness(np.full_like(some, 9))
    assert spread(np.repeat(some[:1], 3, axis=0)) < 1e-6
    assert spread(some) > 0.1


def test_trained_nets_paint_the_same_without_torch(folder: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    from studio.portrait.model import nets

    words = [str(tmp_path / "run"), "--data", str(folder), "--batch", "4", "--steps", "4", "--warm", "2", "--encode"]
    assert main.main([*words, "--device", "cpu", "--ship", str(tmp_path / "nets"), "--note", "made by=a test"]) == 0
    used = nets(tmp_path / "nets")
    assert (used.card["made by"], used.card["loss"], used.card["steps"]) == ("a test", "r3", 4)
    traits = {name: len(values) for name, values in VALUES.items()}
    again = Painter(shape(SIZE, traits), Course(losses.R3, 4))
    assert take_up(again, tmp_path / "run")
    chance, row = torch.randn(3, used.chance), told(torch.from_numpy(faces(3).labels), traits)
    pictures = used.paint(chance.numpy(), row.numpy())
    reader = likeness.Reader(again.encoder)
    with torch.no_grad():
        assert np.allclose(pictures, again.average(chance, row).numpy(), atol=1e-4)
        for one, other in zip(used.read(pictures), reader(torch.from_numpy(pictures)), strict=True):
            assert np.allclose(one, other.numpy(), atol=1e-4)


def test_likeness_alone_brings_painted_pictures_near_to_real_ones() -> None:
    pictures, labels = squares(64)
    run = Painter(shape(SIZE, TRAITS), Course(losses.R3, 100, 8, warm=80))
    found = [run.go(pictures, labels)["unlike"] for _ in range(60)]
    assert np.mean(found[-5:]) < 0.5 * np.mean(found[:5])


def test_likeness_counts_pixels_and_edges() -> None:
    flat, edge = torch.zeros(1, 3, 4, 4), torch.zeros(1, 3, 4, 4)
    edge[..., 2:] = 1
    assert float(likeness.unlike(edge, edge)) == 0
    assert float(likeness.unlike(flat + 0.5, flat)) == pytest.approx(0.5)
    assert float(likeness.unlike(edge, flat)) == pytest.approx(0.5 + 1 / 3)
    assert float(likeness.far(torch.zeros(2, 3), torch.zeros(2, 3))) == 0
    assert float(likeness.far(torch.ones(2, 3), torch.zeros(2, 3))) == pytest.approx(1.5)


def test_a_run_with_likeness_goes_on_bit_by_bit(tmp_path: Path) -> None:
    pictures, labels = squares(24)
    whole, half = painter(warm=3, encode=True), painter(warm=3, encode=True)
    for _ in range(7):
        whole.go(pictures, labels)
    for _ in range(5):
        half.go(pictures, labels)
    keep(half, tmp_path)
    other = painter(warm=3, encode=True, seed=9)
    take_up(other, tmp_path)
    for _ in range(2):
        other.go(pictures, labels)
    assert weights(other.generator) == weights(whole.generator)
    assert weights(other.encoder) == weights(whole.encoder)


def test_a_run_may_begin_with_anothers_nets(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--data", str(folder), "--batch", "4", "--device", "cpu", "--steps", "1"]
    assert main.main([str(tmp_path / "one"), *words]) == 0
    assert main.main([str(tmp_path / "two"), *words, "--begin", str(tmp_path / "one")]) == 0
    assert main.main([str(tmp_path / "three"), *words, "--begin", str(tmp_path / "none")]) == 1
    assert "holds no run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "--data FOLDER, or --own"),
        (["--data", "/nowhere"], "training.portrait.data"),
        (["--own", "/nowhere"], "--on"),
    ],
)
def test_what_is_missing_is_told(
    words: list[str], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.main([str(tmp_path / "run"), *words]) == 1
    assert says in capsys.readouterr().err


def test_a_sketch_explains_what_follows_from_the_description() -> None:
    from dataclasses import replace

    from training.portrait.sketch import sketched

    pictures, labels = squares(64)
    run = Painter(replace(shape(SIZE, TRAITS), sketch=6), Course(losses.R3, 40, 8))
    row = told(labels, TRAITS)
    real = pictures.float() / 127.5 - 1
    with torch.no_grad():
        before = (run.average(torch.zeros(64, 8), row) - real).abs().mean()
        assert sketched(run, pictures, labels) > 0.5
        after = (run.average(torch.zeros(64, 8), row) - real).abs().mean()
    assert float(after) < 0.5 * float(before)
    run.go(pictures, labels)


def test_a_run_fits_its_sketch_once(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--data", str(folder), "--batch", "4", "--device", "cpu", "--warm", "1", "--encode"]
    assert main.main([str(tmp_path / "plain"), *words, "--steps", "2"]) == 0
    begun = [str(tmp_path / "run"), *words, "--sketch", "4", "--begin", str(tmp_path / "plain")]
    assert main.main([*begun, "--steps", "2"]) == 0
    assert "the sketch explains" in capsys.readouterr().out
    assert main.main([*begun, "--steps", "3"]) == 0
    assert "the sketch explains" not in capsys.readouterr().out
