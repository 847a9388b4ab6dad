"""MediaPipe's Face Landmarker as an engine: pictures go to a process of its own, faces come back as numbers.

Model: `face_landmarker.task` (Apache-2.0): 478 points, 52 blendshapes, the head's pose. One landmarker for each camera,
which follows its faces from picture to picture. How a picture is opened and read stands in the child.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any, Final

from engines.api import EngineError, Picture, Seen, SeenFace, Stream, Unreadable
from engines.measures.work import Work
from engines.process.child import Child

CODE: Final = "sight_failed"
NAME: Final = "mediapipe"


class MediapipeSight:
    """The model in the file `model`, which follows `faces` at most; `cameras` may be open at once."""

    name = NAME

    def __init__(self, model: str = "", *, faces: int = 2, cameras: int = 8, patience: float = 20.0) -> None:
        self._child = Child(
            "engines.sight.landmarks.child", (str(model), str(faces)), name="mediapipe", code=CODE, patience=patience
        )
        self._cameras = cameras
        self._open = 0

    async def start(self) -> None:
        """Start the process and load the model once; EngineError with what to do when that does not work."""
        for package in ("mediapipe", "PIL"):
            if importlib.util.find_spec(package) is None:
                missing = f"The package {package} is missing: pip install 'companion-bridge[sight]'."
                raise EngineError(CODE, missing)
        await self._child.start()
        async with self._child.request("watch") as exchange:
            await exchange.finish()
            async for _ in exchange:
                pass

    async def close(self) -> None:
        """End the process."""
        await self._child.close()

    def work(self) -> tuple[Work, ...]:
        """Measure the process."""
        return self._child.work.work()

    async def watch(self, pictures: Stream[Picture]) -> Stream[Seen | Unreadable]:
        """Yield what is seen in each picture; EngineError, retryable, when too many cameras are open."""
        async with aclosing(pictures), self._place():
            loop = asyncio.get_running_loop()
            async with self._child.request("watch") as exchange:
                async for picture in pictures:
                    at = round(loop.time() * 1000)
                    await exchange.send(data=picture.data, format=picture.format, at=at)
                    yield _value(await anext(exchange))
                await exchange.finish()

    @asynccontextmanager
    async def _place(self) -> AsyncIterator[None]:
        if self._open >= self._cameras:
            raise EngineError(CODE, f"{self._cameras} cameras are watched already; try again later.", retryable=True)
        self._open += 1
        try:
            yield
        finally:
            self._open -= 1


def _value(reply: dict[str, Any]) -> Seen | Unreadable:
    if "wrong" in reply:
        return Unreadable(reply["wrong"])
    return Seen(tuple(_face(**each) for each in reply["faces"]))


def _face(id: int, weights: dict[str, float], at: list[float], turn: list[float]) -> SeenFace:
    x, y, size = at
    # As in a mirror: what is at the left of a picture is at the right of whoever looks into the camera.
    place = (max(-1.0, min(1.0, 1 - 2 * x)), max(-1.0, min(1.0, 1 - 2 * y)))
    yaw, pitch, roll = turn
    return SeenFace(id, weights, yaw, pitch, roll, place=place, size=min(1.0, size))
