"""Steps that nobody can be read from: each person's gradient is cut to a length, then the sum gets noise (DP-SGD).

After Abadi et al. 2016, with the person as the unit (McMahan et al. 2018). The optimizer is opacus's: it cuts, adds and
makes noisy. What it is given is ours: one gradient for each person, over all of their lines, by plain backward passes.
So the model is never wrapped: what is saved has the names that it had before.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import torch

Line = TypeVar("Line")


class PrivateSteps:
    """Takes steps of `optimizer` over `parameters` with noise of `sigma` times `clip`.

    `crowd` is how many persons a step has on average, by which the sum is divided, whoever comes. Without `seed` the
    noise comes from the system's entropy, and nobody can take it off.
    """

    def __init__(
        self,
        optimizer: torch.optim.Optimizer,
        parameters: Sequence[torch.nn.Parameter],
        *,
        sigma: float,
        clip: float,
        crowd: float,
        seed: int | None = None,
    ) -> None:
        import torch
        from opacus.optimizers import DPOptimizer

        self._parameters = [parameter for parameter in parameters if parameter.requires_grad]
        device = self._parameters[0].device
        noise = torch.Generator(device=device)
        noise.manual_seed(secrets.randbits(63) if seed is None else seed)
        self._noise = noise
        self._optimizer: Any = DPOptimizer(
            optimizer, noise_multiplier=sigma, max_grad_norm=clip, expected_batch_size=crowd, generator=noise
        )

    def reseed(self, seed: int) -> None:
        """Begin the noise anew, so that a run that goes on after a break comes to the same numbers."""
        self._noise.manual_seed(seed)

    def forget(self) -> None:
        """Drop what was added of a step that broke off."""
        for parameter in self._parameters:
            parameter.grad = parameter.grad_sample = parameter.summed_grad = None
        self._optimizer._step_skip_queue.clear()

    def step(
        self, persons: Iterable[Sequence[Line]], losses: Callable[[Sequence[Line]], Iterable[torch.Tensor]]
    ) -> float:
        """Take one step; return the mean loss of the persons in it, 0 when nobody was drawn: then it is noise alone.

        `losses` gives the loss of one person's lines in parts that add up; each is learnt from and let go, so that
        somebody with many lines takes no more memory than others.
        """
        import torch

        total, count = 0.0, 0
        for lines in persons:
            for loss in losses(lines):
                loss.backward()
                total += float(loss.detach())
            count += 1
            self._add([torch.zeros_like(p) if p.grad is None else p.grad.detach() for p in self._parameters])
        for parameter in self._parameters:
            parameter.grad_sample = torch.zeros((0, *parameter.shape), device=parameter.device)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return total / count if count else 0.0

    def _add(self, gradient: Sequence[torch.Tensor]) -> None:
        """Cut one person's gradient, add it to the sum, and forget it."""
        for parameter, part in zip(self._parameters, gradient, strict=True):
            parameter.grad_sample = part.unsqueeze(0)
        self._optimizer.signal_skip_step(do_skip=True)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
