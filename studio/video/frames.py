"""Draws the frames of a film in order, in this process or split over several."""

from __future__ import annotations

import multiprocessing
import signal
import sys
from collections import deque
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Final, TypeAlias

from studio.errors import StudioError
from studio.video.cut import Cut, Shot
from studio.video.framing import Ground, turned
from studio.video.looks.appearance import Appearance, Bytes, Floats, Recipe

CHUNK: Final = 6  # frames that a process draws at once
AHEAD: Final = 2  # chunks for each process that are drawn before they are written

# A moment: its second, and who is seen from left to right, each with the values of its channels.
Moment: TypeAlias = tuple[float, tuple[tuple[str, Floats], ...]]


@dataclass(frozen=True, slots=True)
class Scenery:
    """All that drawing needs: everybody's recipe, the background, the size (width, height)."""

    recipes: Mapping[str, Recipe]
    ground: Ground
    size: tuple[int, int]


def moments(cut: Cut, shots: tuple[Shot, ...]) -> Iterator[Moment]:
    """Return what each frame shows."""
    for shot in shots:
        for number in range(shot.first, shot.last):
            seen = tuple(
                (who, turned(cut.frames[who][number], place, len(shot.people))) for place, who in enumerate(shot.people)
            )
            yield number / cut.fps, seen


def drawn(scenery: Scenery, wanted: Iterator[Moment], jobs: int) -> Generator[Bytes, None, None]:
    """Return the frames; `jobs` processes draw them where there is more than one.

    StudioError `no_memory` when a process dies.
    """
    if jobs <= 1:
        painter = Painter(scenery)
        for moment in wanted:
            yield painter.draw(moment)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=(scenery,))
    waiting: deque[Future[list[Bytes]]] = deque()
    chunks = _chunked(wanted)
    try:
        for chunk in chunks:
            with _nameless():
                waiting.append(pool.submit(_draw, chunk))
            if len(waiting) >= AHEAD * jobs:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool as error:
        raise StudioError("no_memory", "a process that draws was ended from outside; try --jobs 1") from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class Painter:
    """Draws moments, each person with an appearance of their own."""

    def __init__(self, scenery: Scenery) -> None:
        self._scenery = scenery
        self._looks: dict[str, Appearance] = {
            who: recipe.made(scenery.size[1]) for who, recipe in scenery.recipes.items()
        }

    def draw(self, moment: Moment) -> Bytes:
        """Return one frame (height, width, 3 or 4)."""
        second, seen = moment
        people = [self._looks[who].draw(values, second) for who, values in seen]
        return self._scenery.ground.under(people, self._scenery.size)


# ------------------------------------------------------------------------------------------------ processes

_painters: list[Painter] = []


@contextmanager
def _nameless() -> Iterator[None]:
    """Let no started process run the program's own script again, which may lack a guard: nothing of it is needed."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _begin(scenery: Scenery) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process ends the others
    _painters[:] = [Painter(scenery)]


def _draw(chunk: list[Moment]) -> list[Bytes]:
    return [_painters[0].draw(moment) for moment in chunk]


def _chunked(wanted: Iterator[Moment]) -> Iterator[list[Moment]]:
    chunk: list[Moment] = []
    for moment in wanted:
        chunk.append(moment)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
