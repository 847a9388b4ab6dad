"""DP-SGD by person: what one person can move, whatever they write, and that the noise is what was promised."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("opacus")

from training.private.steps import PrivateSteps  # noqa: E402


def moved(persons: list[list[float]], *, sigma: float = 0.0, clip: float = 1.0, size: int = 3, seed: int | None = 1):  # type: ignore[no-untyped-def]
    """Return how one step of rate 1 with a crowd of 1 moves weights whose gradient is each line's number."""
    weights = torch.nn.Parameter(torch.zeros(size))
    steps = PrivateSteps(torch.optim.SGD([weights], lr=1.0), [weights], sigma=sigma, clip=clip, crowd=1, seed=seed)

    def losses(lines: Sequence[float]) -> Iterable[Any]:
        for line in lines:
            yield (weights * line).sum()

    steps.step(persons, losses)
    return -weights.detach()


def test_one_person_moves_no_more_with_a_hundred_loud_lines_than_with_one() -> None:
    one, hundred = moved([[50.0]]), moved([[50.0] * 100])
    assert torch.allclose(one, hundred, atol=1e-4)
    assert float(hundred.norm()) <= 1.0 + 1e-6
    # By lines a hundred of them would move a hundred times as far: that is what the unit of a person rules out.
    assert float(moved([[50.0]] * 100).norm()) == pytest.approx(100, rel=1e-3)


def test_what_is_short_is_not_cut_and_the_sum_is_of_all() -> None:
    assert torch.allclose(moved([[0.1, 0.2], [-0.1]]), torch.full((3,), 0.2), atol=1e-5)


def test_with_and_without_somebody_the_sum_differs_by_the_clip_at_most() -> None:
    others = [[3.0, -1.0], [0.2], [9.0]]
    for loud in (0.01, 1.0, -1e6):
        assert float((moved([*others, [loud] * 7]) - moved(others)).norm()) <= 1.0 + 1e-5


def test_a_step_with_nobody_is_noise_not_nothing() -> None:
    still = moved([], sigma=2.0, clip=0.5, size=40_000)
    assert float(still.std()) == pytest.approx(1.0, rel=0.02)
    assert float(moved([]).abs().sum()) == 0.0


def test_noise_is_another_each_time_unless_seeded() -> None:
    assert torch.equal(moved([], sigma=1.0), moved([], sigma=1.0))
    assert not torch.equal(moved([], sigma=1.0, seed=None), moved([], sigma=1.0, seed=None))
    torch.manual_seed(0)
    first = moved([], sigma=1.0, seed=None)
    torch.manual_seed(0)
    assert not torch.equal(first, moved([], sigma=1.0, seed=None))  # a run's seed does not give the noise away


def test_noise_is_not_smaller_when_many_steps_follow() -> None:
    weights = torch.nn.Parameter(torch.zeros(20_000))
    steps = PrivateSteps(torch.optim.SGD([weights], lr=1.0), [weights], sigma=1.0, clip=1.0, crowd=4, seed=2)
    for _ in range(4):
        steps.step([[1.0]] * 3, lambda lines: ((weights * 0).sum() for _ in lines))
    assert float(weights.detach().std()) == pytest.approx(4**0.5 / 4, rel=0.03)
