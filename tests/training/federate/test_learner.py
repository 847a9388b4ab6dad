"""What a site learns with, on a tiny model: the same beginning everywhere, exact means, privacy that is counted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.conftest import build, dialogues
from tests.training.federate.test_rounds import plan
from training.federate.errors import FederationError
from training.federate.learner import Talks
from training.private.accountant import PrivacyError
from training.tune.model import open_base

pytestmark = [pytest.mark.models, pytest.mark.filterwarnings("ignore")]


def talks(tiny: Path, folder: Path, part: slice = slice(0, 8), **more: Any) -> Talks:
    return Talks(open_base(str(tiny)), dialogues()[part], dialogues()[8:], folder, **more)


def test_all_sites_begin_with_the_same_numbers_wherever_the_model_lies(tiny: Path, tmp_path: Path) -> None:
    build(tmp_path / "copy")
    one, other = talks(tiny, tmp_path), talks(tmp_path / "copy", tmp_path)
    assert one.base == other.base
    agreed = plan(freeze_a=False, rank=4, alpha=8, seed=3)
    own = one.base
    first = one.prepare(agreed)
    later = talks(tiny, tmp_path)
    later.prepare(agreed)
    assert later.base == one.base == own  # the adapter on it makes no difference
    assert np.array_equal(first, other.prepare(agreed))
    assert first.any()
    build(tmp_path / "untold", template=None)
    untold = Talks(open_base(str(tmp_path / "untold"), plain_template=True), dialogues(), (), tmp_path)
    assert untold.base != one.base  # the same weights, told another way


def test_with_a_frozen_the_mean_of_adapters_is_the_mean_of_what_they_do(tiny: Path, tmp_path: Path) -> None:
    """With A learned it is not: the mean of products is not the product of means. That is what FFA-LoRA is for."""
    gaps = {}
    for frozen in (True, False):
        site = talks(tiny, tmp_path)
        start = site.prepare(plan(freeze_a=frozen, rank=4, alpha=8))
        chance = np.random.default_rng(1)
        ends = [start + chance.normal(0, 0.05, len(start)).astype(np.float32) for _ in range(2)]
        [layer] = [m for n, m in site.adapted.model.named_modules() if n.endswith("layers.0.mlp.down_proj")]

        def change(weights: Any, site: Talks = site, layer: Any = layer) -> Any:
            site.put(weights)
            return layer.get_delta_weight("default").detach().clone()

        both = (change(ends[0]) + change(ends[1])) / 2
        gaps[frozen] = float((change((ends[0] + ends[1]) / 2) - both).norm() / both.norm())
    assert gaps[True] < 1e-5
    assert gaps[False] > 0.05


def test_a_round_lowers_the_loss_and_fedprox_stays_closer(tiny: Path, tmp_path: Path) -> None:
    far = {}
    for strength in (0.0, 50.0):
        site = talks(tiny, tmp_path)
        agreed = plan(rank=4, alpha=8, steps=6, batch=4, rate=2e-2, proximal=strength)
        start = site.prepare(agreed)
        end, before = site.learn(start, 0)
        after = site.judge(end)
        assert before is not None
        assert after is not None
        far[strength] = float(np.linalg.norm(end - start))
        if not strength:
            assert after.loss < before.loss - 0.2
        site.put(end)
        assert np.array_equal(site.vector(), end)
    assert far[50.0] < 0.8 * far[0.0]


def test_privacy_of_persons_is_counted_over_rounds_and_processes(tiny: Path, tmp_path: Path) -> None:
    private = {"unit": "person", "epsilon": 50.0, "delta": 0.05, "clip": 1.0}
    agreed = plan(rank=4, alpha=8, steps=2, batch=3, rounds=1, tries=2, **private)
    assert agreed.most_steps == 4
    site = talks(tiny, tmp_path)
    start = site.prepare(agreed)
    assert site.promised is not None
    assert site.promised.steps == 4
    assert site.promised.persons == 4
    assert site.promised.epsilon <= 50
    end, before = site.learn(start, 0)
    assert before is None  # a loss would tell more than was promised
    assert (end != start).any()
    again = talks(tiny, tmp_path)
    again.prepare(agreed)
    again.learn(start, 0)
    with pytest.raises(FederationError, match="all 4 steps") as wrong:
        again.learn(start, 1)
    assert wrong.value.code == "privacy_spent"
    with pytest.raises(PrivacyError):
        talks(tiny, tmp_path).prepare(plan(unit="person", epsilon=0.01, delta=0.05, clip=1.0, steps=100))


def test_a_site_with_nothing_held_out_says_nothing(tiny: Path, tmp_path: Path) -> None:
    site = Talks(open_base(str(tiny)), dialogues(), (), tmp_path)
    assert site.judge(site.prepare(plan(rank=2, alpha=2))) is None
    assert site.lines == 12
