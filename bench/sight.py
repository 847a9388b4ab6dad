"""Measures the reader of faces: how long a picture takes, what 15 a second cost, and what it sees of known weights.

`python -m bench.sight` draws a head, sends it at 15 pictures a second as a client would, and tells the time from
picture to face (p50, p95) and the CPU of the process. With `--shapes` it draws the head in each of ARKit's shapes at
0.8 and has it read: the change of the channel of that name beside the largest of another. It needs the extras `sight`
and `head`.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import time
from contextlib import aclosing
from pathlib import Path

import psutil
from PIL import Image

from bench.stats import quantile
from engines.api import Picture, Seen, Stream
from engines.face.rigs import NAMES
from engines.identity.attributes import Attributes
from engines.sight.landmarks.engine import MediapipeSight
from studio.head.model import Sculpture
from studio.head.plan import plan
from studio.head.sculpt import sculpt
from studio.render.picture import Shown, View, draw
from testkit.real.packages import FACE_LANDMARKER, folder

SIZE = (480, 640)
FPS = 15
WEIGHT = 0.8
STILL = 4  # pictures of one moment: the model smooths over several


def drawn(made: Sculpture, weights: dict[str, float]) -> bytes:
    """Return a JPEG of a head with these weights."""
    _, height, depth = next(bone.at for bone in made.bones if bone.name == "leftEye")
    view = View((0.0, height - 0.035, depth - 0.05), 0.5)
    file = io.BytesIO()
    Image.fromarray(draw(made, view, Shown(weights), size=SIZE, fine=1)[..., :3]).save(file, "JPEG", quality=85)
    return file.getvalue()


async def film(pictures: list[bytes], fps: float) -> Stream[Picture]:
    loop = asyncio.get_running_loop()
    due = loop.time()
    for data in pictures:
        await asyncio.sleep(max(0.0, due - loop.time()))
        due += 1 / fps
        yield Picture(data)


async def paced(engine: MediapipeSight, picture: bytes, count: int) -> dict[str, float]:
    """Return how long a picture takes at 15 a second, ms, and what share of a core the process takes."""
    sent: list[float] = []
    took: list[float] = []

    async def told() -> Stream[Picture]:
        async with aclosing(film([picture] * count, FPS)) as pictures:
            async for each in pictures:
                sent.append(time.perf_counter())
                yield each

    child = psutil.Process(engine._child.pid)
    before, began = sum(child.cpu_times()[:2]), time.perf_counter()
    async with aclosing(engine.watch(told())) as seen:
        async for each in seen:
            assert isinstance(each, Seen)
            assert each.faces
            took.append((time.perf_counter() - sent[len(took)]) * 1000)
    lasted = time.perf_counter() - began
    late = took[FPS:]
    return {
        "pictures": count,
        "p50_ms": round(quantile(late, 0.5), 1),
        "p95_ms": round(quantile(late, 0.95), 1),
        "share_of_a_core": round((sum(child.cpu_times()[:2]) - before) / lasted, 3),
        "MiB": round(child.memory_info().rss / 2**20),
        "bytes_a_picture": len(picture),
    }


async def read(engine: MediapipeSight, picture: bytes) -> dict[str, float]:
    last = Seen()
    async with aclosing(engine.watch(film([picture] * STILL, 1000.0))) as seen:
        async for each in seen:
            assert isinstance(each, Seen)
            last = each
    return dict(last.faces[0].weights) if last.faces else {}


async def shapes(engine: MediapipeSight, made: Sculpture) -> None:
    """Print, for each shape, how much of it is seen in its own channel, and where else most is."""
    rest = await read(engine, drawn(made, {}))
    right = 0
    for name in NAMES:
        found = await read(engine, drawn(made, {name: WEIGHT}))
        change = {channel: found.get(channel, 0.0) - rest[channel] for channel in rest}
        other = max((channel for channel in rest if channel != name), key=lambda channel: abs(change[channel]))
        own = change.get(name, 0.0)
        right += own > 0.1
        print(f"{name:22} {own:+.2f}   {other} {change[other]:+.2f}")
    print(f"{right} of {len(NAMES)} are seen in their own channel by more than 0.1")


async def measure(options: argparse.Namespace) -> None:
    made = sculpt(plan(Attributes(), 103))
    model = options.model or folder(FACE_LANDMARKER) / "face_landmarker.task"
    engine = MediapipeSight(str(model), faces=options.faces)
    await engine.start()
    try:
        told = await paced(engine, drawn(made, {"mouthSmileLeft": 0.5}), options.count)
        print(json.dumps({"faces": options.faces, **told}))
        if options.shapes:
            await shapes(engine, made)
    finally:
        await engine.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--faces", type=int, default=2)
    parser.add_argument("--shapes", action="store_true")
    asyncio.run(measure(parser.parse_args()))


if __name__ == "__main__":
    main()
