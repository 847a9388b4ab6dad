"""Soft pictures become crisp: nearer to the renders that they are twins of, and a stopped run goes on bit by bit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from training.portrait import crisp

SIZE = 16


def renders(count: int = 24) -> Tensor:
    """Return squares with hard edges at places that differ, (count, 3, SIZE, SIZE) uint8."""
    random = torch.Generator().manual_seed(2)
    found = torch.full((count, 3, SIZE, SIZE), 40, dtype=torch.uint8)
    for picture in found:
        x, y = torch.randint(2, 8, (2,), generator=random).tolist()
        picture[:, y : y + 6, x : x + 6] = 210
    return found


def soften(pictures: Tensor) -> Tensor:
    return functional.avg_pool2d(functional.pad(pictures, (1, 1, 1, 1), mode="replicate"), 3, stride=1)


def trained(steps: int, kept: Path | None = None) -> crisp.Crisp:
    real = renders().float() / 127.5 - 1

    def painted(count: int, random: torch.Generator) -> Tensor:
        return soften(real[torch.randint(len(real), (count,), generator=random)])

    return crisp.train(renders(), lambda numbers: soften(real[numbers]), painted, steps=steps, kept=kept)


def test_it_changes_nothing_before_it_has_learned() -> None:
    pictures = torch.rand(2, 3, SIZE, SIZE) * 2 - 1
    assert torch.equal(crisp.Crisp()(pictures), pictures)


def test_what_it_learned_is_nearer_to_the_renders() -> None:
    net = trained(60)
    real = renders().float() / 127.5 - 1
    with torch.no_grad():
        before, after = (float((each - real).abs().mean()) for each in (soften(real), net(soften(real))))
    assert after < 0.95 * before


def test_a_run_that_was_stopped_goes_on_bit_by_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crisp, "SAID", 3)
    whole, path = trained(8), tmp_path / "crisp.pt"
    keep, times = crisp._keep, iter(range(9))

    def until_the_second(*what: Any) -> None:
        keep(*what)
        if next(times):
            raise KeyboardInterrupt

    monkeypatch.setattr(crisp, "_keep", until_the_second)
    with pytest.raises(KeyboardInterrupt):
        trained(8, path)
    assert torch.load(path, weights_only=True)["step"] == 6
    monkeypatch.setattr(crisp, "_keep", keep)
    for one, other in zip(whole.parameters(), trained(8, path).parameters(), strict=True):
        assert torch.equal(one, other)
