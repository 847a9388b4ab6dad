"""An event loop whose clock jumps to the next timer instead of waiting: a minute of conversation takes milliseconds.

It serves code that waits on timers, queues and events in memory. It knows nothing of sockets, threads or processes:
when nothing is scheduled and nothing is ready, nothing can ever happen again, and it raises `Stuck`.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class Stuck(AssertionError):
    """Every task waits for something that can no longer happen."""


class _Jump(selectors.SelectSelector):
    """Moves the clock by the time that a real loop would have slept."""

    loop: VirtualLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready:
            return ready
        if timeout is None:
            raise Stuck(f"at {self.loop.time():.3f} s nothing is scheduled and nothing is ready; {_waiting(self.loop)}")
        self.loop.now += max(0.0, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` starts at 0.0 and moves only when every task waits."""

    def __init__(self) -> None:
        selector = _Jump()
        selector.loop = self
        self.now = 0.0
        super().__init__(selector)

    def time(self) -> float:
        """Return virtual seconds."""
        return self.now


def _waiting(loop: VirtualLoop) -> str:
    places = [
        f"{task.get_name()} at {frame.f_code.co_filename}:{frame.f_lineno}"
        for task in asyncio.all_tasks(loop)
        for frame in task.get_stack()[-1:]
    ]
    return "waiting: " + ("; ".join(sorted(places)) or "no task")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` like `asyncio.run`, on a virtual clock."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
